# SPDX-License-Identifier: Apache-2.0
"""How a launch was scheduled, as the column `variant` tells it with the tags of --timer-slack and --pin."""

from __future__ import annotations

import re

from makespan.units import duration

_SLACK = re.compile(r"slack-([0-9]+)(ns|us|ms|s)")
_PINNED = re.compile(r"pin-[0-9][0-9_-]*")
_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}


def is_tag(part: str) -> bool:
    """Whether a part of the column `variant` tells how a launch was scheduled."""
    return bool(_SLACK.fullmatch(part) or _PINNED.fullmatch(part))


def timer_slack_ns(tags: str) -> int | None:
    """The timer slack that was asked for; None for the system's own."""
    found = _SLACK.search(tags)
    return int(found[1]) * _NS[found[2]] if found else None


def scheduling_words(tags: str) -> str:
    """`slack-1us+pin-0_2` -> `timer slack 1 µs, on CPUs 0,2`."""
    slack = timer_slack_ns(tags)
    words = [] if slack is None else [f"timer slack {duration(slack)}"]
    _, pinned, cpus = tags.partition("pin-")
    if pinned:
        words.append(f"on {'CPU' if cpus.isdecimal() else 'CPUs'} {cpus.replace('_', ',')}")
    return ", ".join(words)
