# SPDX-License-Identifier: Apache-2.0
"""The tables of what it costs that tasks talk."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
import synthetic
import talk_rows
from makespan.report import Report, markdown, print_report
from makespan.summary import summarise
from makespan.talk import Section, sections
from rich.console import Console
from talk_rows import Talk

Frame = Callable[..., pd.DataFrame]
Cells = dict[str, dict[str, str]]


def exact(talk: Talk, each_ns: float, **changes: object) -> list[synthetic.Row]:
    """Six rows that took exactly so long a message, hop or line, with as much CPU time."""
    time = round(talk.count * each_ns)
    own = {"makespan_ns": time, "messages_per_second": 1e9 / each_ns}
    cpu = {"user_cpu_ns": time, "system_cpu_ns": 0}
    new = {name: str(value) for name, value in {**own, **cpu, **changes}.items()}
    return [{**row, **new} for row in talk_rows.rows([talk])]


def cells(section: Section) -> Cells:
    """Row -> column -> cell."""
    first, *others = section.table.header
    assert section.table.numeric == set(others)
    return {row[0]: dict(zip(others, row[1:])) for row in section.table.rows}


def only(frame: Frame, *rows: list[synthetic.Row]) -> Section:
    (section,) = sections(summarise(frame([row for some in rows for row in some])))
    return section


def test_a_message_is_told_with_its_cpu_time_beside_a_pipe(frame: Frame) -> None:
    section = only(
        frame,
        exact(Talk("messages", "processes", "pipe", 100, 8), 800),
        exact(Talk("messages", "processes", "shared_queue", 100, 8), 200),
        exact(Talk("messages", "event_loop", "channel", 100, 8), 32),
        exact(Talk("messages", "processes", "pipe", 100, 1_024), 999),
        exact(Talk("messages", "processes", "pipe+2to1", 100, 8), 999),
    )
    assert section.title == "How tasks talk" and "processes/pipe" in section.about
    assert cells(section) == {
        "event_loop/channel": {"message of 8 B": "32 ns (0.04×)", "CPU time": "32 ns (0.04×)"},
        "processes/pipe": {"message of 8 B": "800 ns (1×)", "CPU time": "800 ns (1×)"},
        "processes/shared_queue": {
            "message of 8 B": "200 ns (0.25×)",
            "CPU time": "200 ns (0.25×)",
        },
    }


def test_round_trips_and_hops_each_beside_their_own_reference(frame: Frame) -> None:
    trips = {"round_trip_p50_ns": 8_000, "round_trip_p99_ns": 30_000}
    slow = {"round_trip_p50_ns": 16_000, "round_trip_p99_ns": 45_000}
    section = only(
        frame,
        exact(Talk("ping_pong", "processes", "pipe", 100, 8), 4_000, **trips),
        exact(Talk("ping_pong", "threads", "pipe", 100, 8), 8_000, **slow),
        exact(Talk("ring", "threads", "pipe", 2), 4_000),
        exact(Talk("ring", "threads", "pipe", 16), 5_000),
        exact(Talk("ring", "threads", "pipe", 128), 6_000),
        exact(Talk("ring", "event_loop", "pipe", 128), 1_500),
    )
    found = cells(section)
    assert found["threads/pipe"] == {
        "round trip p50": "16 µs (2×)",
        "p99": "45 µs (1.5×)",
        "hop, ring of 2": "4 µs (1×)",
        "hop, ring of 128": "6 µs (1×)",
    }
    assert found["event_loop/pipe"]["hop, ring of 128"] == "1.5 µs (0.25×)"
    assert found["event_loop/pipe"]["hop, ring of 2"] == "–"
    assert found["processes/pipe"]["hop, ring of 2"] == "–"


def test_without_the_reference_there_is_no_ratio_and_failures_say_so(frame: Frame) -> None:
    lost = Talk("messages", "processes", "pipe", 100, 8, status="error", error="it died")
    section = only(
        frame, talk_rows.rows([lost]), exact(Talk("messages", "threads", "queue", 100, 8), 200)
    )
    assert cells(section)["threads/queue"]["message of 8 B"] == "200 ns"
    assert cells(section)["processes/pipe"]["message of 8 B"] == "error"


def test_a_floor_is_called_one_and_stands_last(frame: Frame) -> None:
    section = only(frame, talk_rows.rows(list(talk_rows.messages([8]))))
    names = [row[0] for row in section.table.rows]
    assert names[-1] == "processes/bare_ring (floor)" and names[:-1] == sorted(names[:-1])


def test_pipelines_are_told_beyond_the_serial_loop_per_line_and_stage(frame: Frame) -> None:
    def at(model: str, variant: str, stages: int, each_ns: float) -> list[synthetic.Row]:
        return exact(Talk("pipeline", model, variant, 1_000, None, stages), each_ns)

    section = only(
        frame,
        at("serial", "", 1, 50),
        at("serial", "", 4, 200),
        at("coroutines", "push", 1, 57),
        at("coroutines", "push", 4, 220),
        at("threads", "", 4, 160),
    )
    assert section.title == "Pipelines, 1,000 lines"
    assert cells(section) == {
        "coroutines/push": {"1 stage": "7 ns", "4 stages": "5 ns"},
        "threads": {"1 stage": "–", "4 stages": "-10 ns"},
    }


def test_texts_of_files_have_a_table_of_their_own(frame: Frame) -> None:
    every = [*talk_rows.pipelines(), *talk_rows.pipelines([4], 77, text=True)]
    found = sections(summarise(frame(talk_rows.rows(every))))
    assert [section.title for section in found] == [
        "Pipelines, 100,000 lines", "Pipelines, 77 lines of file 1a2b3c4d"
    ]  # fmt: skip
    assert "coroutines/push" in cells(found[1])


def test_a_run_without_talk_has_no_such_table(frame: Frame) -> None:
    assert sections(summarise(frame())) == []


@pytest.fixture
def report(frame: Frame) -> Report:
    rows = synthetic.samples() + talk_rows.rows(talk_rows.quick())
    return Report(frame(rows), summarise(frame(rows), 2), synthetic.ENVIRONMENT)


def test_terminal_tells_tasks_first_and_no_line_is_broken(report: Report) -> None:
    text = io.StringIO()
    print_report(report, Console(file=text, width=140))
    told = text.getvalue()
    places = [told.index(words) for words in ("10 tasks ×", "100,000 messages", "How tasks talk")]
    assert places == sorted(places) and "Pipelines, 100,000 lines" in told
    names = {f"{model}/{own}" for model, own in talk_rows.PRICES}
    after = told[places[-1] :].splitlines()
    assert names <= {line.split()[0] for line in after if line.strip()}
    assert any("bare_ring (floor)" in line and "×)" in line for line in after)
    assert "nan" not in told


def test_markdown_has_figures_for_each_kind_of_talk(report: Report) -> None:
    text = markdown(report)
    heads = {line for line in text.splitlines() if line.startswith("| model | shape")}
    assert len(heads) == 5, "tasks, messages, ping-pong, ring, pipeline"
    assert "| per message | per second | CPU per message | round trip p50 | p99 |" in text
    assert "| per hop | per second | parallelism |" in text
    assert "## How tasks talk\n\nIn brackets, times processes/pipe" in text
    assert "### ring: ring of 16 tasks" in text
    assert "| processes/bare_ring (floor) | 2 × 1 | 6 |" in text
    winners = [line for line in text.splitlines() if line.startswith("| 100,000 messages of 8 B")]
    assert winners[0].split(" | ")[1] == "event_loop/channel"
    assert winners[0].split(" | ")[3].endswith(" each") and winners[0].split(" | ")[4] == "–"
    assert "nan" not in text


def test_some_failures_leave_the_transport_its_other_launches(frame: Frame) -> None:
    pipe = Talk("messages", "processes", "pipe", 100, 8)
    rows = exact(pipe, 800)
    rows[2] = {**talk_rows.rows([replace(pipe, status="timeout")], 1)[0], "launch": "3"}
    assert cells(only(frame, rows))["processes/pipe"]["message of 8 B"] == "800 ns (1×)"
