# SPDX-License-Identifier: Apache-2.0
"""Finds a Python that has what the scripts need. Needs nothing but the standard library itself.

`python -m makespan.interpreter [MODULE ...]` ends with 0 if this Python will do, also with the extra
modules; otherwise it names what is missing on stdout, one a line, and ends with 2.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

REQUIRED = ("pandas", "matplotlib", "scipy", "rich")
MINIMUM = (3, 11)

_SCRIPTS = Path(__file__).resolve().parents[1]
# Set for the Python that is started, so that a wrong answer cannot start one after another.
_MARK = "MAKESPAN_INTERPRETER_CHECKED"


def lacking(modules: Sequence[str] = REQUIRED) -> list[str]:
    """What this Python lacks; modules are looked for and not imported, which takes no time."""
    if sys.version_info < MINIMUM:
        return [f"Python {'.'.join(map(str, MINIMUM))} or newer"]
    return [name for name in modules if importlib.util.find_spec(name) is None]


def candidates() -> Iterator[str]:
    """Pythons in the order of preference: the one the user names, the usual one, the system's."""
    seen = set()
    named = os.environ.get("MAKESPAN_PYTHON")
    for name in (named, "python3", "/usr/bin/python3"):
        path = shutil.which(name) if name else None
        if path and path not in seen:
            seen.add(path)
            yield path


def ensure() -> None:
    """Returns if this Python has REQUIRED; otherwise starts the same script under one that has.

    Ends the process with 2 and a message if there is none.
    """
    missing = lacking()
    if not missing:
        return
    if _MARK not in os.environ:
        for path in candidates():
            if _suits(path):
                os.environ[_MARK] = "1"
                sys.stdout.flush()
                os.execv(path, [path, *sys.argv])
    name = Path(sys.argv[0]).name
    print(
        f"{name}: no Python with {', '.join(REQUIRED)} was found ({sys.executable} lacks "
        f"{', '.join(missing)}); run scripts/setup.sh, or name one in MAKESPAN_PYTHON",
        file=sys.stderr,
    )
    raise SystemExit(2)


def _suits(path: str) -> bool:
    probe = [path, "-m", "makespan.interpreter"]
    try:
        done = subprocess.run(probe, cwd=_SCRIPTS, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main(extra: Sequence[str]) -> int:
    missing = lacking((*REQUIRED, *extra))
    print("\n".join(missing), end="\n" if missing else "")
    return 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
