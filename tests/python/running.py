# SPDX-License-Identifier: Apache-2.0
"""Starts the runner: within the test, which is fast, or in a process of its own, which can be killed."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import synthetic
from conftest import ROOT, FakeBuild
from makespan import runner
from makespan.errors import guarded
from makespan.ledger import Ledger
from makespan.options import COMMAND
from makespan.presets import Group, Preset

#: In place of the real ones: one start of each fake binary tells all its cases.
PRESETS = {
    "quick": Preset(
        "quick",
        "five cases",
        rounds=6,
        groups=(
            Group("sleep", "bench_sleep", ("--max-bound=500ms",), traced=1),
            Group("compute", "bench_compute"),
            Group("mixed", "bench_mixed"),
        ),
    ),
    "talk": Preset(
        "talk",
        "six cases of tasks that talk",
        rounds=6,
        groups=(
            Group("messages", "bench_messages", ("--mode=stream,ping_pong,ring",), traced=1),
            Group("pipeline", "bench_pipeline"),
        ),
    ),
    "map": Preset(
        "map",
        "two models on two by two points",
        rounds=6,
        groups=(Group("map", "bench_mixed", ("--sweep=map", "--max-bound=1s")),),
        refinements=2,
    ),
    "pair": Preset(
        "pair",
        "two cases to compare two builds on",
        rounds=6,
        groups=(Group("compute", "bench_compute", traced=1), Group("mixed", "bench_mixed")),
    ),
}
CASES = 5
TALK_CASES = 6
PAIR_CASES = 2
SCRIPT = ROOT / "scripts" / "run.py"
PATIENCE_S = 60


@dataclass(frozen=True)
class Done:
    """What a run that has ended returned and printed."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Runner:
    """The runner on a fake build; `out` is its run folder."""

    build: FakeBuild
    out: Path

    def arguments(self, *flags: str, rounds: int = 2) -> list[str]:
        """For a new run of so many rounds without charts."""
        build = ["--build", str(self.build.directory), "--no-plots"]
        return [*build, "--out", str(self.out), "--rounds", str(rounds), "--seed", "1", *flags]

    def run(self, *flags: str, rounds: int = 2) -> Done:
        return run(self.arguments(*flags, rounds=rounds))

    def resume(self, *flags: str) -> Done:
        build = ["--build", str(self.build.directory), "--no-plots"]
        return run([*build, "--resume", str(self.out), *flags])

    def start(self, *flags: str, rounds: int = 2) -> subprocess.Popen[str]:
        """In a process group of its own, so that a signal can be sent as the terminal sends it."""
        return subprocess.Popen(
            [sys.executable, __file__, *self.arguments(*flags, rounds=rounds)],
            env={**os.environ, "PYTHONPATH": str(SCRIPT.parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def rows(self) -> list[synthetic.Row]:
        return Ledger(self.out / "samples.csv").rows()

    def assert_complete(self, rounds: int = 2) -> None:
        """Every launch has left one row, and every traced one its tasks, once."""
        launches = Counter(int(row["launch"]) for row in self.rows())
        assert launches == dict.fromkeys(range(1, CASES * rounds + 1), 1)
        lines = (self.out / "trace.csv").read_text().splitlines()[1:]
        assert len(set(lines)) == len(lines)
        tasks = Counter(line.split(",")[1] for line in lines)
        assert set(tasks.values()) == {10} and len(tasks) == 3, "the sleeping cases of round 1"

    def hanging(self) -> int:
        """The process id of the fake binary that hangs, as soon as it does."""
        path = self.build.control / "hanging.pid"
        wait_for(lambda: path.exists() and bool(path.read_text()))
        pid = int(path.read_text())
        path.unlink()
        return pid


def second_build(first: FakeBuild, folder: Path) -> FakeBuild:
    """Another build directory with the same fake binaries, steered and told apart by files of its own."""
    directory, control = folder / "a baseline", folder / "control of the baseline"
    (directory / "bin").mkdir(parents=True)
    control.mkdir()
    for binary in (first.directory / "bin").iterdir():
        text = binary.read_text().replace("exec ", f'FAKE_BENCH="{control}" exec ', 1)
        (directory / "bin" / binary.name).write_text(text)
        (directory / "bin" / binary.name).chmod(0o755)
    return FakeBuild(directory, control)


def run(arguments: list[str]) -> Done:
    """The runner with these arguments, as its entry point calls it."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = guarded(lambda: runner.main(arguments, PRESETS), COMMAND)
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def wait_for(condition: Callable[[], bool]) -> None:
    """Until the condition holds; an assertion fails if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether the process has ended; one that only waits to be reaped has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


if __name__ == "__main__":
    sys.exit(guarded(lambda: runner.main(presets=PRESETS), COMMAND))
