# SPDX-License-Identifier: Apache-2.0
"""What people read: the table on the terminal, winners.md, the warnings with their remedies."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import synthetic
from makespan import units
from makespan.caveats import caveats
from makespan.report import Report, markdown, print_report
from makespan.statistics import Interval
from makespan.summary import summarise
from rich.console import Console

MS = synthetic.MS
Frame = Callable[..., pd.DataFrame]
RUN = {"run_id": "20260131T120102Z-1a2b3c4", "preset": "quick"}


def report(frame: Frame, rows: list[synthetic.Row], **changes: Any) -> Report:
    samples = frame(rows)
    environment = {**synthetic.ENVIRONMENT, "run": RUN, **changes}
    return Report(samples, summarise(samples, 2), environment, left_out=3)


def printed(what: Report) -> str:
    text = io.StringIO()
    print_report(what, Console(file=text, width=160))
    return text.getvalue()


def warnings(frame: Frame, rows: list[synthetic.Row] | None = None, **changes: Any) -> list[str]:
    return report(frame, synthetic.samples() if rows is None else rows, **changes).warnings


def test_a_quiet_release_run_has_no_warning(frame: Frame) -> None:
    assert warnings(frame) == []


@pytest.mark.parametrize(
    ("changes", "says", "remedy"),
    [
        ({"governor": "powersave"}, "governor is powersave", "cpupower frequency-set -g performance"),
        ({"load_1m": 1.75}, "load average was 1.75", "end other programs"),
        ({"build_type": "Debug"}, "build type Debug", "preset release"),
        ({"build_type": None}, "build type not recorded", "preset release"),
        ({"compiler_flags": "-O1 -fsanitize=thread"}, "sanitizer", "preset release"),
        ({"git_dirty": True}, "uncommitted changes", "commit first"),
    ],
)
def test_warnings_of_machine_and_build(
    frame: Frame, changes: dict[str, Any], says: str, remedy: str
) -> None:
    (warning,) = warnings(frame, **changes)
    assert says in warning.split("Remedy: ")[0] and remedy in warning.split("Remedy: ")[1]


def test_warnings_of_the_samples(frame: Frame) -> None:
    few = warnings(frame, synthetic.samples(rounds=5))
    assert len(few) == 1 and "9 cases of 9 measured fewer than 6 times" in few[0]
    stolen = [{**row, "steal_ns": str(5 * MS)} for row in synthetic.samples()]
    assert "(trust grade C)" in warnings(frame, stolen)[0]
    noisy = warnings(frame, synthetic.samples(noise=0.5))
    assert len(noisy) == 1 and "interval wider than 10 % of the median" in noisy[0]
    rows = synthetic.samples()
    rows[0] = synthetic.failed(rows[0], "error", "wrong checksum")
    assert "1 case of 9 failed" in warnings(frame, rows)[0]


def test_an_environment_of_any_kind_is_survived(frame: Frame) -> None:
    samples = frame()
    summary = summarise(samples)
    odd: dict[str, Any] = {"load_1m": ["1", 2], "governor": 7, "cpus_usable": "many", "git_dirty": None, "run": None}
    environments: list[dict[str, Any]] = [{}, odd]
    for environment in environments:
        assert caveats(samples, summary, environment)
        assert "machine not recorded" in markdown(Report(samples, summary, environment))


def test_terminal(frame: Frame) -> None:
    rows = synthetic.samples(batches=[("sleep", 10, 10 * MS, 0), ("compute", 100, 0, MS)])
    rows += [synthetic.failed(synthetic.sample(synthetic.SHAPES[2], tasks=10**5), "skipped", "pid_max\n4096")]
    text = printed(report(frame, rows))
    assert "10 tasks × sleep 10 ms" in text and "100 tasks × compute 1 ms" in text
    assert "not separated: event_loop, hybrid" in text
    assert "100,000 tasks × sleep 10 ms: processes: skipped (pid_max 4096)" in text
    assert "3 more left out by limits" in text and "trust grade A" in text
    assert "Example CPU @ 2.00GHz · 2 CPUs usable" in text
    assert "above bound" not in text, "too many cases for the terminal"


def test_few_cases_are_all_shown(frame: Frame) -> None:
    text = printed(report(frame, synthetic.samples(rounds=1)))
    assert "not separated (n < 6)" in text
    lines = [line for line in text.splitlines() if "tbb_pool" in line and "1 × 10" in line]
    assert any("10 ms" in line and "%" in line for line in lines)


def test_no_winner_is_named_where_there_is_none(frame: Frame) -> None:
    what = report(frame, synthetic.samples(rounds=1))
    row = next(line for line in markdown(what).splitlines() if line.startswith("| 10 tasks"))
    assert not any(shape.model in row for shape in synthetic.SHAPES)


def test_markdown(frame: Frame) -> None:
    rows = synthetic.samples(shapes=synthetic.SHAPES[:4])
    rows[0] = synthetic.failed(rows[0], "error", "a | b\n# c")
    text = markdown(report(frame, rows, governor="powersave"))
    assert "| batch | winner | shape | makespan | efficiency | next | trust |" in text
    assert "## Warnings\n\n- 1 case" not in text and "- The CPU frequency governor" in text
    assert "Remedy: sudo cpupower" in text
    assert "### sleep: 10 tasks × sleep 10 ms" in text
    assert "a \\| b # c" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in tables}
    assert widths == {8, 11}, "every row has as many cells as its header"


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1000, "1 µs"),
        (12_345_678, "12.35 ms"),
        (999_999_999, "1 s"),
        (5_002_000_000, "5.002 s"),
        (-1500, "-1.5 µs"),
        (float("nan"), "–"),
    ],
)
def test_durations(ns: float, text: str) -> None:
    assert units.duration(ns) == text


def test_intervals_line_up() -> None:
    value = Interval(10.1 * MS, 10.2 * MS, 10.312 * MS, 6)
    assert units.interval(value) == "10.20 ms (10.10 … 10.31)"
    assert units.interval(Interval(None, 5e9, None, 1)) == "5.000 s"
    assert units.span(10.2 * MS, 999 * MS) == "10.20 … 999.00 ms"
    assert units.span(MS, MS) == "1.000 ms"


@pytest.mark.parametrize(
    ("number", "size", "short"),
    [
        (8, "8 B", "8"),
        (1000, "1000 B", "1 k"),
        (1024, "1 KiB", "1.02 k"),
        (1536, "1.5 KiB", "1.54 k"),
        (65_536, "64 KiB", "65.5 k"),
        (1 << 20, "1 MiB", "1.05 M"),
        (999_999, "977 KiB", "1 M"),
        (float("nan"), "–", "–"),
    ],
)
def test_sizes_and_short_numbers(number: float, size: str, short: str) -> None:
    assert (units.data_size(number), units.short(number)) == (size, short)


def test_other_words() -> None:
    assert [units.count(n, "launch") for n in (0, 1, 2000)] == ["0 launches", "1 launch", "2,000 launches"]
    assert [units.clock(s) for s in (-1, 7.4, 750, 3723)] == ["0:00", "0:07", "12:30", "1:02:03"]
    assert units.percent(0.98765) == "98.8 %" and units.percent(float("nan")) == "–"
    assert units.one_line("a\n\tb\x1b[31m  c") == "a b [31m c"
    assert units.one_line("x" * 300).endswith("…") and len(units.one_line("x" * 300)) == 200
