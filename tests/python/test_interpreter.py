# SPDX-License-Identifier: Apache-2.0
"""How the scripts find a Python that has what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from makespan import interpreter

SCRIPTS = ROOT / "scripts"
# A Python without any module from outside the standard library; -S leaves out site-packages.
BARE = f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n'


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def script(tmp_path: Path) -> Path:
    """An entry point like ours that tells under which Python it ended up."""
    path = tmp_path / "a script.py"
    path.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(SCRIPTS)!r})\n"
        "from makespan.interpreter import ensure\n"
        "ensure()\n"
        "import pandas\n"
        "print(sys.argv[1:], 'under', sys.orig_argv[0])\n"
    )
    return path


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **environment}
    variables.pop("MAKESPAN_INTERPRETER_CHECKED", None)
    return subprocess.run(command, capture_output=True, text=True, check=False, env=variables)


def test_this_python_will_do() -> None:
    assert interpreter.lacking() == []
    interpreter.ensure()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert interpreter.lacking(["pandas", "no_such_module"]) == ["no_such_module"]
    monkeypatch.setattr(interpreter, "MINIMUM", (99, 0))
    assert interpreter.lacking() == ["Python 99.0 or newer"]


def test_modules_are_not_imported(tmp_path: Path) -> None:
    code = "import sys; from makespan.interpreter import lacking; lacking(); print('pandas' in sys.modules)"
    done = run([sys.executable, "-c", code], PYTHONPATH=str(SCRIPTS))
    assert done.stdout == "False\n"


def test_probe() -> None:
    command = [sys.executable, "-m", "makespan.interpreter", "no_such_module"]
    done = run(command, PYTHONPATH=str(SCRIPTS))
    assert (done.returncode, done.stdout) == (2, "no_such_module\n")
    done = run(command[:-1], PYTHONPATH=str(SCRIPTS))
    assert (done.returncode, done.stdout) == (0, "")


def test_a_python_without_modules_starts_one_that_has_them(tmp_path: Path) -> None:
    bare = executable(tmp_path / "bare" / "python", BARE)
    done = run(
        [str(bare), str(script(tmp_path)), "--flag", "a b"], MAKESPAN_PYTHON=sys.executable
    )
    assert done.stdout == f"['--flag', 'a b'] under {sys.executable}\n", done.stderr


def test_the_named_python_comes_first_and_must_suit(tmp_path: Path) -> None:
    bare = executable(tmp_path / "bare" / "python", BARE)
    good = executable(tmp_path / "bin" / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    environment = {"MAKESPAN_PYTHON": str(bare), "PATH": f"{good.parent}:{os.environ['PATH']}"}
    done = run([str(bare), str(script(tmp_path))], **environment)
    assert done.returncode == 0 and "[] under" in done.stdout, done.stderr


def test_without_any_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = executable(tmp_path / "bare" / "python3", BARE)
    text = script(tmp_path).read_text().replace(
        "ensure()\nimport", f"import makespan.interpreter as i\ni.candidates = lambda: [{str(bare)!r}]\nensure()\nimport"
    )  # fmt: skip
    path = tmp_path / "script.py"
    path.write_text(text)
    done = run([str(bare), str(path)])
    assert done.returncode == 2
    assert "no Python with pandas, matplotlib, scipy, rich was found" in done.stderr
    assert "run scripts/setup.sh" in done.stderr


def test_candidates_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = executable(tmp_path / "python3", BARE)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("MAKESPAN_PYTHON", str(python))
    found = list(interpreter.candidates())
    assert found[0] == str(python) and found.count(str(python)) == 1
    assert set(found) <= {str(python), "/usr/bin/python3"}
