# SPDX-License-Identifier: Apache-2.0
"""Who wins a batch, and when nobody does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
import synthetic
import talk_rows
from makespan.batch import Batch
from makespan.columns import Variant, split_variant
from makespan.summary import summarise
from makespan.trust import grade, run_steal_share, worst
from makespan.winners import Outcome, Verdict, judge
from talk_rows import Talk

MS = synthetic.MS
SERIAL, THREADS, PROCESSES, POOL, TBB_2, TBB_10, *_, LOOP = synthetic.SHAPES
Frame = Callable[..., pd.DataFrame]


def rows(shape: synthetic.Shape, times_ms: list[float], **changes: object) -> list[synthetic.Row]:
    return [
        synthetic.sample(shape, launch=n, makespan_ns=int(time * MS), **changes)
        for n, time in enumerate(times_ms, start=1)
    ]


def around(middle: float, launches: int = 6) -> list[float]:
    """Times from middle − 1 to middle + 1: with six of them that is the interval."""
    return [middle - 1 + 2 * n / (launches - 1) for n in range(launches)]


def verdict(frame: Frame, *groups: list[synthetic.Row], cpus: int | None = 2) -> Verdict:
    (result,) = judge(summarise(frame([row for group in groups for row in group]), cpus))
    return result


def names(result: Verdict) -> list[str]:
    return [contender.model for contender in result.first]


def test_a_winner(frame: Frame) -> None:
    result = verdict(frame, rows(THREADS, around(20)), rows(LOOP, around(10)))
    assert result.outcome is Outcome.WON
    assert str(result.first[0]) == "event_loop 1 × 1"
    assert str(result.follower) == "threads 1 × 10"
    assert result.ratio == pytest.approx(2)
    assert str(result.batch) == "10 tasks × sleep 10 ms"


def test_overlapping_intervals_have_no_winner(frame: Frame) -> None:
    result = verdict(
        frame, rows(THREADS, around(10)), rows(LOOP, around(11)), rows(SERIAL, around(50))
    )
    assert result.outcome is Outcome.SHARED
    assert names(result) == ["event_loop", "threads"], "by name: an order by time would tell one"
    assert str(result.follower) == "serial 1 × 1"
    assert result.ratio == pytest.approx(5)


def test_intervals_that_touch_are_not_separated(frame: Frame) -> None:
    touching = verdict(frame, rows(THREADS, around(10)), rows(LOOP, around(12)))
    apart = verdict(frame, rows(THREADS, around(10)), rows(LOOP, around(12.001)))
    assert (touching.outcome, apart.outcome) == (Outcome.SHARED, Outcome.WON)


def test_shapes_of_one_model_do_not_compete(frame: Frame) -> None:
    result = verdict(
        frame, rows(TBB_2, around(10.5)), rows(TBB_10, around(10)), rows(THREADS, around(20))
    )
    assert result.outcome is Outcome.WON
    assert str(result.first[0]) == "tbb_pool 1 × 10"
    assert str(result.follower) == "threads 1 × 10"


def test_a_models_best_shape_stands_for_it(frame: Frame) -> None:
    result = verdict(
        frame, rows(THREADS, around(10)), rows(TBB_10, [12.1] * 6), rows(TBB_2, around(13))
    )
    assert result.outcome is Outcome.WON
    assert str(result.follower) == "tbb_pool 1 × 10"


def test_any_shape_of_a_rival_that_overlaps_takes_the_win_away(frame: Frame) -> None:
    """The best shape of tbb_pool is separated from the winner, its second one is not."""
    result = verdict(
        frame,
        rows(THREADS, around(10)),
        rows(TBB_10, [12.1] * 6),
        rows(TBB_2, [9.5, 9.5, 13, 13, 13, 13]),
    )
    assert result.outcome is Outcome.SHARED
    assert [contender.model for contender in result.first] == ["tbb_pool", "threads"]


@pytest.mark.parametrize("few", [0, 1])
def test_fewer_than_six_launches_separate_nothing(frame: Frame, few: int) -> None:
    launches = [6, 6]
    launches[few] = 5
    result = verdict(
        frame, rows(THREADS, around(10, launches[0])), rows(LOOP, around(50, launches[1]))
    )
    assert result.outcome is Outcome.TOO_FEW
    assert "n < 6" in result.outcome.value
    assert names(result) == ["event_loop", "threads"]
    assert result.follower is None


def test_a_failed_case_never_wins_and_is_named(frame: Frame) -> None:
    fastest = rows(LOOP, around(2))
    fastest[3] = synthetic.failed(fastest[3], "timeout", "no end\nafter 60 s")
    skipped = [synthetic.failed(row, "skipped", "pid_max 100") for row in rows(POOL, around(3))]
    result = verdict(frame, fastest, skipped, rows(THREADS, around(10)), rows(SERIAL, around(90)))
    assert result.outcome is Outcome.WON and names(result) == ["threads"]
    assert result.missing == (
        "event_loop: timeout in 1 of 6 launches (no end after 60 s)",
        "process_pool: skipped (pid_max 100)",
    )


def test_a_failed_shape_leaves_the_model_its_others(frame: Frame) -> None:
    lost = [synthetic.failed(row, "error", "wrong checksum") for row in rows(TBB_10, around(1))]
    result = verdict(frame, lost, rows(TBB_2, around(10)), rows(THREADS, around(20)))
    assert str(result.first[0]) == "tbb_pool 1 × 2"
    assert result.missing == ("tbb_pool 1 × 10: error (wrong checksum)",)


def test_alone_and_none(frame: Frame) -> None:
    alone = verdict(frame, rows(THREADS, around(10)))
    assert alone.outcome is Outcome.ALONE and names(alone) == ["threads"]
    lost = [synthetic.failed(row, "skipped", "limit") for row in rows(THREADS, around(10))]
    none = verdict(frame, lost)
    assert none.outcome is Outcome.NONE and none.first == () and none.grade == "?"


def test_batches_are_told_apart_and_ordered(frame: Frame) -> None:
    everything = [
        *rows(THREADS, [1], benchmark="mixed", tasks=10, sleep_ns=9 * MS, compute_ns=MS),
        *rows(THREADS, [1], benchmark="compute", tasks=1, sleep_ns=0, compute_ns=MS),
        *rows(THREADS, [1], tasks=1000),
        *rows(THREADS, [1], tasks=10),
        *rows(THREADS, [1], tasks=10, variant="lognormal"),
        *rows(LOOP, [1], tasks=10, variant="loop+lognormal"),
    ]
    verdicts = judge(summarise(frame(everything)))
    assert [str(found.batch) for found in verdicts] == [
        "10 tasks × sleep 10 ms",
        "1,000 tasks × sleep 10 ms",
        "10 tasks × sleep 10 ms, lognormal sizes",
        "1 task × compute 1 ms",
        "10 tasks × sleep 9 ms + compute 1 ms",
    ]
    assert [str(c) for c in verdicts[2].first] == ["event_loop 1 × 1 loop", "threads 1 × 10"]


def test_tasks_that_neither_sleep_nor_compute_are_called_empty() -> None:
    assert str(Batch("sleep", 100)) == "100 empty tasks"
    assert str(Batch("compute", 1, sizes="uniform")) == "1 empty task, uniform sizes"
    assert str(Batch("footprint", 1000)) == "1,000 waiting tasks"
    assert str(Batch("sleep", 100, MS, scheduling="pin-0")).startswith("100 tasks × sleep 1 ms")


def talks(*wanted: Talk) -> list[synthetic.Row]:
    return talk_rows.rows(list(wanted))


def test_where_tasks_talk_every_transport_competes(frame: Frame) -> None:
    result = verdict(
        frame,
        talks(*(Talk("messages", "processes", own, 100, 8) for own in ("pipe", "shared_queue"))),
        talks(Talk("messages", "threads", "queue", 100, 8)),
    )
    assert result.outcome is Outcome.WON
    assert str(result.first[0]) == "processes/shared_queue 2 × 1"
    assert str(result.follower) == "threads/queue 1 × 2"
    assert pd.isna(result.first[0].efficiency) and pd.isna(result.first[0].model_bound_ns)


def test_a_floor_never_wins_nor_takes_a_win_away_and_is_no_follower(frame: Frame) -> None:
    floor = Talk("messages", "processes", "bare_ring", 100, 8)
    channel, pipe = (Talk("messages", "event_loop", own, 100, 8) for own in ("channel", "pipe"))
    result = verdict(frame, talks(floor, channel, pipe))
    assert [str(c) for c in (*result.first, result.follower)] == [
        "event_loop/channel 1 × 1", "event_loop/pipe 1 × 1"
    ]  # fmt: skip
    same = [{**row, "messages_per_second": "3000"} for row in talks(floor, channel)]
    assert verdict(frame, same).outcome is Outcome.ALONE
    assert verdict(frame, talks(floor)).outcome is Outcome.NONE
    (lost,) = talks(replace(floor, status="error", error="died"))[:1]
    assert verdict(frame, [lost], talks(pipe)).missing == ("processes/bare_ring (floor): error (died)",)


def test_rings_compete_by_the_time_of_a_hop_however_many_they_made(frame: Frame) -> None:
    ring: dict[str, object] = {"benchmark": "ring", "tasks": 2, "model_bound_ns": ""}
    many = rows(LOOP, around(50), **ring, variant="channel", messages_per_second=1e6)
    few = rows(THREADS, around(40), **ring, variant="pipe", messages_per_second=1e5)
    result = verdict(frame, many, few)
    assert result.outcome is Outcome.WON
    assert names(result) == ["event_loop"] and result.ratio == pytest.approx(10)
    pace = result.first[0].pace
    assert (pace.low, pace.median, pace.high) == pytest.approx((980, 1000, 1020))
    slower = rows(THREADS, around(40), **ring, variant="pipe", messages_per_second=1.01e6)
    assert verdict(frame, many, slower).outcome is Outcome.SHARED


def test_batches_of_tasks_that_talk_have_titles_and_come_last(frame: Frame) -> None:
    every = [
        Talk("pipeline", "serial", "text-1a2b3c4d", 100_000, None, 1),
        Talk("pipeline", "coroutines", "push", 100_000, None, 16),
        Talk("pipeline", "coroutines", "push", 100_000, None, 4),
        Talk("ring", "threads", "pipe", 128),
        Talk("ring", "threads", "pipe", 16),
        Talk("ping_pong", "threads", "pipe", 2_000, 8),
        Talk("messages", "threads", "queue+2to1", 100_000, 8),
        Talk("messages", "threads", "queue", 5_000, 65_536),
        Talk("messages", "threads", "queue", 100_000, 8),
    ]
    frame_of = frame([*talks(*every), *rows(THREADS, [1])])
    assert [str(found.batch) for found in judge(summarise(frame_of))] == [
        "10 tasks × sleep 10 ms",
        "100,000 messages of 8 B",
        "5,000 messages of 64 KiB",
        "100,000 messages of 8 B, 2 producers, 1 consumer",
        "ping-pong of 8 B",
        "ring of 16 tasks",
        "ring of 128 tasks",
        "100,000 lines through 4 greps",
        "100,000 lines through 16 greps",
        "100,000 lines of file 1a2b3c4d through 1 grep",
    ]


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("", Variant()),
        ("loop+lognormal", Variant("loop", "lognormal")),
        ("uniform", Variant("", "uniform")),
        ("shared_queue+2to1", Variant("shared_queue", producers=2)),
        ("pipe+12to34", Variant("pipe", producers=12, consumers=34)),
        ("push+text-1a2b", Variant("push", text="text-1a2b")),
        ("pattern-1a2b", Variant(text="pattern-1a2b")),
        ("2to", Variant("2to")),
        ("loop+uniform+slack-1us+pin-0_2-4", Variant("loop", "uniform", scheduling="slack-1us+pin-0_2-4")),
        ("pin-0", Variant(scheduling="pin-0")),
        ("queue+2to1+slack-1500ns", Variant("queue", producers=2, scheduling="slack-1500ns")),
        ("slack-+pin-x", Variant("slack-+pin-x")),
    ],
)
def test_the_parts_of_a_variant(variant: str, expected: Variant) -> None:
    assert split_variant(variant) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "A"), (0.0049, "A"), (0.005, "B"), (0.0199, "B"), (0.02, "C"), (0.9, "C"), (float("nan"), "?")],
)
def test_grades(share: float, expected: str) -> None:
    assert grade(share) == expected


def test_a_verdict_is_as_trusted_as_the_worst_case_it_rests_on(frame: Frame) -> None:
    stolen = rows(THREADS, around(20), steal_ns=4 * MS)
    ignored = rows(SERIAL, around(90), steal_ns=90 * MS)
    result = verdict(frame, rows(LOOP, around(10)), stolen, ignored)
    assert result.first[0].grade == "A"
    assert result.grade == "C", "that of the follower"
    assert verdict(frame, rows(LOOP, around(10)), cpus=None).grade == "?"
    assert worst([]) == "?" and worst("AAB") == "B" and worst("A?") == "?"


def test_steal_of_the_whole_run(frame: Frame) -> None:
    samples = frame([*rows(LOOP, [10] * 5), *rows(THREADS, [30], steal_ns=8 * MS)])
    assert run_steal_share(samples, 2) == pytest.approx(8 / 160)
    assert pd.isna(run_steal_share(samples, None))
