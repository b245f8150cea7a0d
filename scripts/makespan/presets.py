# SPDX-License-Identifier: Apache-2.0
"""What is measured, as data: to tune a preset, change the flags below and look at --dry-run.

A preset is a list of groups; a group is one binary with the flags that span its grid. A case that
two groups have in common is measured once. Flags and their meaning: --help of the binary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALL_AT_ONCE = "--models=serial,threads,processes,event_loop"
POOLS = "--models=process_pool,tbb_pool"


@dataclass(frozen=True)
class Group:
    """A grid of one binary. The launches of the first `traced` rounds also write every task to trace.csv. A
    launch has `batches` of its case: the tail of a distribution takes many tasks."""

    name: str
    binary: str
    flags: tuple[str, ...] = ()
    traced: int = 0
    batches: int = 1


@dataclass(frozen=True)
class Preset:
    """`rounds` is what is run without --rounds; a 95 % interval of a median needs at least 6. `cyclictest`:
    whether that program runs as well, if it is there, with the same sleeps."""

    name: str
    about: str
    rounds: int
    groups: tuple[Group, ...]
    cyclictest: bool = False


def reference(sleep: str) -> tuple[Group, ...]:
    """The reference scenario, 10 tasks that sleep: every shape that is told apart there, traced."""
    batch = ("--tasks=10", f"--sleep={sleep}")

    def group(name: str, *flags: str) -> Group:
        return Group(f"reference {sleep}, {name}", "bench_sleep", (*flags, *batch), traced=1)

    return (
        group("a slot per task", ALL_AT_ONCE),
        group("pools of 2", POOLS, "--workers=2"),
        group("pool of 10", "--models=tbb_pool", "--workers=10"),
        group("2 × 5, threads and loops", "--models=hybrid", "--processes=2", "--threads=5"),
    )


# More bytes a message, fewer messages: a batch takes some tenths of a second at most.
_PAYLOADS = (
    ("up to 512 B", "8,64,512", 100_000),
    ("4 and 16 KiB", "4096,16384", 20_000),
    ("64 KiB", "65536", 5_000),
)
_PEERS = ((1, 1), (2, 1), (1, 2), (4, 4))


def stream(name: str, payloads: str, tasks: int, *flags: str) -> Group:
    """So many messages, put and taken as fast as the transport lets."""
    batch = (f"--payload={payloads}", f"--tasks={tasks}")
    return Group(f"messages, {name}", "bench_messages", ("--mode=stream", *batch, *flags))


def ping_pong(payloads: str) -> Group:
    """Traced, for the distribution of the round trips."""
    flags = ("--mode=ping_pong", f"--payload={payloads}", "--tasks=2000")
    return Group("ping-pong", "bench_messages", flags, traced=1)


def rings(sizes: str) -> Group:
    return Group("rings", "bench_messages", ("--mode=ring", f"--tasks={sizes}"))


def pipelines(stages: str) -> Group:
    return Group("pipelines", "bench_pipeline", (f"--stages={stages}", "--tasks=100000"))


# Away from the bounds of the grids below: those with computing in them hang on a calibration.
_SHORT = "--max-bound=300ms"

QUICK = Preset(
    "quick",
    "a first answer in a few minutes: sleeping, computing and mixed batches, and tasks that talk",
    rounds=6,
    groups=(
        Group(
            "sleep",
            "bench_sleep",
            ("--tasks=10,100,1000", "--sleep=10ms", "--workers=2,8", _SHORT),
        ),
        Group(
            "compute, coarse",
            "bench_compute",
            ("--tasks=100", "--compute=1ms", "--workers=1,2,4,8", _SHORT),
        ),
        Group(
            "compute, fine",
            "bench_compute",
            ("--tasks=1000", "--compute=100us", "--workers=2", _SHORT),
        ),
        Group(
            "mixed",
            "bench_mixed",
            ("--tasks=100", "--length=10ms", "--cpu-share=0.1,0.5", "--workers=2,8", _SHORT),
        ),
        *reference("50ms"),
        stream("small", "8,1024", 200_000),
        stream("64 KiB", "65536", 5_000),
        ping_pong("8"),
        rings("2,16,128"),
        pipelines("1,4,16"),
    ),
)

TALK = Preset(
    "talk",
    "tasks that talk, in finer steps: messages, rings and pipelines",
    rounds=6,
    groups=(
        *(
            stream(
                f"{name}, {producers} to {consumers}",
                payloads,
                tasks,
                f"--producers={producers}",
                f"--consumers={consumers}",
            )
            for producers, consumers in _PEERS
            for name, payloads, tasks in _PAYLOADS
        ),
        ping_pong("8,1024,65536"),
        rings("2,4,8,16,32,64,128,256,512,1000"),
        pipelines("1,2,4,8,16"),
    ),
)

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

CLASS8 = Preset(
    "class8",
    "the reference scenario in its original size: 10 tasks of 5 s, two and a half minutes a round",
    rounds=1,
    groups=reference("5s"),
)

FULL = Preset(
    "full",
    "the default grids of all binaries",
    rounds=10,
    groups=(
        Group("sleep", "bench_sleep"),
        Group("compute", "bench_compute"),
        Group("mixed", "bench_mixed"),
        *reference("50ms"),
        Group("messages", "bench_messages", ("--mode=stream,ring",)),
        Group("ping-pong", "bench_messages", ("--mode=ping_pong",), traced=1),
        Group("pipelines", "bench_pipeline"),
        Group("lifecycles", "bench_lifecycle"),
    ),
)


def one_transport(model: str, transport: str, tasks: int) -> Group:
    """A stream of 64 B messages over one transport."""
    flags = ("--mode=stream", f"--models={model}", f"--variant={transport}", "--payload=64")
    return Group(f"{model} over {transport}", "bench_messages", (*flags, f"--tasks={tasks}"))


# Batches of 20 to 80 ms, hence many launches in little time. Those that compute are the longer ones: twice
# as long halves what the makespans of two launches differ by. Where tasks sleep there are so many of them,
# or they are so short, that 10 µs more to dispatch a task show in the CPU time, and in most cases in the
# makespan.
CI = Preset(
    "ci",
    "for --against, in less than ten minutes: a few cases of every kind, in short batches",
    rounds=24,
    groups=(
        Group(
            "sleep, a thread per task",
            "bench_sleep",
            ("--models=threads", "--tasks=400", "--sleep=10ms"),
        ),
        Group(
            "sleep, a coroutine per task",
            "bench_sleep",
            ("--models=event_loop", "--tasks=1000,10000", "--sleep=10ms"),
        ),
        Group(
            "sleep, pools",
            "bench_sleep",
            (POOLS, "--tasks=200", "--sleep=1ms", "--workers=8"),
        ),
        Group(
            "sleep, pools and short tasks",
            "bench_sleep",
            (POOLS, "--tasks=2000", "--sleep=100us", "--workers=8"),
        ),
        Group(
            "compute, coarse",
            "bench_compute",
            (
                "--models=serial,threads,process_pool,tbb_pool,hybrid",
                "--variant=default",
                "--tasks=80",
                "--compute=1ms",
                "--workers=2",
            ),
        ),
        Group(
            "compute, fine",
            "bench_compute",
            (
                "--models=process_pool,tbb_pool,hybrid",
                "--variant=default",
                "--tasks=4000",
                "--compute=20us",
                "--workers=2",
            ),
        ),
        Group(
            "mixed",
            "bench_mixed",
            (
                "--models=threads,process_pool,tbb_pool,event_loop",
                "--tasks=100",
                "--length=2ms",
                "--cpu-share=0.25",
                "--workers=8",
            ),
        ),
        one_transport("threads", "queue", 120_000),
        one_transport("processes", "shared_queue", 200_000),
        one_transport("processes", "pipe", 20_000),
        one_transport("event_loop", "channel", 200_000),
        Group(
            "ring",
            "bench_messages",
            ("--mode=ring", "--models=event_loop", "--variant=channel", "--tasks=16"),
        ),
        Group(
            "ring of processes",
            "bench_messages",
            (
                "--mode=ring",
                "--models=processes",
                "--variant=shared_queue",
                "--tasks=4",
                "--hops=2000",
            ),
        ),
        Group(
            "pipelines of coroutines",
            "bench_pipeline",
            ("--models=coroutines", "--stages=4", "--tasks=150000"),
        ),
        Group(
            "pipelines of oneTBB",
            "bench_pipeline",
            ("--models=tbb_pool", "--stages=4", "--tasks=50000"),
        ),
    ),
)

def floor(what: str, binary: str, *flags: str) -> Group:
    """A model and its floor on 2 workers. Without records, as they are the suite's and not the model's."""
    return Group(what, binary, ("--workers=2", "--no-records", *flags))


_EMPTY = "--sleep=0s"
_BOTH = "--variant=default,bare"

# What remains of empty tasks is what the model costs.
FLOORS = Preset(
    "floors",
    "models beside the same loops of bare system calls, with empty tasks",
    rounds=20,
    groups=(
        floor("threads", "bench_sleep", "--models=threads", _BOTH, "--tasks=100,1000", _EMPTY),
        floor("processes", "bench_sleep", "--models=processes", _BOTH, "--tasks=100,1000", _EMPTY),
        floor("oneTBB", "bench_sleep", "--models=tbb_pool", _BOTH, "--tasks=100000", _EMPTY),
        floor(
            "oneTBB, tasks of a microsecond",
            "bench_compute",
            *("--models=tbb_pool", _BOTH, "--tasks=100000", "--compute=1us"),
        ),
        floor("pool of processes", "bench_sleep", "--models=process_pool", "--tasks=10000", _EMPTY),
    ),
)

# Sizes of stacks below and above one that a table of pages spans (2 MiB on x86-64).
FOOTPRINT = Preset(
    "footprint",
    "memory per waiting task, in some minutes: up to 10,000 threads and processes, a million coroutines",
    rounds=6,
    groups=(
        Group(
            "a worker per task",
            "bench_footprint",
            ("--models=serial,threads,processes", "--tasks=0,1000,10000"),
        ),
        Group(
            "stacks",
            "bench_footprint",
            ("--models=threads", "--tasks=0,1000,10000", "--stack=64KiB,1MiB"),
        ),
        Group(
            "pools",
            "bench_footprint",
            (
                "--models=process_pool,tbb_pool,hybrid",
                "--variant=default",
                "--tasks=0,1000,10000",
                "--workers=8",
            ),
        ),
        Group(
            "a coroutine per task",
            "bench_footprint",
            ("--models=event_loop", "--tasks=0,10000,100000,1000000"),
        ),
        Group(
            "loops in two processes",
            "bench_footprint",
            (
                "--models=hybrid",
                "--variant=loop",
                "--processes=2",
                "--threads=1",
                "--tasks=0,10000,100000,1000000",
            ),
        ),
        # More than any Linux has process ids for: the row says which limits there are.
        Group(
            "beyond the limits",
            "bench_footprint",
            ("--models=threads,processes", "--tasks=10000000"),
        ),
    ),
)


def latency(tasks: int, sleeps: str, batches: int, models: str, *flags: str) -> Group:
    """A slot for each task: what is late is not so for want of workers. Every round is traced: some 27,000
    tasks each, 3 MB of trace.csv."""
    batch = (f"--tasks={tasks}", f"--sleep={sleeps}", f"--workers={tasks}")
    name = " ".join([f"{tasks} × {sleeps}", *flags])
    return Group(name, "bench_sleep", (models, *batch, *flags), traced=1_000, batches=batches)


_LATE = "--models=threads,processes,process_pool,tbb_pool,event_loop"
_LATE_ALONE = "--models=serial,threads,processes,process_pool,tbb_pool,event_loop"

# With one task at a time `serial` is the floor: nothing but a clock_nanosleep. The shortest sleeps stand for
# little load: of a thousand tasks those that come first would have ended before the last one starts.
LATENCY = Preset(
    "latency",
    "how late tasks start and sleeps end: the whole distributions, in four minutes",
    rounds=6,
    groups=(
        latency(1, "1ms", 300, _LATE_ALONE),
        latency(1, "10ms", 100, _LATE_ALONE),
        latency(10, "1ms", 50, _LATE),
        latency(10, "10ms", 30, _LATE),
        latency(100, "10ms", 10, _LATE),
        latency(1_000, "10ms", 3, _LATE),
        latency(1, "1ms", 300, "--models=serial,threads,event_loop", "--timer-slack=1us"),
    ),
    cyclictest=True,
)

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (QUICK, CLASS8, TALK, LIFECYCLES, FOOTPRINT, LATENCY, FLOORS, FULL, CI)
}
