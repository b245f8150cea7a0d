# SPDX-License-Identifier: Apache-2.0
"""samples.csv as the runner sees it: which launches have left a row.

The binaries append their rows themselves. The runner writes a row only for a launch that ended
without one, and cuts off only what a killed launch tore; whole rows are never touched.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from makespan import torn
from makespan.columns import TRACE_COLUMNS, names
from makespan.errors import InputError
from makespan.header import check_header

Row = dict[str, str]


@dataclass(frozen=True)
class Ledger:
    """The file and what has been recorded in it."""

    path: Path

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def mend(self) -> str | None:
        """Cuts off a torn last record and returns it; None where there is none."""
        return torn.cut_torn_record(self.path)

    def rows(self, offset: int = 0) -> list[Row]:
        """The rows from a byte offset on, which must be the start of a row, or 0 for all.

        Raises InputError if the header is not ours: the binaries are then not of these scripts.
        """
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(offset)
            text = file.read().decode("utf-8", "replace")
        records = list(csv.reader(io.StringIO(text, newline="")))
        if offset == 0 and records:
            check_header(self.path, 1, records.pop(0))
        return [dict(zip(names(), record)) for record in records]

    def launches(self) -> Counter[int]:
        """The numbers of the launches that have left rows, and how many."""
        return self.numbers("launch")

    def numbers(self, column: str) -> Counter[int]:
        """The whole numbers of a column that every row has, and how often."""
        numbers = [row.get(column, "") for row in self.rows()]
        if not all(number.isdigit() for number in numbers):
            raise InputError(self.path, 1, f"rows without a {column}", "the samples of a runner's run")
        return Counter(map(int, numbers))

    def append(self, row: Mapping[str, str]) -> None:
        """One row, and before the first one the header, in one write."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, names(), lineterminator="\n", restval="")
        if self.size() == 0:
            writer.writeheader()
        writer.writerow(row)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, text.getvalue().encode())
        finally:
            os.close(descriptor)


def cut_trace(path: Path, sequences: Container[int]) -> None:
    """Cuts off what batches without a row of samples left at the end of trace.csv: they are made
    again under the same number, and their tasks must not be there twice."""
    torn.cut_torn_record(path)
    if not path.exists():
        return
    column = names(TRACE_COLUMNS).index("sequence")
    length = kept = 0
    with path.open("rb") as file:
        for line in file:
            fields = line.split(b",", column + 1)
            sequence = fields[column] if len(fields) > column else b""
            length += len(line)
            if not sequence.isdigit() or int(sequence) in sequences:
                kept = length
    os.truncate(path, kept)
