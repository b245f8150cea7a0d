# SPDX-License-Identifier: Apache-2.0
"""Suspicious cases that were measured again: only the fresh blocks count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest
from comparing import QUIET, compared, of
from makespan.compare import suspicious
from makespan.comparison_views import sentence
from makespan.decisions import Outcome
from makespan.errors import Exit
from makespan.metrics import CPU
from makespan.verdicts import Rules
from paired_synthetic import LOOP, POOL, SERIAL, THREADS, Job, paired
from synthetic import Row

Frame = Callable[..., pd.DataFrame]


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


def test_only_what_was_suspicious_was_not_borne_out(tmp_path: Path) -> None:
    alarm = [Job(SERIAL, ratio=1.3, noise=0.1)]
    rows = confirmed(alarm, [Job(SERIAL, noise=0.3)])
    found = compared(tmp_path, rows, confirm=True, confirm_from_round=17)
    assert "not borne out" in of(found, Job(SERIAL)).why
    assert of(found, Job(SERIAL), CPU).why == "the interval reaches beyond ±5 %"


def test_a_screened_run_that_raised_no_suspicion_needs_six_blocks(tmp_path: Path) -> None:
    found = compared(tmp_path, paired(QUIET, 6), confirm=True, confirm_from_round=7)
    assert found.exit_code is Exit.OK and {v.outcome for v in found.deciding} == {Outcome.SAME}
