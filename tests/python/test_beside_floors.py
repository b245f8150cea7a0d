# SPDX-License-Identifier: Apache-2.0
"""Models beside their floors."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import synthetic
from makespan.beside_floors import TITLE, pairs, section
from makespan.report import Report
from makespan.summary import summarise

Frame = Callable[..., pd.DataFrame]
THREADS = synthetic.Shape("threads", cpus=synthetic.CPUS)


def rows(variant: str, makespans: Iterable[int], **changes: object) -> list[synthetic.Row]:
    """A row of the same case for each round, with exactly that makespan in ns."""
    return [
        synthetic.sample(THREADS, round=number, variant=variant, makespan_ns=ns, **changes)
        for number, ns in enumerate(makespans, 1)
    ]


def test_the_ratio_is_that_of_each_round(frame: Frame) -> None:
    # The machine is ten times as slow in every other round, which both see.
    floor = [1_000, 10_000] * 3
    [pair] = pairs(frame([*rows("", [2 * ns for ns in floor]), *rows("bare", floor)]))
    assert (pair.ratio.low, pair.ratio.median, pair.ratio.high, pair.ratio.n) == (
        2,
        2,
        2,
        6,
    )
    assert (pair.model, pair.shape, pair.batch.tasks) == ("threads", "1 × 10", 10)
    assert (pair.own_ns, pair.floor_ns) == (1_100, 550)


def test_only_rounds_that_have_both_count(frame: Frame) -> None:
    own = rows("", [100, 200, 300])
    floor = [
        *rows("bare", [100, 100]),
        synthetic.failed(rows("bare", [1] * 3)[2], "error", "x"),
    ]
    [pair] = pairs(frame([*own, *floor]))
    assert (pair.ratio.median, pair.ratio.low, pair.ratio.n) == (1.5, None, 2)


def test_rows_of_a_round_count_once(frame: Frame) -> None:
    own = [*rows("", [100]), *rows("", [200]), *rows("", [600])]
    [pair] = pairs(frame([*own, *rows("bare", [100])]))
    assert (pair.ratio.median, pair.ratio.n) == (2, 1)


def test_a_variant_has_a_floor_of_its_own(frame: Frame) -> None:
    usual = [*rows("", [300]), *rows("bare", [100])]
    found = pairs(frame([*usual, *rows("submit", [800]), *rows("bare_submit", [200])]))
    assert [(pair.model, pair.ratio.median) for pair in found] == [("threads", 3), ("threads submit", 4)]
    assert len(pairs(frame([*usual, *rows("submit", [800])]))) == 1


def test_rows_without_a_shape_are_passed_over(frame: Frame) -> None:
    shapeless = [{**row, "processes": "", "threads": ""} for row in rows("", [100])]
    assert pairs(frame(shapeless)) == []
    assert len(pairs(frame([*shapeless, *rows("", [300]), *rows("bare", [100])]))) == 1


def test_other_batches_and_shapes_are_not_compared(frame: Frame) -> None:
    own = rows("", [100], tasks=10)
    assert pairs(frame([*own, *rows("bare", [100], tasks=20)])) == []
    assert pairs(frame([*own, *rows("bare+lognormal", [100])])) == []
    assert pairs(frame([*own, *rows("bare", [100], threads=3)])) == []
    assert section(frame(own)) == []


def test_the_report_has_them_and_no_floor_wins(frame: Frame) -> None:
    samples = frame([*rows("", [1_100] * 6), *rows("bare", [1_000] * 6)])
    report = Report(samples, summarise(samples), {})
    [found] = report.sections
    assert found.title == TITLE
    [row] = found.table.rows
    assert row[1:] == [
        "threads",
        "1 × 10",
        "110 ns",
        "100 ns",
        "1.100 (1.100 … 1.100)",
        "6",
    ]
    [verdict] = report.verdicts
    assert [contender.shape for contender in verdict.first] == ["1 × 10"]
