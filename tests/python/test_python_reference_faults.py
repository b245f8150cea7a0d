# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in a batch of the Python reference is a row, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from makespan.ledger import Ledger
from makespan.python_reference.limits import Need, forbidden_by
from makespan.python_reference.tasks import MODELS
from running import gone, wait_for

SCRIPT = ROOT / "scripts" / "python_reference.py"
FAULTS = Path(__file__).with_name("reference_faults.py")
NAMES = [f"{info.name}/{info.variant}" for info in MODELS]


@pytest.fixture(scope="module")
def ends() -> dict[tuple[str, str], tuple[str, str]]:
    """(model, fault) -> how the batch ended."""
    done = subprocess.run([sys.executable, str(FAULTS)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert not any(left for *_, left in found), "a process was left behind"
    return {(model, kind): (status, error) for model, kind, status, error, _ in found}


@pytest.mark.parametrize("model", NAMES)
def test_a_task_that_raises_is_named(model: str, ends: dict[tuple[str, str], tuple[str, str]]) -> None:
    assert ends[model, "exception"] == ("error", "task 2: injected exception (in the run)")


@pytest.mark.parametrize("model", NAMES)
def test_a_wrong_result_is_an_error(model: str, ends: dict[tuple[str, str], tuple[str, str]]) -> None:
    status, error = ends[model, "wrong_checksum"]
    assert status == "error" and "checksum" in error and "instead of" in error


@pytest.mark.parametrize("model", NAMES)
def test_a_process_that_is_killed_is_told(model: str, ends: dict[tuple[str, str], tuple[str, str]]) -> None:
    status, error = ends[model, "kill"]
    if model == "python_pool/":  # a Pool starts another worker, and never knows of the task that is gone
        assert (status, error) == ("timeout", "ended after 0.5 s (in the run)")
    else:
        assert status == "error" and ("SIGKILL" in error or "terminated abruptly" in error)


@pytest.mark.parametrize("model", ["python_serial/", "python_process/", "python_pool/"])
def test_a_task_that_hangs_is_ended(model: str, ends: dict[tuple[str, str], tuple[str, str]]) -> None:
    assert ends[model, "hang"] == ("timeout", "ended after 0.2 s (in the run)")


def test_messages_that_are_lost_or_damaged_are_noticed(ends: dict[tuple[str, str], tuple[str, str]]) -> None:
    def of(kind: str) -> tuple[str, str]:
        return ends["python_queue/simple_queue", kind]

    assert of("lost") == ("error", "3 messages arrived where 4 were sent (when the result was checked)")
    assert of("damaged") == ("error", "message 3 of producer 0 arrived damaged (in the run)")
    assert of("died") == ("error", "message process 1 ended with SIGKILL (in the run)")


def test_a_time_limit_makes_a_row_and_the_exit_code(tmp_path: Path) -> None:
    csv = tmp_path / "samples.csv"
    flags = ("--models=python_process,python_serial", "--tasks=2", "--sleep=1min,1us", "--timeout=300ms")
    done = subprocess.run([sys.executable, str(SCRIPT), *flags, f"--csv={csv}"], capture_output=True, text=True)
    assert done.returncode == 3
    rows = Ledger(csv).rows()
    assert [row["status"] for row in rows] == ["timeout", "ok", "timeout", "ok"]
    assert rows[0]["error"] == "ended after 0.3 s (in the run)" and rows[0]["makespan_ns"] == ""


def test_a_limit_of_the_system_is_named() -> None:
    assert forbidden_by(Need()) is None
    assert "kernel.pid_max = " in (forbidden_by(Need(processes=10**9)) or "")
    said = forbidden_by(Need(bytes=10**18)) or ""
    assert "use fewer tasks" in said and "needed" in said


def descendants(pid: int) -> set[int]:
    """Of a process, as /proc tells them now."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@pytest.fixture(params=["python_process", "python_pool"])
def waiting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], set[int]]]:
    """The script in the middle of a batch that sleeps, and all processes below it."""
    flags = (f"--models={request.param}", "--tasks=2", "--workers=2", "--sleep=10min")
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), *flags, f"--csv={tmp_path / 'samples.csv'}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: len(descendants(process.pid)) >= 3)
        yield process, descendants(process.pid)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(
    number: signal.Signals, waiting: tuple[subprocess.Popen[bytes], set[int]], tmp_path: Path
) -> None:
    process, below = waiting
    os.kill(process.pid, number)
    code = process.wait(timeout=20)
    assert code == (-signal.SIGKILL if number is signal.SIGKILL else 130)
    wait_for(lambda: all(map(gone, below)))
    csv = tmp_path / "samples.csv"
    assert not csv.exists() or len(csv.read_text().splitlines()) <= 1, "an interrupted batch is no result"
