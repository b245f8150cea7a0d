# SPDX-License-Identifier: Apache-2.0
"""--with-python: for every case of the binaries what a Python programmer would write in its place.

The counterparts are launched in the same rounds as the cases, and their rows are in the same file.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from makespan.build import PYTHON_REFERENCE
from makespan.columns import split_variant
from makespan.python_times import computing_s, hops_of

if TYPE_CHECKING:  # it imports what measures, which nobody needs who does not ask for it
    from makespan.plan import Case

# Model and variant of a binary -> those of the Python reference that do the same.
_TASKS: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("serial", ""): (("python_serial", ""),),
    ("threads", ""): (("python_threading", ""),),
    ("processes", ""): (("python_process", ""),),
    ("process_pool", ""): (("python_pool", ""), ("python_futures_processes", "")),
    ("tbb_pool", ""): (("python_futures_threads", ""), ("python_thread_pool", "")),
    ("hybrid", ""): (("python_hybrid", ""),),
    ("hybrid", "loop"): (("python_hybrid", "loop"),),
    ("event_loop", ""): (("python_asyncio", ""),),
}
# Where tasks do not compute, what it costs to hand out each by itself is to be seen as well.
_SLEEPS = {
    **_TASKS,
    ("process_pool", ""): tuple(
        (model, variant)
        for model in ("python_pool", "python_futures_processes")
        for variant in ("", "submit")
    ),
    ("tbb_pool", ""): (
        ("python_futures_threads", ""),
        ("python_futures_threads", "submit"),
        ("python_thread_pool", ""),
    ),
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
    "bench_sleep": _SLEEPS,
    "bench_compute": _TASKS,
    "bench_mixed": _TASKS,
    "bench_messages": _MESSAGES,
    "bench_pipeline": _PIPELINES,
}
# Models whose workers are asked for; the others have as many as they have tasks, or one.
_POOLS = ("process_pool", "tbb_pool")
# Flags of a case that hold for its counterpart as they are.
_PASSED = ("--hops", "--pattern", "--text", "--no-records", "--timer-slack", "--pin")

#: What is left out, as it would take too long. Units of a process per task and of the tasks of a ring are processes.
MOST_PROCESSES = 1_000
MOST_TASKS = 100_000
MOST_MESSAGES = 1_000_000
MOST_COMPUTING_S = 10.0
#: Of a pool, or of processes × threads.
MOST_THREADS = 100_000
#: Presets in which the event loop of Python may have so many tasks more.
MOST_COROUTINES = {"peers": 1_000_000}

RULE = (
    f"Python's counterparts are left out above {MOST_PROCESSES:,} processes at once, {MOST_TASKS:,} tasks or threads "
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

    left_out = case.left_out or _too_much(case, model, preset)
    if left_out:  # before the flags are parsed: what is too much need not be allowed there
        return _never_launched(case, model, variant, left_out)
    selected = (f"--models={model}", f"--variant={variant or 'default'}")
    # A computing time stands for as many iterations as it has ns: the bounds are then those of the times.
    (trial,) = trials(parse([*_flags(case), *selected, "--ns-per-iteration=1"], registry))
    of: dict[str, Any] = dict(trial.described)
    return replace(
        case,
        binary=PYTHON_REFERENCE,
        group=_group(case),
        name=trial.name,
        model=model,
        variant=of["variant"],
        processes=of["processes"],
        threads=of["threads"],
        model_bound_ns=trial.bound_ns,
        args=trial.flags,
    )


def _never_launched(case: Case, model: str, variant: str, why: str) -> Case:
    """By the name that it would have, in the shape of its case."""
    others = case.variant.removeprefix(split_variant(case.variant).own).removeprefix("+")
    whole = "+".join(filter(None, (variant, others)))
    batch = "tasks:" + case.name.partition("tasks:")[2]
    return replace(
        case,
        binary=PYTHON_REFERENCE,
        group=_group(case),
        name="/".join(filter(None, (case.benchmark, model, whole, batch))),
        model=model,
        variant=whole,
        model_bound_ns=None,
        args=(),
        left_out=why,
    )


def _group(case: Case) -> str:
    return f"{case.group}, Python"


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
    if case.binary in ("bench_messages", "bench_pipeline"):
        return
    yield f"--sizes={variant.sizes}"
    for name, ns in (("sleep", case.sleep_ns), ("compute", case.compute_ns)):
        if ns is not None:
            yield f"--{name}={ns}ns"
    processes, threads = case.processes or 1, case.threads or 1
    if case.model == "hybrid":
        yield f"--processes={processes}"
        yield f"--threads={threads}"
    elif case.model in _POOLS:
        yield f"--workers={processes * threads}"


def _too_much(case: Case, model: str, preset: str) -> str:
    """Why it would take too long; empty if it would not."""
    talks = case.binary == "bench_messages"
    lines = case.benchmark == "pipeline"
    processes, workers = case.processes or 1, (case.processes or 1) * (case.threads or 1)
    if model == "python_process" or case.benchmark == "ring":
        processes = workers = case.tasks
    count = hops_of(case.args) or case.tasks
    most = MOST_MESSAGES if talks or lines else MOST_TASKS
    if model == "python_asyncio":
        most = MOST_COROUTINES.get(preset, most)
    if processes > MOST_PROCESSES:
        return f"{processes:,} processes of Python are above {MOST_PROCESSES:,}"
    if count > most:
        what = "lines" if lines else "messages" if talks else "tasks"
        return f"{count:,} {what} are above {most:,}, the most for {model}"
    if workers > MOST_THREADS:
        return f"{workers:,} threads of Python are above {MOST_THREADS:,}"
    seconds = computing_s(case.tasks, case.compute_ns, processes)
    if seconds > MOST_COMPUTING_S:
        return f"Python would compute for about {seconds:.0f} s, above {MOST_COMPUTING_S:.0f} s"
    return ""
