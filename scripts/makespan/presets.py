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
    """A grid of one binary. `traced`: the launches of round 1 also write every task to trace.csv."""

    name: str
    binary: str
    flags: tuple[str, ...] = ()
    traced: bool = False


@dataclass(frozen=True)
class Preset:
    """`rounds` is what is run without --rounds; a 95 % interval of a median needs at least 6.

    `refinements`: how often points are added to the groups with --sweep=map, where the winner changes.
    """

    name: str
    about: str
    rounds: int
    groups: tuple[Group, ...]
    refinements: int = 0


def reference(sleep: str) -> tuple[Group, ...]:
    """The reference scenario, 10 tasks that sleep: every shape that is told apart there, traced."""
    batch = ("--tasks=10", f"--sleep={sleep}")

    def group(name: str, *flags: str) -> Group:
        return Group(f"reference {sleep}, {name}", "bench_sleep", (*flags, *batch), traced=True)

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
    return Group("ping-pong", "bench_messages", flags, traced=True)


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

# Without a fork for each task: 20,000 of them take seconds, and their METG is far above the rest.
GRANULARITY = Preset(
    "granularity",
    "how small tasks may be: the same work cut into ever smaller tasks, METG(50 %) and METG(95 %)",
    rounds=6,
    groups=(
        Group(
            "granularity",
            "bench_compute",
            (
                "--sweep=granularity",
                "--models=serial,threads,process_pool,tbb_pool,event_loop,hybrid",
            ),
        ),
    ),
)

# Away from the bounds of the grid: 1,000 tasks of 1 ms take half a second on two CPUs, of 10 ms five.
MAP = Preset(
    "map",
    "the map of winners: tasks × task length × share of CPU, refined where the winner changes",
    rounds=6,
    groups=(
        Group(
            "map",
            "bench_mixed",
            (
                "--sweep=map",
                "--models=serial,threads,process_pool,tbb_pool,event_loop,hybrid",
                "--max-bound=1500ms",
            ),
        ),
    ),
    refinements=2,
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
        Group("ping-pong", "bench_messages", ("--mode=ping_pong",), traced=True),
        Group("pipelines", "bench_pipeline"),
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

PRESETS: Mapping[str, Preset] = {
    preset.name: preset for preset in (QUICK, CLASS8, TALK, GRANULARITY, MAP, FULL, CI)
}
