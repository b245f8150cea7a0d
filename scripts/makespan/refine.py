# SPDX-License-Identifier: Apache-2.0
"""Where the runner asks for the map: which points are measured next, and how they are launched.

Only here the runner knows makespan.maps, which is loaded late: it takes longer than a launch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from makespan.build import Build
from makespan.files import read_json_object, write_json
from makespan.folder import Run
from makespan.plan import Case, Plan, list_cases
from makespan.presets import Group, Preset

if TYPE_CHECKING:
    from makespan.maps.points import Point

#: What a group has among its flags if its cases are a map.
SWEEP = "--sweep=map"

# Flags of a case that say which point of the map it is at; the others say which model in which shape.
_POINT = ("--tasks", "--sleep", "--compute")


def refined(run: Run, preset: Preset) -> Run:
    """The run with one refinement more: new points where the winner changes, as many rounds of them.

    Which they are is decided once, from everything measured so far, and recorded in plan.json; a run that
    is resumed keeps to it. Raises UsageError if a binary does not tell its cases.
    """
    from makespan.maps.refinement import refinement
    from makespan.samples import read_samples
    from makespan.summary import summarise

    number = len(run.plan.refined) + 1
    wanted = refinement(summarise(read_samples(run.folder.samples)))
    build = Build.labelled(run.record.build)
    stage = tuple(
        case
        for group in preset.groups
        if SWEEP in group.flags
        for point, models in wanted.items()
        for case in cases_at(run.plan, group, build, point, models, number)
    )
    plan = replace(run.plan, refined=(*run.plan.refined, stage))
    write_json(run.folder.plan, {**read_json_object(run.folder.plan), **plan.to_json()})
    return replace(run, plan=plan)


def cases_at(
    plan: Plan, group: Group, build: Build, point: Point, models: frozenset[str], number: int
) -> Iterator[Case]:
    """The models at a point, in the shapes in which the group has them, but for those left out."""
    known = {
        _shape(case): case
        for case in plan.cases
        if case.group == group.name and case.model in models
    }
    if not known:
        return
    at = (
        f"--tasks={point.tasks}",
        f"--length={point.length_ns}ns",
        f"--cpu-share={point.share:.3f}",
    )
    limit = (flag for flag in group.flags if flag.startswith("--max-bound="))
    flags = (*_crossed(known), *at, *limit)
    new = replace(group, name=f"{group.name}, refinement {number}", flags=flags)
    for case in list_cases(new, build):
        if _shape(case) in known and not case.left_out:
            yield case


def _shape(case: Case) -> tuple[str, ...]:
    return tuple(arg for arg in case.args if arg.partition("=")[0] not in _POINT)


def _crossed(shapes: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The flags of all of them at once, which may select others as well."""
    values: dict[str, dict[str, None]] = {}
    for flag, _, value in (arg.partition("=") for shape in shapes for arg in shape):
        values.setdefault(flag, {})[value] = None
    for flag, given in values.items():
        yield f"{flag}={','.join(given)}"
