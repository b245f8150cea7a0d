# SPDX-License-Identifier: Apache-2.0
"""What is told of a self-test: on a terminal, as Markdown and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from makespan import units
from makespan.casekey import batch_of_key, contender_of_key, fields_of, title_of
from makespan.decisions import ALPHA
from makespan.metrics import DECIDING, titles
from makespan.render import markdown_table, rich_table
from makespan.tables import NONE, Table

from .injection import Injection
from .rates import POWER, CaseRates, Detection, FalseAlarms, Rate, SelfCheck

SCHEMA_VERSION = 1

_TITLES = ("False alarms: equal builds", "Slowdowns of known size", "Case by case")


def print_self_check(found: SelfCheck, console: Console) -> None:
    for title, table in zip(_TITLES, _tables(found)):
        console.print(Text(title, style="bold"))
        console.print(rich_table(table))
    for line in _how(found):
        console.print(Text(line), soft_wrap=True)


def markdown(found: SelfCheck) -> str:
    lines = ["# How often the verdict is wrong", "", *_how(found)]
    for title, table in zip(_TITLES, _tables(found)):
        lines += ["", f"## {title}", "", *markdown_table(table)]
    return "\n".join([*lines, ""])


def as_json(found: SelfCheck) -> str:
    """Shares, not per cent. What is not known is null."""
    value = {
        "schema_version": SCHEMA_VERSION,
        "recording": _recording(found),
        "alarms": [asdict(one) for one in found.alarms],
        "detections": [_plain_detection(one) for one in found.detections],
        "cases": [_plain(one) for one in found.cases],
    }
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _tables(found: SelfCheck) -> tuple[Table, Table, Table]:
    return _alarms(found.alarms), _detections(found.detections), _cases(found.cases)


def _alarms(alarms: Sequence[FalseAlarms]) -> Table:
    header = ("runs", "case verdicts", "false slower", "false faster", "per case verdict", "runs with any")
    rows = [
        [
            one.how,
            f"{one.runs:,}",
            f"{one.verdicts.counted:,}",
            str(one.slower),
            str(one.faster),
            _rate(one.verdicts),
            _rate(one.any),
        ]
        for one in alarms
    ]
    return Table(("how the runs were drawn", *header), frozenset(header), rows)


def _detections(detections: Sequence[Detection]) -> Table:
    by = [f"by {metric.title}" for metric in DECIDING]
    header = ("cases", *(f"change of {metric.title}" for metric in DECIDING), "called slower", *by, "called faster")
    rows = [
        [
            _name(one.injection),
            one.benchmark,
            str(one.cases),
            *map(_change, one.changes),
            _rate(one.found),
            *(units.percent(rate) for rate in one.by_metric),
            str(one.wrong),
        ]
        for one in detections
    ]
    return Table(("injected", "benchmark", *header), frozenset(header), rows)


def _cases(cases: Sequence[CaseRates]) -> Table:
    spreads = [f"spread of {metric.title}" for metric in DECIDING]
    smallest = [f"smallest found by {metric.title}" for metric in DECIDING]
    header = ("batch", "model", "false alarms", *spreads, *smallest, "called slower")
    rows = [
        [
            str(batch_of_key(one.case)),
            contender_of_key(one.case),
            units.percent(one.false.share),
            *map(units.percent, one.spreads),
            *("> 100 %" if share is None else units.percent(share) for share in one.smallest),
            ", ".join(f"{i.injection.size}: {units.percent(i.found.share)}" for i in one.injected) or NONE,
        ]
        for one in cases
    ]
    return Table(header, frozenset(header[2:-1]), rows)


def _how(found: SelfCheck) -> list[str]:
    recorded = found.recorded
    machine = recorded.environment
    drawn = found.alarms[-1].runs
    return [
        f"Recorded: {recorded.launches:,} launches in {units.count(recorded.rounds, 'round')} of "
        f"{units.count(len(recorded.cases), 'case')}, all arms of a case side by side in every round, on "
        f"{machine.get('cpu_model')}, {machine.get('cpus_usable')} CPUs usable, {machine.get('hypervisor')}, "
        f"kernel {machine.get('kernel')}, commit {str(machine.get('git_sha'))[:7]}.",
        "",
        f"A run has {found.blocks} blocks a case, decides by {titles(DECIDING)} at alpha {ALPHA:g} with the built-in "
        f"minimum effects, and measures suspicious cases again in {found.blocks} fresh blocks. In the order of time "
        "the recording has few such runs: no round is planned twice, and the confirmation is of the next one. "
        f"Otherwise {drawn:,} runs are drawn, each with rounds at random (seed {found.seed}), those that confirm "
        f"other than those planned. They share the rounds: {found.side_by_side} runs fit side by side into the "
        "recording, and the intervals, Clopper and Pearson's at 95 %, are for only so many runs, with the cases of "
        "a run taken as independent. In the last row of the first table a coin decides in every block which arm "
        "is called current, so that the tests are exact whatever the noise: it checks the sums, and is for all "
        "of the drawn runs.",
        "",
        "Called slower by any of these metrics is what counts; a change is the median over the blocks, and in the "
        "second table over the cases. Spread: a robust standard deviation of the differences between equal builds, "
        f"block by block. Smallest found: the change of everything that is called slower in {units.percent(POWER)} "
        "of the runs by this metric, computed by moving these differences.",
    ]


def _recording(found: SelfCheck) -> dict[str, Any]:
    recorded = found.recorded
    return {
        "rounds": recorded.rounds,
        "launches": recorded.launches,
        "blocks": found.blocks,
        "seed": found.seed,
        "side_by_side": found.side_by_side,
        "alpha": ALPHA,
        "git_sha": recorded.environment.get("git_sha"),
    }


def _plain_detection(one: Detection) -> dict[str, Any]:
    changes, by_metric = _by_metric(one.changes), _by_metric(one.by_metric)
    return {**asdict(one), "injection": _name(one.injection), "changes": changes, "by_metric": by_metric}


def _plain(one: CaseRates) -> dict[str, Any]:
    injected = [
        {"injection": _name(i.injection), "changes": _by_metric(i.changes), "slower": asdict(i.found)}
        for i in one.injected
    ]
    return {
        "case": fields_of(one.case),
        "title": title_of(one.case),
        "false": asdict(one.false),
        "spread": _by_metric(one.spreads),
        "injected": injected,
        "smallest": _by_metric(one.smallest),
    }


def _by_metric(values: Sequence[float | None]) -> dict[str, float | None]:
    known = [None if value is None or math.isnan(value) else value for value in values]
    return {metric.name: value for metric, value in zip(DECIDING, known)}


def _name(injection: Injection) -> str:
    return f"{injection.kind} {injection.size}"


def _rate(rate: Rate) -> str:
    ends = f"{units.percent(rate.low)} … {units.percent(rate.high)}"
    return f"{units.percent(rate.share)} ({ends})"


def _change(share: float) -> str:
    return NONE if math.isnan(share) else f"{100 * share:+.1f} %".replace("-", "−")
