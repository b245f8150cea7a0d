# SPDX-License-Identifier: Apache-2.0
"""From the flags to the cases of batches of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from makespan.python_reference.bounds import bounds
from makespan.python_reference.limits import Need
from makespan.python_reference.model import ModelInfo, Shape
from makespan.python_reference.options import Options
from makespan.python_reference.quantity import format_duration
from makespan.python_reference.tasks import MODELS, TaskExperiment
from makespan.python_reference.trial import Trial, joined
from makespan.python_reference.work import Work, iterations_for

_DEFAULT_TASKS = (10, 100, 1000)
_DEFAULT_TIMES = {
    "sleep": [(1_000_000, 0), (10_000_000, 0)],
    "compute": [(0, 10_000), (0, 100_000)],
    "mixed": [(9_000_000, 1_000_000)],
}
# Generous times: of an iteration in the interpreter, and of a task whatever its model.
_ITERATION_NS = 1_000
_TASK_NS = 10_000_000
# Memory of a task's results, and of its coroutine.
_TASK_BYTES = 3_000
# Descriptors that its maker has of a process or of a worker of a pool, measured; the queues of a pool are 6 beside them.
_PROCESS_FILES = 2


def task_trials(options: Options) -> Iterator[Trial]:
    for info in options.selected(MODELS, lambda info: (info.name, info.variant)):
        for tasks in options.tasks or _DEFAULT_TASKS:
            for sleep_ns, compute_ns in _times(options):
                for sizes in options.sizes or ["constant"]:
                    for shape in _shapes(options, info, tasks):
                        yield _trial(options, info, tasks, sleep_ns, compute_ns, sizes, shape)


def _times(options: Options) -> list[tuple[int, int]]:
    if options.length:
        shares = options.cpu_share
        return [(ns - round(ns * cpu), round(ns * cpu)) for ns in options.length for cpu in shares]
    defaults = _DEFAULT_TIMES[options.benchmark]
    sleeps = options.sleep or list(dict.fromkeys(sleep for sleep, _ in defaults))
    computes = options.compute or list(dict.fromkeys(compute for _, compute in defaults))
    return [(sleep, compute) for sleep in sleeps for compute in computes]


def _shapes(options: Options, info: ModelInfo, tasks: int) -> list[Shape]:
    cpus = max(1, round(options.cpus))
    workers = options.workers or [2, cpus]
    asked = [Shape()]
    if info.choice == "workers":
        asked = [Shape(1, count) for count in workers]
    elif info.choice == "grid" and (options.processes or options.threads):
        pairs = ((p, t) for p in options.processes or [cpus] for t in options.threads or [cpus])
        asked = [Shape(*pair) for pair in pairs]
    elif info.choice == "grid":
        asked = [_divided(count, cpus) for count in workers]
    return list(dict.fromkeys(info.shape(tasks, shape) for shape in asked))


def _divided(workers: int, cpus: int) -> Shape:
    """A process per CPU, if that divides the workers."""
    processes = next(count for count in range(min(cpus, workers), 0, -1) if workers % count == 0)
    return Shape(processes, workers // processes)


def _trial(
    options: Options, info: ModelInfo, tasks: int, sleep_ns: int, compute_ns: int, sizes: str, shape: Shape
) -> Trial:
    sleeps, computes = options.benchmark != "compute", options.benchmark != "sleep"
    work = Work(
        options.benchmark,
        sleep_ns,
        iterations_for(compute_ns, options.ns_per_iteration),
        sizes,
        options.seed,
        options.records,
    )
    reach = info.in_flight(tasks, shape), info.computing(tasks, shape)
    model_bound, machine_bound = bounds(work, tasks, *reach, options.ns_per_iteration, options.cpus)
    variant = joined(info.variant, "" if sizes == "constant" else sizes, options.tags)
    head = [options.benchmark, info.name, variant] if variant else [options.benchmark, info.name]
    times = {"sleep": sleep_ns} if sleeps else {}
    times |= {"compute": compute_ns} if computes else {}
    sized = [f"{name}:{format_duration(ns)}" for name, ns in times.items()]
    flags = [f"--benchmark={options.benchmark}", f"--models={info.name}"]
    flags += [f"--variant={info.variant or 'default'}", f"--tasks={tasks}", f"--sizes={sizes}"]
    flags += [f"--{name}={format_duration(ns)}" for name, ns in times.items()]
    if info.choice == "workers":
        flags.append(f"--workers={shape.workers}")
    if info.choice == "grid":
        flags += [f"--processes={shape.processes}", f"--threads={shape.threads}"]
    flags += [] if options.records else ["--no-records"]
    return Trial(
        name="/".join(
            [*head, f"tasks:{tasks}", *sized, f"processes:{shape.processes}/threads:{shape.threads}"]
        ),
        flags=(*flags, *options.scheduling_flags),
        described={
            "benchmark": options.benchmark,
            "model": info.name,
            "tasks": tasks,
            "processes": shape.processes,
            "threads": shape.threads,
            "sleep_ns": sleep_ns if sleeps else None,
            "compute_ns": compute_ns if computes else None,
            "compute_iterations": work.iterations if computes else None,
            "variant": variant,
            "model_bound_ns": model_bound,
            "machine_bound_ns": machine_bound,
        },
        need=_need(info, tasks, shape),
        allowance_ns=tasks * (work.iterations * _ITERATION_NS + _TASK_NS),
        make=partial(TaskExperiment, info, work, tasks, shape, model_bound),
    )


def _need(info: ModelInfo, tasks: int, shape: Shape) -> Need:
    own_threads = shape.threads - (1 if info.forks else 0)
    forked = shape.processes if info.forks else 0
    return Need(
        processes=forked + 1,
        threads=shape.processes * own_threads,
        files=32 + _PROCESS_FILES * forked,
        bytes=tasks * _TASK_BYTES,
    )
