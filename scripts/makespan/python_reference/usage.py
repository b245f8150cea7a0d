# SPDX-License-Identifier: Apache-2.0
"""What a batch took of the machine: CPU time, switches and faults of every process of the cell, living or reaped."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from makespan.python_reference.linux import cpu_ns_of

_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
# Fields of /proc/PID/stat after the name, from 0 (man 5 proc): the group, faults, own CPU time, that of reaped children.
_GROUP, _FAULTS, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 2, 7, 11, 12, 13, 14


@dataclass(frozen=True)
class Usage:
    """Times in ns."""

    user: int = 0
    system: int = 0
    voluntary_switches: int = 0
    involuntary_switches: int = 0
    minor_faults: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(mine + more for mine, more in zip(astuple(self), astuple(other))))

    def since(self, before: Usage) -> Usage:
        """The difference. The split of a living process follows the clock ticks and may move; the sum does not."""
        user, system, *counts = (now - then for now, then in zip(astuple(self), astuple(before)))
        both = max(user + system, 0)
        user = both - min(max(system, 0), both)
        return Usage(user, both - user, *(max(count, 0) for count in counts))


def group_usage() -> Usage:
    """Of the caller, its reaped children, and the living ones of its process group."""
    own = _resources(resource.RUSAGE_SELF) + _resources(resource.RUSAGE_CHILDREN)
    for stat in _living_of_group():
        own += stat
    return own


def peak_rss_bytes() -> int:
    """The largest of any one process: the caller or a reaped child."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return 1024 * max(resource.getrusage(who).ru_maxrss for who in both)


def stolen_ns() -> int:
    """CPU time that the hypervisor gave to others, on the CPUs that are ours."""
    ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    lines = (line.split() for line in (_PROC / "stat").read_text().splitlines())
    return sum(int(fields[8]) for fields in lines if fields and fields[0] in ours) * _TICK_NS


def _resources(who: int) -> Usage:
    used = resource.getrusage(who)
    times = round(used.ru_utime * 1e6) * 1000, round(used.ru_stime * 1e6) * 1000
    return Usage(*times, used.ru_nvcsw, used.ru_nivcsw, used.ru_minflt)


def _living_of_group() -> Iterator[Usage]:
    """And of those that have ended and are not reaped yet, which are nowhere else."""
    if not _has_children():
        return
    group, own = os.getpgrp(), os.getpid()
    for folder in _PROC.iterdir():
        if not folder.name.isdigit() or int(folder.name) == own:
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[_GROUP]) == group and fields[0] != "X":
                yield _usage_of(folder, fields)
        except OSError:
            continue  # it has just ended


def _usage_of(folder: Path, fields: list[str]) -> Usage:
    exact = cpu_ns_of(int(folder.name))
    user, system = int(fields[_USER]), int(fields[_SYSTEM])
    in_system = exact * system // (user + system) if user + system else 0
    voluntary = involuntary = 0
    for status in folder.glob("task/*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                voluntary += int(line.split()[1])
            elif line.startswith("nonvoluntary_ctxt_switches:"):
                involuntary += int(line.split()[1])
    return Usage(
        exact - in_system + int(fields[_CHILDREN_USER]) * _TICK_NS,
        in_system + int(fields[_CHILDREN_SYSTEM]) * _TICK_NS,
        voluntary,
        involuntary,
        int(fields[_FAULTS]),
    )


def _has_children() -> bool:
    try:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        os.waitid(os.P_ALL, 0, flags)
    except ChildProcessError:
        return False
    return True
