# SPDX-License-Identifier: Apache-2.0
"""The runner refines a map: new points where the winner changes, by a plan that can be carried on."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FakeBuild
from in_process import launches_in_process
from makespan.build import Build
from makespan.from_json import record_of
from makespan.plan import Case, Plan, make_plan, plain_case
from makespan.preview import dry_run
from running import PRESETS, Runner

COARSE = 8  # cases: four points of two models


@pytest.fixture
def runs(fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    launches_in_process(monkeypatch, fake_build.control)
    return Runner(fake_build, tmp_path / "a run")


def points(rows: list[dict[str, str]]) -> set[tuple[int, int]]:
    return {(int(row["tasks"]), int(row["sleep_ns"]) + int(row["compute_ns"])) for row in rows}


def test_points_are_added_where_the_winner_changes(runs: Runner) -> None:
    done = runs.run("--preset", "map", rounds=6)
    assert done.returncode == 0, done.stderr
    assert "refinement 1: 4 cases where the winner changes" in done.stderr
    rows = runs.rows()
    coarse = {(n, length) for n in (10, 100) for length in (100_000, 1_000_000)}
    added = {(32, 1_000_000), (100, 320_000)}
    assert points(rows[: 6 * COARSE]) == coarse
    assert points(rows[6 * COARSE : 6 * (COARSE + 4)]) == added
    assert points(rows) == coarse | added | {(57, 1_000_000), (100, 570_000)}
    assert [int(row["launch"]) for row in rows] == list(range(1, len(rows) + 1))
    assert Counter(row["round"] for row in rows) == {
        **dict.fromkeys(map(str, range(1, 7)), 8), **dict.fromkeys(map(str, range(7, 19)), 4)
    }  # fmt: skip
    assert "Map of winners" in done.stdout and "Where the winner changes" in done.stdout
    refined = json.loads((runs.out / "plan.json").read_text())["refined"]
    assert [len(stage) for stage in refined] == [4, 4]
    assert {case["group"] for case in refined[1]} == {"map, refinement 2"}
    assert json.loads((runs.out / "env.json").read_text())["run"]["refinements"] == 2


def test_an_interrupted_refinement_is_carried_on_as_it_was_decided(runs: Runner) -> None:
    runs.run("--preset", "map", "--refine", "1", rounds=6)
    path = runs.out / "samples.csv"
    whole = path.read_text(encoding="utf-8").splitlines(keepends=True)
    planned = (runs.out / "plan.json").read_text()
    assert len(whole) == 1 + 6 * (COARSE + 4)
    path.write_text("".join(whole[:-2]), encoding="utf-8")
    again = runs.resume()
    assert again.returncode == 0, again.stderr
    assert "70 launches made before" in again.stderr
    assert (runs.out / "plan.json").read_text() == planned
    after = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert [line.split(",")[3:9] for line in after] == [line.split(",")[3:9] for line in whole]


def test_too_few_rounds_refine_nothing(runs: Runner) -> None:
    done = runs.run("--preset", "map", rounds=1)
    assert done.returncode == 0, done.stderr
    assert "refinement 1: 0 cases" in done.stderr and "refinement 2" not in done.stderr
    assert len(runs.rows()) == COARSE
    assert runs.resume().returncode == 0
    assert len(runs.rows()) == COARSE


def test_no_refinement_if_none_is_asked_for(runs: Runner) -> None:
    done = runs.run("--preset", "map", "--refine", "0", rounds=1)
    assert done.returncode == 0 and "refinement 1" not in done.stderr


def test_only_a_map_is_refined(runs: Runner) -> None:
    done = runs.run("--refine", "1")
    assert done.returncode == 2
    assert "--refine: of a preset with a map only" in done.stderr and "allowed: map" in done.stderr


def test_a_broken_plan_is_refused(runs: Runner) -> None:
    runs.run("--preset", "map", "--refine", "0", rounds=1)
    path = runs.out / "plan.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "refined": [[{"name": "x"}]]}))
    done = runs.resume()
    assert done.returncode == 2
    assert "plan.json:1: refined[0][0]: no build; allowed: a text" in done.stderr


@pytest.fixture
def plan(fake_build: FakeBuild) -> Plan:
    return make_plan(PRESETS["map"], Build(fake_build.directory), rounds=3, seed=1)


def test_a_refinement_leaves_the_launches_before_it_as_they_are(plan: Plan) -> None:
    again = replace(plan, refined=(plan.cases[:2],))
    before, after = list(plan.launches()), list(again.launches())
    assert after[: len(before)] == before
    assert len(after) == again.total == 3 * (len(plan.cases) + 2)
    assert {launch.round for launch in after[len(before) :]} == {4, 5, 6}
    assert again.last_round == 6
    assert json.loads(json.dumps(again.to_json())) == again.to_json()


def test_a_case_reads_back_as_it_was(plan: Plan) -> None:
    for case in plan.cases:
        assert record_of(Case, json.loads(json.dumps(plain_case(case)))) == case


def test_a_dry_run_tells_that_more_may_come(plan: Plan) -> None:
    text = "\n".join(dry_run(replace(plan, refinements=2)))
    assert "to refine the map: up to 2 times 3 rounds more" in text
    assert "refine" not in "\n".join(dry_run(plan))
