# SPDX-License-Identifier: Apache-2.0
"""Launches of fake binaries within the test: for runs of many, as a start takes a twentieth of a second.

What a launch is asked and leaves is the same; that processes are started, watched and ended is for the tests
of the runner. A launch that is to do something else than to leave its row is started as ever.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import fake_bench
import pytest
from makespan import launch

_SCRIPT = re.compile(r'(?:FAKE_BENCH="(?P<control>.*?)" )?exec .* (?P<benchmark>\w+) "\$@"\n')


class Ended:
    """A process that has ended, as far as the runner asks."""

    def __init__(self, returncode: int) -> None:
        self.returncode = returncode

    def poll(self) -> int:
        return self.returncode

    def wait(self) -> int:
        return self.returncode


def launches_in_process(monkeypatch: pytest.MonkeyPatch, control: Path) -> None:
    """`control` is that of binaries that name none."""

    def start(command: Sequence[str], *, stdin: int, stdout: IO[bytes], stderr: int) -> Any:
        found = _SCRIPT.search(Path(command[0]).read_text(encoding="utf-8"))
        assert found
        folder = Path(found["control"] or control)
        if (folder / "script.json").exists():
            return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr)
        monkeypatch.setattr(fake_bench, "CONTROL", folder)
        # The death signal would be this process's own.
        flags = [flag for flag in command[1:] if not flag.startswith("--die-with-parent=")]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = fake_bench.main(found["benchmark"], *flags)
        stdout.write(said.getvalue().encode())
        return Ended(code)

    replaced = SimpleNamespace(Popen=start, DEVNULL=subprocess.DEVNULL, STDOUT=subprocess.STDOUT)
    monkeypatch.setattr(launch, "subprocess", replaced)
