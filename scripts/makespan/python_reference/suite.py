# SPDX-License-Identifier: Apache-2.0
"""One launch: parses the command line, measures each case in a cell, and appends a row for each."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from makespan.build import ROOT
from makespan.columns import CASE_KEY, SCHEMA_VERSION
from makespan.errors import Exit, UsageError
from makespan.folder import now_utc
from makespan.python_reference.cell import CellEnd, interruptible, run_in_cell
from makespan.python_reference.columns import Columns
from makespan.python_reference.exchange import QUEUES
from makespan.python_reference.grid import task_trials
from makespan.python_reference.limits import forbidden_by
from makespan.python_reference.linux import die_with_parent, set_timer_slack
from makespan.python_reference.options import BENCHMARKS, Options, parse
from makespan.python_reference.pipelines import PIPELINES
from makespan.python_reference.rows import append_row, append_trace, check_file
from makespan.python_reference.talk import QUEUE, message_trials, pipeline_trials
from makespan.python_reference.tasks import MODELS
from makespan.python_reference.trial import Trial
from makespan.units import duration, one_line

_TIME_LIMIT_S = 30.0


def registry(benchmark: str) -> list[tuple[str, str]]:
    """Model and variant of everything that the benchmark can measure."""
    if benchmark == "messages":
        return [(QUEUE, variant) for variant in QUEUES]
    if benchmark == "pipeline":
        return [(info.model, info.variant) for info in PIPELINES]
    return [(info.name, info.variant) for info in MODELS]


def trials(options: Options) -> list[Trial]:
    """The cases that the flags span. Raises UsageError if there is none."""
    makers = {"messages": message_trials, "pipeline": pipeline_trials}
    found = list(makers.get(options.benchmark, task_trials)(options))
    if not found:
        raise UsageError("no model has what --models and --variant ask for together; see --list-models")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code; raises UsageError, InputError and KeyboardInterrupt."""
    parent = os.getppid()
    options = parse(sys.argv[1:] if arguments is None else arguments, registry)
    if options.parent is not None:
        die_with_parent()
        if os.getppid() != (options.parent or parent):
            return Exit.INTERRUPTED
    if options.list_models:
        print(_models())
        return Exit.OK
    found = trials(options)
    if options.list:
        print(_as_json(options.benchmark, found) if options.list == "json" else _as_table(found))
        return Exit.OK
    _prepare(options)
    return _measure_all(options, found)


def _prepare(options: Options) -> None:
    """What the cells inherit."""
    for path in filter(None, (options.csv, options.trace)):
        check_file(path, trace=path is options.trace)
    if options.pin:
        os.sched_setaffinity(0, options.pin)
    if options.timer_slack_ns is not None:
        set_timer_slack(options.timer_slack_ns)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    interruptible()


def _measure_all(options: Options, found: Iterable[Trial]) -> int:
    launch: Columns = {
        "schema_version": SCHEMA_VERSION,
        "run_id": options.run_id or f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}",
        "git_sha": _git_sha(),
        "launch": options.launch,
        "round": options.round,
    }
    sequence, failed = options.sequence, False
    for trial in found:
        for _ in range(options.repetitions):
            row: Columns = {**launch, "sequence": sequence, "timestamp_utc": now_utc(), **trial.described}
            end = _measure(trial, options)
            row |= {"status": end.status, "error": end.error}
            if end.outcome:
                row |= end.outcome.columns
                if options.trace:
                    append_trace(options.trace, row, end.outcome.records)
            if options.csv:
                append_row(options.csv, row)
            if options.csv != "-":
                print(_line(trial, end), flush=True)
            failed |= end.status in ("timeout", "error")
            sequence += 1
    return Exit.FAILED if failed else Exit.OK


def _measure(trial: Trial, options: Options) -> CellEnd:
    forbidden = forbidden_by(trial.need)
    if forbidden:
        return CellEnd("skipped", forbidden)
    seconds = _TIME_LIMIT_S + (5 * (trial.bound_ns or 0) + trial.allowance_ns) / 1e9
    if options.timeout_ns is not None:
        seconds = options.timeout_ns / 1e9
    try:
        return run_in_cell(trial.make(), seconds, bool(options.trace))
    except OSError as error:
        return CellEnd("error", str(error))


def _line(trial: Trial, end: CellEnd) -> str:
    if end.outcome is None:
        return f"{trial.name}  {end.status}: {one_line(end.error)}"
    columns = {name: value for name, value in end.outcome.columns.items() if isinstance(value, (int, float))}
    cpu_ns = columns["user_cpu_ns"] + columns["system_cpu_ns"]
    return f"{trial.name}  makespan {duration(columns['makespan_ns'])}, CPU time {duration(cpu_ns)}"


def _models() -> str:
    lines: dict[tuple[str, str], list[str]] = {}
    for benchmark in BENCHMARKS:
        for model, variant in registry(benchmark):
            lines.setdefault((model, variant or "default"), []).append(benchmark)
    return "\n".join(f"{model:<25} {variant:<13} {', '.join(where)}" for (model, variant), where in lines.items())


def _as_table(found: Sequence[Trial]) -> str:
    width = max((len(trial.name) for trial in found), default=0)
    lines = []
    for trial in found:
        bound = "" if trial.bound_ns is None else f"  model bound {trial.bound_ns / 1e9:>10.6f} s"
        lines.append(f"{trial.name:<{width}}{bound}".rstrip())
    return "\n".join([*lines, f"{len(found)} cases"])


def _as_json(benchmark: str, found: Iterable[Trial]) -> str:
    """As the binaries list theirs."""
    cases: list[Columns] = [
        {
            "name": trial.name,
            **{name: trial.described.get(name) for name in (*CASE_KEY, "model_bound_ns")},
            "args": list(trial.flags),
            "left_out": trial.left_out or None,
        }
        for trial in found
    ]
    return json.dumps({"benchmark": benchmark, "cases": cases}, indent=1)


def _git_sha() -> str:
    """The commit of this code; empty if it is not known."""
    try:
        command = ["git", "--no-optional-locks", "-C", str(ROOT), "rev-parse", "--verify", "--quiet", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
