# SPDX-License-Identifier: Apache-2.0
"""The lines that a run leaves in the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from makespan.arms import split_arms
from makespan.errors import InputError, UsageError
from makespan.files import read_json_object
from makespan.samples import read_samples
from makespan.statistics import median_interval
from makespan.tracked import tracked_cases

from .machine import MachineClass, class_of_run
from .store import Entry, utc


def entries_of_run(
    run_dir: Path, commit: str | None = None, time_utc: str | None = None
) -> tuple[MachineClass, list[Entry]]:
    """The class of the machine, and one line for each case and metric that has a value.

    Of a paired run only the current build counts. `commit` and `time_utc` replace what the run says
    of itself. Raises InputError for broken files, and UsageError for a run that is not finished, is
    of no commit, or was built from a tree with uncommitted changes and no `commit` vouches for it.
    """
    about = run_dir / "env.json"
    samples = split_arms(read_samples(run_dir / "samples.csv")).current
    environment = read_json_object(about)
    machine = class_of_run(about, environment)
    if not len(samples):
        raise UsageError(f"{run_dir} has only samples of a baseline; allowed: a run with its own")
    run = environment.get("run")
    run = run if isinstance(run, dict) else {}
    if run and run.get("finished_utc") is None:
        raise UsageError(f"{run_dir} is not finished; carry it on with run.sh --resume {run_dir}")
    commit = commit or _commit_of(run_dir, environment)
    time = time_utc or _time_of(about, run, samples["timestamp_utc"].tolist())
    run_id = str(samples["run_id"].iloc[0]) or time
    entries = []
    for case in tracked_cases(samples):
        for metric in case.metrics:
            values = case.known(metric)
            if len(values):
                found = median_interval(values)
                numbers = (found.n, found.median, found.low, found.high)
                place = (time, commit, run_id, case.key, case.iterations, metric)
                entries.append(Entry(*place, *numbers))
    return machine, entries


def _commit_of(run_dir: Path, environment: Mapping[str, Any]) -> str:
    commit = environment.get("git_sha")
    if not isinstance(commit, str) or not commit:
        raise UsageError(f"{run_dir} does not say of which commit it is; give it with --commit SHA")
    if environment.get("git_dirty") is True:
        raise UsageError(
            f"{run_dir} was built from {commit[:7]} with uncommitted changes, so it is not what that "
            "commit does; commit and measure again, or give --commit SHA if you know better"
        )
    return commit


def _time_of(about: Path, run: Mapping[str, Any], times: list[str]) -> str:
    try:
        return next(utc(text) for text in _times(run, times))
    except (StopIteration, ValueError) as error:
        what = f"no time of the run: {error}".rstrip(": ")
        raise InputError(about, 1, what, "run.started_utc in ISO 8601, or --time") from None


def _times(run: Mapping[str, Any], times: list[str]) -> Iterator[str]:
    if run.get("started_utc"):
        yield str(run["started_utc"])
    yield from sorted(filter(None, times))
