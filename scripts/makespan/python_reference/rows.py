# SPDX-License-Identifier: Apache-2.0
"""samples.csv and trace.csv as the binaries write them: whole rows, appended one batch at a time."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from makespan import torn
from makespan.columns import COLUMNS, TRACE_COLUMNS, names
from makespan.errors import UsageError
from makespan.header import check_header
from makespan.python_reference.experiment import TraceRecord

_KEY = tuple(column.name for column in TRACE_COLUMNS[:10])  # what says which batch


def check_file(path: str, trace: bool) -> None:
    """Before anything is measured. A torn last row is cut off; raises InputError if it is another kind of file,
    UsageError if it cannot be written."""
    if path == "-":
        return
    columns = TRACE_COLUMNS if trace else COLUMNS
    torn.cut_torn_record(Path(path))
    try:
        with open(path, "a+", encoding="utf-8", newline="") as file:
            file.seek(0)
            header = next(csv.reader(file), None)
    except OSError as error:
        what = error.strerror or "cannot be opened"
        raise UsageError(f"{path}: {what}; allowed: a file that can be written") from None
    if header is not None:
        check_header(Path(path), 1, header, columns)


def append_row(path: str, row: Mapping[str, object]) -> None:
    """A row of samples.csv; empty where the mapping has nothing or None."""
    _append(path, names(), [[_text(name, row.get(name)) for name in names()]])


def append_trace(path: str, row: Mapping[str, object], records: Iterable[TraceRecord]) -> None:
    key = [_text(name, row.get(name)) for name in _KEY]
    lines = []
    for index, start, end, overshoot, process, thread in sorted(records):
        said = "" if overshoot is None else str(overshoot)
        lines.append([*key, str(index), str(start), str(end), str(process), str(thread), "", said])
    if lines:
        _append(path, names(TRACE_COLUMNS), lines)


def _append(path: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """In one write, after the header if there is none yet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if path == "-":
        if not _told:
            writer.writerow(header)
            _told.append(path)
        writer.writerows(rows)
        sys.stdout.write(text.getvalue())
        sys.stdout.flush()
        return
    with open(path, "ab", buffering=0) as file:
        if os.fstat(file.fileno()).st_size == 0:
            writer.writerow(header)
        writer.writerows(rows)
        file.write(text.getvalue().encode())


_told: list[str] = []  # that standard output has its header


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if name == "checksum":
        return f"{value:016x}"  # 64 bits do not fit the integers of every reader
    return f"{value:.6g}" if isinstance(value, float) else str(value)
