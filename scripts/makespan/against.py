# SPDX-License-Identifier: Apache-2.0
"""The other build of a paired run: whether it can be compared with the current one, and on which cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from makespan import units
from makespan.build import Build
from makespan.errors import UsageError
from makespan.plan import Case, Plan, find_cases
from makespan.presets import Preset

#: What --env says of how the binaries were built.
BUILT = ("compiler", "compiler_flags", "build_type", "libraries")

_NAMED = 3  # so many cases are named in a message, the others counted


@dataclass(frozen=True)
class Against:
    """The baseline of a run that begins: `environment` is what its --env says, and `differences` is how
    it was built otherwise than the current build, which --force allowed."""

    build: Build
    environment: Mapping[str, Any]
    differences: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The object "baseline" of env.json."""
        built = {"build": self.build.label, "differences": list(self.differences)}
        return {**built, **self.environment}


def set_against(
    plan: Plan, preset: Preset, current: Build, baseline: Build, force: bool
) -> tuple[Plan, Against]:
    """The paired plan of two builds.

    Raises UsageError if their samples cannot share a file, if they have no case in common, and, unless
    `force` is set, if their compilers, flags, libraries, command lines or grids differ.
    """
    try:
        others = find_cases(preset, baseline)
        environment = baseline.environment()
        _same_columns(current, baseline)
        found = [
            *_of_environments(current.environment(), environment),
            *_of_flags(current, baseline, sorted({case.binary for case in plan.cases})),
            *_of_grids((*plan.cases, *plan.left_out), others),
        ]
    except UsageError as error:
        raise UsageError(f"--against {baseline.label}: {error}") from None
    if found and not force:
        raise UsageError(
            f"--against {baseline.label}: cannot be compared with {current.label}: {'; '.join(found)}; "
            "build both alike, or compare them all the same with --force"
        )
    return pair(plan, others), Against(baseline, environment, tuple(found))


def pair(plan: Plan, others: Iterable[Case]) -> Plan:
    """The plan with the cases that the other build has as well; nothing is traced, because only one arm
    would be. Whether the other build would leave a case out for its bound does not matter."""
    twins = {_key(case): replace(case, traced=0, left_out="") for case in others}
    cases = _in_common(plan.cases, twins)
    if not cases:
        raise UsageError("the two builds have no case in common that can be launched; see --list")
    baseline = tuple(twins[_key(case)] for case in cases)
    left_out = _in_common(plan.left_out, twins)
    return replace(plan, cases=cases, left_out=left_out, baseline=baseline)


def _key(case: Case) -> tuple[object, ...]:
    return (case.binary, *case.identity)


def _in_common(cases: Iterable[Case], twins: Mapping[tuple[object, ...], Case]) -> tuple[Case, ...]:
    return tuple(replace(case, traced=0) for case in cases if _key(case) in twins)


def _same_columns(current: Build, baseline: Build) -> None:
    ours, others = current.columns(), baseline.columns()
    if ours != others:
        alone = [name for name in ours if name not in others]
        alone += [name for name in others if name not in ours]
        what = f"only one of them has {', '.join(alone)}" if alone else "they are in another order"
        raise UsageError(
            f"the samples have other columns than those of {current.label}: {what}; "
            "allowed: a build whose samples fit in the same file"
        )


def _of_environments(current: Mapping[str, Any], baseline: Mapping[str, Any]) -> Iterator[str]:
    for name in BUILT:
        ours, others = current.get(name), baseline.get(name)
        if ours != others:
            yield f"{name} is {ours!r} here and {others!r} in the baseline"


def _of_flags(current: Build, baseline: Build, binaries: Iterable[str]) -> Iterator[str]:
    """Flags that one of them lacks, and other defaults; the wording of --help may differ."""
    for binary in binaries:
        ours, others = current.flags(binary), baseline.flags(binary)
        for flag in sorted({*ours, *others}):
            if flag not in others:
                yield f"{binary} {flag}: only the current build has it"
            elif flag not in ours:
                yield f"{binary} {flag}: only the baseline has it"
            elif ours[flag] != others[flag]:
                yield (
                    f"{binary} {flag}: the default is '{ours[flag]}' here and '{others[flag]}' in the "
                    "baseline"
                )


def _of_grids(current: Sequence[Case], baseline: Sequence[Case]) -> Iterator[str]:
    ours = {_key(case): case for case in current}
    others = {_key(case): case for case in baseline}
    kinds = (
        ("only in the current build", [ours[key] for key in ours if key not in others]),
        ("only in the baseline", [others[key] for key in others if key not in ours]),
        (
            "with other flags",
            [ours[key] for key in ours if key in others and ours[key].args != others[key].args],
        ),
    )
    for what, cases in kinds:
        if cases:
            named = ", ".join(case.name for case in cases[:_NAMED])
            more = ", …" if len(cases) > _NAMED else ""
            yield f"{units.count(len(cases), 'case')} {what} ({named}{more})"
