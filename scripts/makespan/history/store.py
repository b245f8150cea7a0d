# SPDX-License-Identifier: Apache-2.0
"""The store: one CSV file a machine class, one line for every commit, run, case and metric.

Lines are only ever appended and each stands for itself, so two branches merge line by line (git:
`merge=union`). A union may leave lines twice, out of order, or a second header: readers take all
three as they come.
"""

from __future__ import annotations

import csv
import fcntl
import io
import math
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from makespan import torn, units
from makespan.case_name import case_name
from makespan.casekey import CaseKey
from makespan.columns import CASE_KEY, COLUMNS, Column, names
from makespan.errors import InputError, UsageError
from makespan.files import write_json
from makespan.header import check_header, quoted
from makespan.metrics import METRICS, Metric

from .machine import MachineClass, class_of_file

_BY_NAME = {column.name: column for column in COLUMNS}
_METRICS = {metric.name: metric for metric in METRICS}
_WHOLE = re.compile(r"[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")

#: time_utc is where the commit stands in the history; median, low and high are in the unit of the
#: metric, compute_iterations is the work that the time was measured for.
HISTORY_COLUMNS: tuple[Column, ...] = (
    Column("time_utc", "text", required=True),
    Column("commit", "text", required=True),
    Column("run_id", "text", required=True),
    *(_BY_NAME[name] for name in CASE_KEY),
    Column("compute_iterations", "int"),
    Column("metric", "text", required=True),
    Column("n", "int", required=True),
    Column("median", "float", required=True),
    Column("low", "float"),
    Column("high", "float"),
)


@dataclass(frozen=True)
class Entry:
    """One line: the median of `n` launches and its 95 % interval, None where n is below 6."""

    time_utc: str
    commit: str
    run_id: str
    key: CaseKey
    iterations: int | None
    metric: Metric
    n: int
    median: float
    low: float | None
    high: float | None

    @property
    def identity(self) -> tuple[object, ...]:
        """What no two lines of a file have in common."""
        return self.commit, self.run_id, self.key, self.metric.name

    @property
    def name(self) -> str:
        return case_name(self.key)

    def fields(self) -> list[str]:
        """The line, in the order of HISTORY_COLUMNS."""
        numbers = (self.median, self.low, self.high)
        return [
            self.time_utc,
            self.commit,
            self.run_id,
            *("" if value is None else str(value) for value in self.key),
            "" if self.iterations is None else str(self.iterations),
            self.metric.name,
            str(self.n),
            *("" if number is None else f"{number:.10g}" for number in numbers),
        ]


@dataclass(frozen=True)
class Store:
    """A folder with NAME.csv and NAME.json for every machine class of that name."""

    path: Path

    def classes(self) -> list[str]:
        """The names, sorted. UsageError if the folder is not there or has none."""
        if not self.path.is_dir():
            what = f"{self.path} is not a folder; allowed: a store that history.py add has made"
            raise UsageError(what)
        found = sorted(file.stem for file in self.path.glob("*.csv") if file.stem != "reported")
        if not found:
            raise UsageError(f"{self.path} has no history; history.py add RUN_DIR begins one")
        return found

    def file(self, name: str) -> Path:
        return self.path / f"{name}.csv"

    def machine(self, name: str) -> MachineClass:
        """The class of that name; InputError if its file says another one."""
        path = self.path / f"{name}.json"
        machine = class_of_file(path)
        if machine.name != name:
            raise InputError(path, 1, f"this is the class {machine.name}", f"the class {name}")
        return machine

    def read(self, name: str) -> list[Entry]:
        """All lines of the class, each once, by time. Raises InputError."""
        self.machine(name)
        return sorted(
            read_history(self.file(name)), key=lambda entry: (entry.time_utc, entry.commit)
        )

    def add(self, machine: MachineClass, entries: Sequence[Entry]) -> list[Entry]:
        """Appends the lines that are not there yet and returns them; a killed process leaves a torn
        last line at worst, which the next one cuts off. Raises InputError for a broken file."""
        path, about = self.file(machine.name), self.path / f"{machine.name}.json"
        with self._locked():
            if about.exists():
                self.machine(machine.name)
            else:
                write_json(about, asdict(machine))
            torn.cut_torn_record(path)
            known = {entry.identity for entry in read_history(path)} if path.exists() else set()
            new = [entry for entry in entries if entry.identity not in known]
            lines = [] if path.exists() else [names(HISTORY_COLUMNS)]
            append(path, [*lines, *(entry.fields() for entry in new)])
        return new

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; others wait. Makes the folder."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise UsageError(f"{self.path} cannot be the store: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def append(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """Adds lines to a CSV file in one write, RFC 4180 with LF."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    if not text.getvalue():
        return
    with path.open("ab") as file:
        file.write(text.getvalue().encode())
        file.flush()
        os.fsync(file.fileno())


def read_history(path: Path) -> list[Entry]:
    """The lines of one file, each once, as they stand. Raises InputError with file and line."""
    entries: dict[tuple[object, ...], Entry] = {}
    for line, fields in read_lines(path, HISTORY_COLUMNS):
        entry = _entry(path, line, fields)
        entries.setdefault(entry.identity, entry)
    return list(entries.values())


def read_lines(path: Path, columns: tuple[Column, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and fields of every line below the header, by name; further headers are passed over.

    Raises InputError for a file that cannot be read or is not of these columns.
    """
    text = torn.read_whole(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = names(columns)
    line = 1
    try:
        for record in reader:
            if line == 1:
                check_header(path, line, record, columns)
            elif record != header:
                yield line, _checked(path, line, record, columns)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(path, line, f"not CSV: {error}", "RFC 4180, as it was written") from None


def _checked(
    path: Path, line: int, record: list[str], columns: tuple[Column, ...]
) -> dict[str, str]:
    if any(field.startswith(("<<<<<<<", ">>>>>>>", "=======")) for field in record[:1]):
        raise InputError(path, line, "a conflict of a merge", "both sides' lines: merge=union")
    if len(record) != len(columns):
        what = units.count(len(record), "field")
        raise InputError(path, line, what, f"{len(columns)} as in the header")
    for column, value in zip(columns, record):
        if column.required and not value:
            raise InputError(path, line, f"{column.name} is empty", "a value in every line")
        forms = {"int": (_WHOLE, "a whole number"), "float": (_NUMBER, "a number")}
        if value and column.kind in forms:
            form, allowed = forms[column.kind]
            if not form.fullmatch(value):
                raise InputError(path, line, f"{column.name} is {quoted(value)}", allowed)
    return dict(zip(names(columns), record))


def _entry(path: Path, line: int, fields: dict[str, str]) -> Entry:
    def number(name: str) -> float | None:
        return float(fields[name]) if fields[name] else None

    if fields["metric"] not in _METRICS:
        what = f"metric is {quoted(fields['metric'])}"
        raise InputError(path, line, what, ", ".join(_METRICS))
    median = float(fields["median"])
    if not math.isfinite(median):
        raise InputError(path, line, "median is not finite", "a finite number")
    try:
        time = utc(fields["time_utc"])
    except ValueError as error:
        raise InputError(path, line, f"time_utc: {error}", "ISO 8601 with a time zone") from None
    return Entry(
        time_utc=time,
        commit=fields["commit"],
        run_id=fields["run_id"],
        key=tuple(_key_field(_BY_NAME[name], fields[name]) for name in CASE_KEY),
        iterations=int(fields["compute_iterations"]) if fields["compute_iterations"] else None,
        metric=_METRICS[fields["metric"]],
        n=int(fields["n"]),
        median=median,
        low=number("low"),
        high=number("high"),
    )


def _key_field(column: Column, text: str) -> object:
    if column.kind != "int":
        return text
    return int(text) if text else None


def utc(text: str) -> str:
    """A time as ISO 8601 has it, in UTC with milliseconds: then times sort as texts do. Raises
    ValueError for no time, and for one without a zone."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{quoted(text)} has no time zone")
    time = time.astimezone(timezone.utc)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"
