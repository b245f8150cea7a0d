# SPDX-License-Identifier: Apache-2.0
"""Whether a limit of the system forbids a case, looked up before it starts."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from makespan.python_reference.bounds import cgroup_folders

# Memory of its own that a forked interpreter touches at least, and a thread of one.
_PROCESS_BYTES = 1 << 20
_THREAD_BYTES = 60 << 10


@dataclass(frozen=True)
class Need:
    """What a case takes of the system, the cell itself included; `files` of its process that has most."""

    processes: int = 1
    threads: int = 0
    files: int = 16
    bytes: int = 0

    @property
    def memory(self) -> int:
        return self.bytes + self.processes * _PROCESS_BYTES + self.threads * _THREAD_BYTES


@dataclass(frozen=True)
class _Limit:
    name: str
    value: int
    in_use: int
    needed: int
    remedy: str


def forbidden_by(need: Need) -> str | None:
    """The first limit that would be broken, what is in use of it and the remedy; None if there is none."""
    for limit in _limits(need):
        if limit.in_use + limit.needed > limit.value:
            used = f" ({limit.in_use} in use)" if limit.in_use else ""
            return f"{limit.name} = {limit.value}{used}, {limit.needed} needed: {limit.remedy}"
    return None


def _limits(need: Need) -> Iterator[_Limit]:
    units = need.processes + need.threads
    running = int(_text("/proc/loadavg", "0 0 0 1/1 0").split()[3].split("/")[1])
    for name in ("pid_max", "threads-max"):
        most = _number(f"/proc/sys/kernel/{name}")
        if most is not None:
            yield _Limit(f"kernel.{name}", most, running, units, f"raise kernel.{name} or use fewer tasks")
    for folder in cgroup_folders("pids"):
        most = _number(folder / "pids.max")
        if most is not None:
            used = _number(folder / "pids.current") or 0
            remedy = "raise the cgroup's limit or use fewer tasks"
            yield _Limit(str(folder / "pids.max"), most, used, units, remedy)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files != resource.RLIM_INFINITY:
        yield _Limit("RLIMIT_NOFILE", files, 0, need.files, "raise ulimit -n or use fewer tasks")
    for line in _text("/proc/meminfo", "").splitlines():
        if line.startswith("MemAvailable:"):
            remedy = "end other programs or use fewer tasks"
            yield _Limit("MemAvailable in bytes", 1024 * int(line.split()[1]), 0, need.memory, remedy)
    for folder in cgroup_folders("memory"):
        for name, used_name in (("memory.max", "current"), ("memory.limit_in_bytes", "usage_in_bytes")):
            most = _number(folder / name)
            if most is not None:
                used = _number(folder / f"memory.{used_name}") or 0
                remedy = "raise the cgroup's limit or use fewer tasks"
                yield _Limit(str(folder / name), most, used, need.memory, remedy)


def _number(path: Path | str) -> int | None:
    text = _text(path, "").strip()
    return int(text) if text.isdigit() else None


def _text(path: Path | str, otherwise: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return otherwise
