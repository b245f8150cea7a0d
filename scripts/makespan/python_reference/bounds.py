# SPDX-License-Identifier: Apache-2.0
"""The least makespans (DESIGN.md 4; benchmarks/harness/bounds.cpp), and the CPUs that they count on.

What an iteration takes is what it takes the binaries: that the interpreter is slower is a cost like any other.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

from makespan.python_reference.work import Work

_CGROUPS = Path("/sys/fs/cgroup")


def bounds(
    work: Work, tasks: int, in_flight: int, computing: int, ns_per_iteration: float, cpus: float
) -> tuple[int, int]:
    """(model bound, machine bound) in ns. `in_flight` and `computing`: the c and p of the model."""
    if tasks == 0:
        return 0, 0
    slept, iterations, longest = work.sums(tasks, ns_per_iteration)
    computed = iterations * ns_per_iteration
    slots = min(max(in_flight, 1), tasks)
    rounds = (slept + computed) / slots
    if work.sizes == "constant":
        rounds = math.ceil(tasks / slots) * longest
    at_once = min(cpus, max(computing, 1))
    return math.floor(max(longest, rounds, computed / at_once)), math.floor(max(longest, computed / cpus))


def usable_cpus() -> float:
    """Of the affinity mask and the tightest quota of the control groups that we are in."""
    return min([float(len(os.sched_getaffinity(0))), *_quotas()])


def _quotas() -> Iterator[float]:
    """Version 2 has "150000 100000" or "max 100000" in one file, version 1 two files and -1 for none."""
    for folder in cgroup_folders("cpu"):
        fields = _words(folder / "cpu.max")
        if not fields:
            fields = _words(folder / "cpu.cfs_quota_us") + _words(folder / "cpu.cfs_period_us")
        if len(fields) == 2 and fields[0].isdigit() and int(fields[1]) > 0:
            yield int(fields[0]) / int(fields[1])


def cgroup_folders(controller: str) -> Iterator[Path]:
    """The control groups that we are in, from ours up to the root."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, names, path = line.split(":", 2)
        if names and controller not in names.split(","):
            continue
        root = _CGROUPS / names if names else _CGROUPS
        folder = root / path.lstrip("/")
        yield from (folder, *(above for above in folder.parents if above.is_relative_to(root)))


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
