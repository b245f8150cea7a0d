# SPDX-License-Identifier: Apache-2.0
"""What is launched, and in which order: a pure function of the preset, the binaries and the seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from makespan.build import Build
from makespan.columns import CASE_KEY
from makespan.errors import UsageError
from makespan.presets import Group, Preset

#: Time of a launch beyond its model bound, until launches have shown what it is: the start of the
#: process and its calibration.
EXPECTED_OVERHEAD_S = 0.12


@dataclass(frozen=True)
class Case:
    """One batch under one model in one shape, and the flags that select exactly this.

    `build` is the label of the build that the binary is from. `left_out` says why the case is not
    launched; empty if it is.
    """

    build: str
    group: str
    binary: str
    benchmark: str
    name: str
    model: str
    variant: str
    tasks: int
    processes: int | None
    threads: int | None
    sleep_ns: int | None
    compute_ns: int | None
    payload_bytes: int | None
    stages: int | None
    model_bound_ns: int | None
    args: tuple[str, ...]
    traced: bool
    left_out: str

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells the case from the others of its binary: its name, and the key of its rows."""
        return (self.name, *(getattr(self, name) for name in CASE_KEY))

    @property
    def expected_s(self) -> float:
        return (self.model_bound_ns or 0) / 1e9 + EXPECTED_OVERHEAD_S


@dataclass(frozen=True)
class Launch:
    """One start of a binary. `number` is its place in the whole plan, counted from 1."""

    number: int
    round: int
    case: Case


@dataclass(frozen=True)
class Plan:
    """Every case once a round, each round in an order of its own."""

    cases: tuple[Case, ...]
    left_out: tuple[Case, ...]
    rounds: int
    seed: int

    @property
    def total(self) -> int:
        return self.rounds * len(self.cases)

    def order(self, round: int) -> list[Case]:
        """All cases, shuffled by the seed and the number of the round alone."""
        return random.Random(f"{self.seed}:{round}").sample(self.cases, len(self.cases))

    def launches(self) -> Iterator[Launch]:
        number = 0
        for round in range(1, self.rounds + 1):
            for case in self.order(round):
                number += 1
                yield Launch(number, round, case)

    def to_json(self) -> dict[str, Any]:
        return {
            "cases": [_plain(case) for case in self.cases],
            "left_out": [_plain(case) for case in self.left_out],
        }


def make_plan(preset: Preset, build: Build, rounds: int, seed: int) -> Plan:
    """Asks the binaries which cases the groups of the preset have."""
    found: dict[tuple[object, ...], Case] = {}
    for group in preset.groups:
        for case in list_cases(group, build):
            key = (case.build, case.binary, *case.identity)
            known = found.get(key)
            found[key] = _merged(known, case) if known else case
    cases = tuple(case for case in found.values() if not case.left_out)
    left_out = tuple(case for case in found.values() if case.left_out)
    if not cases:
        raise UsageError(f"preset {preset.name} has no case that can be launched; see --list")
    return Plan(cases, left_out, rounds, seed)


def list_cases(group: Group, build: Build) -> list[Case]:
    """The cases of one group, in the order in which the binary lists them."""
    answer = build.cases(group.binary, group.flags)
    try:
        benchmark = str(answer["benchmark"])  # of the entries that name none of their own
        return [_case(build.label, group, benchmark, entry) for entry in answer["cases"]]
    except (KeyError, TypeError, ValueError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{group.binary} --list=json: {what}; build the binaries anew") from None


def _plain(case: Case) -> dict[str, Any]:
    """As JSON has it, so that a plan equals itself after it was read back."""
    return {**asdict(case), "args": list(case.args)}


def _case(build: str, group: Group, benchmark: str, entry: Mapping[str, Any]) -> Case:
    def number(name: str) -> int | None:
        value = entry.get(name)
        return None if value is None else int(value)

    return Case(
        build=build,
        group=group.name,
        binary=group.binary,
        benchmark=str(entry.get("benchmark") or benchmark),
        name=str(entry["name"]),
        model=str(entry["model"]),
        variant=str(entry["variant"]),
        tasks=int(entry["tasks"]),
        processes=number("processes"),
        threads=number("threads"),
        sleep_ns=number("sleep_ns"),
        compute_ns=number("compute_ns"),
        payload_bytes=number("payload_bytes"),
        stages=number("stages"),
        model_bound_ns=number("model_bound_ns"),
        args=tuple(str(arg) for arg in entry["args"]),
        traced=group.traced,
        left_out=str(entry["left_out"] or ""),
    )


def _merged(known: Case, again: Case) -> Case:
    """A case that two groups have: traced if either asks for it, left out only if both say so."""
    launched = again if known.left_out else known
    return replace(launched, traced=known.traced or again.traced)
