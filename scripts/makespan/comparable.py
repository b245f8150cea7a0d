# SPDX-License-Identifier: Apache-2.0
"""Whether two runs may be compared at all: the same machine, build and work, and the same cases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from makespan import units
from makespan.casekey import CaseKey, title_of
from makespan.caveats import number

#: What of env.json must be the same; the commit may differ, that is what is compared.
SAME: tuple[str, ...] = (
    "cpu_model",
    "cpus_usable",
    "hypervisor",
    "kernel",
    "compiler",
    "compiler_flags",
    "build_type",
    "libraries",
)

#: Calibrations of one machine differ by so much at most, as a share: each is a measurement itself. Where
#: they differ, so does the work of a computing task.
CALIBRATION = 0.02

_SHOWN = 3


def environment_differences(current: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[str]:
    """One clause for each thing that differs, `NAME is CURRENT, was BASELINE`. What either env.json does
    not know is not told. Of the kernel only the release counts (6.1 of 6.1.0-13-amd64)."""
    pairs = [(name, _plain(name, current), _plain(name, baseline)) for name in SAME]
    found = [
        f"{name} is {_shown(now)}, was {_shown(before)}"
        for name, now, before in pairs
        if now != before and now is not None and before is not None
    ]
    return [*found, *_calibration(current, baseline)]


def grid_differences(current: Iterable[CaseKey], baseline: Iterable[CaseKey]) -> list[str]:
    """Cases that only one of the two has, named up to three."""
    ours, theirs = list(dict.fromkeys(current)), list(dict.fromkeys(baseline))
    found = []
    for name, some, others in (("current", ours, set(theirs)), ("baseline", theirs, set(ours))):
        only = [title_of(case) for case in some if case not in others]
        if only:
            more = f" and {len(only) - _SHOWN} more" if len(only) > _SHOWN else ""
            listed = "; ".join(only[:_SHOWN])
            found.append(f"{units.count(len(only), 'case')} of the {name} only ({listed}{more})")
    return found


def ns_per_iteration(environment: Mapping[str, Any]) -> float | None:
    """What the run was made with: its record has it, else the calibration."""
    for part in ("run", "calibration"):
        inner = environment.get(part)
        value = number(inner.get("ns_per_iteration")) if isinstance(inner, Mapping) else None
        if value is not None and value > 0:
            return value
    return None


def _calibration(current: Mapping[str, Any], baseline: Mapping[str, Any]) -> Iterator[str]:
    now, before = ns_per_iteration(current), ns_per_iteration(baseline)
    if now and before and abs(now / before - 1) > CALIBRATION:
        yield (
            f"ns_per_iteration is {units.significant(now)}, was {units.significant(before)}: "
            "computing tasks did another amount of work, and a change of the kernel itself would not show"
        )


def _plain(name: str, environment: Mapping[str, Any]) -> object:
    value = environment.get(name)
    if value is None or value == "":
        return None
    if name == "kernel":
        found = re.match(r"[0-9]+\.[0-9]+", str(value))
        return found[0] if found else str(value)
    return " ".join(value.split()) if isinstance(value, str) else value


def _shown(value: object) -> str:
    return units.one_line(str(value))
