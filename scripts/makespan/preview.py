# SPDX-License-Identifier: Apache-2.0
"""What would be measured: the answers to --list and --dry-run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import takewhile

from makespan import units
from makespan.plan import Case, Plan
from makespan.with_python import RULE


def listing(plan: Plan) -> Iterator[str]:
    """Every case with its model bound, by group; then those that are left out, and why."""
    for name, cases in _by_group(plan.cases):
        yield f"{name}: {units.count(len(cases), 'case')}"
        for case in cases:
            yield f"  {_bound(case):>9}  {case.name}"
    yield from _builds(plan)
    if plan.left_out:
        yield f"left out: {units.count(len(plan.left_out), 'case')}"
        for case in plan.left_out:
            yield f"  {_bound(case):>9}  {case.name}: {units.one_line(case.left_out)}"
    yield _total(plan)


def dry_run(plan: Plan) -> Iterator[str]:
    """The launches of round 1 in their order, and the time by group."""
    yield f"round 1 of {plan.rounds}, seed {plan.seed}:"
    launches = list(takewhile(lambda launch: launch.round == 1, plan.launches()))
    width = len(str(len(launches)))
    for launch in launches:
        arm = f"{launch.arm:<8}  " if plan.paired else ""
        command = f"{launch.case.binary} {shlex.join(launch.case.args)}"
        yield f"{launch.number:>{width}}  {arm}{command}"
    yield "a round, by group:"
    for name, cases in _by_group(plan.cases):
        seconds = plan.per_round * sum(case.expected_s for case in cases)
        made = units.count(plan.per_round * len(cases), "launch")
        yield f"  {seconds:>7.1f} s  {name}: {made}"
    yield from _builds(plan)
    if plan.left_out:
        yield f"left out: {units.count(len(plan.left_out), 'case')}, see --list"
    yield _total(plan)


def _total(plan: Plan) -> str:
    seconds = plan.rounds * plan.per_round * sum(case.expected_s for case in plan.cases)
    block = f" × {units.count(plan.per_round, 'launch')}" if plan.paired else ""
    return (
        f"{units.count(len(plan.cases), 'case')} × {units.count(plan.rounds, 'round')}{block} = "
        f"{units.count(plan.total, 'launch')}, about {units.clock(seconds)}"
    )


def _builds(plan: Plan) -> Iterator[str]:
    """Of a paired plan, what is compared, and that there may be more to measure; so of a map. With Python, what is too
    much for it."""
    if plan.paired:
        yield f"current: {plan.cases[0].build}, baseline: {plan.baseline[0].build}"
        yield f"to confirm a change: {units.count(plan.rounds, 'round')} more of the cases that show one"
    if plan.with_python:
        yield RULE
    if plan.refinements:
        times = units.count(plan.refinements, "time")
        rounds = units.count(plan.rounds, "round")
        yield f"to refine the map: up to {times} {rounds} more of new points where the winner changes"


def _by_group(cases: Sequence[Case]) -> Iterator[tuple[str, list[Case]]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.group, []).append(case)
    yield from groups.items()


def _bound(case: Case) -> str:
    return "" if case.model_bound_ns is None else units.duration(case.model_bound_ns, 3)
