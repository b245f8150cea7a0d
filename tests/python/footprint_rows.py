# SPDX-License-Identifier: Apache-2.0
"""Made-up rows of bench_footprint whose bytes per task are known."""

from __future__ import annotations

import random
from collections.abc import Sequence

import synthetic
from synthetic import Row, Shape

KIB = 1024
LOOP = Shape("event_loop")
THREADS = Shape("threads")
STACKS = Shape("threads", variant="stack-64KiB")
POOL = Shape("process_pool", processes=8, concurrency=8)
SERIAL = Shape("serial", concurrency=1)


def footprint(
    shape: Shape,
    user: float,
    kernel: float,
    *,
    tasks: Sequence[int] = (0, 1_000, 10_000),
    rounds: int = 6,
    empty: int = 2_000 * KIB,
    noise: float = 0.0,
    seed: int = 1,
) -> list[Row]:
    """A row for each round and number of tasks: `empty` and so many bytes more for each task, of which
    a third of `empty` is the kernel's; `noise` is the sigma of what is added to either, in bytes.
    """
    dice = random.Random(seed)
    return [
        synthetic.sample(
            shape,
            benchmark="footprint",
            tasks=count,
            sleep_ns=0,
            launch=number,
            round=number,
            makespan_ns=1_000_000,
            model_bound_ns="",
            machine_bound_ns="",
            pss_bytes=round(empty * 2 / 3 + user * count + dice.gauss(0, noise)),
            kernel_bytes=round(empty / 3 + kernel * count + dice.gauss(0, noise)),
            **({"threads": 1} if count == 0 and shape.model == "threads" else {}),
        )
        for number in range(1, rounds + 1)
        for count in tasks
    ]


def skipped(shape: Shape, tasks: int, why: str) -> Row:
    (row,) = footprint(shape, 0, 0, tasks=[tasks], rounds=1)
    return synthetic.failed(row, "skipped", why)


def whole_run() -> list[Row]:
    return [
        *footprint(LOOP, 112, 0.25, tasks=(0, 10_000, 100_000, 1_000_000)),
        *footprint(THREADS, 9_000, 30_000),
        *footprint(STACKS, 9_000, 24_000),
        *footprint(POOL, 0, 0),
        *footprint(SERIAL, 0, 0),
        skipped(THREADS, 10_000_000, "kernel.pid_max = 4194304, 10000001 needed"),
    ]
