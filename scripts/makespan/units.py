# SPDX-License-Identifier: Apache-2.0
"""Numbers as people read them."""

from __future__ import annotations

import math

from makespan.statistics import Interval

_UNITS: tuple[tuple[str, float], ...] = (("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0))


def significant(value: float, digits: int = 4) -> str:
    """The value to so many significant digits, without exponent and without trailing zeros."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(ns: float, digits: int = 4) -> str:
    """`12345678` -> `12.35 ms`: in the largest unit of which there is at least one."""
    if not math.isfinite(ns):
        return "–"
    size, unit = _unit(ns, digits)
    return f"{significant(ns / size, digits)} {unit}"


def interval(value: Interval) -> str:
    """`10.26 ms (10.11 … 10.41)`: the median and its interval, in the unit of the median."""
    size, unit = _unit(value.median, 4)
    median = _measured(value.median / size, value.median / size)
    if value.low is None or value.high is None:
        return f"{median} {unit}"
    ends = [_measured(end / size, value.median / size) for end in (value.low, value.high)]
    return f"{median} {unit} ({ends[0]} … {ends[1]})"


def ratio(value: Interval) -> str:
    """`1.017 (0.999 … 1.090)`: how many times as much, and the interval of that."""
    median, *ends = (
        _measured(part, max(value.median, 1.0))
        for part in (value.median, value.low, value.high)
        if part is not None
    )
    return f"{median} ({' … '.join(ends)})" if len(ends) == 2 else median


def span(low: float, high: float) -> str:
    """`10.12 … 10.40 ms`: both ends in the unit of the lower one."""
    size, unit = _unit(low, 4)
    ends = [_measured(end / size, low / size) for end in (low, high)]
    return f"{' … '.join(dict.fromkeys(ends))} {unit}"


def data_size(number: float) -> str:
    """`8 B`, `64 KiB`: in the largest unit of which there is at least one."""
    for unit, one in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if number >= one:
            return f"{significant(number / one, 3)} {unit}"
    return f"{significant(number, 4)} B" if math.isfinite(number) else "–"


def short(number: float) -> str:
    """`950`, `120 k`, `3.5 M`: a number as an axis or a narrow table has room for it."""
    for unit, one in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= one * 0.9995:
            return f"{significant(number / one, 3)} {unit}"
    return significant(number, 3)


def percent(share: float, digits: int = 3) -> str:
    return f"{significant(100 * share, digits)} %" if math.isfinite(share) else "–"


def clock(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`: a time to wait, in whole seconds."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: int, noun: str) -> str:
    """`1 case`, `2 launches`, `10,000 tasks`."""
    plural = noun + ("es" if noun.endswith(("ch", "s")) else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def one_line(text: str, most: int = 200) -> str:
    """Text from outside as it can go into a line of a report: printable, and not too long."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def _measured(value: float, like: float) -> str:
    """The value with as many places as `like` has with four digits: what is compared lines up."""
    places = max(0, 3 - math.floor(math.log10(abs(like)))) if like else 0
    return f"{value:.{places}f}"


def _unit(ns: float, digits: int) -> tuple[float, str]:
    # What would be rounded up to a whole one of the next unit is shown in that unit.
    nearly_one = 1 - 0.5 * 10.0**-digits
    for unit, size in _UNITS:
        if abs(ns) >= size * nearly_one:
            return size, unit
    return 1.0, "ns"
