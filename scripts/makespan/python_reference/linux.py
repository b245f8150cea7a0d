# SPDX-License-Identifier: Apache-2.0
"""The system calls that Python has no name for, and memory that forked processes share."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import time

_PR_SET_PDEATHSIG = 1
_PR_SET_TIMERSLACK = 29
_PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """SIGKILL for the caller when the thread that made it ends: nothing of ours is left behind."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """From now on descendants whose parents end become children of the caller, who can reap them."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def set_timer_slack(ns: int) -> None:
    """How late the kernel may let a sleep end, for the caller and what it starts."""
    _prctl(_PR_SET_TIMERSLACK, ns)


def shared_numbers(count: int) -> memoryview:
    """So many numbers of 64 bits, unsigned and 0, that every process forked from now on sees. Without a name and a
    file, so that nothing is left of it after a SIGKILL."""
    return memoryview(mmap.mmap(-1, max(8 * count, 1))).cast("B")[: 8 * count].cast("Q")


def cpu_ns_of(pid: int) -> int:
    """CPU time of a living process, to the nanosecond. The clock's number is that of clock_getcpuclockid(3), for
    which Python has no function: man 3 clock_getcpuclockid, linux/posix-timers_types.h."""
    return time.clock_gettime_ns(~pid << 3 | 2)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
