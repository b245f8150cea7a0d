# SPDX-License-Identifier: Apache-2.0
"""What is measured, as data: to tune a preset, change the flags below and look at --dry-run.

A preset is a list of groups; a group is one binary with the flags that span its grid. A case that
two groups have in common is measured once. Flags and their meaning: bench_sleep --help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALL_AT_ONCE = "--models=serial,threads,processes,event_loop"
POOLS = "--models=process_pool,tbb_pool"


@dataclass(frozen=True)
class Group:
    """A grid of one binary. `traced`: the launches of round 1 also write every task to trace.csv."""

    name: str
    binary: str
    flags: tuple[str, ...] = ()
    traced: bool = False


@dataclass(frozen=True)
class Preset:
    """`rounds` is what is run without --rounds; a 95 % interval of a median needs at least 6."""

    name: str
    about: str
    rounds: int
    groups: tuple[Group, ...]


def reference(sleep: str) -> tuple[Group, ...]:
    """The reference scenario, 10 tasks that sleep: every shape that is told apart there, traced."""
    batch = ("--tasks=10", f"--sleep={sleep}")

    def group(name: str, *flags: str) -> Group:
        return Group(f"reference {sleep}, {name}", "bench_sleep", (*flags, *batch), traced=True)

    return (
        group("a slot per task", ALL_AT_ONCE),
        group("pools of 2", POOLS, "--workers=2"),
        group("pool of 10", "--models=tbb_pool", "--workers=10"),
        group("2 × 5, threads and loops", "--models=hybrid", "--processes=2", "--threads=5"),
    )


# Away from the bounds of the grids below: those with computing in them hang on a calibration.
_SHORT = "--max-bound=300ms"

QUICK = Preset(
    "quick",
    "a first answer in a minute and a half: sleeping, computing and mixed batches",
    rounds=6,
    groups=(
        Group(
            "sleep",
            "bench_sleep",
            ("--tasks=10,100,1000", "--sleep=10ms", "--workers=2,8", _SHORT),
        ),
        Group(
            "compute, coarse",
            "bench_compute",
            ("--tasks=100", "--compute=1ms", "--workers=1,2,4,8", _SHORT),
        ),
        Group(
            "compute, fine",
            "bench_compute",
            ("--tasks=1000", "--compute=100us", "--workers=2", _SHORT),
        ),
        Group(
            "mixed",
            "bench_mixed",
            ("--tasks=100", "--length=10ms", "--cpu-share=0.1,0.5", "--workers=2,8", _SHORT),
        ),
        *reference("50ms"),
    ),
)

CLASS8 = Preset(
    "class8",
    "the reference scenario in its original size: 10 tasks of 5 s, two and a half minutes a round",
    rounds=1,
    groups=reference("5s"),
)

FULL = Preset(
    "full",
    "the default grids of all three binaries",
    rounds=10,
    groups=(
        Group("sleep", "bench_sleep"),
        Group("compute", "bench_compute"),
        Group("mixed", "bench_mixed"),
        *reference("50ms"),
    ),
)

PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in (QUICK, CLASS8, FULL)}
