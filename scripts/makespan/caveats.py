# SPDX-License-Identifier: Apache-2.0
"""What to bear in mind about a run, each with what can be done about it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from makespan import units
from makespan.columns import FOOTPRINT
from makespan.statistics import MIN_LAUNCHES
from makespan.trust import grade, run_steal_share

#: Above this load at the start another program was at work.
IDLE_LOAD = 0.5
#: An interval wider than this share of its median says that the case needs more rounds.
WIDE = 0.1

_SLOW_GOVERNORS = ("powersave", "ondemand", "conservative", "schedutil", "userspace")


@dataclass(frozen=True)
class Caveat:
    """A warning and its remedy."""

    what: str
    remedy: str


def caveats(
    samples: pd.DataFrame, summary: pd.DataFrame, environment: Mapping[str, Any]
) -> list[Caveat]:
    """Everything about the machine, the build and the samples that weakens a conclusion."""
    return [
        *_of_build(environment),
        *_of_machine(environment),
        *_of_steal(samples, cpus_of(environment)),
        *_of_samples(summary),
    ]


def cpus_of(environment: Mapping[str, Any]) -> float | None:
    """The number of usable CPUs as env.json has it; a quota may allow a part of one."""
    return number(environment.get("cpus_usable"))


def number(value: object) -> float | None:
    """The value as a number, None if it is none: env.json comes from outside."""
    try:
        result = float(str(value))
    except ValueError:
        return None
    return result if math.isfinite(result) else None


def _of_build(environment: Mapping[str, Any]) -> Iterator[Caveat]:
    build = str(environment.get("build_type") or "not recorded")
    flags = str(environment.get("compiler_flags") or "")
    remedy = "build the preset release, and measure --build build/release"
    if build.lower() not in ("release", "relwithdebinfo", "minsizerel"):
        yield Caveat(f"The binaries are not an optimised build (build type {build}).", remedy)
    if "-fsanitize" in flags:
        yield Caveat("The binaries are built with a sanitizer, which slows each model otherwise.", remedy)
    if environment.get("git_dirty") is True:
        yield Caveat(
            "The binaries were built from a tree with uncommitted changes.",
            "commit first, so that the git sha names what was measured",
        )


def _of_machine(environment: Mapping[str, Any]) -> Iterator[Caveat]:
    governor = str(environment.get("governor") or "")
    if governor.lower() in _SLOW_GOVERNORS:
        yield Caveat(
            f"The CPU frequency governor is {governor}: the clock rate follows the load.",
            "sudo cpupower frequency-set -g performance",
        )
    load = number(environment.get("load_1m"))
    if load is not None and load > IDLE_LOAD:
        yield Caveat(
            f"The load average was {units.significant(load, 3)} at the start.",
            f"end other programs, wait until uptime shows less than {IDLE_LOAD}, and run again "
            "(the load of a build takes some minutes to fade)",
        )


def _of_steal(samples: pd.DataFrame, cpus: float | None) -> Iterator[Caveat]:
    share = run_steal_share(samples, cpus)
    if grade(share) in "BC":
        yield Caveat(
            f"Other guests of the host took {units.percent(share)} of the CPU time "
            f"(trust grade {grade(share)}).",
            "run at a quieter time or on a machine of your own, with more --rounds",
        )


def _of_samples(summary: pd.DataFrame) -> Iterator[Caveat]:
    complete = summary[(summary["failed"] == 0) & (summary["n"] > 0)]
    few = int((complete["n"] < MIN_LAUNCHES).sum())
    if few:
        yield Caveat(
            f"{units.count(few, 'case')} of {len(summary)} measured fewer than {MIN_LAUNCHES} "
            "times: a median of so few has no 95 % interval, and nothing is separated.",
            f"--rounds {MIN_LAUNCHES} or more, or --resume if the run was interrupted",
        )
    complete = complete[complete["benchmark"] != FOOTPRINT]  # whose makespan is disturbed anyway
    width = complete["makespan_high_ns"] - complete["makespan_low_ns"]
    wide = int((width > WIDE * complete["makespan_median_ns"]).sum())
    if wide:
        yield Caveat(
            f"{units.count(wide, 'case')} of {len(summary)} with an interval wider than "
            f"{units.percent(WIDE)} of the median.",
            "more --rounds, and a machine that does nothing else",
        )
    lost = summary[summary["status"].isin(["timeout", "error"])]
    if len(lost):
        yield Caveat(
            f"{units.count(len(lost), 'case')} of {len(summary)} failed.",
            "see the reasons in the table of cases, and log.txt for what the binary said",
        )
