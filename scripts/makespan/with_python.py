# SPDX-License-Identifier: Apache-2.0
"""--with-python: for every case of the binaries what a Python programmer would write in its place.

The counterparts are launched in the same rounds as the cases, and their rows are in the same file.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from makespan.build import PYTHON_REFERENCE
from makespan.columns import split_variant

if TYPE_CHECKING:  # it imports what measures, which nobody needs who does not ask for it
    from makespan.plan import Case
    from makespan.python_reference.trial import Trial

# Model and variant of a binary -> those of the Python reference that do the same.
_TASKS: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("serial", ""): (("python_serial", ""),),
    ("threads", ""): (("python_threading", ""),),
    ("processes", ""): (("python_process", ""),),
    ("process_pool", ""): (("python_pool", ""), ("python_futures_processes", "")),
    ("tbb_pool", ""): (("python_futures_threads", ""),),
    ("hybrid", ""): (("python_hybrid", ""),),
    ("hybrid", "loop"): (("python_hybrid", "loop"),),
    ("event_loop", ""): (("python_asyncio", ""),),
}
_MESSAGES: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("processes", "shared_queue"): (("python_queue", "queue"), ("python_queue", "simple_queue")),
}
_PIPELINES: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("serial", ""): (("python_serial", ""),),
    ("coroutines", "push"): (("python_generators", "push"),),
    ("coroutines", "pull"): (("python_generators", "pull"),),
}
_OF_BINARY = {
    "bench_sleep": _TASKS,
    "bench_compute": _TASKS,
    "bench_mixed": _TASKS,
    "bench_messages": _MESSAGES,
    "bench_pipeline": _PIPELINES,
}
# Flags of a case that hold for its counterpart as they are.
_PASSED = ("--hops", "--pattern", "--text", "--no-records", "--timer-slack", "--pin")

#: What is left out, as it would take too long. Units of a process per task and of the tasks of a ring are processes.
MOST_PROCESSES = 1_000
MOST_TASKS = 100_000
MOST_MESSAGES = 1_000_000
MOST_COMPUTING_S = 10.0
#: Presets in which the event loop of Python may have so many tasks more.
MOST_COROUTINES = {"peers": 1_000_000}
# How much longer the interpreter takes for an iteration than the binaries, about.
_SLOWER = 50

RULE = (
    f"Python's counterparts are left out above {MOST_PROCESSES:,} processes at once, {MOST_TASKS:,} tasks "
    f"(asyncio in the preset peers {MOST_COROUTINES['peers']:,}), {MOST_MESSAGES:,} messages or lines, and where they would "
    f"compute for more than {MOST_COMPUTING_S:.0f} s"
)


def interpreter() -> dict[str, str]:
    """For env.json: which Python is measured, the one that runs this."""
    return {"version": platform.python_version(), "implementation": platform.python_implementation()}


def counterparts(cases: Iterable[Case], preset: str) -> Iterator[Case]:
    """Those of every case that has some, each in the shape of the case."""
    for case in cases:
        own = split_variant(case.variant).own
        for model, variant in _OF_BINARY.get(case.binary, {}).get((case.model, own), ()):
            yield _counterpart(case, model, variant, preset)


def _counterpart(case: Case, model: str, variant: str, preset: str) -> Case:
    from makespan.python_reference.options import parse
    from makespan.python_reference.suite import registry, trials

    selected = (f"--models={model}", f"--variant={variant or 'default'}")
    # A computing time stands for as many iterations as it has ns: the bounds are then those of the times.
    (trial,) = trials(parse([*_flags(case), *selected, "--ns-per-iteration=1"], registry))
    of: dict[str, Any] = dict(trial.described)
    return replace(
        case,
        binary=PYTHON_REFERENCE,
        group=f"{case.group}, Python",
        name=trial.name,
        model=model,
        variant=of["variant"],
        processes=of["processes"],
        threads=of["threads"],
        model_bound_ns=trial.bound_ns,
        args=trial.flags,
        left_out=case.left_out or _too_much(trial, preset),
    )


def _flags(case: Case) -> Iterator[str]:
    """What says the batch and, where the model leaves that open, the shape."""
    variant = split_variant(case.variant)
    yield f"--benchmark={case.binary.removeprefix('bench_')}"
    passed = [arg for arg in case.args if arg.partition("=")[0] in _PASSED]
    yield from passed
    if not any(arg.startswith("--text=") for arg in passed):
        yield f"--tasks={case.tasks}"
    if case.binary == "bench_messages":
        yield f"--mode={'stream' if case.benchmark == 'messages' else case.benchmark}"
    if case.benchmark == "messages":
        yield f"--producers={variant.producers}"
        yield f"--consumers={variant.consumers}"
    for name, value in (("payload", case.payload_bytes), ("stages", case.stages)):
        if value is not None:
            yield f"--{name}={value}"
    if _OF_BINARY[case.binary] is not _TASKS:
        return
    yield f"--sizes={variant.sizes}"
    for name, ns in (("sleep", case.sleep_ns), ("compute", case.compute_ns)):
        if ns is not None:
            yield f"--{name}={ns}ns"
    processes, threads = case.processes or 1, case.threads or 1
    if case.model == "hybrid":
        yield f"--processes={processes}"
        yield f"--threads={threads}"
    else:
        yield f"--workers={processes * threads}"


def _too_much(trial: Trial, preset: str) -> str:
    """Why it would take too long; empty if it would not."""
    of: dict[str, Any] = dict(trial.described)
    processes, tasks = of["processes"], of["tasks"]
    talks = of["benchmark"] in ("messages", "ping_pong")
    most = MOST_MESSAGES if talks or of["benchmark"] == "pipeline" else MOST_TASKS
    if of["model"] == "python_asyncio":
        most = MOST_COROUTINES.get(preset, most)
    if processes > MOST_PROCESSES:
        return f"{processes:,} processes of Python are above {MOST_PROCESSES:,}"
    if tasks > most:
        what = "lines" if of["benchmark"] == "pipeline" else "messages" if talks else "tasks"
        return f"{tasks:,} {what} are above {most:,}, the most for {of['model']}"
    seconds = computing_s(tasks, of.get("compute_ns"), processes)
    if seconds > MOST_COMPUTING_S:
        return f"Python would compute for about {seconds:.0f} s, above {MOST_COMPUTING_S:.0f} s"
    return ""


def computing_s(tasks: int, compute_ns: int | None, processes: int | None) -> float:
    """About how long the interpreter computes for a batch, in as many processes as have a CPU."""
    at_once = min(processes or 1, len(os.sched_getaffinity(0)))
    return _SLOWER * tasks * (compute_ns or 0) / at_once / 1e9
