# SPDX-License-Identifier: Apache-2.0
"""The charts of a run folder: functions from RunData to a Figure, and what writes them to files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from makespan.theme import style

from .by_tasks import makespan_by_tasks
from .concurrency import concurrency
from .data import NothingToDraw, RunData
from .efficiency import efficiency
from .footprint import footprint
from .granularity import granularity
from .hops import hops
from .latency import latency
from .lifecycle import lifecycle
from .messages import messages
from .page import Chart
from .pipeline import pipeline
from .round_trips import round_trips
from .scaling import scaling
from .timeline import timeline
from .winner_map import map_of_winners

#: name of the files -> function; a new chart is one module and one line here
CHARTS: Mapping[str, Chart] = {
    "makespan": makespan_by_tasks,
    "efficiency": efficiency,
    "concurrency": concurrency,
    "scaling": scaling,
    "granularity": granularity,
    "footprint": footprint,
    "map": map_of_winners,
    "timeline": timeline,
    "latency": latency,
    "messages": messages,
    "round_trips": round_trips,
    "hops": hops,
    "pipeline": pipeline,
    "lifecycle": lifecycle,
}
#: what each picture shows, in a line
ABOUT: Mapping[str, str] = {
    "makespan": "makespan against the number of tasks, per model, with its bound",
    "efficiency": "efficiency per model and workload",
    "concurrency": "tasks in flight against CPUs at work, per model and kind of batch",
    "scaling": "speed-up of CPU-bound batches over serial, against workers",
    "granularity": "efficiency of ever smaller tasks, with METG(50 %) and METG(95 %)",
    "footprint": "memory per waiting task, the kernel's share apart, and against the number of tasks",
    "map": "the winning model by tasks, task length and share of CPU, with crossover lines",
    "timeline": "one bar per task on its process and thread",
    "latency": "distributions of overshoot and start latency, per model and load",
    "messages": "messages per second against their payload, per transport",
    "round_trips": "distribution of the round trips of a ping-pong, per transport",
    "hops": "cost of one hop against the size of the ring, per transport",
    "pipeline": "lines per second against the stages of a pipeline, per model",
    "lifecycle": "cost of creating and ending a unit, in bursts, and of processes against the parent's memory",
}
#: kinds of picture files -> what they say of themselves, which is no date
FILE_METADATA: Mapping[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
}


@dataclass(frozen=True)
class Drawn:
    """The files that were written, and for each chart that was not drawn the reason."""

    written: tuple[Path, ...]
    left_out: Mapping[str, str]


def draw(data: RunData, folder: Path, names: Iterable[str] = tuple(CHARTS)) -> Drawn:
    """Writes NAME.png and NAME.svg of the charts that have data; makes the folder if need be."""
    written: list[Path] = []
    left_out: dict[str, str] = {}
    for name in names:
        try:
            figure = CHARTS[name](data)
        except NothingToDraw as reason:
            left_out[name] = str(reason)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            written += save(figure, folder / name)
    return Drawn(tuple(written), left_out)


def save(figure: Figure, path: Path) -> list[Path]:
    """`path` with .png and .svg."""
    written = [path.with_name(path.name + suffix) for suffix in FILE_METADATA]
    for file in written:
        save_as(figure, file)
    return written


def save_as(figure: Figure, file: Path) -> None:
    """One file, of a kind that FILE_METADATA has; the same bytes for the same figure."""
    with style():
        figure.savefig(file, metadata=FILE_METADATA[file.suffix])


def write_charts(run_dir: Path) -> list[Path]:
    """Draws all charts that the run folder has data for into its folder charts/.

    Raises InputError for files that are not as they should be.
    """
    return list(draw(RunData.load(run_dir), run_dir / "charts").written)
