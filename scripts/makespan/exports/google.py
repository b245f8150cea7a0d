# SPDX-License-Identifier: Apache-2.0
"""The JSON of Google Benchmark, a launch being a repetition: tools/compare.py of that project compares
two such files, its U test included.

Source: https://github.com/google/benchmark, src/json_reporter.cc and docs/tools.md (schema version 1).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from makespan.metrics import CPU, MAKESPAN, MEMORY, RATE, Floats
from makespan.tracked import TrackedCase

from .run import ExportedRun

_NS_PER_MS = 1e6  # the binaries of the suite print ms

_AGGREGATES: Mapping[str, Callable[[Floats], float]] = {
    "mean": lambda values: float(np.mean(values)),
    "median": lambda values: float(np.median(values)),
    "stddev": lambda values: float(np.std(values, ddof=1)),
}
_CONTEXT = (
    "cpu_model",
    "hypervisor",
    "kernel",
    "compiler",
    "compiler_flags",
    "build_type",
    "git_sha",
)


def google_benchmark(run: ExportedRun) -> str:
    """`real_time` is the makespan and `cpu_time` the CPU time of all threads and processes, in ms, 0
    where it was not measured; peak memory and messages per second are counters."""
    benchmarks = [row for family, case in enumerate(run.cases) for row in _rows(family, case)]
    return json.dumps({"context": _context(run), "benchmarks": benchmarks}, indent=2) + "\n"


def _context(run: ExportedRun) -> dict[str, Any]:
    about = run.environment
    cpus = about.get("cpus_usable")
    libraries = about.get("libraries")
    known = {
        "date": run.time_utc,
        "host_name": str(about.get("host") or ""),
        "executable": "makespan",
        "num_cpus": max(1, round(cpus)) if isinstance(cpus, (int, float)) else 1,
        "caches": [],
        "json_schema_version": 1,
        "run_id": run.run_id,
    }
    if isinstance(libraries, Mapping) and libraries.get("benchmark"):
        known["library_version"] = f"v{libraries['benchmark']}"
    return known | {name: str(about[name]) for name in _CONTEXT if about.get(name)}


def _rows(family: int, case: TrackedCase) -> Iterator[dict[str, Any]]:
    """The launches, and from two on what is made of them."""
    times = {
        "real_time": case.values[MAKESPAN.name] / _NS_PER_MS,
        "cpu_time": np.nan_to_num(case.values[CPU.name]) / _NS_PER_MS,
    }
    counters = {
        metric.name: case.values[metric.name]
        for metric in (MEMORY, RATE)
        if not np.isnan(case.values[metric.name]).any()
    }
    family_of = {"family_index": family, "per_family_instance_index": 0, "run_name": case.name}
    shared = {"repetitions": case.launches, "threads": 1}
    for launch in range(case.launches):
        yield {
            "name": case.name,
            **family_of,
            "run_type": "iteration",
            **shared,
            "repetition_index": launch,
            "iterations": 1,
            **{name: float(values[launch]) for name, values in times.items()},
            "time_unit": "ms",
            **{name: float(values[launch]) for name, values in counters.items()},
        }
    for name, aggregate in _AGGREGATES.items() if case.launches > 1 else ():
        yield {
            "name": f"{case.name}_{name}",
            **family_of,
            "run_type": "aggregate",
            **shared,
            "aggregate_name": name,
            "aggregate_unit": "time",
            "iterations": case.launches,
            **{what: aggregate(values) for what, values in times.items()},
            "time_unit": "ms",
            **{what: aggregate(values) for what, values in counters.items()},
        }
