# SPDX-License-Identifier: Apache-2.0
"""What two builds are compared by. Every metric is told as a cost: more of it is worse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from makespan import columns, units

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """`name` is what it is called in files, with its unit; `short` what people type, `title` what they
    read. `columns` of the samples are added up; where `higher_is_better` the cost is 1 / value."""

    name: str
    short: str
    title: str
    columns: tuple[str, ...]
    higher_is_better: bool = False

    def log_costs(self, samples: pd.DataFrame) -> Floats:
        """The natural logarithm of each row's cost; NaN where there is no value above zero."""
        values: Floats = np.zeros(len(samples))
        for name in self.columns:
            values = values + samples[name].to_numpy(dtype="float64", na_value=np.nan)
        logs: Floats = np.log(np.where(values > 0, values, np.nan))
        return np.negative(logs) if self.higher_is_better else logs

    def value(self, log_cost: float) -> float:
        """What was measured, in the unit of the name, from the logarithm of its cost."""
        return math.exp(-log_cost if self.higher_is_better else log_cost)

    def show(self, value: float) -> str:
        """Like `10.26 ms`, `3.2 MiB`, `120 k/s`."""
        if not math.isfinite(value):
            return "–"
        if self.name.endswith("_ns"):
            return units.duration(value)
        return units.data_size(value) if self.name.endswith("_bytes") else f"{units.short(value)}/s"

    def show_cost(self, value: float) -> str:
        """As show(), but of a rate the time that each takes: more is worse."""
        return units.duration(1e9 / value) if self.higher_is_better else self.show(value)


MAKESPAN = Metric("makespan_ns", "makespan", "makespan", ("makespan_ns",))
CPU = Metric("cpu_ns", "cpu", "CPU time", ("user_cpu_ns", "system_cpu_ns"))
MEMORY = Metric("peak_rss_bytes", "memory", "peak memory", ("peak_rss_bytes",))
RATE = Metric(
    "messages_per_second",
    "messages",
    "time per message",
    ("messages_per_second",),
    higher_is_better=True,
)

FOOTPRINT = Metric("footprint_bytes", "footprint", "footprint", ("pss_bytes", "kernel_bytes"))

_TIMED: tuple[Metric, ...] = (MAKESPAN, CPU, MEMORY, RATE)
METRICS: tuple[Metric, ...] = (*_TIMED, FOOTPRINT)

#: Of every benchmark the one that all rows that are ok have.
MAIN: tuple[Metric, ...] = (MAKESPAN, FOOTPRINT)

#: What a verdict on batches that are timed goes by unless told otherwise. Where tasks sleep, what a model costs
#: shows in the CPU time first; where they compute it differs less from launch to launch, as waiting for a CPU
#: does not count.
DECIDING: tuple[Metric, ...] = (MAKESPAN, CPU)
#: The same of all batches.
ALL_DECIDING: tuple[Metric, ...] = (*DECIDING, FOOTPRINT)


def metrics_of(benchmark: str) -> tuple[Metric, ...]:
    """By what the cases of a benchmark are compared, followed and exported, the main one first. Footprints are
    read while their tasks wait: when those end, and what the reading costs, says nothing of the model."""
    return (FOOTPRINT,) if benchmark == columns.FOOTPRINT else _TIMED


def metrics_named(text: str) -> tuple[Metric, ...]:
    """"makespan,cpu" as metrics, each once, by either name. ValueError names what is unknown."""
    known = {name: metric for metric in METRICS for name in (metric.short, metric.name)}
    asked = [name.strip() for name in text.split(",")]
    unknown = [name for name in asked if name not in known]
    if unknown:
        allowed = ", ".join(metric.short for metric in METRICS)
        raise ValueError(f"no metric named {unknown[0]!r}; allowed: {allowed}")
    return tuple(dict.fromkeys(known[name] for name in asked))


def titles(metrics: Sequence[Metric]) -> str:
    return ", ".join(metric.title for metric in metrics)
