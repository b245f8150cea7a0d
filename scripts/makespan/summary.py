# SPDX-License-Identifier: Apache-2.0
"""From samples to one row per case: medians with their intervals, and what follows from them."""

from __future__ import annotations

from collections.abc import ItemsView, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from makespan.columns import CASE_KEY, COLUMNS
from makespan.files import write_atomically
from makespan.launches import Launches, gravity, sort_out
from makespan.statistics import median_interval

Floats = npt.NDArray[np.float64]

_BOUNDS = ("model_bound_ns", "machine_bound_ns")
_MEASURED = (
    "parallelism",
    "max_in_flight",
    "mean_in_flight",
    "setup_ns",
    "teardown_ns",
    "cpu_ns",
    "cpu_per_task_ns",
    "messages_per_second",
    "round_trip_p50_ns",
    "round_trip_p99_ns",
    "peak_rss_bytes",
    "pss_bytes",
    "kernel_bytes",
    "start_latency_p50_ns",
    "start_latency_p99_ns",
    "overshoot_p50_ns",
    "overshoot_p99_ns",
)
#: Columns of the summary that are the median over the launches.
MEDIANS: tuple[str, ...] = (*_BOUNDS, *_MEASURED)

SUMMARY_COLUMNS: tuple[str, ...] = (
    *CASE_KEY,
    "n",
    "failed",
    "status",
    "error",
    "makespan_median_ns",
    "makespan_low_ns",
    "makespan_high_ns",
    *_BOUNDS,
    "efficiency",
    "efficiency_low",
    "efficiency_high",
    "overhead_per_task_ns",
    *_MEASURED,
    "steal_share",
)

_INTEGER_KEYS = {c.name for c in COLUMNS if c.kind == "int"} & set(CASE_KEY)


def summarise(samples: pd.DataFrame, cpus: float | None = None) -> pd.DataFrame:
    """One row per case, in the order in which the cases first appear, with SUMMARY_COLUMNS.

    `n` counts the launches that succeeded and `failed` those that did not, as a row of them is not ok;
    `status` and `error` are those of the worst row. Samples of one launch are not independent, so a launch counts once,
    with the median of its rows. Intervals are of 95 % and NaN where n < 6; whatever does not apply
    is NaN. `steal_share` is steal time / (makespan × cpus) and needs the CPUs of env.json.
    """
    table = _Samples(samples)
    rows = [_case(table, key, rows, cpus) for key, rows in table.cases()]
    frame = pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))
    for name in SUMMARY_COLUMNS:
        if name in _INTEGER_KEYS or name in ("n", "failed"):
            frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
        elif name not in CASE_KEY and name not in ("status", "error"):
            frame[name] = frame[name].astype("float64")
    return frame


def write_summary(summary: pd.DataFrame, path: Path) -> None:
    """summary.csv: RFC 4180 with LF, empty = not applicable, replaced in one step."""
    text = summary.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    write_atomically(path, text)


class _Samples:
    """The samples as plain arrays: grouping by nullable keys differs between versions of pandas."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._floats: dict[str, Floats] = {}
        self._keys = list(zip(*(_plain(frame[name]) for name in CASE_KEY)))
        self._launches = list(zip(_plain(frame["run_id"]), _plain(frame["launch"])))
        self.status = [str(status) for status in frame["status"]]
        self.error = [str(error) for error in frame["error"]]
        cpu = self.column("user_cpu_ns") + self.column("system_cpu_ns")
        makespan, tasks = self.column("makespan_ns"), self.column("tasks")
        with np.errstate(divide="ignore", invalid="ignore"):
            parallelism = np.where(makespan > 0, cpu / makespan, np.nan)
            per_task = np.where(tasks > 0, cpu / tasks, np.nan)
        self._floats |= {"cpu_ns": cpu, "parallelism": parallelism, "cpu_per_task_ns": per_task}

    def cases(self) -> ItemsView[tuple[object, ...], list[int]]:
        groups: dict[tuple[object, ...], list[int]] = {}
        for row, key in enumerate(self._keys):
            groups.setdefault(key, []).append(row)
        return groups.items()

    def column(self, name: str) -> Floats:
        if name not in self._floats:
            self._floats[name] = self._frame[name].to_numpy(dtype="float64", na_value=np.nan)
        return self._floats[name]

    def launches(self, rows: Sequence[int]) -> Launches[int]:
        return sort_out(rows, self.launch_of, self.status.__getitem__)

    def launch_of(self, row: int) -> tuple[object, object]:
        return self._launches[row]

    def medians(self, name: str, launches: list[list[int]]) -> Floats:
        """One value per launch: the median of its rows; NaN where no row has one."""
        column = self.column(name)
        if all(len(rows) == 1 for rows in launches):  # as the runner does it
            return column[[rows[0] for rows in launches]]
        return np.array([_median(column[rows]) for rows in launches])


def _case(
    table: _Samples, key: tuple[object, ...], rows: list[int], cpus: float | None
) -> dict[str, object]:
    worst = max(rows, key=lambda row: gravity(table.status[row]))
    launches = table.launches(rows)
    good = launches.good
    makespans = table.medians("makespan_ns", good)
    # The bounds of a case that never succeeded still tell how far away it was planned to be.
    measured = good or [[row] for row in launches.failed]
    medians = {name: _median(table.medians(name, measured)) for name in MEDIANS}
    result: dict[str, object] = {
        **dict(zip(CASE_KEY, key)),
        "n": len(makespans),
        "failed": len(launches.failed),
        "status": table.status[worst],
        "error": table.error[worst],
        **medians,
    }
    if good:
        tasks = float(table.column("tasks")[rows[0]])
        result |= _times(makespans, tasks, medians)
        result["steal_share"] = _steal_share(table, list(chain(*good)), cpus)
    return result


def _times(makespans: Floats, tasks: float, medians: dict[str, float]) -> dict[str, float | None]:
    interval = median_interval(makespans)
    bound = medians["machine_bound_ns"] or None  # zero for a batch of no tasks
    return {
        "makespan_median_ns": interval.median,
        "makespan_low_ns": interval.low,
        "makespan_high_ns": interval.high,
        "efficiency": _ratio(bound, interval.median),
        "efficiency_low": _ratio(bound, interval.high),
        "efficiency_high": _ratio(bound, interval.low),
        "overhead_per_task_ns": _ratio(interval.median - medians["model_bound_ns"], tasks),
    }


def _steal_share(table: _Samples, rows: list[int], cpus: float | None) -> float:
    steal = table.column("steal_ns")[rows]
    known = ~np.isnan(steal)
    makespans = table.column("makespan_ns")[rows][known]
    return _ratio(float(steal[known].sum()), float(makespans.sum()) * (cpus or 0))


def _plain(series: pd.Series) -> list[object]:
    """The values as Python objects, None where there is none: equal keys are then equal."""
    return [None if value is pd.NA else value for value in series.tolist()]


def _median(values: Sequence[float] | Floats) -> float:
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    return float(np.median(known)) if known.size else np.nan


def _ratio(part: float | None, whole: float | None) -> float:
    """part / whole; NaN where either is missing, and where there is nothing to be a part of."""
    return np.nan if part is None or not whole else part / whole
