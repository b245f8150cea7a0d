# SPDX-License-Identifier: Apache-2.0
"""The isolated run of one batch: a forked child with a process group of its own, of which nothing is left behind."""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import sys
import time
from dataclasses import dataclass

from makespan.python_reference.experiment import PHASES, Experiment, Outcome, measured
from makespan.python_reference.linux import adopt_orphans, die_with_parent, shared_numbers

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_REAP_PATIENCE_S = 2.0


@dataclass(frozen=True)
class CellEnd:
    """`outcome` if the status is ok, otherwise the reason."""

    status: str
    error: str = ""
    outcome: Outcome | None = None


def interruptible() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt, unless they were ignored."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in _STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


def run_in_cell(experiment: Experiment, seconds: float, tracing: bool = False) -> CellEnd:
    """Measures in a cell that has so long. Raises KeyboardInterrupt if the caller is asked to stop; the cell has then
    been ended as well."""
    adopt_orphans()
    sys.stdout.flush()
    sys.stderr.flush()
    answer = os.memfd_create("answer")
    phase = shared_numbers(1)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    leader = os.fork()
    if leader == 0:
        _be_the_cell(experiment, answer, phase, tracing, blocked)
    try:
        os.setpgid(leader, leader)  # here as well as in the child: whoever comes first
    except PermissionError:
        pass
    try:
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            in_time = _ended(leader, seconds)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
            code = _end_group(leader)
        return _told(answer, code, in_time, seconds, PHASES[phase[0]])
    finally:
        os.close(answer)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _be_the_cell(
    experiment: Experiment, answer: int, phase: memoryview, tracing: bool, mask: set[int]
) -> None:
    try:
        die_with_parent()
        os.setpgid(0, 0)
        for number in _STOPS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        gc.freeze()  # what was there before the fork is not the batch's to look through
        said: Outcome | str = measured(experiment, phase, tracing)
    except BaseException as error:  # whatever it is, it becomes the error of the row
        said = str(error) or type(error).__name__
    try:
        with os.fdopen(answer, "wb") as file:
            pickle.dump(said, file)
    finally:
        os._exit(0 if isinstance(said, Outcome) else 1)


def _ended(leader: int, seconds: float) -> bool:
    """Whether the leader ended in time."""
    descriptor = os.pidfd_open(leader)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if poll.poll(min(left, 1e6) * 1000):
                return True
        return False
    finally:
        os.close(descriptor)


def _end_group(leader: int) -> int:
    """Kills and reaps every process of the group; the exit code of the leader, negative for a signal. The leader is
    reaped last, so that its id, which is the group's, cannot have been given away."""
    os.killpg(leader, signal.SIGKILL)
    os.waitid(os.P_PID, leader, os.WEXITED | os.WNOWAIT)
    code = os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1])
    deadline = time.monotonic() + _REAP_PATIENCE_S
    while time.monotonic() < deadline:  # orphans become ours one by one as their parents die
        try:
            while True:
                os.waitpid(-leader, 0)
        except ChildProcessError:
            pass
        try:
            os.killpg(leader, signal.SIGKILL)
        except ProcessLookupError:
            break
        time.sleep(0.001)
    return code


def _told(answer: int, code: int, in_time: bool, seconds: float, phase: str) -> CellEnd:
    if not in_time:
        return CellEnd("timeout", f"ended after {seconds:.3g} s ({phase})")
    os.lseek(answer, 0, os.SEEK_SET)
    with os.fdopen(os.dup(answer), "rb") as file:
        written = file.read()
    said = pickle.loads(written) if code in (0, 1) and written else None
    if code == 0 and isinstance(said, Outcome):
        return CellEnd("ok", outcome=said)
    ending = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return CellEnd("error", f"{said or f'the cell ended with {ending}'} ({phase})")
