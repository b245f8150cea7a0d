# SPDX-License-Identifier: Apache-2.0
"""Made-up maps whose crossover is known: makespans that are powers of tasks and length.

`event_loop` and `threads` are as fast as each other where tasks × length × 100^(share − 0.5) is
40 ms: below, the loop wins. `serial` is ten times the slower of the two. Used by fake_bench.py, hence
without pandas.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

import synthetic
from synthetic import Row, Shape

CROSSOVER_NS = 40e6
SHAPES = {shape.model: shape for shape in synthetic.SHAPES}
MODELS = ("serial", "threads", "event_loop")

Spot = tuple[int, int, float]  # tasks, length in ns, share of CPU
#: Model and spot -> makespan in ns
Pace = Callable[[str, Spot], float]

GRID: tuple[Spot, ...] = tuple(
    (tasks, length, share)
    for tasks in (10, 100, 1000)
    for length in (100_000, 1_000_000, 10_000_000)
    for share in (0.0, 0.5, 1.0)
)


def pace(model: str, spot: Spot) -> float:
    tasks, length, share = spot
    ahead = (tasks * length / CROSSOVER_NS) ** 0.5 * 10 ** (share - 0.5)
    threads = 1e8 * (tasks / 40) ** 0.5
    times = {"threads": threads, "event_loop": threads * ahead}
    return times.get(model, 10 * max(times.values()))


def split(spot: Spot) -> tuple[int, int]:
    """Sleep and computing of a task, in ns."""
    compute = round(spot[1] * spot[2])
    return spot[1] - compute, compute


def row(model: str, spot: Spot, launch: int, makespan_ns: float, **changes: object) -> Row:
    sleep_ns, compute_ns = split(spot)
    batch = {"benchmark": "mixed", "tasks": spot[0], "sleep_ns": sleep_ns, "compute_ns": compute_ns}
    all_changes: dict[str, object] = {**batch, "makespan_ns": round(makespan_ns), **changes}
    shape: Shape = SHAPES[model]
    return synthetic.sample(shape, launch=launch, **all_changes)  # type: ignore[arg-type]


def rows(
    spots: Iterable[Spot] = GRID,
    models: Sequence[str] = MODELS,
    rounds: int = 6,
    noise: float = 0.0,
    seed: int = 1,
    paces: Pace = pace,
) -> list[Row]:
    """A row for each spot, model and round; noise is the sigma of a log-normal factor with median 1."""
    dice = random.Random(seed)
    found: list[Row] = []
    for spot in spots:
        for model in models:
            for number in range(1, rounds + 1):
                time = paces(model, spot) * dice.lognormvariate(0, noise)
                found.append(row(model, spot, len(found) + 1, time, round=number))
    return found


def without(found: Iterable[Row], model: str, at: Spot) -> list[Row]:
    """The rows but for those of a model at a spot."""
    gone = model, str(at[0]), tuple(map(str, split(at)))

    def key(one: Row) -> tuple[object, ...]:
        return one["model"], one["tasks"], (one["sleep_ns"] or "0", one["compute_ns"] or "0")

    return [one for one in found if key(one) != gone]
