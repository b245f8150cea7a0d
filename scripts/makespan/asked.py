# SPDX-License-Identifier: Apache-2.0
"""The rules of a verdict as people ask for them: flags of compare.py, run.sh and gate.sh, and what env.json
keeps of them. Loads nothing that takes long; makespan.verdicts does, and is loaded to read them only."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from makespan.verdicts import Rules

# The name of each rule: its flag, what it takes, and what --help says of it.
_FLAGS = {
    "metric": (
        "--metric",
        "LIST",
        "what decides, of: makespan, cpu (CPU time), memory (peak memory), messages (time per message), footprint "
        "(of bench_footprint alone). All are reported (default: makespan,cpu,footprint)",
    ),
    "min_effect": (
        "--min-effect",
        "LIST",
        "how large a change must be to count, like 5%%, or mixed=10%% for one benchmark (default: compute 2.5%%, "
        "sleep 2%%, others 5%%; twice that for two runs)",
    ),
    "alpha": (
        "--alpha",
        "P",
        "chance that equal builds have any case called changed, over all cases (default: 0.05)",
    ),
}


@dataclass(frozen=True)
class Asked:
    """As typed; None where nothing was asked for. Several lists of minimum effects are one, with commas."""

    metric: str | None = None
    min_effect: str | None = None
    alpha: str | None = None

    def __bool__(self) -> bool:
        return self != Asked()

    def over(self, other: Asked) -> Asked:
        """This, and where nothing was asked for here, the other."""
        pairs = zip(_values(self), _values(other))
        return Asked(*(theirs if mine is None else mine for mine, theirs in pairs))

    def told(self) -> dict[str, str] | None:
        """For env.json: what was asked for."""
        found = {name: value for name, value in asdict(self).items() if value is not None}
        return found or None

    def rules(self) -> Rules:
        """Raises ValueError, which names the flag, the value and what is allowed."""
        from makespan.decisions import ALPHA
        from makespan.metrics import ALL_DECIDING, metrics_named
        from makespan.thresholds import min_effects
        from makespan.verdicts import Rules

        with _naming("metric"):
            metrics = ALL_DECIDING if self.metric is None else metrics_named(self.metric)
        with _naming("min_effect"):
            effects = min_effects([] if self.min_effect is None else [self.min_effect])
        with _naming("alpha"):
            alpha = ALPHA if self.alpha is None else _alpha(self.alpha)
        return Rules(alpha, metrics, effects)


def add_flags(parser: argparse.ArgumentParser, when: str = "") -> None:
    """`when` goes before what --help says of each."""
    for name, (flag, takes, told) in _FLAGS.items():
        action = "append" if name == "min_effect" else "store"
        parser.add_argument(flag, metavar=takes, action=action, help=when + told)


def asked_by(found: argparse.Namespace) -> Asked:
    effects: Sequence[str] | None = found.min_effect
    return Asked(found.metric, ",".join(effects) if effects else None, found.alpha)


def asked_before(record: Mapping[str, Any]) -> Asked:
    """By the "run" object of an env.json. Raises ValueError if it is broken."""
    told = record.get("rules") or {}
    try:
        found = Asked(**told)
    except TypeError as error:
        raise ValueError(f'"rules" of the "run" object: {error}') from None
    if not all(value is None or isinstance(value, str) for value in _values(found)):
        raise ValueError(f'"rules" of the "run" object: {told!r} holds what is no text')
    return found


def _values(asked: Asked) -> tuple[str | None, str | None, str | None]:
    return asked.metric, asked.min_effect, asked.alpha


@contextmanager
def _naming(name: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ValueError(f"argument {_FLAGS[name][0]}: {error}") from None


def _alpha(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 0.5:
        raise ValueError(f"{text!r}; allowed: a number above 0, up to 0.5")
    return value
