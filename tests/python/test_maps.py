# SPDX-License-Identifier: Apache-2.0
"""The map of winners: which points are added, and where two models cross, on data with known answers."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import map_rows
import numpy as np
import pandas as pd
import pytest
import synthetic
from makespan.maps.crossings import Crossing, crossings, nearest
from makespan.maps.field import Field, find_field
from makespan.maps.points import Point, find_map, main_values, point_of
from makespan.maps.refinement import Change, changes, midpoint, refinement
from makespan.maps.table import sections
from makespan.report import Report, markdown, print_report
from makespan.batch import Batch
from makespan.summary import summarise
from map_rows import GRID, Spot
from rich.console import Console

Frame = Callable[..., pd.DataFrame]
US, MS = 1_000, 1_000_000
AT_HALF = tuple(spot for spot in GRID if spot[2] == 0.5)


def field_of(samples: pd.DataFrame) -> Field:
    return find_field(samples, summarise(samples))


def test_a_point_is_read_off_a_batch() -> None:
    assert point_of(Batch("mixed", 10, 750 * US, 250 * US)) == Point(10, MS, 0.25)
    assert point_of(Batch("mixed", 10, 0, MS)) == Point(10, MS, 1.0)
    for other in (
        Batch("sleep", 10, MS),
        Batch("mixed", 10, MS, MS, sizes="uniform"),
        Batch("mixed", 10),
        Batch("mixed", 0, MS, MS),
    ):
        assert point_of(other) is None


def test_a_map_takes_two_by_two(frame: Frame) -> None:
    def points(spots: list[Spot]) -> int:
        return len(find_map(summarise(frame(map_rows.rows(spots)))))

    assert points([(10, MS, 0.5), (100, MS, 0.5), (10, MS, 0.1), (100, MS, 0.1)]) == 0
    assert points([(10, MS, 0.5), (100, 2 * MS, 0.5)]) == 0
    square: list[Spot] = [(n, length, 0.5) for n in (10, 100) for length in (MS, 2 * MS)]
    assert points(square) == 4
    assert points([*square, (10, MS, 0.1)]) == 5


def test_midpoints_are_geometric_but_for_the_share() -> None:
    def middle(axis: str, low: Point, high: Point) -> Point | None:
        return midpoint(Change(axis, low, high))

    here = Point(10, MS, 0.0)
    assert middle("tasks", here, Point(100, MS, 0.0)) == Point(32, MS, 0.0)
    assert middle("tasks", Point(100, MS, 0.0), Point(1000, MS, 0.0)) == Point(320, MS, 0.0)
    assert middle("length_ns", here, Point(10, 10 * MS, 0.0)) == Point(10, 3_200 * US, 0.0)
    assert middle("share", here, Point(10, MS, 0.5)) == Point(10, MS, 0.25)
    assert middle("tasks", here, Point(11, MS, 0.0)) is None


def test_points_are_added_only_between_different_winners(frame: Frame) -> None:
    """The crossover at a share of 0.5 is at tasks × length = 40 ms."""
    spots: list[Spot] = [(n, length, 0.5) for n in (10, 100, 1000) for length in (100 * US, MS)]
    summary = summarise(frame(map_rows.rows(spots)))
    found = {(one.axis, one.low.tasks, one.low.length_ns) for one in changes(find_map(summary))}
    assert found == {("tasks", 10, MS), ("tasks", 100, 100 * US), ("length_ns", 100, 100 * US)}
    wanted = refinement(summary)
    assert list(wanted) == [Point(32, MS, 0.5), Point(100, 320 * US, 0.5), Point(320, 100 * US, 0.5)]


def test_between_shares_points_are_added_as_well(frame: Frame) -> None:
    spots: list[Spot] = [(n, MS, s) for n in (10, 100) for s in (0.0, 0.5, 1.0)]
    spots += [(n, 2 * MS, s) for n in (10, 100) for s in (0.0, 0.5, 1.0)]
    wanted = refinement(summarise(frame(map_rows.rows(spots))))
    assert Point(100, MS, 0.25) in wanted, "the loop wins without computing, threads at one half"
    assert Point(10, MS, 0.25) not in wanted


def test_refining_closes_in_on_the_crossover(frame: Frame) -> None:
    spots = list(AT_HALF)
    for _ in range(3):
        added = refinement(summarise(frame(map_rows.rows(spots))))
        assert added
        spots += [(point.tasks, point.length_ns, point.share) for point in added]
    left = refinement(summarise(frame(map_rows.rows(spots))))
    line = sorted(tasks for tasks, length, _ in spots if length == MS)
    assert {38, 41, 42, 43, 44} & set(line), line
    for point in left:
        off = math.log10(point.tasks * point.length_ns / map_rows.CROSSOVER_NS)
        assert abs(off) < 0.2, "all that is left to be halved lies around the crossover"


def test_models_far_behind_are_not_measured_between(frame: Frame) -> None:
    (models,) = set(refinement(summarise(frame(map_rows.rows(AT_HALF)))).values())
    assert models == {"threads", "event_loop"}


def test_nothing_is_added_where_nobody_is_separated(frame: Frame) -> None:
    assert refinement(summarise(frame(map_rows.rows(AT_HALF, rounds=5)))) == {}
    alike = map_rows.rows(AT_HALF, noise=0.05, paces=lambda model, spot: 1e6)
    assert refinement(summarise(frame(alike))) == {}


def test_a_shared_first_place_is_no_change(frame: Frame) -> None:
    """Loop, not separated, threads: neighbours have a first place in common."""
    times = {10: {"threads": 2e6, "event_loop": 1e6}, 100: {}, 1000: {"threads": 1e6, "event_loop": 2e6}}
    spots: list[Spot] = [(n, length, 0.5) for n in times for length in (MS, 2 * MS)]
    made = map_rows.rows(
        spots, ("threads", "event_loop"), noise=0.01, paces=lambda model, spot: times[spot[0]].get(model, 1e6)
    )
    summary = summarise(frame(made))
    assert len(find_map(summary)) == 6
    assert list(changes(find_map(summary))) == []


def along_tasks(field: Field, length: int) -> list[Crossing]:
    return [c for c in crossings(field) if c.axis == "tasks" and c.low.length_ns == length and c.low.share == 0.5]


def test_the_crossover_of_powers_is_exact(frame: Frame) -> None:
    field = field_of(frame(map_rows.rows()))
    found = list(crossings(field))
    assert {one.axis for one in found} == {"tasks", "length_ns", "share"}
    for one in found:
        point, value = one.low, one.value
        at = {"tasks": point.tasks, "length_ns": point.length_ns, "share": point.share, one.axis: value}
        known = at["tasks"] * at["length_ns"] * 100 ** (at["share"] - 0.5)
        assert known == pytest.approx(map_rows.CROSSOVER_NS, rel=1e-6)
        assert (one.below, one.above) == ("event_loop", "threads")
        assert one.first == pytest.approx(one.place) == one.last
    (here,) = along_tasks(field, MS)
    assert here.value == pytest.approx(40, rel=1e-6)
    assert (here.low.tasks, here.high.tasks) == (10, 100)


def test_the_band_holds_the_crossover_and_narrows_with_the_noise(frame: Frame) -> None:
    widths, held, tries = [], 0, 0
    for noise in (0.02, 0.1):
        wide = []
        for seed in range(12):
            field = field_of(frame(map_rows.rows(AT_HALF, ("threads", "event_loop"), 10, noise, seed)))
            for length, known in ((100 * US, 400), (MS, 40)):
                (one,) = along_tasks(field, length)
                wide.append(one.last - one.first)
                held += one.first <= math.log10(known) <= one.last
                tries += 1
        widths.append(np.median(wide))
    assert tries == 48 and held >= 40, "95 % of them, less what ten launches lack"
    assert 0 < widths[0] < widths[1] / 3


def test_the_same_samples_give_the_same_band(frame: Frame) -> None:
    made = map_rows.rows(AT_HALF, noise=0.05)
    assert list(crossings(field_of(frame(made)))) == list(crossings(field_of(frame(made))))


def test_few_launches_have_a_crossover_without_a_band(frame: Frame) -> None:
    for one in crossings(field_of(frame(map_rows.rows(AT_HALF, rounds=5)))):
        assert math.isfinite(one.place) and math.isnan(one.first) and math.isnan(one.last)


def test_a_crossover_may_lie_beyond_the_line() -> None:
    places = np.array([1.0, 2.0, 3.0])
    ratios = np.array([[-1.0, -3.0, 1.0, -1.0], [1.0, -2.0, 2.0, 1.0], [2.0, -1.0, 3.0, -1.0]])
    assert list(nearest(places, ratios, 1.4)) == [1.5, math.inf, -math.inf, 1.5]


def test_the_nearest_of_several_crossovers_counts() -> None:
    places = np.array([1.0, 2.0, 3.0, 4.0])
    ratios = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    assert nearest(places, ratios, 1.6)[0] == 1.5
    assert nearest(places, ratios, 3.2)[0] == 3.5


def test_a_model_that_failed_has_no_times_there(frame: Frame) -> None:
    made = map_rows.rows(AT_HALF)
    spoilt = synthetic.failed(made[0], "error", "the reason")
    field = field_of(frame([spoilt, *made[1:]]))
    assert "serial" not in field.times[Point(10, 100 * US, 0.5)]
    assert "serial" in field.times[Point(100, 100 * US, 0.5)]


def test_a_crossover_needs_both_models_at_both_ends(frame: Frame) -> None:
    whole = map_rows.rows(AT_HALF)
    lacking = map_rows.without(whole, "threads", (10, MS, 0.5))
    assert len(lacking) == len(whole) - 6
    assert along_tasks(field_of(frame(whole)), MS) and not along_tasks(field_of(frame(lacking)), MS)


def test_best_shape_stands_for_a_model(frame: Frame) -> None:
    made = map_rows.rows(AT_HALF, ("tbb_pool", "threads"), paces=lambda model, spot: 2e6)
    faster = [{**row, "threads": "2", "makespan_ns": "1000000"} for row in made if row["model"] == "tbb_pool"]
    field = field_of(frame([*made, *faster]))
    assert field.times[Point(10, MS, 0.5)]["tbb_pool"].log == pytest.approx(math.log(1e6))
    assert field.best(Point(10, MS, 0.5)) == "tbb_pool"


def test_the_coarse_grid_is_told_from_what_was_added(frame: Frame) -> None:
    points = [Point(*spot) for spot in GRID]
    added = [Point(32, MS, 0.5), Point(32, MS, 1.0), Point(100, MS, 0.25)]
    assert main_values([*points, *added], "tasks") == [10, 100, 1000]
    assert main_values([*points, *added], "share") == [0.0, 0.5, 1.0]


def test_the_tables_of_a_map(frame: Frame) -> None:
    samples = frame(map_rows.rows([*AT_HALF, (32, MS, 0.5)]))
    winners, moved = sections(samples, summarise(samples))
    assert winners.table.header == ("CPU", "task", "10 tasks", "100 tasks", "1,000 tasks")
    assert [list(row) for row in winners.table.rows] == [
        ["50 %", "100 µs", "event_loop", "event_loop", "threads"],
        ["50 %", "1 ms", "event_loop", "threads", "threads"],
        ["50 %", "10 ms", "threads", "threads", "threads"],
    ]
    assert ["1 ms each, 50 % CPU", "event_loop", "40 tasks (40 tasks … 40 tasks)", "threads"] in [
        list(row) for row in moved.table.rows
    ]
    assert ["100 tasks, 50 % CPU", "event_loop", "400 µs (400 µs … 400 µs)", "threads"] in [
        list(row) for row in moved.table.rows
    ]
    assert len(moved.table.rows) == 4, "two along tasks, two along the length"


def test_the_tables_name_no_winner_of_what_is_not_separated(frame: Frame) -> None:
    samples = frame(map_rows.rows(AT_HALF, noise=0.05, paces=lambda model, spot: 1e6))
    (winners,) = sections(samples, summarise(samples))
    assert all(cell == "event_loop ~ serial ~ threads" for row in winners.table.rows for cell in row[2:])


def test_the_report_of_a_map_is_short(frame: Frame) -> None:
    sleep = synthetic.samples()
    samples = frame([*map_rows.rows(), *sleep])
    report = Report(samples, summarise(samples), synthetic.ENVIRONMENT)
    text = io.StringIO()
    print_report(report, Console(file=text, width=140))
    for said in (text.getvalue(), markdown(report).split("## Every case")[0]):
        assert "10 tasks × sleep 10 ms" in said and "Map of winners" in said
        assert "tasks × sleep 5 ms + compute 5 ms" not in said
        assert "Where the winner changes" in said
    plain = Report(frame(sleep), summarise(frame(sleep)), synthetic.ENVIRONMENT)
    assert "Map of winners" not in markdown(plain)
