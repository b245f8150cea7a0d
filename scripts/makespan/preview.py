# SPDX-License-Identifier: Apache-2.0
"""What would be measured: the answers to --list and --dry-run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from makespan import units
from makespan.plan import Case, Plan


def listing(plan: Plan) -> Iterator[str]:
    """Every case with its model bound, by group; then those that are left out, and why."""
    for name, cases in _by_group(plan.cases):
        yield f"{name}: {units.count(len(cases), 'case')}"
        for case in cases:
            yield f"  {_bound(case):>9}  {case.name}"
    if plan.left_out:
        yield f"left out: {units.count(len(plan.left_out), 'case')}"
        for case in plan.left_out:
            yield f"  {_bound(case):>9}  {case.name}: {units.one_line(case.left_out)}"
    yield _total(plan)


def dry_run(plan: Plan) -> Iterator[str]:
    """The launches of round 1 in their order, and the time by group."""
    yield f"round 1 of {plan.rounds}, seed {plan.seed}:"
    width = len(str(len(plan.cases)))
    for number, case in enumerate(plan.order(1), start=1):
        yield f"{number:>{width}}  {case.binary} {shlex.join(case.args)}"
    yield "a round, by group:"
    for name, cases in _by_group(plan.cases):
        seconds = sum(case.expected_s for case in cases)
        yield f"  {seconds:>7.1f} s  {name}: {units.count(len(cases), 'launch')}"
    if plan.left_out:
        yield f"left out: {units.count(len(plan.left_out), 'case')}, see --list"
    yield _total(plan)


def _total(plan: Plan) -> str:
    seconds = plan.rounds * sum(case.expected_s for case in plan.cases)
    return (
        f"{units.count(len(plan.cases), 'case')} × {units.count(plan.rounds, 'round')} = "
        f"{units.count(plan.total, 'launch')}, about {units.clock(seconds)}"
    )


def _by_group(cases: Sequence[Case]) -> Iterator[tuple[str, list[Case]]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.group, []).append(case)
    yield from groups.items()


def _bound(case: Case) -> str:
    return "" if case.model_bound_ns is None else units.duration(case.model_bound_ns, 3)
