# SPDX-License-Identifier: Apache-2.0
"""Paired runs and their comparison: the rules, what is measured again, and how the run ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import FakeBuild
from in_process import launches_in_process
from makespan.metrics import CPU
from makespan.verdicts import Rules
from pair_running import COMPUTE, PLANNED, Pair, Verdicts, made_up
from running import PAIR_CASES, Runner, second_build


@pytest.fixture
def pair(fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    return made_up(fake_build, tmp_path, monkeypatch)


def test_the_rules_that_were_asked_for_pick_the_suspicious_cases(pair: Pair) -> None:
    assert pair.run(rounds=1).returncode == 0
    assert pair.record()["rules"] is None and pair.verdicts.rules == [Rules()]


def test_other_rules_are_recorded(pair: Pair) -> None:
    asked = ("--min-effect", "30%", "--min-effect=compute=40%", "--metric=cpu", "--alpha", "0.01")
    assert pair.run(*asked, rounds=1).returncode == 0
    assert pair.record()["rules"] == {"metric": "cpu", "min_effect": "30%,compute=40%", "alpha": "0.01"}
    (rules,) = pair.verdicts.rules
    assert (rules.alpha, rules.deciding) == (0.01, (CPU,))
    assert [rules.min_effects.of(name) for name in ("sleep", "compute")] == [0.3, 0.4]


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--min-effect", "ring=5%"], "--min-effect ring: no such benchmark in this run; allowed: compute"),
        (["--min-effect", "5"], "argument --min-effect: '5'; allowed: a percentage"),
        (["--alpha", "2"], "argument --alpha: '2'; allowed: a number above 0"),
        (["--metric", "speed"], "argument --metric: no metric named 'speed'"),
    ],
)
def test_rules_that_cannot_be(pair: Pair, flags: list[str], says: str) -> None:
    done = pair.run(*flags)
    assert done.returncode == 2 and says in done.stderr
    assert not pair.runs.out.exists() and pair.runs.build.calls() == []


@pytest.mark.parametrize("code", [0, 1, 3, 4])
def test_the_exit_code_is_that_of_the_comparison(pair: Pair, code: int) -> None:
    pair.verdicts.code = code
    done = pair.run(rounds=1)
    assert done.returncode == code
    assert pair.verdicts.compared == [pair.runs.out]
    assert done.stdout.rstrip().endswith("the comparison"), "the last thing that is said"


def test_suspicious_cases_are_measured_again_in_as_many_rounds(pair: Pair) -> None:
    pair.verdicts.suspects = [COMPUTE]
    pair.verdicts.code = 1
    done = pair.run()
    assert done.returncode == 1 and "1 suspicious case to measure again" in done.stderr
    assert "round 4 of 4" in done.stderr
    assert pair.verdicts.looked_at == [PLANNED], "asked once, about the planned rounds"
    pair.assert_complete(PLANNED + 4 * 2)
    again = [row for row in pair.runs.rows() if int(row["round"]) > 2]
    assert {row["benchmark"] for row in again} == {"compute"}
    assert {row["round"] for row in again} == {"3", "4"}
    assert pair.record()["confirm_from_round"] == 3 and pair.record()["finished_utc"]
    plan = json.loads((pair.runs.out / "plan.json").read_text())
    assert [case["name"] for case in plan["confirmed"]] == ["compute/threads/tasks:10"]


def test_where_nothing_is_suspicious_nothing_is_measured_again(pair: Pair) -> None:
    assert pair.run().returncode == 0
    pair.assert_complete(PLANNED)
    assert pair.record()["confirm_from_round"] == 3, "it was asked for, and done"
    assert pair.verdicts.looked_at == [PLANNED]


def test_without_confirmation_nobody_asks_what_is_suspicious(pair: Pair) -> None:
    pair.verdicts.suspects = [COMPUTE]
    assert pair.run("--no-confirm").returncode == 0
    pair.assert_complete(PLANNED)
    assert pair.verdicts.looked_at == [] and pair.record()["confirm_from_round"] is None


def test_a_suspect_that_nobody_planned_is_a_defect(pair: Pair) -> None:
    pair.verdicts.suspects = [("compute", "nobody", *COMPUTE[2:])]
    with pytest.raises(LookupError, match="nobody"):
        pair.run(rounds=1)


@pytest.mark.parametrize(("slower", "code"), [(1.0, 0), (1.2, 1)], ids=["same", "slower"])
def test_with_the_real_comparison(
    fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slower: float, code: int
) -> None:
    launches_in_process(monkeypatch, fake_build.control)
    real = Pair(Runner(fake_build, tmp_path / "a run"), second_build(fake_build, tmp_path), Verdicts())
    (fake_build.control / "pace.json").write_text(json.dumps({"slower": slower}))
    done = real.run(rounds=10)
    assert done.returncode == code, done.stdout + done.stderr
    again = 0 if slower == 1.0 else PAIR_CASES
    real.assert_complete(10 * 4 * (PAIR_CASES + again))
    assert json.loads((real.runs.out / "compare.json").read_text())
    assert (real.runs.out / "compare.md").read_text()


def test_too_few_rounds_give_no_verdict(fake_build: FakeBuild, tmp_path: Path) -> None:
    real = Pair(Runner(fake_build, tmp_path / "a run"), second_build(fake_build, tmp_path), Verdicts())
    (fake_build.control / "pace.json").write_text('{"slower": 1.5}')
    assert real.run(rounds=2).returncode == 4
