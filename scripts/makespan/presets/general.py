# SPDX-License-Identifier: Apache-2.0
"""Presets of every kind of batch, and the reference scenario."""

from __future__ import annotations

from .groups import Group, Preset

ALL_AT_ONCE = "--models=serial,threads,processes,event_loop"
POOLS = "--models=process_pool,tbb_pool"


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
