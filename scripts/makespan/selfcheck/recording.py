# SPDX-License-Identifier: Apache-2.0
"""One long run in which all arms of the self-test are measured by turns.

The baseline is the same build: as in every paired run both are launched from copies. A block of a case has
each of its arms twice, in an order that is drawn and then mirrored, so that all arms of a block have the
same mean place in time.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace

from makespan import runs, units
from makespan.arms import BASELINE, CURRENT, Arm
from makespan.errors import Exit
from makespan.folder import Run, now_utc
from makespan.measuring import make_launches
from makespan.options import Options
from makespan.plan import Case, Plan
from makespan.presets import PRESETS
from makespan.signals import Signals

from .injection import INJECTIONS, injections_of


@dataclass(frozen=True)
class Recording(Plan):
    """A paired plan with an arm more for each slowdown that a case can have."""

    @property
    def total(self) -> int:
        return self.rounds * sum(2 * len(arms_of(case)) for case in self.cases)

    def block(self, round: int, case: Case) -> tuple[Arm, ...]:
        """The first of two rounds is drawn; the second begins with what the first has in its middle."""
        two, second = divmod(round - 1, 2)
        arms = arms_of(case)
        random.Random(f"{self.seed}:{two}:{case.identity}").shuffle(arms)
        half = arms[::-1] if second else arms
        return (*half, *half[::-1])

    def in_arm(self, case: Case, arm: Arm) -> Case:
        flags = {injection.arm: injection.flag for injection in INJECTIONS}
        if arm in flags:
            return replace(case, args=(*case.args, flags[arm]))
        return super().in_arm(case, arm)


def arms_of(case: Case) -> list[Arm]:
    return [CURRENT, BASELINE, *(injection.arm for injection in injections_of(case.benchmark))]


def record(options: Options, command: Sequence[str]) -> tuple[Run, Exit]:
    """Makes all launches; the run, and 0 or, if it was interrupted, 130.

    Raises UsageError if the binaries are not there or the folder has something in it.
    """
    build = runs.build_of(options)
    options = replace(options, against=build.directory, confirm=False)
    planned = runs.planned(options, PRESETS)
    plan = Recording(**{field.name: getattr(planned.plan, field.name) for field in fields(Plan)})
    run = runs.begin(options, replace(planned, plan=plan), list(command))
    arms = {injection.arm: asdict(injection) for injection in INJECTIONS}
    run = replace(run, environment={**run.environment, "arms": arms})
    run.write_environment()
    size = f"{units.count(plan.rounds, 'round')} of {units.count(len(plan.cases), 'case')}"
    print(f"{run.folder.path}: {size}, seed {plan.seed}", file=sys.stderr)
    with run.folder.locked(), Signals() as signals:
        make_launches(run, signals)
        stopped = signals.stop is not None
    if not stopped:
        run = replace(run, record=replace(run.record, finished_utc=now_utc()))
        run.write_environment()
    return run, Exit.INTERRUPTED if stopped else Exit.OK
