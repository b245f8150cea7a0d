# SPDX-License-Identifier: Apache-2.0
"""How a run begins, and how an interrupted one is taken up again."""

from __future__ import annotations

import secrets
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from makespan.build import ROOT, Build
from makespan.errors import InputError, UsageError
from makespan.files import read_json_object, write_json
from makespan.folder import Run, RunFolder, RunRecord, new_run_id, now_utc, read_record
from makespan.ledger import Ledger, cut_trace
from makespan.options import DEFAULT_BUILD, REPORTS, Options
from makespan.plan import Plan, make_plan
from makespan.presets import Preset

#: What must be the same when a run is carried on, in the words of env.json.
_SAME = (
    "git_sha",
    "git_dirty",
    "build_type",
    "compiler",
    "compiler_flags",
    "libraries",
    "cpu_model",
    "cpus_usable",
)


def planned(options: Options, presets: Mapping[str, Preset]) -> Plan:
    """The plan of a new run; nothing is written."""
    preset = presets[options.preset]
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    return make_plan(preset, _build_of(options), options.rounds or preset.rounds, seed)


def begin(options: Options, plan: Plan, command: list[str]) -> Run:
    """Makes the run folder, with env.json and plan.json in it before anything is launched.

    Raises UsageError if the folder has something in it already.
    """
    build = _build_of(options)
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
    )
    folder = RunFolder(_new_folder(options.out or REPORTS / record.run_id))
    run = Run(folder, record, environment, plan)
    write_json(folder.plan, _plan_record(plan))
    run.write_environment()
    return run


def take_up(options: Options, presets: Mapping[str, Preset]) -> Run:
    """The run in the folder, with the launches that have left a row.

    Raises InputError if the folder is not that of a run, and UsageError if something that samples
    must have in common is not as it was: the cases, the binaries, the build, the machine.
    """
    folder = RunFolder(options.resume or Path())
    environment, record = read_record(folder)
    if record.preset not in presets:
        known = ", ".join(presets)
        what = f"preset {record.preset}"
        raise InputError(folder.environment, 1, what, known)
    build = _build_of(options) if options.build else Build.labelled(record.build)
    now = build.environment()
    _refuse_differences(folder, {name: (environment.get(name), now.get(name)) for name in _SAME})
    plan = make_plan(presets[record.preset], build, record.rounds, record.seed)
    before, after = _identity(read_json_object(folder.plan)), _identity(_plan_record(plan))
    _refuse_differences(folder, {name: (before[name], after[name]) for name in after})
    return Run(folder, record, environment, plan, frozenset(_recorded(folder)))


def resume_command(folder: RunFolder) -> str:
    """What to type to carry the run on."""
    path = folder.path
    try:
        path = path.resolve().relative_to(Path.cwd())
    except ValueError:
        path = path.resolve()
    return f"./scripts/run.sh --resume {shlex.quote(str(path))}"


def _build_of(options: Options) -> Build:
    return Build((options.build or DEFAULT_BUILD).resolve())


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


def _plan_record(plan: Plan) -> dict[str, Any]:
    binaries = sorted({(case.binary, case.build) for case in plan.cases})
    prints = {name: Build.labelled(build).fingerprint(name) for name, build in binaries}
    return {"binaries": prints, **plan.to_json()}


def _identity(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What of plan.json must be as it was: not where the build is, nor what a bound is held to be."""
    chosen = ("binary", "name", "variant", "args", "traced")
    try:
        cases = [tuple(case[key] for key in chosen) for case in plan["cases"]]
    except (KeyError, TypeError):
        cases = []
    return {"binaries": plan.get("binaries"), "cases": cases}


def _refuse_differences(folder: RunFolder, values: Mapping[str, tuple[Any, Any]]) -> None:
    words = {
        "cases": "the binaries list other cases than those of the run",
        "binaries": "the binaries are not those that the run was begun with",
    }
    for name, (before, now) in values.items():
        if before != now:
            what = words.get(name, f"{name} was {before!r} and is now {now!r}")
            remedy = "go back to what it was, or begin a new run"
            raise UsageError(f"{folder.path} cannot be resumed: {what}; {remedy}")


def _recorded(folder: RunFolder) -> set[int]:
    """The launches that have left a row; a torn last line is cut off first."""
    ledger = Ledger(folder.samples)
    if ledger.mend() is not None:
        print(f"{folder.samples}: warning: torn last line, cut off", file=sys.stderr)
    done: set[int] = set()
    if ledger.rows():
        from makespan.samples import read_samples  # here, because pandas takes long to load

        read_samples(folder.samples)
        done = ledger.launches()
    cut_trace(folder.trace, done)
    return done
