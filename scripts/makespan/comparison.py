# SPDX-License-Identifier: Apache-2.0
"""A comparison of two builds, from files to verdicts: what is said of it is in comparison_views.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from makespan import units
from makespan.arms import split_arms
from makespan.casekey import CaseKey, benchmark_of, case_keys, title_of
from makespan.comparable import environment_differences, grid_differences, ns_per_iteration
from makespan.decisions import Outcome
from makespan.errors import Exit, InputError, UsageError
from makespan.files import read_json_object
from makespan.metrics import Metric
from makespan.pairing import Series, paired_series, unpaired_series
from makespan.samples import read_samples
from makespan.thresholds import MinEffects
from makespan.verdicts import Rules, Verdict, judge

_UNFINISHED = (
    "The run was interrupted: what is told is of the launches so far, and no verdict counts. Remedy: run.sh --resume."
)
_UNPAIRED = (
    "The two runs were not measured by turns, which is weaker: whatever drifted between them looks like "
    "a change. {}Remedy: run.sh --against, which measures both builds in one run."
)


@dataclass(frozen=True)
class Side:
    """One of the two: its samples, and what env.json knows of it (empty without one)."""

    path: Path
    samples: pd.DataFrame
    environment: Mapping[str, Any]

    @property
    def env_json(self) -> Path:
        """Where its environment is, or would be."""
        return (self.path if self.path.is_dir() else self.path.parent) / "env.json"

    @property
    def name(self) -> str:
        """The commit, if it is known, and where it is from."""
        sha = str(self.environment.get("git_sha") or "")
        sha = sha or next(filter(None, self.samples["git_sha"].tolist()), "")
        dirty = " with changes" if self.environment.get("git_dirty") is True else ""
        where = str(self.environment.get("build") or self.path)
        return f"{sha[:7]}{dirty} ({where})" if sha else where


@dataclass(frozen=True)
class Failure:
    """A case that failed in the current arm and not in the baseline."""

    case: CaseKey
    status: str
    reason: str

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"{title_of(self.case)}: {self.status}{reason}"


@dataclass(frozen=True)
class Comparison:
    """`warnings` are whole sentences. `unfinished`: the run was interrupted, and nothing counts yet."""

    current: Side
    baseline: Side
    rules: Rules
    verdicts: Sequence[Verdict]
    failures: Sequence[Failure] = ()
    warnings: Sequence[str] = field(default_factory=tuple)
    unfinished: bool = False

    @property
    def deciding(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.decides]

    @property
    def metrics(self) -> list[Metric]:
        """What decides, of what the cases have."""
        found = {verdict.metric for verdict in self.deciding}
        return [metric for metric in self.rules.deciding if metric in found]

    def having(self, outcome: Outcome) -> list[Verdict]:
        """The deciding verdicts of this outcome, the largest change first."""
        found = [verdict for verdict in self.deciding if verdict.outcome is outcome]
        return sorted(found, key=lambda verdict: -max(verdict.ratio, 1 / verdict.ratio))

    @property
    def by_case(self) -> dict[CaseKey, Outcome]:
        """What counts of each case: that it is slower by any deciding metric, otherwise faster by any; that
        it is the same only if it is so by all."""
        order = (Outcome.SLOWER, Outcome.FASTER, Outcome.INCONCLUSIVE, Outcome.SAME)
        found: dict[CaseKey, list[Outcome]] = {}
        for verdict in self.deciding:
            found.setdefault(verdict.case, []).append(verdict.outcome)
        return {case: min(outcomes, key=order.index) for case, outcomes in found.items()}

    @property
    def exit_code(self) -> Exit:
        """A case that is slower counts more than one that failed, and that more than no verdict: of a run that
        was interrupted, of cases that looked changed and were measured again too seldom, or of all."""
        if self.unfinished:
            return Exit.NO_VERDICT
        if self.having(Outcome.SLOWER):
            return Exit.REGRESSION
        if self.failures:
            return Exit.FAILED
        told = any(verdict.outcome is not Outcome.INCONCLUSIVE for verdict in self.deciding)
        return Exit.OK if told and not self.left_open else Exit.NO_VERDICT

    @property
    def left_open(self) -> list[Verdict]:
        """Those that looked changed and were measured again, but too seldom for any verdict."""
        return [v for v in self.deciding if v.suspicion is not None and v.suspicious and not v.enough]


def read_side(path: Path) -> Side:
    """A run folder, or a samples.csv with or without an env.json beside it. InputError if unreadable."""
    samples = path / "samples.csv" if path.is_dir() else path
    environment = samples.with_name("env.json")
    known = read_json_object(environment) if environment.is_file() else {}
    return Side(path, read_samples(samples), known)


def compare_paired(run: Side, rules: Rules) -> Comparison:
    """The two arms of a paired run. The runner has refused builds that differ in more than their code,
    unless it was told to go on: here differences are warnings.

    Raises UsageError if the run has no baseline.
    """
    arms = split_arms(run.samples)
    record = run.environment.get("run")
    record = record if isinstance(record, Mapping) else {}
    theirs = arms.baseline
    if theirs is None:
        if not record.get("baseline"):
            raise UsageError(
                f"{run.path} has no baseline in it; allowed: a run of run.sh --against, or two runs: "
                "compare.py OLD NEW"
            )
        theirs = run.samples.iloc[:0]
    other = run.environment.get("baseline")
    other = other if isinstance(other, Mapping) else {}
    current = Side(run.path, arms.current, {**run.environment, "build": record.get("build")})
    baseline = Side(run.path, theirs, {"build": record.get("baseline") or "baseline", **other})
    first = _confirm_from(run, record)
    unfinished = "finished_utc" in record and record["finished_utc"] is None
    screened = bool(first or record.get("confirm")) and not (unfinished and first is None)
    rules = replace(rules, paired=True, screened=screened)
    rules.min_effects.check(map(benchmark_of, case_keys(run.samples)))
    series, fresh = _batches(arms.current, theirs, first)
    differences = other.get("differences")  # as the runner found them before it began
    if not isinstance(differences, list):
        differences = environment_differences(run.environment, {**run.environment, **other})
        differences += grid_differences(case_keys(arms.current), case_keys(theirs))
    warnings = [f"The builds differ in more than their code: {what}." for what in differences]
    if unfinished:
        warnings.insert(0, _UNFINISHED)
    found = _comparison(current, baseline, rules, judge(series, rules, fresh), warnings)
    return replace(found, unfinished=unfinished)


def compare_unpaired(old: Side, new: Side, rules: Rules, force: bool = False) -> Comparison:
    """Two finished runs; of a paired one the current arm. What is built in as minimum effect is doubled.

    Raises UsageError if the machines, builds or grids differ, unless forced, and in any case if the two
    have no case in common.
    """
    old, new = _current(old), _current(new)
    ours, theirs = set(case_keys(new.samples)), set(case_keys(old.samples))
    if not ours & theirs:
        raise UsageError(f"{old.path} and {new.path} have no case in common; allowed: runs of one preset")
    differences = environment_differences(new.environment, old.environment)
    differences += grid_differences(case_keys(new.samples), case_keys(old.samples))
    if differences and not force:
        raise UsageError(
            f"{old.path} and {new.path} cannot be compared: {'; '.join(differences)}; allowed: runs of "
            "one machine, one kind of build and one preset, or --force"
        )
    rules = replace(
        rules, paired=False, screened=False, min_effects=replace(rules.min_effects, paired=False)
    )
    rules.min_effects.check(map(benchmark_of, case_keys(new.samples)))
    common = [s for s in unpaired_series(new.samples, old.samples) if s.case in ours & theirs]
    warnings = [_UNPAIRED.format(_doubled(rules.min_effects))]
    warnings += [f"The runs differ in more than their code: {what}." for what in differences]
    warnings += _unknown(old, new)
    return _comparison(new, old, rules, judge(common, rules), warnings)


def planned_verdicts(samples: pd.DataFrame, rules: Rules) -> list[Verdict]:
    """Of the rows of a paired run that has not been confirmed yet: what picks the suspicious cases."""
    arms = split_arms(samples)
    theirs = samples.iloc[:0] if arms.baseline is None else arms.baseline
    return judge(paired_series(arms.current, theirs), replace(rules, screened=True))


def _comparison(
    current: Side, baseline: Side, rules: Rules, verdicts: list[Verdict], warnings: list[str]
) -> Comparison:
    failures = _failures(current.samples, baseline.samples)
    return Comparison(current, baseline, rules, verdicts, failures, warnings)


def _batches(
    current: pd.DataFrame, baseline: pd.DataFrame, first: int | None
) -> tuple[list[Series], list[Series]]:
    """The planned series, and those of the rounds from `first` on."""
    if first is None:
        return paired_series(current, baseline), []
    late, later = ((arm["round"] >= first).fillna(False).to_numpy(bool) for arm in (current, baseline))
    planned = paired_series(current[~late], baseline[~later])
    return planned, paired_series(current[late], baseline[later])


def _confirm_from(run: Side, record: Mapping[str, Any]) -> int | None:
    """The first round of the confirmation, which env.json has in its "run" object."""
    value = record.get("confirm_from_round", run.environment.get("confirm_from_round"))
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        what = f"confirm_from_round is {value!r}"
        raise InputError(run.env_json, 1, what, "the number of a round, or null")
    return value


def _current(side: Side) -> Side:
    return replace(side, samples=split_arms(side.samples).current)


def _failures(current: pd.DataFrame, baseline: pd.DataFrame) -> list[Failure]:
    """By the first row of each case that failed."""
    lost = baseline["status"].isin(["timeout", "error"])
    before = set(case_keys(baseline[lost]))
    bad = current[current["status"].isin(["timeout", "error"])]
    found: dict[CaseKey, Failure] = {}
    for case, status, reason in zip(case_keys(bad), bad["status"], bad["error"]):
        if case not in before:
            found.setdefault(case, Failure(case, str(status), str(reason)))
    return list(found.values())


def _doubled(asked: MinEffects) -> str:
    return "The built-in minimum effects are doubled. " if asked.usual is None else ""


def _unknown(old: Side, new: Side) -> list[str]:
    missing = [str(side.path) for side in (old, new) if not side.environment]
    if missing:
        return [
            f"{' and '.join(missing)}: no env.json, so nobody knows whether machine and build are the same."
        ]
    now, before = ns_per_iteration(new.environment), ns_per_iteration(old.environment)
    if now and before and now != before:
        share = units.percent(abs(now / before - 1))
        return [
            f"The calibrations differ by {share}, and the work of computing tasks with them: a smaller "
            "change of these means nothing."
        ]
    return []
