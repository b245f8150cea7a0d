# SPDX-License-Identifier: Apache-2.0
"""From samples of two builds to verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from makespan.arms import BASELINE, CURRENT, arm_of, arm_run_id, split_arms
from makespan.casekey import title_of
from makespan.compare import suspicious
from makespan.comparison import Comparison, compare_paired, compare_unpaired, read_side
from makespan.comparison_views import sentence
from makespan.decisions import Outcome
from makespan.errors import Exit, InputError, UsageError
from makespan.metrics import CPU, MAKESPAN, MEMORY, RATE, Metric, metrics_of
from makespan.pairing import Series, paired_series
from makespan.thresholds import MinEffects
from makespan.verdicts import Rules, Verdict
from paired_synthetic import (
    LOOP,
    POOL,
    SERIAL,
    THREADS,
    Job,
    paired,
    single,
    write_paired,
    write_run,
)
from synthetic import Row

Frame = Callable[..., pd.DataFrame]
QUIET = (Job(SERIAL), Job(LOOP), Job(POOL))


def series_of(frame: Frame, rows: Iterable[Row], metric: Metric = MAKESPAN) -> Series:
    arms = split_arms(frame(list(rows)))
    assert arms.baseline is not None
    (found,) = (s for s in paired_series(arms.current, arms.baseline) if s.metric is metric)
    return found


def compared(folder: Path, rows: Iterable[Row], rules: Rules = Rules(), **run: object) -> Comparison:
    return compare_paired(read_side(write_paired(folder / "run", rows, **run)), rules)


def of(comparison: Comparison, job: Job, metric: Metric = MAKESPAN) -> Verdict:
    (found,) = (v for v in comparison.verdicts if (v.case, v.metric) == (job.key, metric))
    return found


def test_arms(frame: Frame) -> None:
    assert (arm_of("x"), arm_of(arm_run_id("x", BASELINE)), arm_of("+baseline-x")) == (CURRENT, BASELINE, CURRENT)
    rows = paired([Job(SERIAL)], 2)
    arms = split_arms(frame(rows))
    assert arms.baseline is not None
    assert arms.current["run_id"].tolist() == ["20260131T120102Z-1a2b3c4"] * 4
    assert sorted([*arms.current["launch"], *arms.baseline["launch"]]) == list(range(1, 9))
    assert split_arms(frame()).baseline is None


def test_a_block_is_one_difference_of_logarithms(frame: Frame) -> None:
    """Current 20 and 80 ns, baseline twice 10 ns: 40 and 10 by the geometric mean."""
    rows = paired([Job(SERIAL)], 2)
    times = {CURRENT: iter((20, 80)), BASELINE: iter((10, 10))}
    for row in rows[:4]:
        row["makespan_ns"] = str(next(times[arm_of(row["run_id"])]))
    found = series_of(frame, rows)
    assert found.differences.shape == (2,)
    assert found.differences[0] == pytest.approx(math.log(4))


def test_rows_of_one_launch_are_summarised_first(frame: Frame) -> None:
    rows = paired([Job(SERIAL)], 1)
    first = rows[0]
    rows = [{**first, "makespan_ns": str(time)} for time in (7, 9_000_000_000, 500)] + rows[1:]
    found = series_of(frame, rows)
    logs = found.current if arm_of(first["run_id"]) == CURRENT else found.baseline
    assert np.exp(logs.min()) == pytest.approx(500), "the median of the three"


@pytest.mark.parametrize("spoil", ["missing", "error", "twice", "zero"])
def test_a_block_without_all_its_launches_does_not_count(frame: Frame, spoil: str) -> None:
    rows = paired([Job(SERIAL)], 8)
    assert series_of(frame, rows).differences.shape == (8,)
    if spoil == "missing":
        del rows[5]
    elif spoil == "error":
        rows[5] = synthetic.failed(rows[5], "timeout", "no end after 60 s")
    elif spoil == "twice":
        rows.append({**rows[5], "launch": "999"})
    else:
        rows[5]["makespan_ns"] = "0"
    assert series_of(frame, rows).differences.shape == (7,)


def test_a_value_that_is_missing_costs_the_block_for_that_metric_only(frame: Frame) -> None:
    rows = paired([Job(SERIAL)], 8)
    rows[9]["peak_rss_bytes"] = ""
    assert series_of(frame, rows, MEMORY).differences.shape == (7,)
    assert series_of(frame, rows).differences.shape == (8,)


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


def confirmed(planned: Sequence[Job], again: Sequence[Job], rounds: int = 16) -> list[Row]:
    rows = paired(planned, rounds)
    more = paired(again, rounds, first_round=rounds + 1, first_launch=len(rows) + 1, seed=2)
    return [*rows, *more]


def test_suspicious_are_the_keys_of_the_plan(frame: Frame) -> None:
    jobs = [Job(SERIAL, ratio=1.2), Job(LOOP, ratio=0.8), Job(POOL), Job(THREADS, cpu=2.0)]
    changed = {jobs[0].key, jobs[1].key, jobs[3].key}
    assert set(suspicious(frame(paired(jobs)))) == changed, "by either of the metrics that decide"
    assert jobs[0].key == ("mixed", "serial", 10, 1, 1, 10_000_000, None, None, None, "")
    assert suspicious(frame(paired(QUIET))) == []
    assert suspicious(frame(paired(jobs)), Rules(deciding=(CPU,))) == [jobs[3].key]
    assert set(suspicious(frame(paired(jobs, 6)))) == changed, "Holm would forbid it"
    assert suspicious(frame(paired(jobs, 5))) == []


def test_only_fresh_blocks_count_for_a_confirmed_case(tmp_path: Path) -> None:
    alarm = [Job(SERIAL, ratio=1.3), *QUIET[1:]]
    settings = {"confirm": True, "confirm_from_round": 17}
    borne_out = compared(tmp_path / "1", confirmed(alarm, [Job(SERIAL, ratio=1.15)]), **settings)
    verdict = of(borne_out, Job(SERIAL))
    assert (verdict.outcome, verdict.n, verdict.suspicious) == (Outcome.SLOWER, 16, True)
    assert verdict.ratio == pytest.approx(1.15, rel=0.02)
    assert verdict.suspicion == pytest.approx(1.3, rel=0.02)
    assert of(borne_out, Job(LOOP)).suspicion is None
    assert borne_out.exit_code is Exit.REGRESSION
    chance = compared(tmp_path / "2", confirmed(alarm, [Job(SERIAL)]), **settings)
    assert of(chance, Job(SERIAL)).outcome is Outcome.SAME and chance.exit_code is Exit.OK
    turned = compared(tmp_path / "3", confirmed(alarm, [Job(SERIAL, ratio=0.7)]), **settings)
    assert of(turned, Job(SERIAL)).outcome is Outcome.INCONCLUSIVE, "the other way round is no answer"
    assert "not borne out" in of(turned, Job(SERIAL)).why


def test_without_the_record_all_rounds_are_planned_ones(tmp_path: Path) -> None:
    rows = confirmed([Job(SERIAL, ratio=1.3)], [Job(SERIAL, ratio=1.3)])
    assert of(compared(tmp_path, rows), Job(SERIAL)).n == 32


def test_a_confirmation_with_too_few_blocks_is_none(tmp_path: Path) -> None:
    rows = [*paired([Job(SERIAL, ratio=1.3)]), *paired([Job(SERIAL, ratio=1.3)], 3, first_round=17, first_launch=65)]
    found = compared(tmp_path, rows, confirm=True, confirm_from_round=17)
    assert found.exit_code is Exit.NO_VERDICT
    assert of(found, Job(SERIAL)).why == "too few launches: 8 blocks needed"


@pytest.mark.parametrize(("rounds", "slow"), [(7, 1), (11, 20)])
def test_suspicion_that_was_followed_up_too_seldom_is_no_verdict(tmp_path: Path, rounds: int, slow: int) -> None:
    """And not 0, however sure the others are: so few rounds cannot confirm so many."""
    jobs = [Job(SERIAL, ratio=3.0 if n < slow else 1.0, noise=0.001, tasks=n + 1) for n in range(27)]
    rows = confirmed(jobs, jobs[:slow], rounds)
    found = compared(tmp_path, rows, confirm=True, confirm_from_round=rounds + 1)
    assert found.exit_code is Exit.NO_VERDICT and len(found.left_open) == slow
    assert {outcome for outcome in found.by_case.values()} >= {Outcome.SAME}
    assert "measured again too seldom" in sentence(found)
    enough = compared(tmp_path / "more", confirmed(jobs, jobs[:slow], 13), confirm=True, confirm_from_round=14)
    assert enough.exit_code is Exit.REGRESSION


def test_a_run_that_was_interrupted_has_no_verdict(tmp_path: Path) -> None:
    rows = paired([Job(SERIAL, ratio=1.3), *QUIET[1:]])
    found = compared(tmp_path / "1", rows, confirm=True, confirm_from_round=None, finished_utc=None)
    assert found.exit_code is Exit.NO_VERDICT and not found.rules.screened
    assert sentence(found) == "No verdict: the run of 3 cases was interrupted."
    assert "run.sh --resume" in found.warnings[0]
    over = compared(tmp_path / "2", rows, confirm=False, finished_utc="2026-01-31T12:01:02Z")
    assert over.exit_code is Exit.REGRESSION and not over.unfinished


def test_only_what_was_suspicious_was_not_borne_out(tmp_path: Path) -> None:
    alarm = [Job(SERIAL, ratio=1.3, noise=0.1)]
    rows = confirmed(alarm, [Job(SERIAL, noise=0.3)])
    found = compared(tmp_path, rows, confirm=True, confirm_from_round=17)
    assert "not borne out" in of(found, Job(SERIAL)).why
    assert of(found, Job(SERIAL), CPU).why == "the interval reaches beyond ±5 %"


def test_a_screened_run_that_raised_no_suspicion_needs_six_blocks(tmp_path: Path) -> None:
    found = compared(tmp_path, paired(QUIET, 6), confirm=True, confirm_from_round=7)
    assert found.exit_code is Exit.OK and {v.outcome for v in found.deciding} == {Outcome.SAME}


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


def runs(folder: Path, ratio: float = 1.0, rounds: int = 12, **changes: object) -> tuple[Path, Path]:
    """OLD and NEW."""
    old = write_run(folder / "old", single(QUIET, rounds, BASELINE, seed=1))
    jobs = [Job(SERIAL, ratio=ratio), *QUIET[1:]]
    return old, write_run(folder / "new", single(jobs, rounds, CURRENT, seed=2), **changes)


def unpaired(old: Path, new: Path, rules: Rules = Rules(), force: bool = False) -> Comparison:
    return compare_unpaired(read_side(old), read_side(new), rules, force)


def test_two_runs(tmp_path: Path) -> None:
    found = unpaired(*runs(tmp_path, ratio=1.2))
    verdict = of(found, Job(SERIAL))
    assert (verdict.outcome, verdict.n, verdict.min_effect) == (Outcome.SLOWER, 12, 0.1)
    assert verdict.low < 1.2 < verdict.high
    assert found.exit_code is Exit.REGRESSION
    assert "not measured by turns, which is weaker" in found.warnings[0]
    assert "doubled" in found.warnings[0]


def test_two_runs_have_the_minimum_effect_doubled_unless_it_was_asked_for(tmp_path: Path) -> None:
    pair = runs(tmp_path, ratio=1.08)
    assert unpaired(*pair).exit_code is Exit.OK
    asked = unpaired(*pair, Rules(min_effects=MinEffects(0.05)))
    assert asked.exit_code is Exit.REGRESSION and "doubled" not in asked.warnings[0]


def test_two_runs_of_too_few_launches(tmp_path: Path) -> None:
    found = unpaired(*runs(tmp_path, ratio=3.0, rounds=4))
    assert found.exit_code is Exit.NO_VERDICT
    assert found.deciding[0].why == "too few launches: 5 launches of either run needed"
    assert unpaired(*runs(tmp_path / "5", ratio=3.0, rounds=5)).exit_code is Exit.REGRESSION


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cpu_model": "Other CPU"}, "cpu_model is Other CPU, was Example CPU @ 2.00GHz"),
        ({"cpus_usable": 4}, "cpus_usable is 4, was 2"),
        ({"hypervisor": "KVM"}, "hypervisor is KVM, was none"),
        ({"kernel": "6.12.0"}, "kernel is 6.12, was 6.1"),
        ({"compiler": "Clang 14"}, "compiler is Clang 14, was GNU 12.2.0"),
        ({"compiler_flags": "-O0"}, "compiler_flags is -O0, was -O3 -DNDEBUG"),
        ({"build_type": "Debug"}, "build_type is Debug, was Release"),
        ({"run": {"ns_per_iteration": 1.35}}, "ns_per_iteration is 1.35, was 1.25"),
    ],
)
def test_runs_that_cannot_be_compared(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    pair = runs(tmp_path, **changes)
    with pytest.raises(UsageError, match="allowed: runs of one machine") as refused:
        unpaired(*pair)
    assert said in str(refused.value)
    forced = unpaired(*pair, force=True)
    assert forced.exit_code is Exit.OK and any(said in warning for warning in forced.warnings)


def test_what_may_differ_between_two_runs(tmp_path: Path) -> None:
    changes: dict[str, object] = {"git_sha": "f" * 40, "kernel": "6.1.99", "load_1m": 3, "host": "x"}
    found = unpaired(*runs(tmp_path, **changes, run={"ns_per_iteration": 1.26}))
    assert any("The calibrations differ by 0.8 %" in warning for warning in found.warnings)
    assert found.current.name == f"fffffff ({tmp_path / 'new'})"


def test_grids_must_be_the_same(tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", single([*QUIET, Job(THREADS)], 12, BASELINE, seed=1))
    new = write_run(tmp_path / "new", single(QUIET, 12, CURRENT, seed=2))
    with pytest.raises(UsageError, match="1 case of the baseline only .threads 1 × 10, 10 tasks × sleep 10 ms"):
        unpaired(old, new)
    assert len(unpaired(old, new, force=True).by_case) == 3
    other = write_run(tmp_path / "other", single([Job(THREADS)], 12, CURRENT, seed=2))
    with pytest.raises(UsageError, match="no case in common"):
        unpaired(new, other, force=True)


def test_of_a_paired_run_the_current_arm_is_compared_with_another_run(tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", single(QUIET, 12, BASELINE, seed=1))
    new = write_paired(tmp_path / "new", paired([Job(SERIAL, ratio=1.3), *QUIET[1:]], 6))
    found = unpaired(old, new)
    assert of(found, Job(SERIAL)).outcome is Outcome.SLOWER and of(found, Job(SERIAL)).n == 12


def test_files_without_env_json_are_compared_with_a_warning(tmp_path: Path) -> None:
    old, new = runs(tmp_path)
    (old / "env.json").unlink()
    found = unpaired(old / "samples.csv", new / "samples.csv")
    assert found.exit_code is Exit.OK
    assert "no env.json, so nobody knows whether machine and build are the same" in found.warnings[1]
