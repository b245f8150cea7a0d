# SPDX-License-Identifier: Apache-2.0
"""Names and numbers short enough for a chart."""

from __future__ import annotations

from collections.abc import Sequence

from makespan import units


def duration(ns: float, digits: int = 3) -> str:
    """Like "1.5 ms"; no unit at zero, where every unit would do."""
    return units.duration(ns, digits) if ns else "0"


def quantity(value: float) -> str:
    """A number of tasks or workers, or a mean: thousands set apart, three digits below one."""
    return f"{value:,.0f}" if value >= 1 else units.significant(value, 3)


def shortened(text: str, length: int) -> str:
    """`text`, or its beginning and end with … between, at most `length` characters."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length - 1 - head):]}"


def listed(words: Sequence[str], most: int = 6) -> str:
    """ "a, b and c"; beyond `most`, "a, b … and 7 more"."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} … and {len(words) - most + 1} more"
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
