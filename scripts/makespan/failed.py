# SPDX-License-Identifier: Apache-2.0
"""Why launches of a case gave no time, in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from makespan import units
from makespan.columns import STATUSES


def failure_of(failed: Sequence[Mapping[Any, Any]], good: int) -> str:
    """Like "error in 1 of 6 launches (the reason)", of the worst of the rows that failed; `good` is the number of
    launches that did not. Empty if none failed."""
    if not failed:
        return ""
    row = max(failed, key=lambda row: STATUSES.index(str(row["status"])))
    often = f" in {len(failed)} of {len(failed) + good} launches" if good else ""
    reason = units.one_line(str(row["error"]))
    return f"{row['status']}{often}{f' ({reason})' if reason else ''}"
