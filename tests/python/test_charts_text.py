# SPDX-License-Identifier: Apache-2.0
"""Numbers, names and ticks as they stand in the charts."""

from __future__ import annotations

import pytest
from makespan.charts.scales import decades, log_ticks
from makespan.charts.text import duration, listed, quantity, shortened


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0"), (1, "1 ns"), (1_500, "1.5 µs"), (10_000_000, "10 ms"), (25e9, "25 s")],
)
def test_durations_are_in_human_units(ns: float, text: str) -> None:
    assert duration(ns) == text


@pytest.mark.parametrize(("value", "text"), [(10_000, "10,000"), (1, "1"), (0.25, "0.25")])
def test_quantities_set_thousands_apart(value: float, text: str) -> None:
    assert quantity(value) == text


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    name = "a_very_long_name_of_a_model_number_17"
    short = shortened(name, 20)
    assert len(short) == 20
    assert short.startswith("a_very_long_") and short.endswith("r_17") and "…" in short
    assert shortened("serial", 20) == "serial"


def test_lists_read_like_sentences_and_end() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdefgh"), most=4) == "a, b, c … and 5 more"


@pytest.mark.parametrize("span", [(1.0, 5.0), (1e3, 1e9), (1e-3, 1e12), (9.1e6, 1.1e7)])
def test_a_log_axis_always_has_labels_and_never_too_many(span: tuple[float, float]) -> None:
    low, high = decades(*span, at_least=1.0)
    ticks = log_ticks(low, high, most=7)
    assert 2 <= len(ticks) <= 7
    assert all(low <= tick <= high for tick in ticks)


def test_limits_hold_the_data_with_room_at_both_ends() -> None:
    low, high = decades(10, 1000, at_least=1.0, room=0.1)
    assert low == pytest.approx(10 ** (1 - 0.2))
    assert high == pytest.approx(10 ** (3 + 0.2))
    low, high = decades(10, 10, at_least=1.0)
    assert high / low == pytest.approx(10)
