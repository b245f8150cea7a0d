# SPDX-License-Identifier: Apache-2.0
"""The store: what a run leaves, merges, broken files, and machines that never mix."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import histories
import pytest
import synthetic
from histories import MACHINE, entries, entry, write_run
from makespan.case_name import case_name
from makespan.columns import CASE_KEY
from makespan.errors import InputError, UsageError
from makespan.history.entries import entries_of_run
from makespan.history.machine import class_of_run
from makespan.history.series import history_of
from makespan.history.store import HISTORY_COLUMNS, read_history, utc
from makespan.metrics import CPU, MAKESPAN, MEMORY, RATE

MS = synthetic.MS
THREADS = synthetic.SHAPES[1]


def launches(times: list[int], **changes: object) -> list[synthetic.Row]:
    return [
        synthetic.sample(THREADS, launch=number, makespan_ns=time, **changes)
        for number, time in enumerate(times, start=1)
    ]


def test_a_run_leaves_one_line_for_each_case_and_metric(tmp_path: Path) -> None:
    rows = launches([12 * MS, 10 * MS, 11 * MS, 13 * MS, 15 * MS, 14 * MS])
    rows += [synthetic.failed(synthetic.sample(synthetic.SHAPES[0]), "error", "wrong checksum")]
    machine, found = entries_of_run(write_run(tmp_path / "run", rows))
    assert machine == MACHINE
    lines = {line.metric: line for line in found}
    assert set(lines) == {MAKESPAN, CPU, MEMORY} and len(found) == 3
    line = lines[MAKESPAN]
    assert (line.median, line.low, line.high, line.n) == (12.5 * MS, 10 * MS, 15 * MS, 6)
    assert line.commit == synthetic.ENVIRONMENT["git_sha"]
    assert (line.run_id, line.time_utc) == (rows[0]["run_id"], "2026-01-31T12:01:02.000Z")
    assert line.name == "sleep/threads/tasks:10/sleep:10ms/processes:1/threads:10"
    assert lines[CPU].median == 10 * 7_000


def test_the_baseline_of_a_paired_run_does_not_count(tmp_path: Path) -> None:
    rows = launches([10 * MS] * 6)
    slow = launches([90 * MS] * 6)
    slow = [
        {**row, "run_id": f"{row['run_id']}+baseline", "launch": f"1{n}"}
        for n, row in enumerate(slow)
    ]
    _, found = entries_of_run(write_run(tmp_path / "run", rows + slow))
    line = next(one for one in found if one.metric == MAKESPAN)
    assert (line.n, line.median, line.run_id) == (6, 10 * MS, rows[0]["run_id"])


def test_lines_come_back_as_they_were_written(tmp_path: Path) -> None:
    lines = [entry(low=None, high=None, n=3, iterations=77), entry(1, metric=RATE, median=1.5e-7)]
    lines.append(entry(2, key=histories.key(variant="loop+lognormal", stages=4, model='a,"b')))
    store = histories.store(tmp_path, lines)
    assert store.read(MACHINE.name) == lines
    header = store.file(MACHINE.name).read_text().splitlines()[0]
    assert header == ",".join(column.name for column in HISTORY_COLUMNS)


def test_what_is_there_is_not_added_again(tmp_path: Path) -> None:
    store = histories.store(tmp_path, [entry(0), entry(1)])
    before = store.file(MACHINE.name).read_bytes()
    new = store.add(MACHINE, [entry(1, median=99.0), entry(2), entry(2, metric=CPU)])
    assert new == [entry(2), entry(2, metric=CPU)]
    after = store.file(MACHINE.name).read_bytes()
    assert after.startswith(before) and after.count(b"\n") == 5


def test_a_union_of_two_branches_is_read_as_one_history(tmp_path: Path) -> None:
    ours = histories.store(tmp_path / "ours", [entry(0), entry(1), entry(3)]).file(MACHINE.name)
    theirs = histories.store(tmp_path / "theirs", [entry(0), entry(2)]).file(MACHINE.name)
    text = ours.read_text() + theirs.read_text()  # the header twice, a line twice, out of order
    ours.write_text(text)
    found = histories.Store(tmp_path / "ours").read(MACHINE.name)
    assert [line.commit for line in found] == [histories.commit(n) for n in range(4)]


@pytest.mark.parametrize(
    "change",
    [
        {"cpu_model": "Other CPU"},
        {"cpus_usable": 4},
        {"hypervisor": "KVM"},
        {"kernel": "6.2.0"},
        {"compiler": "GNU 13.1.0"},
        {"compiler": "Clang 12.2.0"},
        {"build_type": "Debug"},
    ],
)
def test_machine_classes_never_mix(tmp_path: Path, change: dict[str, object]) -> None:
    other = class_of_run(Path("env.json"), {**synthetic.ENVIRONMENT, **change})
    assert other.name != MACHINE.name
    store = histories.store(tmp_path, [entry(0)])
    store.add(other, [entry(0, median=5.0)])
    assert store.classes() == sorted([MACHINE.name, other.name])
    assert store.read(MACHINE.name) == [entry(0)]
    assert store.read(other.name) == [entry(0, median=5.0)]


@pytest.mark.parametrize(
    "change",
    [
        {"kernel": "6.1.99-other"},
        {"compiler": "GNU 12.9.1"},
        {"compiler_flags": "-O2"},
        {"load_1m": 9},
    ],
)
def test_small_updates_stay_within_the_class(change: dict[str, object]) -> None:
    assert class_of_run(Path("env.json"), {**synthetic.ENVIRONMENT, **change}) == MACHINE


def test_the_name_of_a_class_is_readable_and_safe() -> None:
    assert MACHINE.name.startswith("example-cpu-2.00ghz-2cpu-linux6.1-gnu12-release-")
    odd = replace(MACHINE, cpu_model="../Ünï\n/cpu" * 30)
    assert not set(odd.name) - set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert ".." not in odd.name and odd.name[0] not in ".-" and len(odd.name) < 100


def test_a_store_whose_class_does_not_fit_its_name_is_refused(tmp_path: Path) -> None:
    store = histories.store(tmp_path, [entry(0)])
    about = tmp_path / f"{MACHINE.name}.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "cpus_usable": 8}))
    with pytest.raises(InputError, match="this is the class"):
        store.read(MACHINE.name)
    with pytest.raises(InputError, match="this is the class"):
        store.add(MACHINE, [entry(1)])


GOOD = entry(0).fields()


def changed(name: str, value: str) -> str:
    place = [column.name for column in HISTORY_COLUMNS].index(name)
    return ",".join([*GOOD[:place], value, *GOOD[place + 1 :]])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,2,3", ":3: 3 fields"),
        (changed("median", "ten"), ":3: median is 'ten'"),
        (changed("median", "1e999"), ":3: median is not finite"),
        (changed("tasks", "-1"), ":3: tasks is '-1'"),
        (changed("metric", "colour"), ":3: metric is 'colour'"),
        (changed("commit", ""), ":3: commit is empty"),
        (changed("time_utc", "yesterday"), ":3: time_utc"),
        (changed("time_utc", "2026-01-01T00:00:00"), ":3: time_utc"),
        ("<<<<<<< ours", ":3: a conflict of a merge"),
        ('"open', ":3: not CSV"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    file = histories.store(tmp_path, [entry(0)]).file(MACHINE.name)
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(InputError) as caught:
        read_history(file)
    assert f"{file}{message}" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ":1: the file is empty"),
        (b"time_utc,commit", ":1: the file ends within"),
        (b"a,b\n1,2\n", ":1: column 1 is 'a'"),
        (b"\xff\n", ":1: byte 0xff is not UTF-8"),
    ],
)
def test_a_foreign_file_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_history(file)
    assert f"{file}{message}" in str(caught.value)


def test_a_torn_line_is_dropped_by_readers_and_cut_by_the_next_writer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = histories.store(tmp_path, [entry(0), entry(1)])
    file = store.file(MACHINE.name)
    file.write_bytes(file.read_bytes()[:-9])
    assert store.read(MACHINE.name) == [entry(0)]
    assert f"{file}:3: warning: torn last line" in capsys.readouterr().err
    assert store.add(MACHINE, [entry(1), entry(2)]) == [entry(1), entry(2)]
    assert store.read(MACHINE.name) == [entry(0), entry(1), entry(2)]


@pytest.mark.parametrize(
    ("environment", "run", "message"),
    [
        ({"git_sha": None}, {}, "does not say of which commit"),
        ({"git_dirty": True}, {}, "uncommitted changes"),
        ({}, {"finished_utc": None}, "not finished"),
    ],
)
def test_runs_that_stand_for_no_commit_are_refused(
    tmp_path: Path, environment: dict[str, object], run: dict[str, object], message: str
) -> None:
    folder = write_run(tmp_path / "run", launches([MS] * 6), environment, **run)
    with pytest.raises(UsageError, match=message):
        entries_of_run(folder)
    if not run:
        assert entries_of_run(folder, commit="abc")[1][0].commit == "abc"


@pytest.mark.parametrize("name", ["cpu_model", "cpus_usable", "kernel", "compiler", "build_type"])
def test_a_machine_that_is_not_known_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_run(tmp_path / "run", launches([MS] * 6), {name: None})
    with pytest.raises(InputError, match=f'env.json:1: "{name}" is None'):
        entries_of_run(folder)


def test_a_commit_has_one_value_where_it_was_first_measured() -> None:
    lines = [entry(0), entry(1, median=11.0), entry(2)]
    again = entry(1, run_id="again", time_utc=histories.time_of(9), median=13.0)
    lines = random.Random(1).sample([*lines, again], 4)
    history = history_of(lines, [MAKESPAN])
    assert history.commits == tuple(map(histories.commit, range(3)))
    (series,) = history.series
    assert [point.value for point in series.points] == [10 * MS, 12.0, 10 * MS]
    assert [point.place for point in series.points] == [0, 1, 2]


def test_only_the_last_commits_and_the_metrics_asked_for_count() -> None:
    lines = [*entries(8, 2), *entries(8, 2, metric=RATE)]
    history = history_of(lines, [RATE], last=5)
    assert history.commits == tuple(map(histories.commit, range(3, 8)))
    assert [series.metric for series in history.series] == [RATE, RATE]
    assert all(len(series.points) == 5 for series in history.series)


def test_computing_times_are_told_for_the_work_of_the_newest_run() -> None:
    compute = histories.key(benchmark="compute", sleep_ns=None, compute_ns=MS)
    mixed = histories.key(benchmark="mixed", compute_ns=MS)
    for key, metric, expected in (
        (compute, MAKESPAN, [8.0, 10.0]),
        (compute, CPU, [8.0, 10.0]),
        (mixed, CPU, [8.0, 10.0]),
        (mixed, MAKESPAN, [10.0, 10.0]),
    ):
        lines = [
            entry(number, key=key, metric=metric, iterations=work, median=10.0)
            for number, work in ((0, 1000), (1, 800))
        ]
        (series,) = history_of(lines, [metric]).series
        assert [point.value for point in series.points] == expected


def test_more_messages_per_second_are_a_lower_cost() -> None:
    lines = [entry(0, metric=RATE, median=100.0), entry(1, metric=RATE, median=200.0)]
    (series,) = history_of(lines, [RATE]).series
    assert series.logs[0] > series.logs[1]


def test_times_are_brought_to_utc() -> None:
    assert utc("2026-01-01T02:00:00.5+02:00") == "2026-01-01T00:00:00.500Z"
    assert utc("2026-01-31T12:00:00Z") == "2026-01-31T12:00:00.000Z"


def test_names_tell_cases_apart_by_every_part_of_the_key() -> None:
    base = histories.key()
    other = {"benchmark": "mixed", "model": "tbb_pool", "variant": "loop"}
    names = {case_name(base)}
    for name in CASE_KEY:
        changed_key = tuple(
            other.get(name, 77) if name == own else value for own, value in zip(CASE_KEY, base)
        )
        names.add(case_name(changed_key))
    assert len(names) == 1 + len(CASE_KEY)
