# SPDX-License-Identifier: Apache-2.0
"""scripts/trace.py as people call it: choosing batches, files written, and what it says of bad input."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from makespan.errors import Exit, guarded
from makespan.files import write_atomically
from makespan.tracing.batches import TracedBatch, read_batches
from makespan.tracing.choice import choose
from makespan.tracing.command import main
from trace_rules import validated
from tracing_rows import EXAMPLE, HEADER, line, write

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def trace(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """trace(arguments…) -> exit code, stdout, stderr; what trace.py does, in this process."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = guarded(lambda: main([str(argument) for argument in arguments]))
        except SystemExit as end:
            code = int(str(end.code))
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


@pytest.fixture(scope="module")
def batches() -> list[TracedBatch]:
    return read_batches(EXAMPLE / "trace.csv")


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (["105"], [105]),
        (["71", "105", "15"], [105, 71, 15]),
        (["tbb_pool"], [87, 40]),
        (["sleep/threads"], [105]),
        (["ping_pong/pipe"], [64, 154, 141]),
        (["loop", "serial"], [96, 147]),
        (["processes:2/threads:1/process_pool", "event_loop/channel"], [144, 121]),
    ],
)
def test_batches_are_chosen_by_number_or_by_parts_of_their_names(
    batches: list[TracedBatch], asked: list[str], numbers: list[int]
) -> None:
    assert [batch.number for batch in choose(batches, asked)] == numbers
    assert choose(batches, []) == batches


def test_the_list(trace: Run) -> None:
    code, out, err = trace(EXAMPLE, "--list")
    rows = [text.split() for text in out.splitlines() if "/" in text]
    assert (code, err, len(rows)) == (Exit.OK, "", 19)
    name = "sleep/process_pool/tasks:10/sleep:50ms/processes:2/threads:1"
    assert rows[3] == ["144", name, "10", "tasks", "2", "250.7", "ms"]
    assert rows[-1][1] == "ping_pong/event_loop/pipe/tasks:2000/payload:8"  # from samples.csv


def test_trace_as_people_call_it(tmp_path: Path) -> None:
    script = str(ROOT / "scripts" / "trace.py")
    command = [sys.executable, script, str(EXAMPLE), "--batch=ping_pong/channel,15", "--batch=15"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (Exit.OK, b"")
    sleeping, talking = validated(done.stdout)
    assert (sleeping.pid, len(sleeping.bars)) == (15, 10)
    assert talking.name == "#121 event_loop/channel 1 × 1, ping-pong of 8 B"
    assert len(talking.bars) == 1_000


def test_files_plain_and_compressed_are_the_same_and_always_the_same(tmp_path: Path, trace: Run) -> None:
    path = write(tmp_path / "t.csv", *(line(task, task, 70_000, tasks=20) for task in range(20)))
    plain, packed = tmp_path / "t.json", tmp_path / "t.json.gz"
    assert trace(path, "--output", plain)[:2] == (Exit.OK, "")
    code, out, err = trace(path, "--output", packed)
    assert (code, out) == (Exit.OK, "") and f"{packed}: 1 batch, 20 bars" in err
    assert len(validated(plain.read_bytes())[0].threads) == 20
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    first = packed.read_bytes()
    trace(path, "--output", packed)
    assert packed.read_bytes() == first
    assert trace(path, "--output=-")[1].encode() == plain.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["t.csv", "t.json", "t.json.gz"]


def test_what_is_left_out_is_told(tmp_path: Path, trace: Run) -> None:
    path = write(tmp_path / "t.csv", *(line(task, task, 1_000 + task) for task in range(100)))
    code, out, err = trace(path, "--lanes", "30")
    assert code == Exit.OK and len(validated(out)[0].bars) == 30
    assert "30 of 100 tasks are drawn, on 30 of 100 lanes (--lanes 100 for all)" in err
    code, out, err = trace(path)
    assert (code, err, len(validated(out)[0].bars)) == (Exit.OK, "", 100)


def test_a_torn_trace_is_written_as_far_as_it_goes_and_told(tmp_path: Path, trace: Run) -> None:
    path = write(tmp_path / "t.csv", *(line(task, 0, 60_000, tasks=10) for task in range(10)))
    path.write_text(path.read_text()[:-4])
    code, out, err = trace(path)
    assert code == Exit.OK and len(validated(out)[0].bars) == 9
    assert f"{path}:11: warning: torn last line, dropped" in err
    title = "#1 event_loop 1 × 1, 10 tasks × sleep 50 µs"
    assert f"warning: {title}: only 9 of 10 tasks" in err


GOOD = line(0, 0, 9)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "1: the file is empty"),
        ("name,real_time\nx,1\n", "1: column 1 is 'name'; allowed: 'run_id'"),
        (HEADER[:50], "1: the file ends within its first line"),
        (f"{HEADER}\n{GOOD}\n{line(1, 5, 4)}\n", "3: end_ns is before start_ns"),
        (f"{HEADER}\n{line(0, -1, 4)}\n", "2: start_ns is below 0"),
        (f"{HEADER}\n{line(100, 0, 4)}\n", "2: task is none of the batch's tasks"),
        (f"{HEADER}\n{GOOD}\n{GOOD[:-1]}\n", "3: 16 fields; allowed: 17"),
        (f"{HEADER}\n{line(0, 0, 9, end_ns='soon')}\n", "2: end_ns is 'soon'"),
        (f"{HEADER}\n{line(0, 0, 9, model='')}\n", "2: model is empty"),
        (f'{HEADER}\n{GOOD}\n"{GOOD}\n', "3: a quoted field starts in this row and never ends"),
        (f"{HEADER}\n{GOOD}\n{HEADER}\n", "3: sequence is 'sequence'"),
        (b"\x89PNG\r\n\x1a\n", "1: byte 0x89 is not UTF-8"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) or "\n" in value else value[:40],
)
def test_a_broken_trace_is_named_with_its_line(
    tmp_path: Path, trace: Run, content: str | bytes, place: str
) -> None:
    path, output = tmp_path / "t.csv", tmp_path / "t.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = trace(path, "--output", output)
    assert (code, out) == (Exit.USAGE, "")
    assert f"{path}:{place}" in err
    assert os.listdir(tmp_path) == ["t.csv"]


def test_wrong_usage_is_told_and_ends_with_2(tmp_path: Path, trace: Run) -> None:
    path, empty = write(tmp_path / "t.csv", GOOD), write(tmp_path / "empty.csv")
    nowhere = tmp_path / "no"
    for arguments, message in (
        ([path, "--batch=12"], "--batch '12' is no batch of this trace; allowed: a number that"),
        ([path, "--batch=1,thread"], "--batch 'thread' is no batch of this trace"),
        ([path, "--batch=1,,2"], "'1,,2'; allowed: numbers and parts of names"),
        ([path, "--picture=t.jpg"], "'t.jpg'; allowed: a name that ends with .png or .svg"),
        ([path, "--lanes=0"], "'0'; allowed: a whole number from 1 on"),
        ([path, "--output", path], "is the trace itself"),
        ([path, "--output", nowhere / "t.json"], "t.json cannot be written: no such file"),
        ([path, "--picture", nowhere / "t.svg"], "t.svg cannot be written: no such file"),
        ([empty], "empty.csv has no task in it"),
        ([tmp_path], "has no trace.csv; allowed: the folder of a run"),
        ([nowhere], "no:1: cannot be read: no such file or directory"),
        ([], "the following arguments are required"),
    ):
        code, out, err = trace(*arguments)
        assert (code, out) == (Exit.USAGE, ""), arguments
        assert message in err
    assert trace(empty, "--list")[0] == Exit.OK
    assert sorted(os.listdir(tmp_path)) == ["empty.csv", "t.csv"]


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_atomically(Path(os.devnull), "x")
    assert Path(os.devnull).is_char_device()
