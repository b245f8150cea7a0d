# SPDX-License-Identifier: Apache-2.0
"""Stands for the benchmark binaries: same flags, same files, and no time needed.

Started as `python fake_bench.py BENCHMARK FLAGS`. The environment variable FAKE_BENCH names a folder:
script.json says what launches do instead of leaving a row (see BEHAVIOURS), env.json changes what
--env prints, cases.json adds to the cases, help.json has the text of --help, columns.json columns that
the samples have besides, pace.json by how much batches are slower, and calls.txt receives the flags of
every launch.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scripts")]

import map_rows  # noqa: E402
import synthetic  # noqa: E402
import talk_rows  # noqa: E402
from makespan.columns import TRACE_COLUMNS, names  # noqa: E402
from talk_rows import Talk  # noqa: E402

CONTROL = Path(os.environ.get("FAKE_BENCH", "/nonexistent"))
PR_SET_PDEATHSIG = 1
HELP = """Measures batches.

Options:
  -h,--help                   Print this help message and exit
  --models LIST               models to measure (default: all)
  --tasks LIST Excludes: --text
                              tasks in a batch (default: 10)
"""
SHAPES = {"sleep": (0, 1, 8), "compute": (1,), "mixed": (1,)}
BATCHES = {"sleep": (10_000_000, 0), "compute": (0, 1_000_000), "mixed": (9_000_000, 1_000_000)}
#: cases of the binaries whose tasks talk; two of a name are told apart by their flags alone
TALKS = {
    "messages": (
        Talk("messages", "processes", "shared_queue", 100, 8),
        Talk("messages", "processes", "shared_queue", 100, 1_024),
        Talk("ping_pong", "processes", "pipe", 100, 8),
        Talk("ring", "threads", "pipe", 100),
    ),
    "pipeline": (
        Talk("pipeline", "serial", "", 100, None, 1),
        Talk("pipeline", "serial", "", 100, None, 4),
    ),
}


def control(name: str) -> dict[str, Any]:
    path = CONTROL / name
    return dict(json.loads(path.read_text())) if path.exists() else {}


def cases(benchmark: str) -> list[dict[str, Any]]:
    if benchmark in TALKS:
        return [talk_case(number, talk) for number, talk in enumerate(TALKS[benchmark])]
    found = [case(benchmark, synthetic.SHAPES[index], 10) for index in SHAPES[benchmark]]
    if benchmark == "sleep":
        too_long = case(benchmark, synthetic.SHAPES[0], 10_000)
        found.append({**too_long, "left_out": "model bound 100 s exceeds --max-bound 500 ms"})
    found += [case(benchmark, synthetic.SHAPES[1], n) for n in control("cases.json").get(benchmark, [])]
    return found


def case(benchmark: str, shape: synthetic.Shape, tasks: int) -> dict[str, Any]:
    sleep_ns, compute_ns = BATCHES[benchmark]
    processes, threads = shape.of(tasks)
    return {
        "name": f"{benchmark}/{shape.model}/tasks:{tasks}",
        "model": shape.model,
        "variant": shape.variant,
        "tasks": tasks,
        "processes": processes,
        "threads": threads,
        "sleep_ns": sleep_ns or None,
        "compute_ns": compute_ns or None,
        "model_bound_ns": synthetic.bounds(shape, tasks, sleep_ns, compute_ns)[0],
        "args": [f"--models={shape.model}", f"--tasks={tasks}"],
        "left_out": None,
    }


def map_cases(flags: dict[str, str]) -> list[dict[str, Any]]:
    """A map of two by two, or one point of it; the last spot is left out, as too long."""
    spots: list[map_rows.Spot] = [(n, length, 0.5) for n in (10, 100) for length in (100_000, 1_000_000)]
    if "--length" in flags:
        length = int(flags["--length"].removesuffix("ns"))
        spots = [(int(flags["--tasks"]), length, float(flags["--cpu-share"]))]
    else:
        spots.append((1000, 10_000_000, 0.5))
    models = flags.get("--models", "threads,event_loop").split(",")
    return [map_case(model, spot) for model in models for spot in spots]


def map_case(model: str, spot: map_rows.Spot) -> dict[str, Any]:
    sleep_ns, compute_ns = map_rows.split(spot)
    own = [f"--sleep={sleep_ns}ns", f"--compute={compute_ns}ns"]
    plain = case("mixed", map_rows.SHAPES[model], spot[0])
    return {
        **plain,
        "name": f"{plain['name']}/sleep:{sleep_ns}ns/compute:{compute_ns}ns",
        "sleep_ns": sleep_ns,
        "compute_ns": compute_ns,
        "args": [*plain["args"], *own],
        "left_out": "too long" if spot[0] == 1000 else None,
    }


def talk_case(number: int, talk: Talk) -> dict[str, Any]:
    return {
        **talk.key,
        "name": f"{talk.benchmark}/{talk.model}/tasks:{talk.tasks}",
        "model_bound_ns": None,
        "args": [f"--models={talk.model}", f"--case={number}"],
        "left_out": None,
    }


def append(path: str, rows: list[synthetic.Row], header: list[str]) -> None:
    text = synthetic.csv_text(rows, header)
    with open(path, "a", encoding="utf-8", newline="") as file:
        file.write(text if file.tell() == 0 else text.split("\n", 1)[1])


def hang(ignoring: tuple[signal.Signals, ...] = ()) -> None:
    for number in ignoring:
        signal.signal(number, signal.SIG_IGN)
    (CONTROL / "hanging.pid").write_text(str(os.getpid()))
    while True:
        time.sleep(1000)


def crash() -> None:
    print("terminate called: the last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def tear(csv: str) -> None:
    with open(csv, "a", encoding="utf-8") as file:
        file.write("1,torn,in the mid")
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)


BEHAVIOURS: dict[str, Callable[[str], object]] = {
    "crash": lambda csv: crash(),
    "hang": lambda csv: hang(),
    "stubborn": lambda csv: hang((signal.SIGINT, signal.SIGTERM)),
    "tear": tear,
    "silent": lambda csv: sys.exit(0),
    "usage": lambda csv: (print("--models: 'x' is not a model", file=sys.stderr), sys.exit(2)),
}


def launch(benchmark: str, flags: dict[str, str]) -> int:
    if "--die-with-parent" in flags:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with (CONTROL / "calls.txt").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps([benchmark, flags]) + "\n")
    behaviour = control("script.json").get(flags["--launch"], "")
    print(f"measuring {flags['--models']}")
    if behaviour in BEHAVIOURS:
        BEHAVIOURS[behaviour](flags["--csv"])
    row = talk_row(benchmark, flags) if benchmark in TALKS else task_row(benchmark, flags)
    header = ["other", *names()] if behaviour == "foreign" else names()
    if "--trace" in flags and behaviour != "skipped":
        trace = talk_rows.trace if benchmark in TALKS else synthetic.trace
        append(flags["--trace"], trace([row]), names(TRACE_COLUMNS))
    if behaviour in ("skipped", "timeout", "error"):
        row = synthetic.failed(row, behaviour, f"the reason, a {behaviour}")
    append(flags["--csv"], [row], header)
    if behaviour == "late crash":
        crash()
    return 3 if row["status"] in ("timeout", "error") else 0


def task_row(benchmark: str, flags: dict[str, str]) -> synthetic.Row:
    shape = next(shape for shape in synthetic.SHAPES if shape.model == flags["--models"])
    if "--compute" in flags:
        return map_row(flags)
    sleep_ns, compute_ns = BATCHES[benchmark]
    return synthetic.sample(
        shape,
        benchmark=benchmark,
        tasks=int(flags["--tasks"]),
        sleep_ns=sleep_ns,
        compute_ns=compute_ns,
        launch=int(flags["--launch"]),
        round=int(flags["--round"]),
        slower=(1.01 + int(flags["--launch"]) / 1e5) * float(control("pace.json").get("slower", 1)),
        run_id=flags["--run-id"],
    )


def map_row(flags: dict[str, str]) -> synthetic.Row:
    sleep_ns, compute_ns = (int(flags[name].removesuffix("ns")) for name in ("--sleep", "--compute"))
    spot = int(flags["--tasks"]), sleep_ns + compute_ns, compute_ns / (sleep_ns + compute_ns)
    model, launch = flags["--models"], int(flags["--launch"])
    time = map_rows.pace(model, spot) * (1 + launch / 1e5)
    return map_rows.row(model, spot, launch, time, round=flags["--round"], run_id=flags["--run-id"])


def talk_row(benchmark: str, flags: dict[str, str]) -> synthetic.Row:
    (row,) = talk_rows.rows([TALKS[benchmark][int(flags["--case"])]], rounds=1)
    launch = flags["--launch"]
    own = {"launch": launch, "sequence": launch, "round": flags["--round"]}
    return {**row, **own, "run_id": flags["--run-id"]}


def main(benchmark: str, *arguments: str) -> int:
    flags = {name: value for name, _, value in (argument.partition("=") for argument in arguments)}
    if "--env" in flags:
        print(json.dumps({**synthetic.ENVIRONMENT, **control("env.json")}))
        return 0
    if "--help" in flags:
        print(control("help.json").get("text", HELP))
        return 0
    if "--list-models" in flags:
        print("serial          default      own   one task after the other")
        print("asio_pool       default      peer  a pool of another library")
        print("uv_loop         default      peer  left out: needs libuv1-dev")
        print("taskflow        default      peer  left out: needs Taskflow (its site), which Debian has not got")
        print("threads         uv_queue     peer  left out: needs libuv1-dev")
        return 0
    if flags.get("--csv") == "-":
        print(",".join([*names(), *control("columns.json").get("more", [])]))
        return 0
    if flags.get("--list") == "json":
        of_map = "--sweep" in flags or flags.get("--length", "").endswith("ns")
        found = map_cases(flags) if of_map else cases(benchmark)
        print(json.dumps({"benchmark": benchmark, "cases": found}))
        return 0
    return launch(benchmark, flags)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
