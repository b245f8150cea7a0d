# SPDX-License-Identifier: Apache-2.0
"""What is told of a self-test: on a terminal, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from makespan import units
from makespan.casekey import batch_of_key, contender_of_key, fields_of, title_of
from makespan.decisions import ALPHA
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
        "detections": [{**asdict(one), "injection": _name(one.injection)} for one in found.detections],
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
    header = ("cases", "change of the makespan", "called slower", "called faster")
    rows = [
        [
            _name(one.injection),
            one.benchmark,
            str(one.cases),
            f"{_change(one.change)} ({_change(one.least)} … {_change(one.most)})",
            _rate(one.found),
            str(one.wrong),
        ]
        for one in detections
    ]
    return Table(("injected", "benchmark", *header), frozenset(header), rows)


def _cases(cases: Sequence[CaseRates]) -> Table:
    header = ("false alarms", "spread of a block", "slowdowns injected: change, called slower", "smallest found")
    rows = [
        [
            str(batch_of_key(one.case)),
            contender_of_key(one.case),
            units.percent(one.false),
            units.percent(one.spread),
            "; ".join(f"{i.size}: {_change(change)}, {units.percent(rate)}" for i, change, rate in one.found)
            or NONE,
            "more than 100 %" if one.smallest is None else units.percent(one.smallest),
        ]
        for one in cases
    ]
    return Table(("batch", "model", *header), frozenset((header[0], header[1], header[3])), rows)


def _how(found: SelfCheck) -> list[str]:
    recorded = found.recorded
    machine = recorded.environment
    drawn = found.alarms[0].runs
    return [
        f"Recorded: {recorded.launches:,} launches in {units.count(recorded.rounds, 'round')} of "
        f"{units.count(len(recorded.cases), 'case')}, all arms of a case side by side in every round, on "
        f"{machine.get('cpu_model')}, {machine.get('cpus_usable')} CPUs usable, {machine.get('hypervisor')}, "
        f"kernel {machine.get('kernel')}, commit {str(machine.get('git_sha'))[:7]}.",
        "",
        f"A run has {found.blocks} blocks a case, decides by makespan at alpha {ALPHA:g} with the built-in "
        f"minimum effects, and measures suspicious cases again in {found.blocks} fresh blocks. For every "
        f"slowdown, and for equal builds, {drawn:,} runs were drawn from the recording, each with rounds drawn "
        f"at random (seed {found.seed}), those that confirm other than those planned. They share the rounds "
        f"and are not independent: {found.side_by_side} runs fit side by side into the recording, and the "
        "intervals of what was called slower are Clopper and Pearson's at 95 % for only so many runs. Of equal "
        "builds it is also drawn in every block which of the two is called current; given how much the blocks "
        "differ those runs are independent, and their intervals are for all of them. That hides whatever one "
        "of two equal builds always has over the other (such as the length of its path), so the runs in the "
        "order of time are told as well, with the builds as they were: no round is planned twice there.",
        "",
        f"Smallest found: the change of the makespan, in all cases at once, that is called slower in "
        f"{units.percent(POWER)} of the runs, found by moving the differences of the equal builds. The spread "
        "of a block is a robust standard deviation of these differences.",
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


def _plain(one: CaseRates) -> dict[str, Any]:
    injected = [{"injection": _name(i), "change": change, "slower": rate} for i, change, rate in one.found]
    return {
        "case": fields_of(one.case),
        "title": title_of(one.case),
        "false": one.false,
        "spread": one.spread,
        "injected": injected,
        "smallest": one.smallest,
    }


def _name(injection: Injection) -> str:
    return f"{injection.kind} {injection.size}"


def _rate(rate: Rate) -> str:
    ends = f"{units.percent(rate.low)} … {units.percent(rate.high)}"
    return f"{units.percent(rate.share)} ({ends})"


def _change(share: float) -> str:
    return f"{100 * share:+.1f} %".replace("-", "−")
