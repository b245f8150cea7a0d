# SPDX-License-Identifier: Apache-2.0
"""Exit codes and the errors that a person can mend; every other exception is a defect of ours."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """What every command of the suite ends with."""

    OK = 0
    REGRESSION = 1
    USAGE = 2
    FAILED = 3
    NO_VERDICT = 4
    INTERRUPTED = 130


class UsageError(Exception):
    """A request that cannot be carried out as it stands; the message names what is allowed."""


class InputError(Exception):
    """A file that cannot be read as what it should be: "FILE:LINE: what was wrong; what is allowed"."""

    def __init__(self, path: Path | str, line: int, what: str, allowed: str) -> None:
        super().__init__(f"{path}:{line}: {what}; allowed: {allowed}")
        self.path = Path(path)
        self.line = line


def guarded(main: Callable[[], int], name: str | None = None) -> int:
    """Runs the main function of an entry point and returns its exit code.

    The errors above become one line on stderr and 2; a system that refuses (a full disk) one line and
    3. `name` is what the line starts with, by default the script's own. Characters that the terminal's
    encoding lacks are replaced.
    """
    program = name or Path(sys.argv[0]).name
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = main()
        sys.stdout.flush()
        return code
    except (InputError, UsageError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return Exit.USAGE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) went away; a second failure while Python flushes at exit is noise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except OSError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return Exit.FAILED
