# SPDX-License-Identifier: Apache-2.0
"""What it costs that tasks talk: a row a transport, beside the references of the same run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from makespan import units
from makespan.batch import Batch
from makespan.roles import Role, marked
from makespan.tables import NONE, Table
from makespan.winners import Contender, contenders

#: What the costs of a benchmark are told as multiples of.
REFERENCES: Mapping[str, str] = {
    "messages": "processes/pipe",
    "ping_pong": "processes/pipe",
    "ring": "threads/pipe",
}
#: What the pipelines are told beyond.
LOOP = "serial"

Cases = Mapping[Batch, Sequence[Contender]]


@dataclass(frozen=True)
class Section:
    """A table with its title, and in a clause without a full stop how to read it."""

    title: str
    about: str
    table: Table


@dataclass(frozen=True)
class _Cost:
    """A column: one figure of the contenders of one batch, and the reference's among them."""

    title: str
    figures: Mapping[str, float]
    failures: Mapping[str, str]
    reference: float = math.nan

    def cell(self, name: str) -> str:
        """Like "98 ns (0.16×)"."""
        ns = self.figures.get(name, math.nan)
        if not math.isfinite(ns):
            return self.failures.get(name, NONE)
        times = ns / self.reference if self.reference else math.nan
        digits = 2 if times >= 0.1 else 1
        ratio = f" ({units.significant(times, digits)}×)" if math.isfinite(times) else ""
        return f"{units.duration(ns, 3)}{ratio}"


def sections(summary: pd.DataFrame) -> list[Section]:
    """The tables that the summary has cases for."""
    cases = {batch: found for batch, found in contenders(summary).items() if batch.talks}
    return [*_transports(cases), *_pipelines(cases)]


def _transports(cases: Cases) -> list[Section]:
    """Messages and ping-pong of the smallest payload, and the smallest and the largest ring."""
    costs: list[_Cost] = []
    batch = _smallest(cases, "messages")
    if batch:
        size = units.data_size(batch.payload_bytes)
        costs += [
            _cost(cases, batch, f"message of {size}", "pace_ns"),
            _cost(cases, batch, "CPU time", "cpu_per_task_ns"),
        ]
    batch = _smallest(cases, "ping_pong")
    if batch:
        costs += [
            _cost(cases, batch, "round trip p50", "round_trip_p50_ns"),
            _cost(cases, batch, "p99", "round_trip_p99_ns"),
        ]
    rings = sorted(batch for batch in cases if batch.benchmark == "ring")
    costs += [
        _cost(cases, ring, f"hop, ring of {ring.tasks:,}", "pace_ns")
        for ring in dict.fromkeys([*rings[:1], *rings[-1:]])
    ]
    if not costs:
        return []
    about = "in brackets, times processes/pipe of the same run, and for hops times threads/pipe"
    return [Section("How tasks talk", about, _table("transport", costs, _roles(cases)))]


def _pipelines(cases: Cases) -> list[Section]:
    """One table for each number of lines and kind of text, one column for each number of stages."""
    every = [batch for batch in cases if batch.benchmark == "pipeline" and batch.tasks]
    groups: dict[tuple[str, int], list[Batch]] = {}
    for batch in sorted(every, key=lambda batch: batch.sort_key):
        groups.setdefault((batch.text, batch.tasks), []).append(batch)
    about = "time per line and stage beyond the serial loop's; below zero, faster than the loop"
    found = []
    for (_, lines), group in groups.items():
        title = f"Pipelines, {units.count(lines, 'line')}{group[0].source}"
        costs = [_beyond_serial(cases, batch) for batch in group if batch.stages]
        if costs:
            found.append(Section(title, about, _table("model", costs, _roles(cases))))
    return found


def _smallest(cases: Cases, benchmark: str) -> Batch | None:
    """The smallest payload between one producer and one consumer; of several the longest batch."""
    own = [batch for batch in cases if batch.benchmark == benchmark]
    plain = [batch for batch in own if (batch.producers, batch.consumers) == (1, 1)]
    return min(plain, key=lambda batch: (batch.payload_bytes, -batch.tasks)) if plain else None


def _cost(cases: Cases, batch: Batch, title: str, figure: str) -> _Cost:
    figures, failures = _fastest(cases[batch], figure)
    reference = figures.get(REFERENCES[batch.benchmark], math.nan)
    return _Cost(title, figures, failures, reference)


def _beyond_serial(cases: Cases, batch: Batch) -> _Cost:
    """The serial loop itself has no cost there: it is what the others are told beyond."""
    lines, failures = _fastest(cases[batch], "pace_ns")
    loop = lines.pop(LOOP, math.nan)
    beyond = {name: (ns - loop) / batch.stages for name, ns in lines.items()}
    return _Cost(units.count(batch.stages, "stage"), beyond, failures)


def _fastest(found: Sequence[Contender], figure: str) -> tuple[dict[str, float], dict[str, str]]:
    """Name -> the figure of its fastest shape; name -> status, of those without any time."""
    timed = [contender for contender in found if contender.interval.n]
    figures: dict[str, float] = {}
    for contender in sorted(timed, key=lambda contender: contender.pace.median):
        figures.setdefault(contender.name, float(getattr(contender, figure)))
    failed = [contender for contender in found if contender.name not in figures]
    return figures, {contender.name: contender.failure.split(" ")[0] for contender in failed}


def _roles(cases: Cases) -> Mapping[str, Role]:
    return {one.name: one.role for found in cases.values() for one in found}


def _table(head: str, costs: Sequence[_Cost], roles: Mapping[str, Role]) -> Table:
    """By name: the winners are in a table of their own. Floors come last."""
    names = {name for cost in costs for name in (*cost.figures, *cost.failures)} - {LOOP}
    header = (head, *(cost.title for cost in costs))
    rows = [
        [marked(name, roles[name]), *(cost.cell(name) for cost in costs)]
        for name in sorted(names, key=lambda name: (roles[name] is Role.FLOOR, name))
    ]
    return Table(header, frozenset(header[1:]), rows)
