# SPDX-License-Identifier: Apache-2.0
"""The preset of the gate: chosen for its verdict, and the one that the error rates were measured for."""

from __future__ import annotations

from .general import POOLS
from .groups import Group, Preset


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
