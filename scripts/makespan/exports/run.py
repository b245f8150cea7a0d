# SPDX-License-Identifier: Apache-2.0
"""What is exported: the cases of the current build, and where they were measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from makespan.arms import split_arms
from makespan.errors import UsageError
from makespan.files import read_json_object
from makespan.metrics import Metric
from makespan.samples import read_samples
from makespan.tracked import TrackedCase, tracked_cases


@dataclass(frozen=True)
class ExportedRun:
    """`cases` have at least one launch with a value; `left_out` names the others, each with the reason:
    no format has a place for a case without a value, and a zero would pass for one."""

    cases: tuple[TrackedCase, ...]
    left_out: tuple[str, ...]
    environment: Mapping[str, Any]
    run_id: str
    time_utc: str

    @property
    def about(self) -> str:
        """The run in a line."""
        commit = str(self.environment.get("git_sha") or "")[:7]
        machine = str(self.environment.get("cpu_model") or "")
        parts = (f"run {self.run_id}", f"commit {commit}" if commit else "", machine)
        return ", ".join(part for part in parts if part)

    def having(self, metric: Metric) -> ExportedRun:
        """Without the cases that it does not measure, which are left out. Raises UsageError if none is left."""
        kept = tuple(case for case in self.cases if metric in case.metrics)
        if not kept:
            raise UsageError(f"run {self.run_id} has no case with a {metric.title}; allowed: another format")
        others = (f"{case.name}: no {metric.title}" for case in self.cases if metric not in case.metrics)
        return replace(self, cases=kept, left_out=(*self.left_out, *others))


def read_run(folder: Path) -> ExportedRun:
    """Reads samples.csv and, if it is there, env.json. Raises InputError for files that are not as they
    should be, and UsageError if nothing was measured."""
    samples = split_arms(read_samples(folder / "samples.csv")).current
    about = folder / "env.json"
    environment = read_json_object(about) if about.exists() else {}
    cases = tracked_cases(samples)
    measured = tuple(case for case in cases if case.launches)
    if not measured:
        raise UsageError(f"{folder} has no case with a time; allowed: a run in which one succeeded")
    run = environment.get("run")
    started = run.get("started_utc") if isinstance(run, dict) else None
    return ExportedRun(
        cases=measured,
        left_out=tuple(f"{case.name}: {case.failure}" for case in cases if not case.launches),
        environment=environment,
        run_id=str(samples["run_id"].iloc[0]),
        time_utc=str(started or min(samples["timestamp_utc"])),
    )
