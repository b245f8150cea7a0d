# SPDX-License-Identifier: Apache-2.0
"""The one reader of samples.csv and trace.csv.

Python's csv module reads strictly and counts lines; pandas only holds the result. Whatever is wrong
with a file ends in an InputError that names the file, the line and what is allowed.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from makespan import torn, units
from makespan.columns import COLUMNS, LIFECYCLE, SCHEMA_VERSION, STATUSES, TRACE_COLUMNS, Column, names
from makespan.errors import InputError
from makespan.header import check_header, quoted

_INTEGER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_INT64 = range(-(2**63), 2**63)


def read_samples(path: Path) -> pd.DataFrame:
    """samples.csv with the columns and order of COLUMNS.

    Whole numbers are nullable Int64, numbers with a fraction float64 (NaN where empty), text is str
    ('' where empty). A torn last line, as a SIGKILL leaves it, is dropped with a warning on stderr.
    Raises InputError for anything else that is not as the contract says, also for no row at all.
    """
    table = _read_table(Path(path), COLUMNS)
    if not table.rows:
        raise InputError(path, 2, "no row follows the header", "at least one row of samples")
    frame = _to_frame(table, COLUMNS)
    _check_meaning(table, frame)
    return frame


def read_trace(path: Path) -> pd.DataFrame:
    """trace.csv, one row a task, with the columns and order of TRACE_COLUMNS; types and errors as
    in read_samples(). A trace without rows is an empty frame: a batch of no tasks leaves one."""
    return _trace_frame(_read_table(Path(path), TRACE_COLUMNS))


def read_trace_parts(path: Path, rows: int = 20_000) -> Iterator[pd.DataFrame]:
    """The same in frames of at most so many rows, for a trace that is too large to be held as one;
    at least one frame. Errors come with the part that they are in."""
    return map(_trace_frame, _read_tables(Path(path), TRACE_COLUMNS, rows))


@dataclass(frozen=True)
class _Table:
    path: Path
    rows: list[list[str]]
    lines: list[int]  # the line on which each row starts: a quoted field may hold newlines


def _read_table(path: Path, columns: tuple[Column, ...]) -> _Table:
    return next(_read_tables(path, columns))


def _read_tables(
    path: Path, columns: tuple[Column, ...], most: int = sys.maxsize
) -> Iterator[_Table]:
    """The file in tables of `most` rows, the last one of fewer, perhaps of none."""
    records = _records(path)
    header_line, header = next(records, (1, None))
    if header is None:
        raise InputError(path, 1, "no header", f"a first line of {len(columns)} column names")
    check_header(path, header_line, header, columns)
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, record in records:
        if len(record) != len(header):
            raise InputError(
                path, line, units.count(len(record), "field"), f"{len(header)} as in the header"
            )
        rows.append(record)
        lines.append(line)
        if len(rows) == most:
            yield _Table(path, rows, lines)
            rows, lines = [], []
    yield _Table(path, rows, lines)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records, each with the line on which it starts."""
    reader = csv.reader(torn.whole_lines(path), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise _broken_record(path, line, error) from None
        if record is None:
            return
        yield line, record


def _broken_record(path: Path, line: int, error: csv.Error) -> InputError:
    if "end of data" in str(error):
        what = "a quoted field starts in this row and never ends"
        return InputError(path, line, what, 'a closing " for every opening one')
    return InputError(path, line, f"not CSV: {error}", "RFC 4180, fields separated by commas")


def _to_frame(table: _Table, columns: tuple[Column, ...]) -> pd.DataFrame:
    fields: list[Sequence[str]] = list(zip(*table.rows))
    fields += [("",) * len(table.rows)] * (len(columns) - len(fields))  # what older files lack
    data: dict[str, object] = {}
    for column, values in zip(columns, fields):
        if column.required and "" in values:
            line = table.lines[values.index("")]
            raise InputError(table.path, line, f"{column.name} is empty", "a value in every row")
        if column.kind == "int":
            data[column.name] = _integers(table, column.name, values)
        elif column.kind == "float":
            data[column.name] = _numbers(table, column.name, values)
        else:
            data[column.name] = np.array(values, dtype=object)
    return pd.DataFrame(data, columns=names(columns))


def _integers(table: _Table, name: str, values: Sequence[str]) -> object:
    digits = "".join(values)
    if not (digits.isascii() and digits.isdigit()):  # or else there is no need to look at each
        _check_each(table, name, values, _INTEGER, "a whole number, or empty")
    numbers = [int(value) if value else 0 for value in values]
    if numbers and not (min(numbers) in _INT64 and max(numbers) in _INT64):
        line = next(line for line, n in zip(table.lines, numbers) if n not in _INT64)
        raise InputError(table.path, line, f"{name} is out of range", "a signed 64-bit number")
    mask = np.array(values, dtype=object) == ""
    return pd.arrays.IntegerArray(np.array(numbers, dtype=np.int64), mask)


def _numbers(table: _Table, name: str, values: Sequence[str]) -> object:
    _check_each(table, name, values, _NUMBER, "a number with '.' as decimal sign, or empty")
    return np.array([float(value) if value else np.nan for value in values], dtype=np.float64)


def _check_each(
    table: _Table, name: str, values: Sequence[str], form: re.Pattern[str], allowed: str
) -> None:
    for line, value in zip(table.lines, values):
        if value and not form.fullmatch(value):
            raise InputError(table.path, line, f"{name} is {quoted(value)}", allowed)


def _trace_frame(table: _Table) -> pd.DataFrame:
    frame = _to_frame(table, TRACE_COLUMNS)
    for wrong, what, allowed in (
        (frame["start_ns"] < 0, "start_ns is below 0", "times from the batch's first submit on"),
        (frame["end_ns"] < frame["start_ns"], "end_ns is before start_ns", "an end after the start"),
        (
            (frame["task"] < 0) | (frame["task"] >= frame["tasks"]),
            "task is none of the batch's tasks",
            "0 up to, but not, what is in tasks",
        ),
    ):
        if wrong.any():
            line = table.lines[int(wrong.to_numpy(dtype=bool).argmax())]
            raise InputError(table.path, line, what, allowed)
    return frame


def _check_meaning(table: _Table, frame: pd.DataFrame) -> None:
    """What a single field cannot tell: the schema, the status, and that a failure has no time."""
    timed = (~frame["makespan_ns"].isna()).tolist()
    counted = ((frame["benchmark"] != LIFECYCLE) | (frame["messages_per_second"] > 0)).tolist()
    fields = zip(table.lines, frame["schema_version"], frame["status"], timed, counted)
    for line, version, status, has_time, has_rate in fields:
        if version != SCHEMA_VERSION:
            what = f"schema_version is {version}"
            raise InputError(table.path, line, what, f"{SCHEMA_VERSION}, which this reader knows")
        if status not in STATUSES:
            what = f"status is {quoted(status)}"
            raise InputError(table.path, line, what, ", ".join(STATUSES))
        if has_time != (status == "ok"):
            what = f"status is {status} and makespan_ns is {'set' if has_time else 'empty'}"
            raise InputError(table.path, line, what, "a makespan in every row that is ok, and no other")
        if has_time and not has_rate:
            what = f"messages_per_second of a {LIFECYCLE} is not above 0"
            raise InputError(table.path, line, what, "units per second in every row that is ok")
