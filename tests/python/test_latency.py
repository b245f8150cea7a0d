# SPDX-License-Identifier: Apache-2.0
"""Distributions of overshoot and start latency: exact on known data, and as the table tells them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from late_synthetic import ROUNDS, Load, rows, run_data, usual, write_run
from makespan.batch import Batch
from makespan.ccdf import MOST_STEPS, at_least, quantile
from makespan.latency.cyclictest import MOST_US, Histogram
from makespan.latency.distributions import MANY, Late, distributions
from makespan.latency.table import late_table, section
from makespan.report import Report, markdown
from makespan.samples import read_samples, read_trace
from makespan.scheduling import scheduling_words, timer_slack_ns
from makespan.summary import summarise
from synthetic import ENVIRONMENT, MS


def exceeding(xs: np.ndarray, ys: np.ndarray, time: float) -> float:
    """The height of the curve at a time, drawn with steps before the points."""
    place = int(np.searchsorted(xs, time, side="right"))
    return float(ys[place]) if place < len(ys) else 0.0


@pytest.mark.parametrize("count", [1, 2, 7, MOST_STEPS])
def test_the_curve_is_the_share_of_what_is_above(count: int) -> None:
    dice = random.Random(count)
    times = np.sort([float(dice.randint(1, 50)) for _ in range(count)])
    xs, ys = at_least(times)
    for time in np.arange(0, 52, 0.5):
        assert exceeding(xs, ys, time) == pytest.approx(float((times > time).mean()))


def test_of_many_times_the_tail_is_exact_and_the_rest_near() -> None:
    times = np.sort(np.random.default_rng(5).pareto(1.5, 50_000) + 1)
    xs, ys = at_least(times)
    assert len(xs) <= MOST_STEPS
    for rank in range(1, 20):
        assert exceeding(xs, ys, float(times[-rank])) == pytest.approx((rank - 1) / len(times))
    for time in (1.01, 1.5, 3.0, 20.0, 100.0):
        assert exceeding(xs, ys, time) == pytest.approx(float((times > time).mean()), rel=0.05)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 50), (0.501, 51), (0.99, 99), (0.999, 100), (1.0, 100)]
)
def test_quantiles_are_by_nearest_rank(share: float, expected: float) -> None:
    assert quantile(np.arange(1.0, 101.0), share) == expected


def test_distributions_are_by_load_and_model(tmp_path: Path) -> None:
    loads = usual()
    found = distributions(read_trace(write_run(tmp_path, loads) / "trace.csv"))
    keys = [(late.batch.tasks, late.batch.sleep_ns, late.batch.scheduling, late.name) for late in found]
    wanted = {(load.tasks, load.sleep_ns, load.variant, load.model) for load in loads}
    assert len(keys) == len(wanted) and set(keys) == wanted
    assert [late.batch for late in found] == sorted((l.batch for l in found), key=lambda b: b.sort_key)
    [late] = [late for late in found if late.batch.tasks == 10 and late.model == "threads"]
    traces = [t for t in rows(loads)[1] if t["tasks"] == "10" and t["model"] == "threads"]
    assert late.n == 500
    assert late.overshoots.tolist() == sorted(float(t["overshoot_ns"]) for t in traces)
    assert late.starts.tolist() == sorted(float(t["start_ns"]) for t in traces)


def test_few_tasks_are_no_distribution_and_of_shapes_the_largest_counts() -> None:
    pools = [Load("tbb_pool", 10, MS, 20, 1e4 * n, workers=n) for n in (2, 10, 4)]
    data = run_data([*pools, Load("threads", 1, MS, MANY - 1)])
    assert [(late.name, late.threads, late.n) for late in data.late] == [("tbb_pool", 10, 200)]


def test_a_trace_without_overshoots_has_start_latencies(tmp_path: Path) -> None:
    path = write_run(tmp_path, [Load("threads")]) / "trace.csv"
    lines = [line.rsplit(",", 1)[0] for line in path.read_text().splitlines()]
    path.write_text("\n".join([*lines, ""]))
    [late] = distributions(read_trace(path))
    assert (late.n, len(late.overshoots)) == (300, 0)
    assert late_table([late]).rows[0][3:6] == ["–", "–", "–"]


def late_of(model: str, times: list[float]) -> Late:
    array = np.array(times)
    return Late(Batch("sleep", 1, MS), model, "", 1, 1, array, array + 1_000)


def test_the_table_tells_quantiles_and_multiples_of_serial() -> None:
    floor = late_of("serial", [float(n) for n in range(1_000, 21_000)])
    other = late_of("threads", [float(n) for n in range(3_000, 5_000)])
    table = late_table([other, floor])
    assert table.header[3:] == (
        "overshoot p50", "overshoot p99", "overshoot p99.9", "start p50", "start p99", "start p99.9"
    )  # fmt: skip
    serial, threads = table.rows
    assert serial == [
        "1 task × sleep 1 ms", "serial", "20,000",
        "11 µs", "20.8 µs", "21 µs", "12 µs", "21.8 µs", "22 µs",
    ]  # fmt: skip
    # 3,999 ÷ 10,999, 4,979 ÷ 20,799 and 4,997 ÷ 20,979; of 2,000 tasks two are above p99.9.
    assert threads[3:6] == ["4 µs, ×0.364", "4.98 µs, ×0.239", "~5 µs, ×0.238"]
    assert threads[6:] == ["5 µs", "5.98 µs", "~6 µs"]


def with_rounds(model: str, rounds: list[list[float]]) -> Late:
    late = late_of(model, sorted(time for times in rounds for time in times))
    return replace(late, rounds={("run", number): np.array(times) for number, times in enumerate(rounds)})


def test_multiples_of_serial_are_those_of_a_round() -> None:
    # What slows the machine in some rounds slows both, and is in no ratio.
    slowed = [1.0, 5.0, 1.0, 5.0, 1.0, 5.0]
    floor = with_rounds("serial", [[1_000 * times] * 1_000 for times in slowed])
    other = with_rounds("threads", [[1_100 * times] * 1_000 for times in slowed[:5]] + [[5_250.0] * 1_000])
    [_, threads] = late_table([other, floor]).rows
    assert threads[3:5] == ["1.1 µs, ×1.100 (1.050 … 1.100)", "5.5 µs, ×1.100 (1.050 … 1.100)"]
    assert threads[5] == "~5.5 µs, ×1.100", "of a thousand tasks one is above p99.9"
    [_, fewer] = late_table([with_rounds("threads", [[2_000.0] * 200] * 5), floor]).rows
    assert fewer[3] == "2 µs, ×2.000"


def test_the_rounds_are_those_of_the_samples(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [Load("serial"), Load("threads", scale=100_000)])
    trace, samples = read_trace(folder / "trace.csv"), read_samples(folder / "samples.csv")
    for late in distributions(trace, samples):
        assert sorted(number for _, number in late.rounds) == list(range(1, ROUNDS + 1))
        assert sorted(time for times in late.rounds.values() for time in times) == late.overshoots.tolist()
    [found] = section(trace, samples)
    assert " … " in found.table.rows[1][3]
    assert not any(late.rounds for late in distributions(trace, pd.concat([samples, samples])))


def cyclictest(counts: dict[int, int], slack: int | None = None, overflows: int = 0) -> Histogram:
    return Histogram(("cyclictest",), MS, slack, counts, overflows, min(counts), 0, 25_000)


def test_cyclictest_has_a_row_beside_the_models() -> None:
    floor = late_of("serial", [float(n) for n in range(1_000, 21_000)])
    table = late_table([floor, late_of("threads", [5_000.0] * 100)], [cyclictest({5: 600, 22: 395, 40: 5})])
    assert [row[1] for row in table.rows] == ["serial", "threads", "cyclictest"]
    # By nearest rank the 500th, 990th and 999th of 1,000 sleeps; serial's are 10,999, 20,799 and 20,979 ns.
    assert table.rows[2] == [
        "1 task × sleep 1 ms", "cyclictest", "1,000",
        "5 µs, ×0.455", "22 µs, ×1.058", "~40 µs, ×1.907", "–", "–", "–",
    ]  # fmt: skip
    [_, alone] = late_table([late_of("threads", [5_000.0] * 100)], [cyclictest({5: 100})]).rows
    assert alone[3:6] == ["5 µs", "~5 µs", "~5 µs"], "there is no serial"


def test_what_cyclictest_does_not_know_it_does_not_tell() -> None:
    floor = late_of("serial", [1_000.0] * 100)
    [_, row] = late_table([floor], [cyclictest({0: 5_000, 30: 4_800}, overflows=200)]).rows
    assert MOST_US == 20_000 and row[3:6] == ["< 1 µs", "≥ 20 ms", "≥ 20 ms"]


def test_cyclictest_is_told_where_it_slept_like_a_load(tmp_path: Path) -> None:
    folder = write_run(tmp_path, usual())
    samples, trace = read_samples(folder / "samples.csv"), read_trace(folder / "trace.csv")
    runs = cyclictest({55: 5_000}), cyclictest({7: 5_000}, 1_000), replace(cyclictest({60: 9}), interval_ns=9 * MS)
    [with_it] = section(trace, samples, runs)
    rows = {tuple(row[:2]): row[3].split(",")[0] for row in with_it.table.rows if row[1] == "cyclictest"}
    assert rows == {
        ("1 task × sleep 1 ms", "cyclictest"): "55 µs",
        ("1 task × sleep 1 ms, timer slack 1 µs", "cyclictest"): "7 µs",
    }
    [without] = section(trace, samples)
    assert "cyclictest" not in without.about and "in whole µs, rounded down" in with_it.about
    assert without.table.rows == [row for row in with_it.table.rows if row[1] != "cyclictest"]
    for none in (runs[2:], [replace(runs[0], counts={})]):
        assert section(trace, samples, none) == [without]
    batch = Batch("sleep", 1, MS)
    others = replace(batch, benchmark="mixed"), replace(batch, tasks=2), replace(batch, sizes="uniform")
    assert runs[0].slept_like(batch)
    assert not any(map(runs[0].slept_like, [*others, replace(batch, scheduling="pin-0")]))


def test_the_report_has_the_table_if_the_trace_has_tasks_enough(tmp_path: Path) -> None:
    folder = write_run(tmp_path, usual())
    samples, trace = read_samples(folder / "samples.csv"), read_trace(folder / "trace.csv")
    summary = summarise(samples, 2)
    text = markdown(Report(samples, summary, ENVIRONMENT, trace=trace))
    assert "## How late tasks start and sleeps end" in text
    assert text.count("| 1 task × sleep 1 ms, timer slack 1 µs | event_loop | 300 |") == 1
    assert "How late" not in markdown(Report(samples, summary, ENVIRONMENT))
    assert section(trace[:90], samples) == [] and section(trace[:0], samples) == []


@pytest.mark.parametrize(
    ("tags", "words", "slack"),
    [
        ("", "", None),
        ("slack-1us", "timer slack 1 µs", 1_000),
        ("pin-0", "on CPU 0", None),
        ("slack-1500ns+pin-0_2-4", "timer slack 1.5 µs, on CPUs 0,2-4", 1_500),
        ("slack-1s", "timer slack 1 s", 10**9),
    ],
)
def test_scheduling_in_words(tags: str, words: str, slack: int | None) -> None:
    assert scheduling_words(tags) == words and timer_slack_ns(tags) == slack
