# SPDX-License-Identifier: Apache-2.0
"""What is launched, and in which order: a pure function of the preset, the binaries and the seed.

A paired plan has two builds. The unit is then a block of four adjacent launches of one case, two of each
build in the order ABBA or BAAB: the difference between the arms of a block is free of any drift that is
linear within it (a crossover design of two periods and its mirror).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import takewhile
from typing import Any

from makespan.arms import BASELINE, CURRENT, Arm
from makespan.build import PYTHON_REFERENCE, Build
from makespan.columns import CASE_KEY
from makespan.errors import UsageError
from makespan.presets import Group, Preset
from makespan.python_times import python_s
from makespan.roles import Role
from makespan.with_python import counterparts

#: Time of a launch beyond its model bound, until launches have shown what it is: the start of the
#: process and its calibration.
EXPECTED_OVERHEAD_S = 0.12
#: Time of each further batch beyond its model bound: a cell is forked and reaped. Of sleeps of 1 ms on 2 CPUs
#: 2.7 ms.
EXPECTED_CELL_S = 0.003

#: The launches of a block, by arm. Of two rounds a case has one block of either kind.
ABBA: tuple[Arm, ...] = (CURRENT, BASELINE, BASELINE, CURRENT)
BAAB: tuple[Arm, ...] = (BASELINE, CURRENT, CURRENT, BASELINE)

# A flag of the whole launch: the binaries tell those that select a case.
_UNRECORDED = "--no-records"


@dataclass(frozen=True)
class Case:
    """One batch under one model in one shape, and the flags that select exactly this.

    `build` is the label of the build that the binary is from. `left_out` says why the case is not
    launched; empty if it is. `traced` and `batches` are those of the group.
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
    traced: int
    left_out: str
    batches: int = 1

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells the case from the others of its binary: its name, and the key of its rows."""
        return (self.name, *(getattr(self, name) for name in CASE_KEY))

    @property
    def batches_s(self) -> float:
        """What the batches of a launch are expected to take."""
        return self._bounds_s + (self.batches - 1) * EXPECTED_CELL_S

    @property
    def _bounds_s(self) -> float:
        return self.batches * (self.model_bound_ns or 0) / 1e9

    @property
    def expected_s(self) -> float:
        if self.binary == PYTHON_REFERENCE:
            return self._bounds_s + python_s(self)
        return self.batches_s + EXPECTED_OVERHEAD_S


@dataclass(frozen=True)
class Launch:
    """One start of a binary. `number` is its place in the whole plan, counted from 1; `case` is that of
    the build that `arm` names; `sequence` is the number of its first row."""

    number: int
    round: int
    case: Case
    arm: Arm = CURRENT
    sequence: int = 1

    @property
    def title(self) -> str:
        return self.case.name if self.arm == CURRENT else f"{self.case.name} ({self.arm})"


@dataclass(frozen=True)
class Plan:
    """Every case once a round, each round in an order of its own.

    `baseline` makes it a paired plan: the same cases of another build, each in the place of its twin in
    `cases`. `confirmed` are the cases that get as many rounds again after the planned ones; None until
    that is decided.

    `refinements` is how often further cases are added once the rounds before them are measured, for as
    many rounds each; `refined` are those of the refinements that have been decided. Not in a paired plan.
    """

    cases: tuple[Case, ...]
    left_out: tuple[Case, ...]
    rounds: int
    seed: int
    baseline: tuple[Case, ...] = ()
    confirmed: tuple[Case, ...] | None = None
    refinements: int = 0
    refined: tuple[tuple[Case, ...], ...] = ()

    @property
    def paired(self) -> bool:
        return bool(self.baseline)

    @property
    def with_python(self) -> bool:
        return any(case.binary == PYTHON_REFERENCE for case in (*self.cases, *self.left_out))

    @property
    def per_round(self) -> int:
        """Launches of a case in a round."""
        return len(ABBA) if self.paired else 1

    @property
    def stages(self) -> tuple[tuple[Case, ...], ...]:
        """What is measured one after the other, each for `rounds` rounds; an empty one ends the run, as
        nothing after it has more to go on."""
        later = self.refined if self.confirmed is None else (self.confirmed,)
        return tuple(takewhile(bool, (self.cases, *later)))

    @property
    def to_be_refined(self) -> bool:
        """Whether another refinement is to be decided once all launches so far are made."""
        return len(self.refined) < self.refinements and all(self.refined)

    @property
    def last_round(self) -> int:
        return len(self.stages) * self.rounds

    @property
    def total(self) -> int:
        return self.rounds * self.per_round * sum(map(len, self.stages))

    def order(self, round: int) -> list[Case]:
        """The cases of the round, shuffled by the seed and the number of the round alone."""
        cases = self.stages[(round - 1) // self.rounds]
        return random.Random(f"{self.seed}:{round}").sample(cases, len(cases))

    def block(self, round: int, case: Case) -> tuple[Arm, ...]:
        """The arms of the launches of a case in a round.

        The first of two rounds is drawn, from the seed, the case and the place of the two; the second
        is its mirror, so that what being first costs falls on both arms alike.
        """
        if not self.paired:
            return (CURRENT,)
        batch, place = divmod(round - 1, self.rounds)
        two, second = divmod(place, 2)
        drawn = random.Random(f"{self.seed}:{batch}:{two}:{case.identity}").random() < 0.5
        return ABBA if drawn != bool(second) else BAAB

    def launches(self) -> Iterator[Launch]:
        number, sequence = 0, 1
        for round in range(1, self.last_round + 1):
            for case in self.order(round):
                for arm in self.block(round, case):
                    number += 1
                    yield Launch(number, round, self.in_arm(case, arm), arm, sequence)
                    sequence += case.batches

    def in_arm(self, case: Case, arm: Arm) -> Case:
        """What is launched of the case in an arm."""
        return self._twins[case] if arm == BASELINE else case

    @cached_property
    def _twins(self) -> Mapping[Case, Case]:
        return dict(zip(self.cases, self.baseline))

    def to_json(self) -> dict[str, Any]:
        """`confirmed` and `refined` are there once they are decided; the baseline has the same cases."""
        plain: dict[str, Any] = {
            "cases": [plain_case(case) for case in self.cases],
            "left_out": [plain_case(case) for case in self.left_out],
        }
        if self.confirmed is not None:
            plain["confirmed"] = [plain_case(case) for case in self.confirmed]
        if self.refined:
            plain["refined"] = [[plain_case(case) for case in stage] for stage in self.refined]
        return plain


def make_plan(
    preset: Preset, build: Build, rounds: int, seed: int, with_python: bool = False
) -> Plan:
    """Asks the binaries which cases the groups of the preset have; `with_python`: and adds their counterparts, which are
    peers."""
    found = find_cases(preset, build)
    if with_python and preset.has(Role.PEER):
        own = found if preset.has(Role.OWN) else find_cases(preset.of_roles(Role.OWN), build)
        groups = {group.name for group in preset.groups if group.python}
        added = tuple(counterparts((case for case in own if case.group in groups), preset.name))
        if not added and preset.roles is None:
            raise UsageError(f"--with-python: no case of preset {preset.name} has a counterpart in Python")
        found += added
    cases = tuple(case for case in found if not case.left_out)
    left_out = tuple(case for case in found if case.left_out)
    if not cases:
        raise UsageError(f"preset {preset.name} has no case that can be launched; see --list")
    return Plan(cases, left_out, rounds, seed)


def find_cases(preset: Preset, build: Build) -> tuple[Case, ...]:
    """Every case of the preset once, also those that are left out."""
    found: dict[tuple[object, ...], Case] = {}
    for group in preset.groups:
        for case in list_cases(group, build):
            key = (case.binary, *case.identity)
            known = found.get(key)
            found[key] = _merged(known, case) if known else case
    return tuple(found.values())


def list_cases(group: Group, build: Build) -> list[Case]:
    """The cases of one group, in the order in which the binary lists them."""
    built = build.models(group.binary) if group.optional else ()
    answer = _cases_of_roles(group, build, group.flags_for(built))
    try:
        benchmark = str(answer["benchmark"])  # of the entries that name none of their own
        return [_case(build.label, group, benchmark, entry) for entry in answer["cases"]]
    except (KeyError, TypeError, ValueError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{group.binary} --list=json: {what}; build the binaries anew") from None


def _cases_of_roles(group: Group, build: Build, flags: Sequence[str]) -> dict[str, Any]:
    """What the binary lists; nothing if all that it has against the flags are the roles, of which the group has none."""
    try:
        return build.cases(group.binary, flags)
    except UsageError:
        others = [flag for flag in flags if not flag.startswith("--roles=")]
        if len(others) == len(flags):
            raise
        return {**build.cases(group.binary, others), "cases": []}


def plain_case(case: Case) -> dict[str, Any]:
    """As JSON has it, so that a plan equals itself after plan_file.py read it back."""
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
        args=_args(group, entry["args"]),
        traced=group.traced,
        left_out=str(entry["left_out"] or ""),
        batches=group.batches,
    )


def _args(group: Group, told: Sequence[object]) -> tuple[str, ...]:
    args = [str(arg) for arg in told]
    more = [_UNRECORDED] if _UNRECORDED in group.flags and _UNRECORDED not in args else []
    return (*args, *more)


def _merged(known: Case, again: Case) -> Case:
    """A case that two groups have: traced if either asks for it, as many batches as either wants, left out
    only if both say so."""
    launched = again if known.left_out else known
    traced, batches = max(known.traced, again.traced), max(known.batches, again.batches)
    return replace(launched, traced=traced, batches=batches)
