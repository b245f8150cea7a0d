# SPDX-License-Identifier: Apache-2.0
"""A clone with spaces in its path in which the shell scripts run with tools that only pretend."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

TOOLS = ("bash", "sh", "sed", "awk", "grep", "tr", "dirname", "mkdir", "cat", "tee", "env", "cp", "rm")

# Says every header is there, but those named in absent.txt beside it.
COMPILER = """#!/bin/bash
absent=$(cat "$(dirname "$0")/absent.txt" 2>/dev/null)
for header in $absent; do echo "missing $header"; done
cat >/dev/null
"""
# Makes what is named in provides.txt beside it, as an installation would.
APT_GET = """#!/bin/bash
here=$(dirname "$0")
echo "apt-get $* frontend=${DEBIAN_FRONTEND:-}" >>"$here/apt.log"
echo "noise of apt"
[[ $1 == install ]] || exit 0
for name in $(cat "$here/provides.txt" 2>/dev/null); do
  printf '#!/bin/sh\\n' >"$here/$name"
  /bin/chmod +x "$here/$name"
done
rm -f "$here/absent.txt"
"""
CMAKE = """#!/bin/bash
here=$(dirname "$0")
echo "cmake $*" >>"$here/cmake.log"
case "$1" in
  --preset)
    echo "-- Configuring done"
    mkdir -p "build/$2" && echo >"build/$2/build.ninja"
    [[ ! -e $here/configure-fails ]] || { echo "CMake Error: no compiler"; exit 1; }
    ;;
  --build)
    [[ ! -e $here/up-to-date ]] || { echo "[1/2] Recording the git sha"; exit 0; }
    echo "[1/3] Building CXX object a.o"
    echo "[2/3] Building CXX object b.o"
    [[ ! -e $here/build-fails ]] || { echo "b.cpp:1: error: what"; exit 1; }
    cp -r "$FAKE_BUILD/bin" build/release/ 2>/dev/null || true
    ;;
esac
"""
CTEST = """#!/bin/bash
echo "ctest $*"
[[ ! -e $(dirname "$0")/ctest-fails-$2 ]] || exit 8
echo "100% tests passed, 0 tests failed out of 3"
"""
PYTHON = """#!/bin/bash
case "$*" in
  "-m makespan.interpreter"*) [[ ! -e $(dirname "$0")/no-modules ]] || { echo pandas; exit 2; } ;;
  "-m mypy") echo "Success: no issues found" ;;
  "-m pytest"*) echo "3 passed in 0.01s"; [[ ! -e $(dirname "$0")/pytest-fails ]] || exit 1 ;;
  *) exec "$REAL_PYTHON" "$@" ;;
esac
"""


class Clone:
    """A copy of scripts/ and a PATH with nothing else on it than what is put there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone"
        self.bin = folder / "bin"
        self.bin.mkdir()
        shutil.copytree(
            ROOT / "scripts", self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name) or name)
        self.tool("c++", COMPILER)
        self.tool("cmake", CMAKE)
        self.tool("ctest", CTEST)
        self.tool("ninja", "#!/bin/sh\n")
        self.tool("id", "#!/bin/sh\necho 0\n")
        self.tool("python3", PYTHON)

    def tool(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def mark(self, name: str, text: str = "") -> None:
        (self.bin / name).write_text(text)

    def log(self, name: str) -> str:
        path = self.bin / name
        return path.read_text() if path.exists() else ""

    def run(self, script: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        keep = ("HOME", "LANG", "FAKE_BENCH")
        variables = {name: os.environ[name] for name in keep if name in os.environ}
        variables |= {"PATH": str(self.bin), "REAL_PYTHON": sys.executable, "TERM": "dumb", **more}
        command = [str(self.root / "scripts" / script), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=variables, cwd=self.bin.parent,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)
