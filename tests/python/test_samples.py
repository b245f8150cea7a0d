# SPDX-License-Identifier: Apache-2.0
"""The reader: what it takes, and what it says about what it does not take."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from makespan.columns import COLUMNS, TRACE_COLUMNS, names
from makespan.errors import InputError
from makespan.samples import read_samples, read_trace, read_trace_parts

ROW = synthetic.sample(synthetic.SHAPES[1])
FAILED = synthetic.failed(ROW, "error", 'worker 3 said "no",\nand ended')


def error_of(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_samples(path)
    return str(caught.value)


def broken(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return error_of(path)


def test_types_and_values(samples_file: Callable[..., Path]) -> None:
    frame = read_samples(samples_file([ROW, FAILED]))
    assert list(frame.columns) == names()
    assert {c.name: str(frame[c.name].dtype) for c in COLUMNS} == {
        c.name: {"int": "Int64", "float": "float64", "text": "object"}[c.kind] for c in COLUMNS
    }
    good, bad = frame.iloc[0], frame.iloc[1]
    assert good["makespan_ns"] == int(ROW["makespan_ns"])
    assert good["mean_in_flight"] == pytest.approx(9.5)
    assert good["checksum"] == "18446744073709551557", "64 bits, unsigned, survive"
    assert good["error"] == "" and good["variant"] == ""
    assert good["payload_bytes"] is pd.NA
    assert bad["error"] == 'worker 3 said "no",\nand ended'
    assert bad["makespan_ns"] is pd.NA and pd.isna(bad["mean_in_flight"])


def test_negative_numbers_and_crlf(tmp_path: Path) -> None:
    text = synthetic.csv_text([{**ROW, "overshoot_p50_ns": "-12"}]).replace("\n", "\r\n")
    path = tmp_path / "samples.csv"
    path.write_bytes(text.encode())
    assert read_samples(path)["overshoot_p50_ns"].tolist() == [-12]


def test_a_torn_last_line_is_dropped_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = synthetic.csv_text([ROW, FAILED, ROW])
    start = synthetic.csv_text([ROW, FAILED]).count("\n") + 1
    whole = len(synthetic.csv_text([ROW, FAILED]))
    path = tmp_path / "samples.csv"
    for length in range(whole + 1, len(text), 7):
        path.write_text(text[:length])
        assert len(read_samples(path)) == 2
        assert f"{path}:{start}: warning: torn last line" in capsys.readouterr().err


def test_a_line_torn_within_quotes_is_dropped(tmp_path: Path) -> None:
    text = synthetic.csv_text([ROW, FAILED])
    path = tmp_path / "samples.csv"
    for length in (text.index('"worker') + 5, text.index("\nand ended") + 3):
        path.write_text(text[:length])
        assert len(read_samples(path)) == 1


def test_a_whole_file_gives_no_warning(
    samples_file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    read_samples(samples_file())
    assert capsys.readouterr().err == ""


def test_line_numbers_count_lines_and_not_rows(tmp_path: Path) -> None:
    text = synthetic.csv_text([FAILED, FAILED, {**ROW, "tasks": "ten"}])
    message = broken(tmp_path / "s.csv", text)
    assert message == f"{tmp_path}/s.csv:6: tasks is 'ten'; allowed: a whole number, or empty"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("makespan_ns", "1_000", "makespan_ns is '1_000'; allowed: a whole number, or empty"),
        ("makespan_ns", " 7", "makespan_ns is ' 7'; allowed"),
        ("makespan_ns", "1.5", "makespan_ns is '1.5'; allowed"),
        ("makespan_ns", "٣", "makespan_ns is '٣'; allowed"),
        ("makespan_ns", "-", "makespan_ns is '-'; allowed"),
        ("makespan_ns", str(2**63), "makespan_ns is out of range; allowed: a signed 64-bit number"),
        ("mean_in_flight", "9,5", "mean_in_flight is '9,5'; allowed: a number with '.'"),
        ("mean_in_flight", "nan", "mean_in_flight is 'nan'; allowed"),
        ("mean_in_flight", "inf", "mean_in_flight is 'inf'; allowed"),
        ("status", "fine", "status is 'fine'; allowed: ok, skipped, timeout, error"),
        ("schema_version", "2", "schema_version is 2; allowed: 1"),
        ("model", "", "model is empty; allowed: a value in every row"),
        ("makespan_ns", "", "status is ok and makespan_ns is empty; allowed: a makespan in every"),
        ("status", "error", "status is error and makespan_ns is set; allowed"),
    ],
)
def test_fields(tmp_path: Path, column: str, value: str, expected: str) -> None:
    message = broken(tmp_path / "s.csv", synthetic.csv_text([ROW, {**ROW, column: value}, ROW]))
    assert message.startswith(f"{tmp_path}/s.csv:3: {expected}")


HEADER = ",".join(names())
LINE = synthetic.csv_text([ROW]).splitlines()[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: the file is empty; allowed: a header and at least one row"),
        ("\n", "1: the header ends after 0 columns; allowed: 46, next 'schema_version'"),
        ("no newline", "1: the file ends within its first line; allowed: a whole header"),
        (f"{HEADER}\n", "2: no row follows the header; allowed: at least one row of samples"),
        ("name,real_time\nx,1\n", "1: column 1 is 'name'; allowed: 'schema_version'"),
        (HEADER.replace(",", ";") + "\n", "1: column 1 is 'schema_version;run_id;git_sha;launch;...'"),
        (f"\ufeff{HEADER}\n{LINE}\n", r"1: column 1 is '\ufeffschema_version'; allowed"),
        (f"{HEADER},extra\n{LINE},\n", "1: column 47 is 'extra'; allowed: 46 columns and no more"),
        (HEADER.rsplit(",", 1)[0] + "\n", "1: the header ends after 45 columns; allowed: 46, next"),
        (f"{HEADER}\n{LINE}\n{LINE},9\n", "3: 47 fields; allowed: 46 as in the header"),
        (f"{HEADER}\n{LINE}\nword\n", "3: 1 field; allowed: 46 as in the header"),
        (f"{HEADER}\n{LINE}\n\n{LINE}\n", "3: 0 fields; allowed"),
        (f"{HEADER}\n{LINE}\n{HEADER}\n", "3: schema_version is 'schema_version'; allowed: a whole"),
        (f'{HEADER}\n{LINE}\n1,"x\n{LINE}\n', "3: a quoted field starts in this row and never ends"),
        (f'{HEADER}\n1,"x\n{LINE}\n{LINE[:40]}', "2: a quoted field starts in this row and never"),
        (f'{HEADER}\n1,"x"y\n', "2: not CSV: "),
        (f"{HEADER}\n{LINE}\n".encode() + b"1,\xff\n", "3: byte 0xff is not UTF-8; allowed: UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\n", "1: byte 0x89 is not UTF-8; allowed: UTF-8 text"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) or len(value) > 80 else value,
)
def test_files(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert broken(tmp_path / "s.csv", text).startswith(f"{tmp_path}/s.csv:{expected}")


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    assert error_of(path) == (
        f"{path}:1: cannot be read: no such file or directory; allowed: a readable CSV file"
    )
    assert "is a directory" in error_of(tmp_path)


def test_every_error_names_file_and_line(tmp_path: Path) -> None:
    """Random damage: it is read, or refused with file and line, and nothing else happens."""
    import random

    generator = random.Random(7)
    text = bytearray(synthetic.csv_text([ROW, FAILED, ROW]).encode())
    path = tmp_path / "s.csv"
    for _ in range(300):
        damaged = bytearray(text)
        for _ in range(generator.randint(1, 3)):
            damaged[generator.randrange(len(damaged))] = generator.choice(b'",\n\r;x0 \0\xff')
        path.write_bytes(damaged)
        try:
            read_samples(path)
        except InputError as error:
            assert re.match(re.escape(str(path)) + r":\d+: .+; allowed: .+", str(error), re.S)


def test_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = synthetic.write_trace(tmp_path / "trace.csv", [ROW])
    frame = read_trace(path)
    assert list(frame.columns) == names(TRACE_COLUMNS) and len(frame) == 10
    assert frame["task"].tolist() == list(range(10))
    path.write_text(path.read_text()[:-4])
    assert len(read_trace(path)) == 9
    assert "torn last line" in capsys.readouterr().err
    path.write_text(",".join(names(TRACE_COLUMNS)) + "\n")
    assert read_trace(path).empty
    path.write_text(",".join(names(TRACE_COLUMNS)).replace("task,", "job,") + "\n")
    with pytest.raises(InputError, match=r"trace\.csv:1: column 11 is 'job'; allowed: 'task'"):
        read_trace(path)


def test_a_trace_without_overshoots_is_an_older_one(tmp_path: Path) -> None:
    path = synthetic.write_trace(tmp_path / "trace.csv", [ROW])
    new = read_trace(path)
    assert new["overshoot_ns"].tolist() == [55_000] * 10
    shorter = [line.rsplit(",", 1)[0] for line in path.read_text().splitlines()]
    path.write_text("\n".join(shorter) + "\n")
    old = read_trace(path)
    assert old["overshoot_ns"].isna().all()
    pd.testing.assert_frame_equal(old.drop(columns="overshoot_ns"), new.drop(columns="overshoot_ns"))
    path.write_text("\n".join([*shorter, f"{shorter[-1]},7"]) + "\n")
    with pytest.raises(InputError, match=r"trace\.csv:12: 17 fields; allowed: 16 as in the header"):
        read_trace(path)
    path.write_text(shorter[0].rsplit(",", 1)[0] + "\n")
    with pytest.raises(InputError, match=r"trace\.csv:1: the header ends after 15 columns; allowed: 17, next 'cpu'"):
        read_trace(path)


def test_a_trace_in_parts_is_the_trace(tmp_path: Path) -> None:
    path = synthetic.write_trace(tmp_path / "trace.csv", synthetic.samples(rounds=1))
    parts = list(read_trace_parts(path, rows=7))
    assert {len(part) for part in parts[:-1]} == {7}
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), read_trace(path))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start_ns": "-1"}, "start_ns is below 0"),
        ({"start_ns": "9", "end_ns": "8"}, "end_ns is before start_ns"),
        ({"task": "10"}, "task is none of the batch's tasks; allowed: 0 up to, but not, what is in"),
        ({"task": "-1"}, "task is none of the batch's tasks"),
    ],
)
def test_times_and_tasks_that_cannot_be(
    tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    good, bad, *rest = synthetic.trace([ROW])
    text = synthetic.csv_text([good, {**bad, **changes}, *rest], names(TRACE_COLUMNS))
    path = tmp_path / "trace.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"trace\.csv:3: {expected}"):
        read_trace(path)


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    rows = synthetic.samples(rounds=40)
    path = tmp_path / "samples.csv"
    text = synthetic.csv_text(rows)
    header, body = text.split("\n", 1)
    path.write_text(f"{header}\n{body * (100_000 // len(rows))}")
    assert len(read_samples(path)) == 100_000 // len(rows) * len(rows)
