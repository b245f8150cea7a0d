# SPDX-License-Identifier: Apache-2.0
"""The preset of scripts/peers.py: for each purpose our models, the peers that can do it, floors and the Python reference,
in batches that are the same for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from .groups import Group, Preset

_BOTH = "--variant=default,bare"
_TWO = "--workers=2"
# Starts and ends of tasks are recorded for the suite; who only wants them done does without.
_EMPTY = ("--sleep=0s", "--no-records")
_EVERY_ROLE = "--roles=own,peer,floor"
_LOOPS = ("asio_coroutines", "uv_loop")
_POOLS = ("asio_pool", "openmp", "taskflow", "uv_loop")
# The same pools handed tasks in the other way: one by one, or as a range that is known beforehand.
_FORMS = ("tbb_pool/submit", "openmp/taskloop", "openmp/for")


def _computing(work_ms: int, lengths_ns: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """The same work, cut into tasks of these lengths."""
    for length in lengths_ns:
        yield f"--tasks={work_ms * 1_000_000 // length}", f"--compute={length}ns"


# Not of Python: the interpreter computes some fifty times as slowly as the kernel that efficiency is told by, however
# large the tasks. METG(50 %) on two workers lies between 0.1 and 10 µs. A tenth of a second of work keeps the million
# tasks of the finest affordable for those whose METG is far above.
_METG = tuple(
    Group(
        f"METG {batch[1].removeprefix('--compute=')}",
        "bench_compute",
        ("--models=process_pool,tbb_pool,hybrid", _BOTH, _TWO, "--no-records", *batch),
        optional=(*_POOLS, *_FORMS),
        python=False,
    )
    for batch in _computing(100, (50_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100))
)
# Tasks in numbers that Python, too, does in seconds.
PEERS = Preset(
    "peers",
    "our models beside the peers, the Python reference and floors, for scripts/peers.py, in ten to fifteen minutes",
    rounds=8,
    groups=(
        # Without Boost.Fiber: a million stacks take more memory than most machines have.
        Group(
            "a million sleeps",
            "bench_sleep",
            ("--models=event_loop", "--tasks=1000000", "--sleep=1s", _TWO, "--no-records"),
            optional=_LOOPS,
        ),
        Group(
            "pool of threads",
            "bench_sleep",
            ("--models=tbb_pool", _BOTH, "--tasks=100000", _TWO, *_EMPTY),
            optional=(*_POOLS, *_FORMS, "tbb_pool/bare_submit"),
        ),
        Group(
            "pool of processes", "bench_sleep", ("--models=process_pool", "--tasks=50000", _TWO, *_EMPTY)
        ),
        *_METG,
        Group(
            "messages",
            "bench_messages",
            (
                *("--mode=stream", "--models=threads,processes", _EVERY_ROLE),
                *("--payload=64", "--producers=1", "--consumers=1", "--tasks=100000"),
            ),
        ),
        Group(
            "hops",
            "bench_messages",
            ("--mode=ring", "--models=event_loop", "--tasks=16", "--hops=200000"),
            optional=("asio_coroutines",),
        ),
        Group("pipelines", "bench_pipeline", ("--stages=16", "--tasks=100000")),
        Group(
            "threads",
            "bench_sleep",
            ("--models=threads", _BOTH, "--tasks=1000", *_EMPTY),
            optional=("std_async",),
        ),
        Group("processes", "bench_sleep", ("--models=processes", _BOTH, "--tasks=300", *_EMPTY)),
        Group(
            "memory",
            "bench_footprint",
            ("--models=event_loop", "--tasks=10000,50000,100000", _TWO),
            optional=(*_LOOPS, "boost_fiber"),
        ),
    ),
    with_python=True,
)
