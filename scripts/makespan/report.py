# SPDX-License-Identifier: Apache-2.0
"""What is said about a run to people: on a terminal with rich, and as winners.md in its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from makespan import beside_floors, tables, units
from makespan.caveats import Caveat, caveats, cpus_of
from makespan.footprint.lines import missing as missing_footprints
from makespan.footprint.table import section as footprint_section
from makespan.granularity.table import section as metg_section
from makespan.latency.cyclictest import Histogram
from makespan.latency.table import section as latency_section
from makespan.lifecycle import table as lifecycle
from makespan.maps.points import find_map, point_of
from makespan.maps.table import sections as map_sections
from makespan.peers.table import section as peers_section
from makespan.render import markdown_list, markdown_table, rich_table
from makespan.talk import Section, sections
from makespan.trust import grade, run_steal_share
from makespan.winners import Verdict, judge

#: Up to so many cases are all shown on the terminal too.
FEW_CASES = 12

_HOW_TO_READ = """## How to read this

- **makespan**: wall time from the first submit to the last completion, the median over the launches
  with its distribution-free 95 % interval.
- **winner**: the model whose best shape has the lowest median, if its interval overlaps that of no
  other model. Otherwise the models are not separated, and nobody wins.
- **shape**: processes × threads per process, and the variant.
- **efficiency**: machine bound ÷ makespan. **above bound**: makespan ÷ model bound − 1.
- **next**: the best model behind, and its median ÷ the lowest median.
- **trust**: CPU time that other guests of the host took: A below 0.5 %, B below 2 %, C more.
- Where tasks talk there is no bound, hence no efficiency: there a model competes once for each of
  its transports, as model/transport, by its time for each message, hop or line. A **floor** shows
  how fast it could go; it never wins.
- What units cost to create and to end is no race, as they are not for the same: each stands beside
  its own floor, the bare system calls.
"""


@dataclass(frozen=True)
class Report:
    """Everything that is said about a run; `left_out` is the number of cases that never started. Of a
    paired run `samples` are those of the current build. `trace` is None if nothing was traced; `beside` is what cyclictest
    says of the machine, if it was asked."""

    samples: pd.DataFrame
    summary: pd.DataFrame
    environment: Mapping[str, Any]
    left_out: int = 0
    trace: pd.DataFrame | None = None
    beside: tuple[Histogram, ...] = ()

    @cached_property
    def verdicts(self) -> list[Verdict]:
        return judge(self.summary)

    @cached_property
    def listed(self) -> list[Verdict]:
        """Those of the table of winners: the points of a map have a table of their own."""
        if not find_map(self.summary):
            return self.verdicts
        return [verdict for verdict in self.verdicts if point_of(verdict.batch) is None]

    @cached_property
    def sections(self) -> list[Section]:
        """What only some runs have: a map of winners, models beside their peers, METG of a sweep of the granularity,
        models beside their floors, memory per waiting task, distributions of latencies, how tasks talk, what units cost."""
        return [
            *map_sections(self.samples, self.summary),
            *peers_section(self.samples, cpus_of(self.environment)),
            *metg_section(self.samples, cpus_of(self.environment)),
            *beside_floors.section(self.samples),
            *footprint_section(self.samples),
            *latency_section(self.trace, self.samples, self.beside),
            *sections(self.summary),
            *lifecycle.section(self.samples),
        ]

    @cached_property
    def missing(self) -> list[str]:
        """One line for whatever could not be measured."""
        units = lifecycle.missing(self.samples)
        return [*tables.missing(self.verdicts), *missing_footprints(self.samples), *units]

    @cached_property
    def warnings(self) -> list[str]:
        found: list[Caveat] = caveats(self.samples, self.summary, self.environment)
        return [f"{caveat.what} Remedy: {caveat.remedy}." for caveat in found]

    @property
    def run_line(self) -> str:
        run = self.environment.get("run") or {}
        share = run_steal_share(self.samples, cpus_of(self.environment))
        parts = [
            f"run {run.get('run_id') or 'without an id'}",
            f"preset {run['preset']}" if run.get("preset") else "",
            f"measured by turns with {run['baseline']}" if run.get("baseline") else "",
            units.count(len(self.summary), "case"),
            units.count(len(self.samples), "sample"),
            f"{self.left_out} more left out by limits, see --list" if self.left_out else "",
            f"steal time {units.percent(share)}, trust grade {grade(share)}",
        ]
        return units.one_line(" · ".join(part for part in parts if part), most=400)

    @property
    def machine_line(self) -> str:
        env = self.environment
        cpus = cpus_of(env)
        virtual = str(env.get("hypervisor") or "none")
        parts = [
            str(env.get("cpu_model") or "machine not recorded (no env.json)"),
            f"{units.significant(cpus)} CPU{'' if cpus == 1 else 's'} usable" if cpus else "",
            "" if virtual.lower() == "none" else f"virtual machine ({virtual})",
            f"Linux {env['kernel']}" if env.get("kernel") else "",
            str(env.get("compiler") or ""),
        ]
        return units.one_line(" · ".join(part for part in parts if part), most=400)


def print_report(report: Report, console: Console) -> None:
    """The winners, what is missing from them, what only some runs have, and the caveats; every case if there
    are only a few."""
    if report.listed:
        console.print(rich_table(tables.winners_table(report.listed)))
    _print_list(console, "Not in the running:", report.missing)
    for section in report.sections:
        console.print(Text(f"{section.title}: {section.about}"))
        console.print(rich_table(section.table))
    if len(report.summary) <= FEW_CASES:
        for batch, table in tables.case_tables(report.summary):
            console.print(Text(str(batch)))
            console.print(rich_table(table))
    console.print(Text(report.run_line))
    console.print(Text(report.machine_line))
    _print_list(console, "Warnings:", report.warnings)


def markdown(report: Report) -> str:
    """winners.md: the same for a file, with a table of every case."""
    title = "Which model finishes first" if report.verdicts else "What came out"
    lines = [f"# {title}", "", report.run_line + "  ", report.machine_line, ""]
    lines += markdown_table(tables.winners_table(report.listed)) if report.listed else []
    lines += markdown_list("Not in the running", report.missing)
    for section in report.sections:
        about = ["", f"{section.about[0].upper()}{section.about[1:]}.", ""]
        lines += ["", f"## {section.title}", *about, *markdown_table(section.table)]
    lines += markdown_list("Warnings", report.warnings)
    lines += ["", _HOW_TO_READ, *(["## Every case"] if report.verdicts else [])]
    for batch, table in tables.case_tables(report.summary):
        lines += ["", f"### {batch.benchmark}: {batch}", "", *markdown_table(table)]
    return "\n".join([*lines, ""])


def _print_list(console: Console, title: str, entries: Sequence[str]) -> None:
    if not entries:
        return
    console.print(Text(title))
    for entry in entries:
        console.print(Text(f"  {entry}"))
