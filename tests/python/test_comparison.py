# SPDX-License-Identifier: Apache-2.0
"""From the blocks of a paired run to verdicts and the exit code."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import synthetic
from comparing import QUIET, compared, of
from makespan.arms import BASELINE, CURRENT, arm_of
from makespan.casekey import title_of
from makespan.comparison import compare_paired, read_side
from makespan.comparison_views import sentence
from makespan.decisions import Outcome
from makespan.errors import Exit, InputError, UsageError
from makespan.metrics import CPU, MAKESPAN, MEMORY, RATE, Metric, metrics_of
from makespan.thresholds import MinEffects
from makespan.verdicts import Rules
from paired_synthetic import LOOP, POOL, SERIAL, THREADS, Job, paired, single, write_paired, write_run


def test_metrics_that_do_not_apply_have_no_verdict(tmp_path: Path) -> None:
    found = compared(tmp_path, paired([Job(SERIAL), Job(LOOP, rate=1.0)]))
    assert {v.metric for v in found.verdicts if v.case == Job(SERIAL).key} == {MAKESPAN, CPU, MEMORY}
    assert {v.metric for v in found.verdicts if v.case == Job(LOOP).key} == set(metrics_of("mixed"))


@pytest.mark.parametrize(
    ("job", "metric"),
    [
        (Job(SERIAL, ratio=1.2), MAKESPAN),
        (Job(SERIAL, cpu=1.2), CPU),
        (Job(SERIAL, memory=1.2), MEMORY),
        (Job(SERIAL, rate=1 / 1.2), RATE),
    ],
)
def test_every_metric_has_its_direction_and_decides_only_if_asked(
    tmp_path: Path, job: Job, metric: Metric
) -> None:
    for name, one, ratio, outcome, code in (
        ("worse", job, 1.2, Outcome.SLOWER, Exit.REGRESSION),
        ("better", _inverse(job), 1 / 1.2, Outcome.FASTER, Exit.OK),
    ):
        rows = paired([one, *QUIET[1:]])
        found = compared(tmp_path / name, rows, Rules(deciding=(metric,)))
        verdict = of(found, one, metric)
        assert verdict.outcome is outcome and found.exit_code is code
        assert verdict.low < ratio < verdict.high and verdict.ratio == pytest.approx(ratio, rel=0.02)
        assert [v.metric for v in found.verdicts if v.changed] == [metric]
        other = CPU if metric is MAKESPAN else MAKESPAN
        quiet = compared(tmp_path / f"{name} quiet", rows, Rules(deciding=(other,)))
        assert quiet.exit_code is Exit.OK
        assert of(quiet, one, metric).outcome is outcome and not of(quiet, one, metric).decides


def _inverse(job: Job) -> Job:
    rate = None if job.rate is None else 1 / job.rate
    return replace(job, ratio=1 / job.ratio, cpu=1 / job.cpu, memory=1 / job.memory, rate=rate)


def test_medians_are_in_the_unit_of_the_metric(tmp_path: Path) -> None:
    found = compared(tmp_path, paired([Job(SERIAL, ratio=1.5, rate=0.5)]))
    assert of(found, Job(SERIAL)).current == pytest.approx(30e6, rel=0.02)
    rate = of(found, Job(SERIAL), RATE)
    assert (rate.current, rate.baseline) == pytest.approx((5e4, 1e5), rel=0.02)
    assert rate.ratio == pytest.approx(2, rel=0.02)
    assert of(found, Job(SERIAL), MEMORY).ratio == pytest.approx(1, rel=0.02)


def test_too_few_launches_are_no_verdict_and_never_0_or_1(tmp_path: Path) -> None:
    jobs = [Job(SERIAL, ratio=3.0), *QUIET[1:]]
    for rounds in (1, 3, 5, 7):
        found = compared(tmp_path / str(rounds), paired(jobs, rounds))
        assert found.exit_code is Exit.NO_VERDICT, rounds
        assert {v.why for v in found.deciding} == {"too few launches: 8 blocks needed"}
    assert compared(tmp_path / "8", paired(jobs, 8)).exit_code is Exit.REGRESSION


def test_what_counts_of_a_case(tmp_path: Path) -> None:
    jobs = [Job(SERIAL, ratio=0.8, cpu=1.2), Job(LOOP, cpu=0.8), Job(POOL), Job(THREADS, noise=0.5)]
    found = compared(tmp_path, paired(jobs))
    outcomes = (Outcome.SLOWER, Outcome.FASTER, Outcome.SAME, Outcome.INCONCLUSIVE)
    assert found.by_case == {job.key: outcome for job, outcome in zip(jobs, outcomes)}


def test_a_run_that_lost_its_baseline_has_no_verdict(tmp_path: Path) -> None:
    rows = [row for row in paired(QUIET) if arm_of(row["run_id"]) == CURRENT]
    assert compared(tmp_path, rows).exit_code is Exit.NO_VERDICT


def test_noise_is_no_verdict_either(tmp_path: Path) -> None:
    found = compared(tmp_path, paired([Job(SERIAL, noise=0.5)]))
    assert found.exit_code is Exit.NO_VERDICT
    assert of(found, Job(SERIAL)).why == "the interval reaches beyond ±5 %"


def test_min_effect_is_by_benchmark(tmp_path: Path) -> None:
    jobs = [Job(SERIAL, 1.04, benchmark="compute"), Job(SERIAL, 1.04, benchmark="mixed")]
    rows = paired(jobs)
    found = compared(tmp_path / "1", rows)
    assert [of(found, job).outcome for job in jobs] == [Outcome.SLOWER, Outcome.SAME]
    asked = Rules(min_effects=MinEffects(own={"mixed": 0.01}))
    assert of(compared(tmp_path / "2", rows, asked), jobs[1]).outcome is Outcome.SLOWER
    with pytest.raises(UsageError, match="ring: no such benchmark in this run; allowed: compute, mixed"):
        compared(tmp_path / "3", rows, Rules(min_effects=MinEffects(own={"ring": 0.01})))


def test_a_run_that_was_interrupted_has_no_verdict(tmp_path: Path) -> None:
    rows = paired([Job(SERIAL, ratio=1.3), *QUIET[1:]])
    found = compared(tmp_path / "1", rows, confirm=True, confirm_from_round=None, finished_utc=None)
    assert found.exit_code is Exit.NO_VERDICT and not found.rules.screened
    assert sentence(found) == "No verdict: the run of 3 cases was interrupted."
    assert "run.sh --resume" in found.warnings[0]
    over = compared(tmp_path / "2", rows, confirm=False, finished_utc="2026-01-31T12:01:02Z")
    assert over.exit_code is Exit.REGRESSION and not over.unfinished


def test_failures_of_the_current_build_alone(tmp_path: Path) -> None:
    rows = paired([*QUIET, Job(THREADS)])
    both = [n for n, row in enumerate(rows) if row["model"] == "serial"]
    ours = [n for n, row in enumerate(rows) if row["model"] == "threads" and arm_of(row["run_id"]) == CURRENT]
    theirs = [n for n, row in enumerate(rows) if row["model"] == "event_loop" and arm_of(row["run_id"]) == BASELINE]
    for number in [*both[:8], theirs[0]]:
        rows[number] = synthetic.failed(rows[number], "error", "wrong checksum")
    fine = compared(tmp_path / "1", rows)
    assert fine.failures == [] and fine.exit_code is Exit.OK
    rows[ours[3]] = synthetic.failed(rows[ours[3]], "error", "lost a task")
    found = compared(tmp_path / "2", rows)
    assert [str(f) for f in found.failures] == [f"{title_of(Job(THREADS).key)}: error (lost a task)"]
    assert found.exit_code is Exit.FAILED
    skipped = [*rows]
    skipped[ours[3]] = synthetic.failed(rows[ours[3]], "skipped", "limit on threads")
    assert compared(tmp_path / "3", skipped).failures == []
    slower = paired([*QUIET, Job(POOL, ratio=2, tasks=20)], seed=4)
    assert compared(tmp_path / "4", [*rows, *slower]).exit_code is Exit.REGRESSION


def test_a_case_that_never_succeeded_is_not_forgotten(tmp_path: Path) -> None:
    rows = [
        synthetic.failed(row, "skipped", "pid_max") if row["model"] == "serial" else row
        for row in paired(QUIET)
    ]
    found = compared(tmp_path, rows)
    verdict = of(found, Job(SERIAL))
    assert (verdict.outcome, verdict.n) == (Outcome.INCONCLUSIVE, 0) and math.isnan(verdict.ratio)
    assert found.exit_code is Exit.OK


def test_what_is_no_paired_run(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", single(QUIET, 6, CURRENT, seed=1))
    with pytest.raises(UsageError, match=r"has no baseline in it; allowed: a run of run.sh --against"):
        compare_paired(read_side(run), Rules())
    bad = write_paired(tmp_path / "bad", paired(QUIET, 1), confirm_from_round="seven")
    with pytest.raises(InputError, match=r"env.json:1: confirm_from_round is 'seven'; allowed"):
        compare_paired(read_side(bad), Rules())


def test_differences_of_a_paired_run_are_warnings(tmp_path: Path) -> None:
    baseline = {"build": "build/base", "compiler": "Clang 14"}
    folder = write_run(tmp_path / "run", paired(QUIET), baseline=baseline, run={"baseline": "build/base"})
    found = compare_paired(read_side(folder), Rules())
    assert found.warnings == [
        "The builds differ in more than their code: compiler is GNU 12.2.0, was Clang 14."
    ]
    assert found.exit_code is Exit.OK
    recorded = {**baseline, "differences": ["bench_ring --hops: only the baseline has it"]}
    other = write_run(tmp_path / "2", paired(QUIET), baseline=recorded, run={"baseline": "build/base"})
    assert compare_paired(read_side(other), Rules()).warnings == [
        "The builds differ in more than their code: bench_ring --hops: only the baseline has it."
    ]
