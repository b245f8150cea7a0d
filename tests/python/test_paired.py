# SPDX-License-Identifier: Apache-2.0
"""Paired runs: two builds measured by turns, block by block, each row told apart."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from conftest import FakeBuild
from makespan.arms import split_arms
from makespan.charts.data import RunData
from makespan.samples import read_samples
from pair_running import BLOCKS, PLANNED, Pair, made_up
from running import CASES, PAIR_CASES, run


@pytest.fixture
def pair(fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    return made_up(fake_build, tmp_path, monkeypatch)


def test_both_builds_are_measured_by_turns_and_their_rows_told_apart(pair: Pair) -> None:
    done = pair.run()
    assert done.returncode == 0, done.stderr
    assert f"2 cases, 2 rounds, seed 1, by turns with {pair.baseline.directory}" in done.stderr
    pair.assert_complete(PLANNED)
    run_id = pair.record()["run_id"]
    for launch, arm, _, flags in pair.calls():
        assert flags["--run-id"] == (run_id if arm == "A" else f"{run_id}+baseline")
        assert float(flags["--ns-per-iteration"]) == 1.25 and "--trace" not in flags
        assert int(flags["--sequence"]) == launch
        assert int(flags["--round"]) == (launch - 1) // (PLANNED // 2) + 1
    arms = "".join(arm for _, arm, _, _ in pair.calls())
    assert {arms[place : place + 4] for place in range(0, PLANNED, 4)} == set(BLOCKS)
    log = (pair.runs.out / "log.txt").read_text()
    assert log.count("/staged/a/bench_") == log.count("/staged/b/bench_") == PLANNED // 2
    assert not (pair.runs.out / "staged").exists()
    assert Counter(arms) == {"A": PLANNED // 2, "B": PLANNED // 2}


def test_the_baseline_is_measured_with_the_calibration_of_the_current_build(pair: Pair) -> None:
    pair.baseline.environment({"calibration": {"ns_per_iteration": 9.0}})
    assert pair.run(rounds=1).returncode == 0
    assert {flags["--ns-per-iteration"] for _, _, _, flags in pair.calls()} == {"1.25"}


def test_env_json_has_both_builds_and_the_seed(pair: Pair) -> None:
    pair.baseline.environment({"git_sha": "ffff"})
    pair.run(rounds=1)
    environment = pair.environment()
    assert environment["baseline"]["git_sha"] == "ffff" != environment["git_sha"]
    assert environment["baseline"]["build"] == str(pair.baseline.directory)
    assert environment["baseline"]["differences"] == []
    run = pair.record()
    assert (run["seed"], run["baseline"]) == (1, str(pair.baseline.directory))
    assert run["build"] == str(pair.runs.build.directory)


def test_forced_differences_are_recorded(pair: Pair) -> None:
    pair.baseline.environment({"build_type": "Debug"})
    refused = pair.run()
    assert refused.returncode == 2 and not pair.runs.out.exists()
    assert "run.sh: --against " in refused.stderr and "build_type is 'Release' here" in refused.stderr
    assert pair.run("--force", rounds=1).returncode == 0
    (difference,) = pair.environment()["baseline"]["differences"]  # type: ignore[misc]
    assert difference == "build_type is 'Release' here and 'Debug' in the baseline"


def test_summary_winners_and_charts_are_of_the_current_build_alone(pair: Pair) -> None:
    (pair.baseline.control / "pace.json").write_text('{"slower": 1000}')
    done = pair.run()
    lines = (pair.runs.out / "summary.csv").read_text().splitlines()
    assert len(lines) == 1 + PAIR_CASES
    summary = pd.read_csv(pair.runs.out / "summary.csv")
    assert summary["n"].tolist() == [4, 4] and summary["makespan_median_ns"].max() < 1e9
    assert "measured by turns with" in done.stdout and "2 cases · 8 samples" in done.stdout
    whole = read_samples(pair.runs.out / "samples.csv")
    assert whole["makespan_ns"].max() > 1e9
    arms = split_arms(whole)
    assert arms.baseline is not None and len(arms.current) == len(arms.baseline) == PLANNED // 2
    drawn = RunData.load(pair.runs.out)
    assert len(drawn.samples) == PLANNED // 2 and drawn.machine.run_id == pair.record()["run_id"]


def test_samples_of_one_build_are_all_current(pair: Pair) -> None:
    pair.runs.run(rounds=1)
    whole = read_samples(pair.runs.out / "samples.csv")
    arms = split_arms(whole)
    assert arms.baseline is None and len(arms.current) == CASES
    assert not pair.verdicts.compared, "no comparison without --against"


def test_a_failure_of_the_baseline_is_a_row_of_the_baseline(pair: Pair) -> None:
    pair.baseline.environment({"git_sha": "ffff"})
    pair.baseline.script(dict.fromkeys(range(1, 5), "crash"))
    done = pair.run(rounds=1)
    assert done.returncode == 0, "the comparison tells what a failure of one arm means"
    pair.assert_complete(PLANNED // 2)
    failed = [row for row in pair.runs.rows() if row["status"] == "error"]
    assert len(failed) == 2
    for row in failed:
        assert row["run_id"] == f"{pair.record()['run_id']}+baseline" and row["git_sha"] == "ffff"
    assert done.stderr.count("(baseline): error: bench_") == 2
    assert pd.read_csv(pair.runs.out / "summary.csv")["failed"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("arm", "code", "ends"),
    [("A", 0, 3), ("A", 4, 3), ("A", 1, 1), ("B", 0, 0)],
    ids=["fine", "no verdict", "regression", "of the baseline"],
)
def test_a_crash_that_no_row_shows_costs_the_exit_code(
    pair: Pair, arm: str, code: int, ends: int
) -> None:
    build = pair.runs.build if arm == "A" else pair.baseline
    build.script(dict.fromkeys(range(1, 5), "late crash"))
    pair.verdicts.code = code
    done = pair.run(rounds=1)
    assert done.returncode == ends and "(after its row was written)" in done.stderr


def test_what_is_skipped_is_told_once_for_each_build(pair: Pair) -> None:
    for build in (pair.runs.build, pair.baseline):
        build.script(dict.fromkeys(range(1, 9), "skipped"))
    done = pair.run()
    assert done.stderr.count(": skipped: the reason") == 2 * PAIR_CASES


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--force"], "--force: of a comparison of two builds only; give --against"),
        (["--confirm"], "--confirm and --no-confirm: of a comparison of two builds only"),
        (["--no-confirm"], "--confirm and --no-confirm: of a comparison of two builds only"),
        (["--resume", "x", "--no-confirm"], "not with --confirm"),
        (["--resume", "x", "--force"], "not with --force"),
        (["--against", "/nonexistent"], "--against /nonexistent: /nonexistent/bin/bench_sleep is not"),
    ],
)
def test_wrong_usage(pair: Pair, flags: list[str], says: str) -> None:
    done = pair.runs.run(*flags) if "--resume" not in flags else pair.runs.resume(*flags[2:])
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and not pair.runs.out.exists()


def test_the_dry_run_shows_the_blocks_that_are_then_measured(pair: Pair) -> None:
    dry = pair.run("--dry-run")
    assert dry.returncode == 0 and not pair.runs.out.exists() and not pair.calls()
    assert f"baseline: {pair.baseline.directory}" in dry.stdout
    shown = re.findall(r"^ *(\d+)  (current|baseline) +bench_(\w+)", dry.stdout, re.M)
    pair.run()
    calls = [
        (str(launch), {"A": "current", "B": "baseline"}[arm], benchmark)
        for launch, arm, benchmark, _ in pair.calls()
    ]
    assert shown == calls[: PLANNED // 2]


def test_a_comparison_has_enough_rounds_for_a_verdict_by_itself(pair: Pair) -> None:
    flags = ["--preset", "pair", "--build", str(pair.runs.build.directory), "--list"]
    assert "× 6 rounds =" in run(flags).stdout, "the preset's own"
    paired = run([*flags, "--against", str(pair.baseline.directory)])
    assert "× 16 rounds × 4 launches =" in paired.stdout
