# SPDX-License-Identifier: Apache-2.0
"""The command line of the Python reference: the flags of the binaries, as far as they apply."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from makespan.build import ROOT, Build
from makespan.columns import SIZES
from makespan.python_reference import quantity
from makespan.python_reference.bounds import usable_cpus
from makespan.python_reference.text import PATTERN
from makespan.python_reference.work import SEED

T = TypeVar("T")

COMMAND = "python_reference.py"
#: What can be measured: benchmark -> flags that apply to it.
TASKS = ("tasks", "sizes", "workers", "processes", "threads")
BENCHMARKS: dict[str, tuple[str, ...]] = {
    "sleep": (*TASKS, "sleep"),
    "compute": (*TASKS, "compute"),
    "mixed": (*TASKS, "sleep", "compute", "length", "cpu_share"),
    "messages": ("tasks", "mode", "payload", "producers", "consumers", "hops"),
    "pipeline": ("tasks", "stages", "text", "pattern"),
}
_LONGEST_SLACK_NS = 10**9


@dataclass(frozen=True)
class Options:
    """As typed; an empty list where the default depends on the benchmark."""

    benchmark: str = "sleep"
    models: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    sleep: list[int] = field(default_factory=list)
    compute: list[int] = field(default_factory=list)
    length: list[int] = field(default_factory=list)
    cpu_share: list[float] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    workers: list[int] = field(default_factory=list)
    processes: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    modes: list[str] = field(default_factory=list)
    payload: list[int] = field(default_factory=list)
    producers: list[int] = field(default_factory=list)
    consumers: list[int] = field(default_factory=list)
    hops: int = 0
    stages: list[int] = field(default_factory=list)
    text: str = ""
    pattern: bytes = PATTERN
    seed: int = SEED
    records: bool = True
    ns_per_iteration: float = 1.0
    cpus: float = 1.0
    timeout_ns: int | None = None
    timer_slack_ns: int | None = None
    pin: frozenset[int] = frozenset()
    csv: str = ""
    trace: str = ""
    run_id: str = ""
    launch: int = 1
    round: int = 1
    sequence: int = 1
    repetitions: int = 1
    parent: int | None = None
    list: str = ""
    list_models: bool = False

    @property
    def scheduling_flags(self) -> tuple[str, ...]:
        slack, pin = self.timer_slack_ns, _said(self.pin)
        flags = () if slack is None else (f"--timer-slack={quantity.format_duration(slack)}",)
        return (*flags, f"--pin={pin}") if pin else flags

    @property
    def tags(self) -> str:
        """What the column `variant` says of the scheduling: `slack-1us+pin-0_2`."""
        flags = [flag.removeprefix("--").removeprefix("timer-") for flag in self.scheduling_flags]
        return "+".join(flag.replace("=", "-", 1).replace(",", "_") for flag in flags)

    def selected(self, registry: Iterable[T], names: Callable[[T], tuple[str, str]]) -> Iterable[T]:
        """Of entries with model and variant those that were asked for."""
        for entry in registry:
            model, variant = names(entry)
            if self.models and model not in self.models:
                continue
            if not self.variants or (variant or "default") in self.variants:
                yield entry


def parse(arguments: Sequence[str], registry: Callable[[str], Iterable[tuple[str, str]]]) -> Options:
    """Ends with exit code 2 and a message for a wrong command line. `registry` has models and variants of a
    benchmark."""
    first = argparse.ArgumentParser(prog=COMMAND, add_help=False, allow_abbrev=False)
    _add_benchmark(first)
    benchmark = first.parse_known_args([a for a in arguments if a.startswith("--benchmark=")])[0].benchmark
    parser = _parser(benchmark, list(registry(benchmark)))
    found = vars(parser.parse_args(arguments))
    _check(parser, found)
    pin = found.pop("pin")
    cpus = min(usable_cpus(), float(len(pin))) if pin else usable_cpus()
    if found["ns_per_iteration"] is None:
        found["ns_per_iteration"] = _calibrated() if benchmark in ("compute", "mixed") else 1.0
    given = {name: value for name, value in found.items() if value is not None and name != "aggregates"}
    return Options(**given, pin=pin or frozenset(), cpus=cpus)


def _calibrated() -> float:
    """Raises UsageError if there is no build whose reference could be asked."""
    environment = Build(ROOT / "build" / "release").environment("bench_sleep")
    return float(environment["calibration"]["ns_per_iteration"])


def _check(parser: argparse.ArgumentParser, found: dict[str, object]) -> None:
    if bool(found.get("length")) != bool(found.get("cpu_share")):
        parser.error("argument --length: goes together with --cpu-share; give both")
    if found.get("length") and (found.get("sleep") or found.get("compute")):
        parser.error("argument --length: not with --sleep or --compute; leave one of them out")
    if found.get("text") and found.get("tasks"):
        parser.error("argument --text: not with --tasks, as the file has the lines; leave one of them out")
    if found.get("csv") == found.get("trace") == "-":
        parser.error("argument --trace: '-'; allowed: a file: standard output is taken by --csv")
    if found.get("trace") and not found.get("records"):
        parser.error("argument --trace: not with --no-records; leave one of them out")
    modes = found.get("modes") or ["stream", "ping_pong"]
    assert isinstance(modes, list)
    for name, needed in (("producers", {"stream"}), ("consumers", {"stream"}), ("hops", {"ring"})):
        if found.get(name) and not needed & set(modes):
            parser.error(f"argument --{name}: of --mode={','.join(needed)} only; give that as well")


def _add_benchmark(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--benchmark",
        type=quantity.one_of(*BENCHMARKS),
        default="sleep",
        metavar="NAME",
        help=f"what is measured, of: {', '.join(BENCHMARKS)} (default: sleep)",
    )


def _parser(benchmark: str, registry: Sequence[tuple[str, str]]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Measures the batches of the binaries under Python's own concurrency, for comparison.",
        epilog="Lists span the grid. Exit codes: 0 fine, 2 wrong usage, 3 some batch failed, 130 interrupted.",
        allow_abbrev=False,
    )
    _add_benchmark(parser)
    models = list(dict.fromkeys(model for model, _ in registry))
    variants = list(dict.fromkeys(variant or "default" for _, variant in registry))
    _add_list(parser, "--models", quantity.one_of(*models), f"models (default: all): {', '.join(models)}")
    _add_list(parser, "--variant", quantity.one_of(*variants), f"of: {', '.join(variants)}", "variants")
    for name in BENCHMARKS[benchmark]:
        _add_grid_flag(parser, name)
    _add_output(parser)
    _add_scheduling(parser)
    return parser


def _add_list(
    parser: argparse.ArgumentParser, flag: str, parse: Callable[[str], object], about: str, to: str | None = None
) -> None:
    name = to or flag.removeprefix("--").replace("-", "_")
    parser.add_argument(flag, dest=name, type=quantity.listed(parse), metavar="LIST", help=about)


def _add_grid_flag(parser: argparse.ArgumentParser, name: str) -> None:
    whole = quantity.whole
    lists: dict[str, tuple[Callable[[str], object], str]] = {
        "tasks": (whole(1, 100_000_000), "tasks of a batch; messages, tasks of a ring, or lines of a text"),
        "sizes": (quantity.one_of(*SIZES), f"distribution of the task sizes: {', '.join(SIZES)}"),
        "workers": (whole(1, 100_000), "workers of pools, and of the hybrid without --processes"),
        "processes": (whole(1, 100_000), "processes of the hybrid"),
        "threads": (whole(1, 100_000), "threads of each of them"),
        "sleep": (quantity.duration, "time asleep of a task, as 1ms,10ms"),
        "compute": (quantity.duration, "computing time of a task by the binaries' calibration"),
        "length": (quantity.duration, "length of a task, split by --cpu-share"),
        "cpu_share": (quantity.share, "share of --length that computes"),
        "mode": (quantity.one_of("stream", "ping_pong", "ring"), "how tasks talk"),
        "payload": (whole(1, 65_536), "bytes in the body of a message"),
        "producers": (whole(1, 64), "tasks that put"),
        "consumers": (whole(1, 64), "tasks that take"),
        "stages": (whole(1, 1000), "greps of a pipeline"),
    }
    if name in lists:
        parse, about = lists[name]
        _add_list(parser, f"--{name.replace('_', '-')}", parse, about, "modes" if name == "mode" else name)
    elif name == "hops":
        parser.add_argument("--hops", type=whole(1, 10**9), metavar="N", help="hops of the token of a ring")
    elif name == "text":
        parser.add_argument("--text", type=quantity.file_name, metavar="FILE", help="search in this file")
    else:
        parser.add_argument("--pattern", type=quantity.pattern, metavar="TEXT", help="what is searched for")


def _add_output(parser: argparse.ArgumentParser) -> None:
    add, whole = parser.add_argument, quantity.whole(1, 2**63 - 1)
    add("--csv", type=quantity.file_name, metavar="FILE", help="append a row a batch (- is standard output)")
    add("--trace", type=quantity.file_name, metavar="FILE", help="append start and end of every task")
    add("--no-records", dest="records", action="store_false", help="do not record start and end of tasks")
    add("--timeout", dest="timeout_ns", type=quantity.time_limit, metavar="TIME", help="time limit of one batch")
    add("--seed", type=quantity.whole(0, 2**64 - 1), metavar="N", help="of sizes and checksums (default: 1)")
    add(
        "--ns-per-iteration",
        type=quantity.positive,
        metavar="NS",
        help="what the binaries calibrated (default: build/release is asked)",
    )
    add("--run-id", metavar="TEXT", help="column run_id (default: time of the start)")
    for name in ("launch", "round", "sequence"):
        add(f"--{name}", type=whole, metavar="N", help=f"column {name} (default: 1)")
    add("--benchmark_repetitions", dest="repetitions", type=quantity.whole(1, 10**6), metavar="N", help="batches")
    add("--benchmark_report_aggregates_only", dest="aggregates", metavar="BOOL", help="of no effect here")
    add(
        "--die-with-parent",
        dest="parent",
        nargs="?",
        const=0,
        type=quantity.whole(0, 2**31),
        metavar="PID",
        help="end at once when the process that started this one ends",
    )
    add("--list", nargs="?", const="table", type=quantity.one_of("table", "json"), help="list the cases and stop")
    add("--list-models", action="store_true", default=None, help="list the models and stop")


def _add_scheduling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timer-slack", dest="timer_slack_ns", type=_slack, metavar="TIME", help="how late a sleep may end"
    )
    parser.add_argument("--pin", type=_cpus, metavar="CPUS", help="run everything on these CPUs, as 0,1 or 0-1")


def _slack(text: str) -> int:
    ns = quantity.time_limit(text)
    if ns > _LONGEST_SLACK_NS:
        raise quantity.refused(text, "from 1ns to 1s")
    return ns


def _cpus(text: str) -> frozenset[int]:
    usable = os.sched_getaffinity(0)
    try:
        ranges = [[int(end) for end in part.split("-")] for part in text.split(",")]
        cpus = frozenset(cpu for ends in ranges for cpu in range(ends[0], ends[-1] + 1))
    except ValueError:
        cpus = frozenset()
    if not cpus or not cpus <= usable:
        raise quantity.refused(text, f"CPUs that may be used here, out of {_said(usable)}, as 0,1 or 0-1")
    return cpus


def _said(cpus: Iterable[int]) -> str:
    """`0-2,5`"""
    runs: list[list[int]] = []
    for cpu in sorted(cpus):
        if runs and cpu == runs[-1][-1] + 1:
            runs[-1].append(cpu)
        else:
            runs.append([cpu])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
