# SPDX-License-Identifier: Apache-2.0
"""The CSV of Apache Otava, one line a run and one column a case and metric, and the otava.yaml in which
every case is a test on its columns.

Otava stops at an empty field, so cases that were not measured in the same runs go into files of
their own. Source: https://github.com/apache/otava, docs/CSV.md, docs/BASICS.md and otava/importer.py.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from makespan.casekey import CaseKey, benchmark_of
from makespan.case_name import case_name
from makespan.errors import UsageError
from makespan.history.store import Entry
from makespan.metrics import METRICS, Metric

CONFIG = "otava.yaml"
#: The first line of a configuration that may be overwritten.
MARK = "# written by makespan's export.py"

Run = tuple[str, str, str]  # time, commit, run id


@dataclass(frozen=True)
class OtavaTable:
    """Cases that were measured in the same runs: `values` are the medians by run and column."""

    runs: tuple[Run, ...]
    cases: tuple[tuple[CaseKey, tuple[Metric, ...]], ...]
    values: Mapping[tuple[Run, CaseKey, Metric], float]

    @property
    def csv(self) -> str:
        """Times in UTC, values in the unit of the metric's name."""
        columns = [(key, metric) for key, metrics in self.cases for metric in metrics]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        named = (column(key, metric) for key, metric in columns)
        writer.writerow(["time", "commit", "run_id", *named])
        for run in self.runs:
            cells = (f"{self.values[run, key, metric]:.10g}" for key, metric in columns)
            writer.writerow([*run, *cells])
        return text.getvalue()


def column(key: CaseKey, metric: Metric) -> str:
    return f"{case_name(key)} {metric.name}"


def otava_tables(entries: Iterable[Entry]) -> list[OtavaTable]:
    """The lines of a history, of one run or many, as tables without a gap; the longest first."""
    values: dict[tuple[Run, CaseKey, Metric], float] = {}
    rows: dict[tuple[CaseKey, Metric], set[Run]] = {}
    for entry in entries:
        run = (entry.time_utc, entry.commit, entry.run_id)
        values[run, entry.key, entry.metric] = entry.median
        rows.setdefault((entry.key, entry.metric), set()).add(run)
    groups: dict[frozenset[Run], dict[CaseKey, list[Metric]]] = {}
    for (key, metric), runs in rows.items():
        groups.setdefault(frozenset(runs), {}).setdefault(key, []).append(metric)
    tables = [
        OtavaTable(
            tuple(sorted(runs)),
            tuple(
                (key, tuple(metric for metric in METRICS if metric in metrics))
                for key, metrics in sorted(cases.items(), key=lambda item: case_name(item[0]))
            ),
            values,
        )
        for runs, cases in groups.items()
    ]
    return sorted(
        tables, key=lambda table: (-len(table.runs), column(table.cases[0][0], METRICS[0]))
    )


def write_otava(tables: Sequence[OtavaTable], output: Path) -> list[Path]:
    """Writes `output`, further tables beside it as NAME-2.csv and so on, and otava.yaml there.

    Raises UsageError if there is an otava.yaml of somebody else.
    """
    config = output.with_name(CONFIG)
    if config == output:
        raise UsageError(
            f"--output {output} is the name of the configuration; give that of a CSV file"
        )
    if config.exists() and not config.read_text("utf-8", "replace").startswith(MARK):
        raise UsageError(
            f"{config} was not written by export.py; move it, or choose another folder"
        )
    paths = [output] + [
        output.with_name(f"{output.stem}-{number}{output.suffix}")
        for number in range(2, len(tables) + 1)
    ]
    for table, path in zip(tables, paths):
        path.write_text(table.csv, encoding="utf-8", newline="")
    config.write_text(otava_config(list(zip(tables, paths))), encoding="utf-8", newline="")
    return [*paths, config]


def otava_config(tables: Sequence[tuple[OtavaTable, Path]]) -> str:
    """otava.yaml: a test for each case, and a group for each benchmark. JSON strings are YAML too."""
    lines = [MARK, "tests:"]
    groups: dict[str, list[str]] = {}
    taken: set[str] = set()
    for table, path in tables:
        for key, metrics in table.cases:
            name = case_name(key)
            while name in taken:  # a case of which some metrics came later stands in two tables
                name += "+"
            taken.add(name)
            groups.setdefault(benchmark_of(key), []).append(name)
            lines += [
                f"  {json.dumps(name)}:",
                "    type: csv",
                f"    file: {json.dumps(str(path))}",
                "    time_column: time",
                "    attributes: [commit, run_id]",
                "    metrics:",
            ]
            for metric in metrics:
                lines += [
                    f"      {metric.name}:",
                    f"        column: {json.dumps(column(key, metric))}",
                    f"        direction: {1 if metric.higher_is_better else -1}",
                    "        scale: 1",
                ]
    lines.append("test_groups:")
    for benchmark, names in groups.items():
        lines += [f"  {json.dumps(benchmark)}:", *(f"    - {json.dumps(name)}" for name in names)]
    return "\n".join(lines) + "\n"
