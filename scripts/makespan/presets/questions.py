# SPDX-License-Identifier: Apache-2.0
"""Presets for one question each: what a unit costs, how much memory waiting takes, how late tasks are, what a
model adds to bare system calls, how small tasks may be, where which model wins."""

from __future__ import annotations

from .groups import Group, Preset

LIFECYCLES = Preset(
    "lifecycle",
    "what threads, processes, pools and coroutines cost to create and to end, beside system calls",
    rounds=6,
    groups=(
        Group("units", "bench_lifecycle", ("--tasks=1,10,100", "--resident=0")),
        Group(
            "memory",
            "bench_lifecycle",
            ("--models=fork,spawn,process_pool", "--tasks=1", "--resident=64MiB,1GiB"),
        ),
    ),
)


def floor(what: str, binary: str, *flags: str) -> Group:
    """A model and its floor on 2 workers. Without records, as they are the suite's and not the model's."""
    return Group(what, binary, ("--workers=2", "--no-records", *flags))


_EMPTY = "--sleep=0s"
_BOTH = "--variant=default,bare"
_TBB = f"{_BOTH},submit,bare_submit"

# What remains of empty tasks is what the model costs.
FLOORS = Preset(
    "floors",
    "models beside the same loops of bare system calls, with empty tasks",
    rounds=20,
    groups=(
        floor("threads", "bench_sleep", "--models=threads", _BOTH, "--tasks=100,1000", _EMPTY),
        floor("processes", "bench_sleep", "--models=processes", _BOTH, "--tasks=100,1000", _EMPTY),
        floor("oneTBB", "bench_sleep", "--models=tbb_pool", _TBB, "--tasks=100000", _EMPTY),
        floor(
            "oneTBB, tasks of a microsecond",
            "bench_compute",
            *("--models=tbb_pool", _TBB, "--tasks=100000", "--compute=1us"),
        ),
        floor("pool of processes", "bench_sleep", "--models=process_pool", "--tasks=10000", _EMPTY),
    ),
)

def footprint(what: str, models: str, tasks: str, *flags: str) -> Group:
    return Group(what, "bench_footprint", (f"--models={models}", f"--tasks={tasks}", *flags))


_WORKERS = "0,1000,10000"
#: Near to as many as Linux has process ids for by default, 32,768. To read the memory of as many processes takes minutes.
_MOST_THREADS = "30000"
_COROUTINES = "0,10000,100000,1000000"
_POOLS_OF_8 = ("--variant=default", "--workers=8")
_TWO_LOOPS = ("--variant=loop", "--processes=2", "--threads=1")

# Sizes of stacks below and above one that a table of pages spans (2 MiB on x86-64).
FOOTPRINT = Preset(
    "footprint",
    "memory per waiting task, in some minutes: up to 30,000 threads, 10,000 processes, a million coroutines",
    rounds=6,
    groups=(
        footprint("a worker per task", "serial,threads,processes", _WORKERS),
        footprint("threads near to the limit", "threads", _MOST_THREADS),
        footprint("stacks", "threads", _WORKERS, "--stack=64KiB,1MiB"),
        footprint("pools", "process_pool,tbb_pool,hybrid", _WORKERS, *_POOLS_OF_8),
        footprint("a coroutine per task", "event_loop", _COROUTINES),
        footprint("loops in two processes", "hybrid", _COROUTINES, *_TWO_LOOPS),
        # More than any Linux has process ids for: the row says which limits there are.
        footprint("beyond the limits", "threads,processes", "10000000"),
    ),
)


def latency(tasks: int, sleeps: str, batches: int, models: str, *flags: str) -> Group:
    """A slot for each task: what is late is not so for want of workers. Every round is traced: some 33,600
    tasks each, 3.6 MB of trace.csv."""
    batch = (f"--tasks={tasks}", f"--sleep={sleeps}", f"--workers={tasks}")
    name = " ".join([f"{tasks} × {sleeps}", *flags])
    return Group(name, "bench_sleep", (models, *batch, *flags), traced=1_000, batches=batches)


_LATE = "--models=threads,processes,process_pool,tbb_pool,event_loop"
_LATE_ALONE = "--models=serial,threads,processes,process_pool,tbb_pool,event_loop"

# With one task at a time `serial` is the floor: nothing but a clock_nanosleep. The shortest sleeps stand for
# little load: of a thousand tasks those that come first would have ended before the last one starts.
LATENCY = Preset(
    "latency",
    "how late tasks start and sleeps end: the whole distributions",
    rounds=6,
    groups=(
        latency(1, "1ms", 1_000, _LATE_ALONE),
        latency(1, "10ms", 100, _LATE_ALONE),
        latency(10, "1ms", 50, _LATE),
        latency(10, "10ms", 30, _LATE),
        latency(100, "10ms", 10, _LATE),
        latency(1_000, "10ms", 3, _LATE),
        latency(1, "1ms", 1_000, "--models=serial,threads,event_loop", "--timer-slack=1us"),
    ),
    cyclictest=True,
)

# Without a fork for each task: 20,000 of them take seconds, and they are far behind the rest.
_SWEPT = "--models=serial,threads,process_pool,tbb_pool,event_loop,hybrid"

GRANULARITY = Preset(
    "granularity",
    "how small tasks may be: the same work cut into ever smaller tasks, METG(50 %) and METG(95 %)",
    rounds=6,
    groups=(Group("granularity", "bench_compute", ("--sweep=granularity", _SWEPT)),),
)

# Away from the bounds of the grid: 1,000 tasks of 1 ms take half a second on two CPUs, of 10 ms five.
MAP = Preset(
    "map",
    "the map of winners: tasks × task length × share of CPU, refined where the winner changes",
    rounds=6,
    groups=(Group("map", "bench_mixed", ("--sweep=map", _SWEPT, "--max-bound=1500ms")),),
    refinements=2,
)
