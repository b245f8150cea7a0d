# SPDX-License-Identifier: Apache-2.0
"""The check of a header row, shared by the reader and the runner."""

from __future__ import annotations

from pathlib import Path

from makespan import units
from makespan.columns import COLUMNS, Column, names
from makespan.errors import InputError


def check_header(
    path: Path, line: int, header: list[str], columns: tuple[Column, ...] = COLUMNS
) -> None:
    """Raises InputError that names the first column which is not ours. Optional ones may be missing at the
    end."""
    expected = names(columns)
    missing = columns[len(header) :]
    if header == expected[: len(header)] and all(column.optional for column in missing):
        return
    for number, (found, wanted) in enumerate(zip(header, expected), start=1):
        if found != wanted:
            what = f"column {number} is {quoted(found)}"
            raise InputError(path, line, what, f"'{wanted}', as in the header makespan writes")
    if len(header) < len(expected):
        what = f"the header ends after {units.count(len(header), 'column')}"
        raise InputError(path, line, what, f"{len(expected)}, next '{expected[len(header)]}'")
    what = f"column {len(expected) + 1} is {quoted(header[len(expected)])}"
    raise InputError(path, line, what, f"{units.count(len(expected), 'column')} and no more")


def quoted(text: str) -> str:
    """Text as it can be shown in a message: control characters escaped, not too long."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
