# SPDX-License-Identifier: Apache-2.0
"""Numbers and names as people read them."""

import math

UNITS = (("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1.0))


def rounded(value: float, digits: int) -> str:
    """`value` to so many significant digits, thousands set apart, no exponent: 1,234 or 0.0123."""
    if not value:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(ns: float, digits: int = 3) -> str:
    """Like "1.5 ms", in the largest unit that gives at least 1."""
    for unit, size in UNITS:
        if abs(ns) >= size * (1 - 1e-9):
            return f"{rounded(ns / size, digits)} {unit}"
    return f"{rounded(ns, digits)} ns" if ns else "0"


def one_line(text: str) -> str:
    """Printable text without line breaks or control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def shortened(text: str, length: int) -> str:
    """`text`, or its beginning and end with … between, at most `length` characters."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length - 1 - head):]}"


def listed(words: list[str], most: int = 6) -> str:
    """"a, b and c"; beyond `most`, "a, b … and 7 more"."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} … and {len(words) - most + 1} more"
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else ""
