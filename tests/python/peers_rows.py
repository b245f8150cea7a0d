# SPDX-License-Identifier: Apache-2.0
"""Made-up runs of our models, peers, Python and floors, at prices that are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import footprint_rows
import granularity_synthetic
import synthetic
import talk_rows
from synthetic import CPUS, Row, Shape

MILLION = 1_000_000
S = 1_000_000_000
LENGTHS = (50_000, 10_000, 5_000, 2_000, 1_000, 500)

#: What the machine does to all in a round: every other one is ten times as slow.
PACES = (1, 10, 1, 10, 1, 10)

TBB = Shape("tbb_pool", threads=2, concurrency=2, cpus=CPUS)
BARE = Shape("tbb_pool", threads=2, concurrency=2, cpus=CPUS, variant="bare")
ASIO = Shape("asio_pool", threads=2, concurrency=2, cpus=CPUS)
OPENMP = Shape("openmp", threads=2, concurrency=2, cpus=CPUS)
TASKLOOP = Shape("openmp", threads=2, concurrency=2, cpus=CPUS, variant="taskloop")
SUBMIT = Shape("tbb_pool", threads=2, concurrency=2, cpus=CPUS, variant="submit")
PYTHON = Shape("python_futures_threads", threads=2, concurrency=2)
PYTHON_SUBMIT = Shape("python_futures_threads", threads=2, concurrency=2, variant="submit")
POOL = Shape("process_pool", processes=2, concurrency=2, cpus=CPUS)
PYTHON_POOL = Shape("python_pool", processes=2, concurrency=2, cpus=CPUS)
LOOP = Shape("event_loop")
ASIO_LOOP = Shape("asio_coroutines")
ASYNCIO = Shape("python_asyncio")


def empty(shape: Shape, each_ns: float, tasks: int = 100, rounds: int = 6) -> list[Row]:
    """Empty tasks at so much each, in every round at its pace."""
    return _rows("sleep", shape, tasks, 0, [round(each_ns * tasks * pace) for pace in PACES[:rounds]])


def million(shape: Shape, makespan_ns: int, cpu_ns: int, rounds: int = 6) -> list[Row]:
    rows = _rows("sleep", shape, MILLION, S, [makespan_ns] * rounds)
    return [{**row, "user_cpu_ns": str(cpu_ns - 1_000), "system_cpu_ns": "1000"} for row in rows]


def talk(
    benchmark: str, model: str, variant: str, each_ns: float, tasks: int = 1_000, stages: int | None = None
) -> list[Row]:
    """Messages, hops or lines at so much each, in every round at its pace."""
    payload = 64 if benchmark == "messages" else None
    known = ("threads", "pipe") if stages is None else ("serial", "")
    rows = talk_rows.rows([talk_rows.Talk(benchmark, *known, tasks, payload, stages)])
    return [
        {
            **row,
            "model": model,
            "variant": variant,
            "makespan_ns": str(round(each_ns * tasks * pace)),
            "messages_per_second": repr(1e9 / (each_ns * pace)),
        }
        for row, pace in zip(rows, PACES)
    ]


def swept(shape: Shape, overhead_ns: float, rounds: int = 6) -> list[Row]:
    """Its METG(50 %) is twice the overhead, exactly."""
    return granularity_synthetic.sweep(shape, overhead_ns, LENGTHS, rounds, total_ns=100_000_000)


def never(shape: Shape, rounds: int = 6) -> list[Row]:
    """A sweep of what takes 49 times as long as its own work besides: an efficiency of 2 %."""
    return granularity_synthetic.sweep(shape, lambda own: 49 * own, LENGTHS, rounds, total_ns=10_000_000)


def waiting(shape: Shape, bytes_per_task: float) -> list[Row]:
    return footprint_rows.footprint(shape, bytes_per_task, 0, tasks=(10_000, 50_000, 100_000))


def whole_run() -> Iterator[Row]:
    """Every question answered by every side that can."""
    yield from numbered(
        [
            *million(LOOP, 1_200_000_000, 400_000_000),
            *million(ASIO_LOOP, 1_800_000_000, 900_000_000),
            *million(ASYNCIO, 12 * S, 11 * S),
            *empty(TBB, 100),
            *empty(BARE, 80),
            *empty(ASIO, 200),
            *empty(OPENMP, 150),
            *empty(TASKLOOP, 110),
            *empty(SUBMIT, 120),
            *empty(PYTHON, 15_000),
            *empty(PYTHON_SUBMIT, 24_000),
            *empty(POOL, 500),
            *empty(PYTHON_POOL, 4_000),
            *empty(Shape("python_pool", processes=2, concurrency=2, variant="submit"), 40_000),
            *empty(Shape("threads"), 12_000, 50),
            *empty(Shape("threads", variant="bare"), 10_000, 50),
            *empty(Shape("std_async", threads=50), 12_120, 50),
            *empty(Shape("python_threading", threads=50), 60_000, 50),
            *empty(Shape("processes"), 120_000, 30),
            *empty(Shape("processes", variant="bare"), 100_000, 30),
            *empty(Shape("python_process", processes=30), 1_200_000, 30),
            *swept(TBB, 500),
            *swept(ASIO, 2_000),
            *never(PYTHON_POOL),
            *talk("messages", "processes", "shared_queue", 100),
            *talk("messages", "processes", "pipe", 800),
            *talk("messages", "processes", "bare_ring", 25),
            *talk("messages", "processes", "zmq_ipc", 2_000),
            *talk("messages", "python_queue", "queue", 20_000),
            *talk("messages", "threads", "queue", 300),
            *talk("messages", "threads", "zmq_inproc", 200),
            *talk("ring", "event_loop", "channel", 30),
            *talk("ring", "asio_coroutines", "channel", 90),
            *talk("pipeline", "serial", "", 160, stages=16),
            *talk("pipeline", "coroutines", "push", 192, stages=16),
            *talk("pipeline", "python_generators", "push", 19_200, stages=16),
            *waiting(LOOP, 120),
            *waiting(ASIO_LOOP, 480),
        ]
    )


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Of one run, each row of a launch of its own."""
    return [
        {**row, "run_id": "r", "launch": str(number), "sequence": str(number)}
        for number, row in enumerate(rows, start=1)
    ]


def _rows(benchmark: str, shape: Shape, tasks: int, sleep_ns: int, makespans: list[int]) -> list[Row]:
    return [
        synthetic.sample(
            shape, benchmark=benchmark, tasks=tasks, sleep_ns=sleep_ns, round=number, makespan_ns=makespan
        )
        for number, makespan in enumerate(makespans, start=1)
    ]
