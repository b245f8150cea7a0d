# SPDX-License-Identifier: Apache-2.0
"""One launch: a binary is started for one case, and a row of samples.csv is what it leaves."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from makespan import torn, units
from makespan.arms import BASELINE, arm_run_id
from makespan.build import PYTHON_REFERENCE, ROOT
from makespan.columns import SCHEMA_VERSION, STATUSES
from makespan.errors import Exit
from makespan.folder import Run, now_utc
from makespan.ledger import Ledger, Row
from makespan.plan import Launch
from makespan.signals import Signals
from makespan.stage import Stage

#: A binary ends its cells itself (--timeout); this is for a binary that hangs.
HANGS_AFTER_S = 300
GRACE_S = 5.0

# How a launch is ended: what is sent to it, and how long it then has. A SIGINT from the terminal
# reaches the binary too; a SIGTERM is for us alone.
_TERMINATE = ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GRACE_S))
_INTERRUPTED = ((None, GRACE_S), *_TERMINATE)


@dataclass(frozen=True)
class Ended:
    """How a launch went: its worst status, why if that is not ok, and its wall time.

    The status is empty if the launch was interrupted before it left a row. `told` is False where the
    rows do not show what went wrong.
    """

    status: str
    reason: str
    seconds: float
    told: bool = True


class Launcher:
    """Starts the launches of one run, one after the other."""

    def __init__(self, run: Run, signals: Signals) -> None:
        self._run = run
        self._signals = signals
        self._ledger = Ledger(run.folder.samples)
        self._stage = Stage(run)

    def close(self) -> None:
        """After the last launch."""
        self._stage.close()

    def command(self, launch: Launch) -> list[str]:
        """The command line: the flags that select the case, and those that every launch gets."""
        case, record, folder = launch.case, self._run.record, self._run.folder.path.resolve()
        traced = launch.round <= case.traced
        before = self._run.begun.get(launch.number, 0)
        left = case.batches - before
        repeated = (f"--benchmark_repetitions={left}", "--benchmark_report_aggregates_only=true")
        return [
            *((sys.executable,) if case.binary == PYTHON_REFERENCE else ()),
            str(self._stage.binary(launch)),
            *case.args,
            f"--csv={folder / 'samples.csv'}",
            *([f"--trace={folder / 'trace.csv'}"] if traced else []),
            f"--run-id={arm_run_id(record.run_id, launch.arm)}",
            f"--launch={launch.number}",
            f"--round={launch.round}",
            f"--sequence={launch.sequence + before}",
            f"--ns-per-iteration={record.ns_per_iteration!r}",
            f"--die-with-parent={os.getpid()}",
            *(repeated if left > 1 else ()),
        ]

    def run(self, launch: Launch) -> Ended:
        """Starts the binary and waits for its end; what it says goes to log.txt.

        A launch that ends without a row gets one with status error, unless we were asked to stop.
        Raises InputError if the binary writes other columns than these scripts know.
        """
        offset = self._ledger.size()
        command = self.command(launch)
        started = time.monotonic()
        with self._run.folder.log.open("ab") as log:
            head = f"=== launch {launch.number} round {launch.round} {now_utc()}"
            log.write(f"{head}: {shlex.join(command)}\n".replace(f"{ROOT}/", "").encode())
            log.flush()
            said_from = log.tell()
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
                )
            except OSError as error:
                problem = f"cannot be started: {error.strerror}"
            else:
                problem = self._wait(process, launch)
        seconds = time.monotonic() - started
        if problem:
            problem = self._explain(launch, problem, said_from)
        return self._settle(launch, offset, problem, seconds)

    def _wait(self, process: subprocess.Popen[bytes], launch: Launch) -> str:
        """Until the process has ended; says how if it did not do so as a benchmark should."""
        limit = HANGS_AFTER_S + 10 * launch.case.expected_s
        try:
            ended = self._signals.wait(process, limit, known=0)
            overdue = not ended and self._signals.stop is None
            interrupted = self._signals.stop is signal.SIGINT
            for number, grace in _INTERRUPTED if interrupted else _TERMINATE:
                if ended:
                    break
                known = len(self._signals.received)
                if number is not None:
                    process.send_signal(number)
                ended = self._signals.wait(process, grace, known)
        finally:
            if process.poll() is None:
                process.kill()
            code = process.wait()
        if overdue:
            return f"no end after {limit:.0f} s, ended by the runner"
        if code < 0:
            return f"ended by {_signal_name(-code)}"
        return "" if code in (Exit.OK, Exit.FAILED) else f"ended with exit code {code}"

    def _explain(self, launch: Launch, problem: str, said_from: int) -> str:
        """The problem and the last line that the binary said."""
        with self._run.folder.log.open("rb") as log:
            log.seek(said_from)
            lines = log.read().decode("utf-8", "replace").splitlines()
        last = next((line for line in reversed(lines) if line.strip()), "")
        text = f"{launch.case.binary} {problem}" + (f": {last}" if last else "")
        return units.one_line(text, most=300)

    def _settle(self, launch: Launch, offset: int, problem: str, seconds: float) -> Ended:
        self._ledger.mend()
        torn.cut_torn_record(self._run.folder.trace)
        rows = [row for row in self._ledger.rows(offset) if row.get("launch") == str(launch.number)]
        stopping = self._signals.stop is not None
        if not rows and stopping:
            return Ended("", "", seconds)
        if not rows:
            reason = problem or f"{launch.case.binary} wrote no row"
            self._ledger.append(self._error_row(launch, reason))
            return Ended("error", reason, seconds)
        worst = max(rows, key=lambda row: _gravity(row.get("status", "")))
        if problem and not stopping and worst.get("status") == "ok":
            reason = f"{problem} (after its row was written)"
            return Ended("error", reason, seconds, told=False)
        return Ended(worst.get("status", ""), worst.get("error", ""), seconds)

    def _error_row(self, launch: Launch, reason: str) -> Row:
        case, environment = launch.case, self._run.environment
        built = environment.get("baseline", {}) if launch.arm == BASELINE else environment
        facts = {
            "schema_version": SCHEMA_VERSION,
            "run_id": arm_run_id(self._run.record.run_id, launch.arm),
            "git_sha": built.get("git_sha"),
            "launch": launch.number,
            "round": launch.round,
            "sequence": launch.sequence + self._run.begun.get(launch.number, 0),
            "timestamp_utc": now_utc(),
            "benchmark": case.benchmark,
            "model": case.model,
            "tasks": case.tasks,
            "processes": case.processes,
            "threads": case.threads,
            "sleep_ns": case.sleep_ns,
            "compute_ns": case.compute_ns,
            "payload_bytes": case.payload_bytes,
            "stages": case.stages,
            "variant": case.variant,
            "status": "error",
            "error": reason,
            "model_bound_ns": case.model_bound_ns,
        }
        return {name: "" if value is None else str(value) for name, value in facts.items()}


def _gravity(status: str) -> int:
    return STATUSES.index(status) if status in STATUSES else len(STATUSES)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
