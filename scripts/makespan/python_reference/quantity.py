# SPDX-License-Identifier: Apache-2.0
"""Values of flags, in the forms that the binaries take: benchmarks/harness/quantity.hpp."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|min|s)")
_DURATION_FORM = "a number with a unit ns, us, ms, s or min, as 10ms or 1.5s"
_LONGEST_NS = 24 * 3600 * 10**9


def duration(text: str) -> int:
    """Nanoseconds, of a task."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise refused(text, _DURATION_FORM)
    number, unit = found.groups()
    exact = int(number) * _UNITS[unit] if number.isdigit() else round(float(number) * _UNITS[unit])
    if exact > _LONGEST_NS:
        raise refused(text, f"{_DURATION_FORM}, at most 24 hours")
    return exact


def time_limit(text: str) -> int:
    ns = duration(text)
    if ns == 0:
        raise refused(text, f"{_DURATION_FORM}, above 0")
    return ns


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise refused(text, f"a whole number from {least} to {most}")
        return int(text)

    return parse


def positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise refused(text, "a number above 0")
    return number


def share(text: str) -> float:
    if not re.fullmatch(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", text) or float(text) > 1:
        raise refused(text, "a number from 0 to 1")
    return float(text)


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise refused(text, ", ".join(words))
        return text

    return parse


def file_name(text: str) -> str:
    if not text:
        raise refused(text, "the name of a file, or - for standard output")
    return text


def pattern(text: str) -> bytes:
    if "\n" in text or "\0" in text:
        raise refused(text, "a text without line ends")
    return text.encode("utf-8", "surrogateescape")


def listed(parse: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Values between commas."""
    return lambda text: list(dict.fromkeys(parse(part) for part in text.split(",")))


def refused(value: str, allowed: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"'{value}'; allowed: {allowed}")


def format_duration(ns: int) -> str:
    """The shortest exact text that duration() reads back."""
    for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if ns % size == 0:
            return f"{ns // size}{unit}"
    return f"{ns}ns"
