# SPDX-License-Identifier: Apache-2.0
"""How a run begins."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from makespan.against import Against, set_against
from makespan.build import ROOT, Build
from makespan.errors import UsageError
from makespan.files import write_json
from makespan.folder import Run, RunFolder, RunRecord, new_run_id, now_utc
from makespan.options import DEFAULT_BUILD, PAIRED_ROUNDS, REPORTS, Options
from makespan.peers.not_built import NOT_BUILT
from makespan.plan import Case, Plan, make_plan
from makespan.presets import Preset
from makespan.with_python import interpreter


@dataclass(frozen=True)
class Planned:
    """What a new run will do, and the build that it is set against, if any. `not_built`: the peers that its own
    build has not got, with what would bring them; None if the run is not to measure peers."""

    plan: Plan
    against: Against | None = None
    not_built: Mapping[str, str] | None = None


def planned(options: Options, presets: Mapping[str, Preset]) -> Planned:
    """The plan of a new run; nothing is written. Raises UsageError if the builds do not match."""
    preset, build = presets[options.preset].of_roles(options.roles), build_of(options)
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    usual = preset.rounds if options.against is None else max(preset.rounds, PAIRED_ROUNDS)
    plan = make_plan(preset, build, options.rounds or usual, seed, options.with_python)
    if options.asked:  # now, and not when everything has been measured
        options.asked.rules().min_effects.check(case.benchmark for case in plan.cases)
    if options.against is None:
        asked = preset.refinements if options.refine is None else options.refine
        return Planned(replace(plan, refinements=asked), None, _not_built(preset, build))
    baseline = Build(options.against.resolve())
    return Planned(*set_against(plan, preset, build, baseline, options.force), _not_built(preset, build))


def begin(options: Options, planned: Planned, command: list[str]) -> Run:
    """Makes the run folder, with env.json and plan.json in it before anything is launched.

    Raises UsageError if the folder has something in it already.
    """
    plan, against = planned.plan, planned.against
    build = build_of(options)
    environment = build.environment()
    record = RunRecord(
        run_id=new_run_id(environment.get("git_sha")),
        preset=options.preset,
        rounds=plan.rounds,
        seed=plan.seed,
        build=build.label,
        ns_per_iteration=_calibrated(environment),
        started_utc=now_utc(),
        finished_utc=None,
        command=tuple(argument.replace(f"{ROOT}/", "") for argument in command),
        python=sys.version.split()[0],
        baseline=against.build.label if against else None,
        confirm=against is not None and options.confirm,
        rules=options.asked.told() if against else None,
        refinements=plan.refinements,
        roles=options.roles,
        with_python=options.with_python,
    )
    if against:
        environment["baseline"] = against.to_json()
    if options.with_python:
        environment["python"] = interpreter()
    if planned.not_built is not None:
        environment[NOT_BUILT] = dict(planned.not_built)
    folder = RunFolder(_new_folder(options.out or REPORTS / record.run_id))
    run = Run(folder, record, environment, plan)
    write_json(folder.plan, {**all_fingerprints(plan), **plan.to_json()})
    run.write_environment()
    return run


def build_of(options: Options) -> Build:
    """The build that was asked for, or the default one."""
    return Build((options.build or DEFAULT_BUILD).resolve())


def all_fingerprints(plan: Plan) -> dict[str, dict[str, str]]:
    """SHA-256 of every binary of the plan, by name: "binaries" and, if it is paired, "baseline"."""
    found = {"binaries": _fingerprints(plan.cases)}
    return {**found, "baseline": _fingerprints(plan.baseline)} if plan.paired else found


def _not_built(preset: Preset, build: Build) -> Mapping[str, str] | None:
    asked = dict.fromkeys(group.binary for group in preset.groups if group.asks_for_peers)
    return {name: needs for binary in asked for name, needs in build.not_built(binary).items()} if asked else None


def _fingerprints(cases: Iterable[Case]) -> dict[str, str]:
    binaries = sorted({(case.binary, case.build) for case in cases})
    return {name: Build.labelled(build).fingerprint(name) for name, build in binaries}


def _new_folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise UsageError(f"{path} is not empty; allowed: a new or empty folder, or --resume")
    except OSError as error:
        raise UsageError(f"{path} cannot be the run folder: {error.strerror}") from None
    return path


def _calibrated(environment: Mapping[str, Any]) -> float:
    calibration = environment.get("calibration")
    value = calibration.get("ns_per_iteration") if isinstance(calibration, Mapping) else None
    if not isinstance(value, (int, float)) or value <= 0:
        raise UsageError(
            "bench_sleep --env: calibration.ns_per_iteration is "
            f"{value!r}; allowed: a number above 0; build the binaries anew"
        )
    return float(value)
