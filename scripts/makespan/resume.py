# SPDX-License-Identifier: Apache-2.0
"""How an interrupted run is taken up again: with the same cases, binaries and machine, or not at all."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from makespan.against import pair
from makespan.build import ROOT, Build
from makespan.columns import CASE_KEY
from makespan.errors import InputError, UsageError
from makespan.files import read_json_object
from makespan.folder import Run, RunFolder, RunRecord, read_record
from makespan.ledger import Ledger, cut_trace
from makespan.options import Options
from makespan.plan import Case, Plan, case_of, find_cases, make_plan
from makespan.presets import Preset
from makespan.runs import all_fingerprints, build_of
from makespan.with_python import interpreter

#: What of env.json must be as it was, besides the binaries and their cases.
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

Identity = tuple[object, ...]


def take_up(folder: RunFolder, options: Options, presets: Mapping[str, Preset]) -> Run:
    """The run in the folder, with the launches that have left a row.

    Raises InputError if the folder is not that of a run, and UsageError if something that samples
    must have in common is not as it was.
    """
    environment, record = read_record(folder)
    _must_be(folder, "arms" not in environment, "it is a recording of selfcheck.py, which is not carried on")
    if record.preset not in presets:
        raise InputError(folder.environment, 1, f"preset {record.preset}", ", ".join(presets))
    preset = presets[record.preset].of_roles(record.roles)
    build = build_of(options) if options.build else Build.labelled(record.build)
    baseline = _baseline(folder, record, options)
    _same_environment(folder, environment, build)
    plan = make_plan(preset, build, record.rounds, record.seed, record.with_python)
    if record.with_python:
        before, now = environment.get("python"), interpreter()
        _must_be(folder, before == now, f"Python was {before!r} and is now {now!r}")
    plan = replace(plan, refinements=record.refinements)
    others: tuple[Case, ...] = ()
    if baseline is not None:
        _same_environment(folder, environment.get("baseline") or {}, baseline, "baseline: ")
        others = find_cases(preset, baseline)
        plan = pair(plan, others)
    plan = _as_it_was(folder, plan, others)
    recorded = _recorded(folder)
    wanted = {launch.number: launch.case.batches for launch in plan.launches()}
    begun = {number: rows for number, rows in recorded.items() if rows < wanted.get(number, 1)}
    return Run(folder, record, environment, plan, frozenset(set(recorded) - set(begun)), begun)


def resume_command(folder: RunFolder) -> str:
    """What to type, here, to carry the run on."""
    script = _from_here(ROOT / "scripts" / "run.sh")
    return f"{shlex.quote(script)} --resume {shlex.quote(_from_here(folder.path))}"


def _from_here(path: Path) -> str:
    """The path from the working directory if it is in it, otherwise from the root."""
    path = path.resolve()
    here = Path.cwd()
    return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)


def _baseline(folder: RunFolder, record: RunRecord, options: Options) -> Build | None:
    """The other build of a paired run: where it was, or where --against says that it is now."""
    if record.baseline is None:
        _must_be(folder, options.against is None, "it was begun without --against")
        return None
    return Build(options.against.resolve()) if options.against else Build.labelled(record.baseline)


def _same_environment(
    folder: RunFolder, recorded: Mapping[str, Any], build: Build, whose: str = ""
) -> None:
    now = build.environment()
    for name in _SAME:
        before, after = recorded.get(name), now.get(name)
        _must_be(folder, before == after, f"{whose}{name} was {before!r} and is now {after!r}")


def _as_it_was(folder: RunFolder, now: Plan, others: tuple[Case, ...]) -> Plan:
    """The plan with the cases that were launched, in their order, which plan.json has; `others` are the
    cases of the baseline.

    Whether a case is left out for its bound may hang on a calibration; which cases there are, does
    not.
    """
    before = read_json_object(folder.plan)
    for key, found in all_fingerprints(now).items():
        whose = "the binaries" if key == "binaries" else "the binaries of the baseline"
        same = before.get(key) == found
        _must_be(folder, same, f"{whose} are not those that the run was begun with")
    known = {_identity(vars(case)): case for case in (*now.cases, *now.left_out)}
    try:
        launched = [_identity(case) for case in before["cases"]]
        left_out = [_identity(case) for case in before["left_out"]]
        again = before.get("confirmed")
        confirmed = None if again is None else [_identity(case) for case in again]
        refined = tuple(
            tuple(replace(case_of(case), build=now.cases[0].build) for case in stage)
            for stage in before.get("refined", ())
        )
    except (KeyError, TypeError) as error:
        raise InputError(folder.plan, 1, f"not a plan: {error}", "plan.json of a run") from None
    same = {*launched, *left_out} == set(known) and set(confirmed or ()) <= set(launched)
    _must_be(folder, same, "the binaries list other cases than those of the run")
    cases = _without_reason(known[identity] for identity in launched)
    aside = tuple(known[identity] for identity in left_out)
    plan = replace(now, cases=cases, left_out=aside, refined=refined)
    if confirmed is not None:
        plan = replace(plan, confirmed=_without_reason(known[identity] for identity in confirmed))
    return pair(plan, others) if now.paired else plan


def _identity(case: Mapping[str, Any]) -> Identity:
    """What tells a case from all others: not where the build is, nor what its bound is held to be."""
    key = (case[name] for name in CASE_KEY)
    return (case["binary"], case["name"], *key, tuple(case["args"]), case["traced"], case["batches"])


def _without_reason(cases: Iterable[Case]) -> tuple[Case, ...]:
    return tuple(replace(case, left_out="") for case in cases)


def _must_be(folder: RunFolder, same: bool, otherwise: str) -> None:
    if not same:
        remedy = "go back to what it was, or begin a new run"
        raise UsageError(f"{folder.path} cannot be resumed: {otherwise}; {remedy}")


def _recorded(folder: RunFolder) -> Counter[int]:
    """The launches that have left rows, and how many; a torn last line is cut off first."""
    ledger = Ledger(folder.samples)
    if ledger.mend() is not None:
        print(f"{folder.samples}: warning: torn last line, cut off", file=sys.stderr)
    done: Counter[int] = Counter()
    sequences: Counter[int] = Counter()
    if ledger.rows():
        from makespan.samples import read_samples  # here, because pandas takes long to load

        read_samples(folder.samples)
        done, sequences = ledger.launches(), ledger.numbers("sequence")
    cut_trace(folder.trace, sequences)
    return done
