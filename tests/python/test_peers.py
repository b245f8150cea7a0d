# SPDX-License-Identifier: Apache-2.0
"""Our models beside the peers: the best of each side, ratios by rounds and the verdict, on samples with known answers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import peers_rows
import pytest
import synthetic
from makespan.peers.judged import Answer, Verdict, answers, verdict_of
from makespan.peers.questions import QUESTIONS, Side
from makespan.peers.table import TITLE, missing, peers_table
from makespan.peers.ratios import Ratio, exactly
from makespan.report import Report
from makespan.summary import summarise
from peers_rows import empty, numbered
from synthetic import CPUS, Row

Frame = Callable[..., pd.DataFrame]
SUBMIT = peers_rows.SUBMIT


@pytest.fixture
def judged(frame: Frame) -> Callable[[list[Row]], dict[str, Answer]]:
    """Name of the question -> answer, of these rows."""

    def judge(rows: list[Row]) -> dict[str, Answer]:
        return {one.question.name: one for one in answers(frame(numbered(rows)), CPUS)}

    return judge


Judged = Callable[[list[Row]], dict[str, Answer]]


@pytest.fixture
def whole(judged: Judged) -> dict[str, Answer]:
    return judged(list(peers_rows.whole_run()))


# Question -> verdict, the best of ours and of the peers, ours ÷ peer, ours ÷ floor, Python ÷ ours.
KNOWN = {
    "sleep_makespan": ("ahead", "event_loop", "asio_coroutines", 1.2 / 1.8, None, 10),
    "sleep_cpu": ("ahead", "event_loop", "asio_coroutines", 4 / 9, None, 27.5),
    "thread_pool_each": ("ahead", "tbb_pool/submit", "openmp", 0.8, None, 200),
    "thread_pool_range": ("ahead", "tbb_pool", "openmp/taskloop", 10 / 11, 1.25, 150),
    "process_pool_each": ("ahead", "process_pool", None, None, None, 80),
    "process_pool_chunks": ("ahead", "process_pool", None, None, None, 8),
    "metg_50": ("ahead", "tbb_pool", "asio_pool", 0.25, None, None),
    "process_message": ("ahead", "processes/shared_queue", "processes/zmq_ipc", 0.05, 4, 200),
    "thread_message": ("behind", "threads/queue", "threads/zmq_inproc", 1.5, None, None),
    "coroutine_hop": ("ahead", "event_loop/channel", "asio_coroutines/channel", 1 / 3, None, None),
    "pipeline_stage": ("ahead", "coroutines/push", None, None, 1.2, 100),
    "thread_creation": ("level", "threads", "std_async", 12_000 / 12_120, 1.2, 5),
    "process_creation": ("ahead", "processes", None, None, 1.2, 10),
    "waiting_memory": ("ahead", "event_loop", "asio_coroutines", 0.25, None, None),
}


def test_every_question_has_its_known_answer(whole: dict[str, Answer]) -> None:
    assert list(whole) == [question.name for question in QUESTIONS] == list(KNOWN)
    pairs = ((Side.OURS, Side.PEER), (Side.OURS, Side.FLOOR), (Side.PYTHON, Side.OURS))
    for name, (verdict, ours, peer, *ratios) in KNOWN.items():
        answer = whole[name]
        assert answer.verdict == verdict, name
        assert answer.best[Side.OURS].name == ours, name
        assert (answer.best[Side.PEER].name if peer else None) == peer, name
        assert (Side.PEER in answer.best) == (peer is not None), name
        for (side, other), expected in zip(pairs, ratios):
            ratio = answer.ratio(side, other)
            assert (ratio is None) == (expected is None), (name, side, other)
            if ratio is not None:
                assert ratio.median.high == pytest.approx(expected, rel=1e-3), (name, side, other)
                assert ratio.n == 6


def test_the_ratio_is_that_of_each_round(whole: dict[str, Answer]) -> None:
    # Every other round is ten times as slow for all: the figure says so, and the ratio does not.
    answer = whole["thread_pool_range"]
    value, ratio = answer.best[Side.OURS].value, answer.ratio(Side.OURS, Side.PEER)
    assert value is not None and (value.low, value.median, value.high, value.n) == (100, 550, 1_000, 6)
    assert ratio is not None and ratio.low == ratio.high == pytest.approx(10 / 11)


def test_values_of_sweeps_are_those_of_their_own_tables(whole: dict[str, Answer]) -> None:
    metg = whole["metg_50"].best[Side.OURS].value
    memory = whole["waiting_memory"].best[Side.OURS].value
    assert metg is not None and metg.median == pytest.approx(1_000, rel=1e-3) and metg.n == 6
    assert memory is not None and memory.median == pytest.approx(120) and memory.n == 6


def test_metg_that_is_never_reached_is_said(whole: dict[str, Answer]) -> None:
    answer = whole["metg_50"]
    [python] = [figure for figure in answer.figures if figure.side is Side.PYTHON]
    assert python.value is None and python.failure == "not reached: an efficiency of 2 % at most"
    assert f"METG(50 %) on 2 workers: Python: python_pool: {python.failure}" in missing([answer])


def test_metg_below_what_was_measured_is_an_upper_limit(judged: Judged) -> None:
    rows = [*peers_rows.swept(peers_rows.TBB, 100), *peers_rows.swept(peers_rows.ASIO, 2_000)]
    answer = judged(rows)["metg_50"]
    ours = answer.best[Side.OURS]
    assert ours.at_most and ours.value is not None and ours.value.median == pytest.approx(600)
    assert answer.verdict is Verdict.AHEAD, "what it is at most is below the peer's"
    [row] = peers_table([answer]).rows
    assert row[1] == "tbb_pool 1 × 2: ≤ 600 ns"
    swapped = [*peers_rows.swept(peers_rows.TBB, 2_000), *peers_rows.swept(peers_rows.ASIO, 100)]
    assert judged(swapped)["metg_50"].verdict is Verdict.BEHIND, "what the peer's is at most is below ours"
    both = [*peers_rows.swept(peers_rows.TBB, 100), *peers_rows.swept(peers_rows.ASIO, 120)]
    assert judged(both)["metg_50"].verdict is Verdict.NOT_SEPARATED, "two limits"


def _metg(shape: synthetic.Shape, *overheads: float) -> list[Row]:
    """A sweep with an overhead of its own in every round; METG(50 %) is twice that."""
    rows = []
    for number, overhead in enumerate(overheads, start=1):
        rows += [{**row, "round": str(number)} for row in peers_rows.swept(shape, overhead, rounds=1)]
    return rows


# Below 300 the smallest tasks reach 50 %; above 50,000 none do.
CENSORED = [
    # Where the peer's is known it is twice ours; in half of the rounds it is far below.
    ((500,) * 6, (1_000, 1_000, 1_000, 10, 10, 10), Verdict.NOT_SEPARATED),
    # Where both are known we are as good; in half of the rounds the peer never got there.
    ((500,) * 6, (500, 500, 500, 90_000, 90_000, 90_000), Verdict.NOT_SEPARATED),
    ((1_000,) * 6, (10,) * 3 + (500,) * 3, Verdict.BEHIND),
    # Where ours is known it is half the peer's; in half of the rounds it never got there, or was below what was measured.
    ((500, 500, 500, 90_000, 90_000, 90_000), (1_000,) * 6, Verdict.NOT_SEPARATED),
    ((500, 500, 500, 10, 10, 10), (1_000,) * 6, Verdict.AHEAD),
    ((2_000, 2_000, 2_000, 10, 10, 10), (1_000,) * 6, Verdict.NOT_SEPARATED),
]


@pytest.mark.parametrize(("ours", "theirs", "verdict"), CENSORED)
def test_no_round_of_a_sweep_is_dropped_for_what_it_showed(
    judged: Judged, ours: tuple[float, ...], theirs: tuple[float, ...], verdict: Verdict
) -> None:
    answer = judged([*_metg(peers_rows.TBB, *ours), *_metg(peers_rows.ASIO, *theirs)])["metg_50"]
    ratio = answer.ratio(Side.OURS, Side.PEER)
    assert ratio is not None and ratio.n == 6
    assert answer.verdict is verdict


def test_a_sweep_of_which_a_launch_failed_is_not_the_best(judged: Judged) -> None:
    fast = peers_rows.swept(peers_rows.OPENMP, 400)
    fast[3] = synthetic.failed(fast[3], "error", "no more threads")
    other = {**synthetic.failed(fast[4], "error", "another batch"), "compute_ns": "77"}
    rows = [*peers_rows.swept(peers_rows.TBB, 500), *peers_rows.swept(peers_rows.ASIO, 2_000), *fast, other]
    answer = judged(rows)["metg_50"]
    assert answer.best[Side.PEER].model == "asio_pool" and answer.verdict is Verdict.AHEAD
    assert any("openmp: error" in line and "(no more threads)" in line for line in missing([answer])), missing([answer])
    memory = peers_rows.waiting(peers_rows.ASIO_LOOP, 60)
    memory[1] = synthetic.failed(memory[1], "error", "no more memory")
    answer = judged([*peers_rows.waiting(peers_rows.LOOP, 120), *memory])["waiting_memory"]
    assert Side.PEER not in answer.best and answer.verdict is Verdict.NONE
    assert any("(no more memory)" in line for line in missing([answer]))


BROKEN = [
    ("thread_pool_range", peers_rows.TBB, {"makespan_ns": "0"}),
    ("thread_pool_range", peers_rows.TBB, {"makespan_ns": "-5"}),
]


@pytest.mark.parametrize(("name", "shape", "change"), BROKEN)
def test_what_is_no_figure_is_a_failure(
    judged: Judged, name: str, shape: synthetic.Shape, change: dict[str, str]
) -> None:
    rows = empty(shape, 100)
    answer = judged([{**rows[0], **change}, *rows[1:]])[name]
    assert Side.OURS not in answer.best
    assert any("is no finite number above 0 in 1 launch" in line for line in missing([answer]))


@pytest.mark.parametrize("change", [{"messages_per_second": "0"}, {"stages": "0"}, {"messages_per_second": "1e999"}])
def test_a_rate_that_is_none_is_a_failure(judged: Judged, change: dict[str, str]) -> None:
    rows = peers_rows.talk("pipeline", "coroutines", "push", 192, stages=16)
    answer = judged([{**row, **change} for row in rows])["pipeline_stage"]
    assert Side.OURS not in answer.best
    assert any("is no finite number above 0 in 6 launches" in line for line in missing([answer]))


def test_a_makespan_of_nothing_fails_a_sweep(judged: Judged) -> None:
    rows = peers_rows.swept(peers_rows.TBB, 500)
    answer = judged([{**rows[0], "makespan_ns": "0"}, *rows[1:]])["metg_50"]
    assert Side.OURS not in answer.best
    assert any("makespan_ns is not above 0 in 1 row" in line for line in missing([answer]))


INTERVALS = [
    ((0.80, 0.85, 0.90), Verdict.AHEAD),
    ((0.80, 0.85, 1.00), Verdict.LEVEL),
    ((0.79, 0.85, 1.00), Verdict.NOT_SEPARATED),
    ((0.90, 1.00, 1.26), Verdict.NOT_SEPARATED),
    ((0.20, 0.50, 1.60), Verdict.NOT_SEPARATED),
    ((0.50, 0.97, 0.98), Verdict.NOT_SEPARATED),
    ((0.96, 0.97, 0.98), Verdict.LEVEL),
    ((0.90, 1.00, 1.10), Verdict.LEVEL),
    ((1.01, 1.04, 1.06), Verdict.LEVEL),
    ((1.00, 1.20, 1.25), Verdict.LEVEL),
    ((1.00, 1.20, 1.40), Verdict.NOT_SEPARATED),
    ((1.01, 1.06, 1.10), Verdict.BEHIND),
    ((None, 0.50, None), Verdict.NONE),
]


@pytest.mark.parametrize(("ends", "verdict"), INTERVALS)
def test_the_rule(ends: tuple[float | None, float, float | None], verdict: Verdict) -> None:
    low, median, high = ends
    assert verdict_of(Ratio(exactly(median), low, high, 6)) is verdict


def test_without_six_rounds_there_is_no_verdict(judged: Judged) -> None:
    rows = [*empty(SUBMIT, 100, rounds=5), *empty(peers_rows.ASIO, 200, rounds=6)]
    answer = judged(rows)["thread_pool_each"]
    ratio = answer.ratio(Side.OURS, Side.PEER)
    assert ratio is not None and (ratio.median, ratio.n) == ((0.5, 0.5), 5)
    assert answer.verdict is Verdict.NONE
    assert any("no verdict: 5 rounds with both it and asio_pool, 6 needed" in line for line in missing([answer]))


def test_the_fastest_rival_decides(judged: Judged) -> None:
    rows = [*empty(SUBMIT, 100), *empty(peers_rows.ASIO, 200), *empty(peers_rows.PYTHON_SUBMIT, 50)]
    answer = judged(rows)["thread_pool_each"]
    assert answer.rival is answer.best[Side.PYTHON] and answer.verdict is Verdict.BEHIND
    [row] = peers_table([answer]).rows
    assert row[-1] == "behind (python_futures_threads/submit)"


def test_every_peer_has_to_be_beaten_not_only_the_one_with_the_best_median(judged: Judged) -> None:
    # The median of openmp is lower, and steady; asio_pool is ours on every other day.
    other = empty(peers_rows.ASIO, 200)
    for row, each in zip(other, (95, 3_000, 95, 3_000, 95, 3_000)):
        row["makespan_ns"] = str(each * 100)
    rows = [*empty(SUBMIT, 100), *empty(peers_rows.OPENMP, 200), *other]
    answer = judged(rows)["thread_pool_each"]
    assert answer.best[Side.PEER].model == "openmp"
    assert answer.rival is not None and answer.rival.model == "asio_pool"
    assert answer.verdict is Verdict.NOT_SEPARATED
    [row] = peers_table([answer]).rows
    assert row[-1].startswith("not separated (asio_pool: ")


def test_a_rival_with_too_few_rounds_forbids_to_be_ahead(judged: Judged) -> None:
    rows = [*empty(SUBMIT, 100), *empty(peers_rows.OPENMP, 200), *empty(peers_rows.ASIO, 300, rounds=3)]
    assert judged(rows)["thread_pool_each"].verdict is Verdict.NONE


def test_a_model_that_failed_is_not_the_best(judged: Judged) -> None:
    fast = empty(peers_rows.OPENMP, 20)
    fast[3] = synthetic.failed(fast[3], "error", "no more threads")
    answer = judged([*empty(SUBMIT, 100), *empty(peers_rows.ASIO, 200), *fast])["thread_pool_each"]
    assert answer.best[Side.PEER].model == "asio_pool" and answer.verdict is Verdict.AHEAD
    assert any("openmp: error in 1 of 6 launches (no more threads)" in line for line in missing([answer]))


def test_all_sides_did_the_same_batch(judged: Judged) -> None:
    rows = [
        *empty(SUBMIT, 100, tasks=1_000),
        *empty(SUBMIT, 300, tasks=10),
        *empty(peers_rows.ASIO, 200, tasks=10),
        *empty(synthetic.Shape("asio_pool", threads=8), 1, tasks=10),
    ]
    answer = judged(rows)["thread_pool_each"]
    ratio = answer.ratio(Side.OURS, Side.PEER)
    assert ratio is not None and ratio.median == (1.5, 1.5), "not the larger batch, and not on other workers"


def test_what_is_missing_is_said(judged: Judged) -> None:
    found = judged(empty(peers_rows.TBB, 100))
    lines = missing(list(found.values()))
    assert "memory per waiting task: not in this run; measured by the presets peers, footprint" in lines
    assert any(line.startswith("empty task to a thread pool, range known beforehand: Python: ") for line in lines)
    assert all(one.verdict is Verdict.NONE for one in found.values())


def test_the_report_shows_the_table(frame: Frame) -> None:
    samples = frame(list(peers_rows.whole_run()))
    [section] = [one for one in Report(samples, summarise(samples), {}).sections if one.title == TITLE]
    rows = {row[0]: row[1:] for row in section.table.rows}
    assert len(rows) == len(QUESTIONS)
    assert rows["a million sleeps, makespan"] == [
        "event_loop 1 × 1: 1.200 s (1.200 … 1.200)",
        "asio_coroutines 1 × 1: 1.800 s (1.800 … 1.800)",
        "python_asyncio 1 × 1: 12.00 s (12.00 … 12.00)",
        "–",
        "0.667 (0.667 … 0.667)",
        "–",
        "10.00 (10.00 … 10.00)",
        "ahead (asio_coroutines)",
    ]
    assert rows["memory per waiting task"][0] == "event_loop 1 × 1: 120.0 B (120.0 … 120.0)"


def test_a_run_without_peers_has_no_such_table(frame: Frame) -> None:
    samples = frame(numbered(empty(peers_rows.TBB, 100)))
    assert TITLE not in [one.title for one in Report(samples, summarise(samples), {}).sections]
