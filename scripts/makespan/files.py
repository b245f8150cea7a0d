# SPDX-License-Identifier: Apache-2.0
"""Files that are whole or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from makespan.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to be written bit by bit that takes the place of `path` at the end, in one step: whoever
    reads that sees the old content or the new one. After an exception the old one stays. What is no
    regular file, like /dev/null, is written to and stays what it is."""
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, text: str) -> None:
    """Replaces the file in one step: whoever reads it sees the old text or the new one."""
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def write_json(path: Path, value: object) -> None:
    write_atomically(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in the file; InputError where there is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(path, 1, f"cannot be read: {reason}", "a readable JSON file") from None
    except UnicodeDecodeError:
        raise InputError(path, 1, "not UTF-8", "a JSON object in UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(path, error.lineno, f"not JSON: {error.msg}", "a JSON object") from None
    if not isinstance(value, dict):
        raise InputError(path, 1, f"a JSON {type(value).__name__}", "a JSON object")
    return value
