# SPDX-License-Identifier: Apache-2.0
"""Where a CSV file that a killed process was writing stops being whole.

Rows are appended and flushed one at a time, so a SIGKILL can tear the last record and no other. A
torn record is recognised by the missing newline at the end of the file.
"""

from __future__ import annotations

import io
import lzma
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from makespan.errors import InputError

# A record of ours starts with the schema version or the run id and a comma. An unterminated quote
# that swallowed such lines is damage in the middle of the file: dropping them would lose results.
_LIKE_A_ROW = re.compile(rb"\n[^,\"\n]+,[^\"\n]*,[^\"\n]*,[^\"\n]*,")


def whole_length(data: bytes) -> int:
    """The length of `data` without its torn last record; all of it where nothing is torn."""
    if not data or data.endswith(b"\n"):
        return len(data)
    end = _last_record_end(data)
    return len(data) if _LIKE_A_ROW.search(data, end) else end


def read_whole(path: Path) -> str:
    """The text of a CSV file without a torn last record, of which is told on stderr; also of one that was
    compressed by xz and is called so. Raises InputError."""
    return "".join(whole_lines(path))


def whole_lines(path: Path) -> Iterator[str]:
    """The same text line by line, line ends included; of a file that is not torn no more is in memory at
    once."""
    with _open_whole(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError as error:
                byte = f"byte 0x{line[error.start]:02x} is not UTF-8"
                raise InputError(path, number, byte, "UTF-8 text") from None


def _open_whole(path: Path) -> BinaryIO:
    try:
        packed = path.suffix == ".xz"
        if not packed and path.stat().st_size and _ends_with_newline(path):
            return path.open("rb")
        data = lzma.decompress(path.read_bytes()) if packed else path.read_bytes()
    except lzma.LZMAError as error:
        what = f"cannot be decompressed: {str(error).lower()}"
        raise InputError(path, 1, what, "a whole file that xz wrote") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(path, 1, f"cannot be read: {reason}", "a readable CSV file") from None
    if not data:
        raise InputError(path, 1, "the file is empty", "a header and at least one row")
    length = whole_length(data)
    if length == 0:
        raise InputError(path, 1, "the file ends within its first line", "a whole header")
    if length < len(data):
        line = data.count(b"\n", 0, length) + 1
        print(f"{path}:{line}: warning: torn last line, dropped", file=sys.stderr)
    return io.BytesIO(data[:length])


def _last_record_end(data: bytes) -> int:
    """The offset after the last newline that is not inside a quoted field."""
    end = data.rfind(b"\n")
    quotes = data.count(b'"', 0, max(end, 0))
    while end >= 0 and quotes % 2:
        before = data.rfind(b"\n", 0, end)
        quotes -= data.count(b'"', max(before, 0), end)
        end = before
    return end + 1


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        return file.read() == b"\n"


def cut_torn_record(path: Path) -> str | None:
    """Cuts a torn last record off the file and returns its text; None where the file is whole."""
    if not path.exists() or _ends_with_newline(path):
        return None
    data = path.read_bytes()
    length = whole_length(data)
    if length == len(data):
        return None
    with path.open("r+b") as file:
        file.truncate(length)
    return data[length:].decode("utf-8", "replace")
