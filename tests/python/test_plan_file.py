# SPDX-License-Identifier: Apache-2.0
"""What the runner reads back of itself, plan.json and the "run" object of env.json: nothing but what it wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from makespan.errors import InputError
from makespan.folder import RunFolder, RunRecord, read_record
from makespan.plan import Case, plain_case
from makespan.plan_file import Recorded, read_cases

PATH = Path("a run/plan.json")
CASE = Case(
    *("build/release", "sleep", "bench_sleep", "sleep", "sleep/serial", "serial", ""),
    *(10, 1, None, 1_000, None, None, None, 10_000),
    args=("--tasks=10",),
    traced=1,
    left_out="",
)
RECORD = RunRecord("an id", "quick", 2, 1, "build/release", 1.25, "", None, ("run.sh",), "3.11")


def read(**changes: object) -> Recorded:
    plain = json.loads(json.dumps({"cases": [plain_case(CASE)], "left_out": [], **changes}))
    return read_cases(PATH, plain)


def record(folder: Path, **changes: object) -> RunRecord:
    text = json.dumps({"run": {**asdict(RECORD), **changes}})
    (folder / "env.json").write_text(text, encoding="utf-8")
    return read_record(RunFolder(folder))[1]


def test_what_was_written_reads_back() -> None:
    assert read() == Recorded((CASE,), (), None, ())
    stages = [plain_case(CASE)], []
    assert read(confirmed=stages[0], refined=stages) == Recorded((CASE,), (), (CASE,), ((CASE,), ()))


def test_a_field_that_came_later_may_lack() -> None:
    plain: Mapping[str, object] = {k: v for k, v in plain_case(CASE).items() if k != "batches"}
    assert read(cases=[plain]).cases == (CASE,)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("tasks", "many", 'tasks is "many"; allowed: a whole number from 0'),
        ("tasks", True, "tasks is true; allowed: a whole number from 0"),
        ("tasks", None, "tasks is null; allowed: a whole number from 0"),
        ("sleep_ns", -1, "sleep_ns is -1; allowed: a whole number from 0, or null"),
        ("model_bound_ns", 0.5, "model_bound_ns is 0.5; allowed: a whole number from 0, or null"),
        ("name", ["x"], 'name is ["x"]; allowed: a text'),
        ("args", "--tasks=1", 'args is "--tasks=1"; allowed: a list of texts'),
        ("args", [1], "args is [1]; allowed: a list of texts"),
        ("colour", 1, '"colour" is not known; allowed: build, group, binary'),
    ],
)
def test_a_case_is_refused_whatever_does_not_fit(name: str, value: object, says: str) -> None:
    with pytest.raises(InputError) as refused:
        read(cases=[plain_case(CASE), {**plain_case(CASE), name: value}])
    assert str(refused.value).startswith(f"{PATH}:1: cases[1]: {says}")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("cases", None, "cases is null; allowed: a list of cases"),
        ("cases", [1], "cases[0]: 1; allowed: an object"),
        ("cases", [{}], "cases[0]: no build; allowed: a text"),
        ("left_out", {}, "left_out is {}; allowed: a list of cases"),
        ("confirmed", "all", 'confirmed is "all"; allowed: a list of cases'),
        ("refined", [[], 7], "refined[1] is 7; allowed: a list of cases"),
    ],
)
def test_what_is_no_list_of_cases_is_refused(key: str, value: object, says: str) -> None:
    with pytest.raises(InputError) as refused:
        read(**{key: value})
    assert str(refused.value) == f"{PATH}:1: {says}"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("rounds", 1.5, "rounds is 1.5; allowed: a whole number from 0"),
        ("rounds", 0, "rounds is 0; allowed: a whole number from 1"),
        ("preset", ["quick"], 'preset is ["quick"]; allowed: a text'),
        ("confirm", "yes", 'confirm is "yes"; allowed: true or false'),
        ("ns_per_iteration", None, "ns_per_iteration is null; allowed: a number"),
        ("rules", {"metric": 1}, 'rules is {"metric": 1}; allowed: an object of texts, or null'),
        ("rules", {"speed": "1"}, '"rules" of the "run" object'),
    ],
)
def test_a_record_is_refused_that_does_not_fit(
    tmp_path: Path, name: str, value: object, says: str
) -> None:
    assert record(tmp_path) == RECORD
    with pytest.raises(InputError) as refused:
        record(tmp_path, **{name: value})
    assert str(refused.value).startswith(f'{tmp_path}/env.json:1: "run" object: {says}')
