# SPDX-License-Identifier: Apache-2.0
"""The Python reference: the same batches, rows and checksums as the binaries, of which some are asked if there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from makespan.columns import TRACE_COLUMNS, names
from makespan.ledger import Ledger, Row
from makespan.python_reference.text import PATTERN, generate, hash_of, lines_of, matching
from makespan.python_reference.usage import Usage
from makespan.python_reference.work import Work, compute, predict
from makespan.samples import read_samples, read_trace

SCRIPT = ROOT / "scripts" / "python_reference.py"
BIN = Path(os.environ.get("MAKESPAN_BIN") or ROOT / "build" / "release" / "bin")

Rows = dict[str, Row]
#: Flags of small batches of every kind; the iterations are the same in every launch.
BATCHES = {
    "sleep": ("--tasks=10", "--sleep=1ms", "--workers=2"),
    "mixed": ("--tasks=4", "--sleep=1ms", "--compute=20us", "--workers=2", "--sizes=lognormal"),
    "compute": ("--tasks=4", "--compute=20us", "--sizes=uniform", "--workers=2"),
    "messages": ("--mode=stream,ping_pong", "--payload=5,100", "--tasks=20"),
    "ring": ("--mode=ring", "--tasks=3", "--hops=20"),
    "pipeline": ("--tasks=400", "--stages=3"),
}
BENCHMARKS = {"ring": "messages"}
ITERATIONS = "--ns-per-iteration=50"
#: The model of the binaries whose bound a model here has, where tasks only sleep.
LIKE = {
    "python_serial": "serial",
    "python_threading": "threads",
    "python_process": "processes",
    "python_pool": "process_pool",
    "python_futures_processes": "process_pool",
    "python_futures_threads": "tbb_pool",
    "python_thread_pool": "tbb_pool",
    "python_hybrid": "hybrid",
    "python_asyncio": "event_loop",
}


def started(*flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *flags], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """measured(kind) -> the folder with samples.csv and trace.csv of all models; each kind is measured once."""
    folders: dict[str, Path] = {}

    def once(kind: str) -> Path:
        if kind not in folders:
            folder = tmp_path_factory.mktemp(kind)
            files = (f"--csv={folder / 'samples.csv'}", f"--trace={folder / 'trace.csv'}")
            flags = [f"--benchmark={BENCHMARKS.get(kind, kind)}", *BATCHES[kind], *files]
            done = started(*flags, ITERATIONS, "--run-id=it", "--launch=3", "--round=2", "--sequence=7")
            assert (done.returncode, done.stderr) == (0, "")
            folders[kind] = folder
        return folders[kind]

    return once


def rows_of(folder: Path) -> list[Row]:
    return Ledger(folder / "samples.csv").rows()


@pytest.mark.parametrize("kind", BATCHES)
def test_every_row_is_whole_and_as_the_reader_wants_it(kind: str, measured: Callable[[str], Path]) -> None:
    frame = read_samples(measured(kind) / "samples.csv")
    assert set(frame["status"]) == {"ok"} and set(frame["error"]) == {""}
    assert set(frame["run_id"]) == {"it"} and set(frame["launch"]) == {3} and set(frame["round"]) == {2}
    assert list(frame["sequence"]) == list(range(7, 7 + len(frame)))
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text) for text in frame["timestamp_utc"]
    )
    assert all(name.startswith("python_") for name in frame["model"])
    assert all(len(text) == 16 for text in frame["checksum"])
    for name in ("setup_ns", "makespan_ns", "teardown_ns", "user_cpu_ns", "peak_rss_bytes", "steal_ns"):
        assert frame[name].notna().all() and (frame[name] >= 0).all(), name
    assert ((frame["user_cpu_ns"] + frame["system_cpu_ns"]) > 0).all()
    talks = kind in ("messages", "ring", "pipeline")
    for name in ("model_bound_ns", "machine_bound_ns", "max_in_flight", "start_latency_p50_ns"):
        assert frame[name].isna().all() if talks else frame[name].notna().all(), name
    assert frame["messages_per_second"].notna().all() == talks
    assert frame["overshoot_max_ns"].notna().all() == (kind in ("sleep", "mixed"))
    pings = frame["benchmark"] == "ping_pong"
    assert (frame["round_trip_p99_ns"].notna() == pings).all()


def test_no_batch_that_sleeps_is_faster_than_its_bound(measured: Callable[[str], Path]) -> None:
    frame = read_samples(measured("sleep") / "samples.csv")
    assert len(frame) == 13
    assert (frame["makespan_ns"] >= frame["model_bound_ns"]).all()
    at_most = {"python_pool": 2, "python_futures_threads": 2, "python_thread_pool": 2}
    at_most["python_serial"] = 1
    for model, most in at_most.items():
        assert (frame[frame["model"] == model]["max_in_flight"] <= most).all()
    assert (frame["overshoot_max_ns"] >= frame["overshoot_p50_ns"]).all()


def test_the_trace_has_every_task_once(measured: Callable[[str], Path]) -> None:
    trace = read_trace(measured("sleep") / "trace.csv")
    assert list(trace.columns) == names(TRACE_COLUMNS)
    assert set(trace.groupby("sequence")["task"].apply(sorted).map(tuple)) == {tuple(range(10))}
    assert (trace["end_ns"] - trace["start_ns"] >= 1_000_000).all(), "a lower bound"
    processes = trace[trace["model"] == "python_process"]["process"]
    assert processes.nunique() == 10 and trace[trace["model"] == "python_asyncio"]["thread"].nunique() == 1


@pytest.mark.skipif(not (BIN / "bench_pipeline").is_file(), reason="the binaries are not built")
@pytest.mark.parametrize("kind", BATCHES)
def test_the_checksums_are_those_of_the_binaries(
    kind: str, measured: Callable[[str], Path], tmp_path: Path
) -> None:
    model = {"messages": "threads", "ring": "threads", "pipeline": "serial"}.get(
        kind, ",".join({*LIKE.values()})
    )
    flags = [
        f"--models={model}",
        "--variant=queue" if kind in ("messages", "ring") else "--variant=default",
    ]
    if kind in ("sleep", "compute", "mixed"):
        flags.append(ITERATIONS)
    command = [str(BIN / f"bench_{BENCHMARKS.get(kind, kind)}"), *BATCHES[kind], *flags]
    subprocess.run([*command, f"--csv={tmp_path / 'samples.csv'}"], check=True, capture_output=True)
    theirs = rows_of(tmp_path)
    batch = (
        "benchmark",
        "tasks",
        "sleep_ns",
        "compute_ns",
        "compute_iterations",
        "payload_bytes",
        "stages",
    )
    checksums = {tuple(row[name] for name in batch): row["checksum"] for row in theirs}
    ours = rows_of(measured(kind))
    assert {tuple(row[name] for name in batch) for row in ours} == set(checksums)
    for row in ours:
        assert row["checksum"] == checksums[tuple(row[name] for name in batch)], row["model"]
    if kind != "sleep":
        return
    bounds = {(row["model"], row["processes"], row["threads"]): row["model_bound_ns"] for row in theirs}
    for row in ours:
        if not row["variant"]:
            key = LIKE[row["model"]], row["processes"], row["threads"]
            assert (
                row["model_bound_ns"] == bounds[key]
                and row["machine_bound_ns"] == theirs[0]["machine_bound_ns"]
            )


def test_without_records_their_columns_are_empty() -> None:
    done = started(
        "--tasks=3",
        "--sleep=0s",
        "--models=python_process,python_pool",
        "--workers=1",
        "--no-records",
        "--csv=-",
    )
    head, *lines = (line.split(",") for line in done.stdout.splitlines())
    rows = [dict(zip(head, line)) for line in lines]
    assert [row["status"] for row in rows] == ["ok"] * 3 and len({row["checksum"] for row in rows}) == 1
    assert {row["max_in_flight"] for row in rows} == {""} == {row["start_latency_max_ns"] for row in rows}


def test_a_text_from_a_file_is_told_apart_and_a_last_line_needs_no_end(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_bytes(b"one\ntwo one\n\nno\none more")
    done = started("--benchmark=pipeline", f"--text={file}", "--pattern=one", "--stages=2", "--list=json")
    cases = json.loads(done.stdout)["cases"]
    assert {case["tasks"] for case in cases} == {5}
    assert all(re.search(r"text-[0-9a-f]{8}$", case["variant"]) for case in cases)
    assert matching(file.read_bytes(), b"one") == [b"one", b"two one", b"one more"]
    assert lines_of(b"a\0b\n") == [b"a", b"b"] and matching(b"", b"") == []


def test_a_generated_text_has_the_pattern_in_half_of_its_lines() -> None:
    text = generate(2_000)
    assert 900 < len(matching(text, PATTERN)) < 1_100 and len(lines_of(text)) == 2_000
    assert len({hash_of(line) for line in set(lines_of(text))}) == len(set(lines_of(text)))
    assert generate(50) == b"".join(line + b"\n" for line in lines_of(text)[:50]), "line by line"


def test_the_kernel_is_predicted_in_another_way() -> None:
    assert [compute(n, 7) for n in range(20)] == [predict(n, 7) for n in range(20)]
    work = Work("mixed", 10, 1001)
    assert work.steps(0) == ((0, 500), (10, 501))


def test_the_split_of_cpu_time_may_move_and_its_sum_does_not() -> None:
    used = Usage(10, 50, 3, 1, 2).since(Usage(12, 20, 3, 1, 2))
    assert (used.user, used.system) == (0, 28)
    used = Usage(50, 10).since(Usage(20, 12))
    assert (used.user, used.system) == (28, 0)


def test_the_cpu_time_of_a_process_that_is_not_reaped_yet_counts() -> None:
    code = """
import os, time
from makespan.python_reference.usage import group_usage
os.setpgid(0, 0)
before = group_usage()
child = os.fork()
if child == 0:
    while time.process_time() < 0.02:
        pass
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
ended = group_usage().since(before)
os.waitpid(child, 0)
reaped = group_usage().since(before)
print(ended.user + ended.system >= 10_000_000, reaped.user + reaped.system >= 10_000_000)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"], done.stderr
