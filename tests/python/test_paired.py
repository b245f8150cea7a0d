# SPDX-License-Identifier: Apache-2.0
"""Paired runs from end to end: two builds by turns, confirmed, and ended as the comparison ends."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from conftest import FakeBuild
from makespan.arms import arm_of, split_arms
from makespan.charts.data import RunData
from makespan.columns import CASE_KEY
from makespan.metrics import CPU
from makespan.samples import read_samples
from makespan.verdicts import Rules
from running import CASES, PAIR_CASES, Done, Runner, gone, run, second_build, wait_for

BLOCKS = ("ABBA", "BAAB")
PLANNED = PAIR_CASES * 4 * 2  # launches of two rounds
COMPUTE = ("compute", "threads", 10, 1, 10, None, 1_000_000, None, None, "")


@dataclass
class Verdicts:
    """Stands for makespan.compare: what it shall say, and what it was asked."""

    suspects: list[tuple[object, ...]] = field(default_factory=list)
    code: int = 0
    looked_at: list[int] = field(default_factory=list)  # rows, each time suspicious() was asked
    compared: list[Path] = field(default_factory=list)
    rules: list[Rules] = field(default_factory=list)

    def suspicious(self, samples: pd.DataFrame, rules: Rules) -> list[tuple[object, ...]]:
        self.looked_at.append(len(samples))
        self.rules.append(rules)
        return self.suspects

    def compare_run(self, folder: Path) -> int:
        self.compared.append(folder)
        print("the comparison")
        return self.code


@dataclass(frozen=True)
class Pair:
    """A runner with two builds."""

    runs: Runner
    baseline: FakeBuild
    verdicts: Verdicts

    def run(self, *flags: str, rounds: int = 2) -> Done:
        against = ["--preset", "pair", "--against", str(self.baseline.directory)]
        return self.runs.run(*against, *flags, rounds=rounds)

    def resume(self) -> Done:
        return self.runs.resume()

    def record(self) -> dict[str, object]:
        return dict(self.environment()["run"])

    def environment(self) -> dict[str, dict[str, object]]:
        return dict(json.loads((self.runs.out / "env.json").read_text()))

    def calls(self) -> list[tuple[int, str, str, dict[str, str]]]:
        """Launch, arm, benchmark and flags of every launch, by the build whose binary was started."""
        arms = {"A": self.runs.build.calls(), "B": self.baseline.calls()}
        return sorted(
            (int(flags["--launch"]), arm, benchmark, flags)
            for arm, calls in arms.items()
            for benchmark, flags in calls
        )

    def assert_complete(self, launches: int) -> None:
        rows = Counter(int(row["launch"]) for row in self.runs.rows())
        assert rows == dict.fromkeys(range(1, launches + 1), 1)
        assert_blocks(self, launches)


def assert_blocks(pair: Pair, launches: int) -> None:
    """Every four launches are of one case and round, in one of the two orders, as the rows tell it."""
    rows = sorted(pair.runs.rows(), key=lambda row: int(row["launch"]))
    for place in range(0, launches, 4):
        block = rows[place : place + 4]
        assert len({(row["round"], *(row[name] for name in CASE_KEY)) for row in block}) == 1
        assert "".join("AB"[arm_of(row["run_id"]) == "baseline"] for row in block) in BLOCKS


@pytest.fixture
def pair(fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    verdicts = Verdicts()
    compare = ModuleType("makespan.compare")
    compare.__dict__.update(suspicious=verdicts.suspicious, compare_run=verdicts.compare_run)
    monkeypatch.setitem(sys.modules, "makespan.compare", compare)
    return Pair(Runner(fake_build, tmp_path / "a run"), second_build(fake_build, tmp_path), verdicts)


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


def interrupted(pair: Pair, kill: bool) -> Done:
    """A run whose first block of round 1 is whole and whose second hangs in a launch of the baseline."""
    pair.baseline.script(dict.fromkeys(range(5, 9), "hang"))
    flags = ["--preset", "pair", "--against", str(pair.baseline.directory)]
    process = pair.runs.start(*flags)
    pid = Runner(pair.baseline, pair.runs.out).hanging()
    process.kill() if kill else process.terminate()
    out, err = process.communicate(timeout=60)
    wait_for(lambda: gone(pid))
    pair.baseline.script({})
    return Done(process.returncode, out, err)


@pytest.mark.parametrize("kill", [True, False], ids=["SIGKILL", "SIGTERM"])
def test_an_interrupted_block_is_completed(pair: Pair, kill: bool) -> None:
    done = interrupted(pair, kill)
    assert done.returncode == (-9 if kill else 130), done.stderr
    assert "comparison" not in done.stdout and "Traceback" not in done.stderr
    before = (pair.runs.out / "samples.csv").read_text()
    made = len(read_samples(pair.runs.out / "samples.csv"))
    assert 4 <= made < 8

    pair.verdicts.suspects = [COMPUTE]
    again = pair.resume()
    assert again.returncode == 0, again.stderr
    assert f"{made} launches made before" in again.stderr
    pair.assert_complete(PLANNED + 8)
    assert (pair.runs.out / "samples.csv").read_text().startswith(before)
    assert pair.verdicts.looked_at == [PLANNED] and pair.verdicts.compared == [pair.runs.out]


def cut(pair: Pair, rows: int) -> None:
    """As if the run had been killed after so many rows."""
    samples = pair.runs.out / "samples.csv"
    samples.write_text("".join(samples.read_text().splitlines(keepends=True)[: 1 + rows]))


def test_the_confirmation_is_carried_on_with_the_cases_once_found(pair: Pair) -> None:
    pair.verdicts.suspects = [COMPUTE]
    pair.run()
    cut(pair, PLANNED + 3)
    pair.verdicts.suspects = []
    assert pair.resume().returncode == 0
    pair.assert_complete(PLANNED + 8)
    assert pair.verdicts.looked_at == [PLANNED], "decided once"


def test_a_run_killed_between_its_two_records_of_the_confirmation_is_carried_on(pair: Pair) -> None:
    pair.verdicts.suspects = [COMPUTE]
    pair.run()
    cut(pair, PLANNED)
    environment = pair.environment()
    environment["run"] |= {"confirm_from_round": None, "finished_utc": None}
    (pair.runs.out / "env.json").write_text(json.dumps(environment))
    assert pair.resume().returncode == 0
    pair.assert_complete(PLANNED + 8)
    assert pair.record()["confirm_from_round"] == 3 and pair.record()["finished_utc"]
    assert pair.verdicts.looked_at == [PLANNED]


def test_resuming_a_finished_comparison_only_compares_again(pair: Pair) -> None:
    pair.run()
    ended = pair.environment()
    pair.verdicts.code = 1
    assert pair.resume().returncode == 1
    assert pair.environment() == ended and len(pair.calls()) == PLANNED


def test_a_forced_comparison_is_carried_on_with_the_cases_in_common(pair: Pair) -> None:
    pair.baseline.more_cases({"mixed": [20]})
    pair.run("--force")
    cut(pair, 6)
    again = pair.resume()
    assert again.returncode == 0, again.stderr
    pair.assert_complete(PLANNED)


def rebuild(pair: Pair) -> None:
    binary = pair.baseline.directory / "bin" / "bench_compute"
    binary.write_text(binary.read_text() + "# rebuilt\n")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (rebuild, "the binaries of the baseline are not those that the run was begun with"),
        (lambda pair: pair.baseline.environment({"git_sha": "f"}), "baseline: git_sha was '1a2b3c4d"),
        (lambda pair: pair.runs.build.environment({"git_sha": "f"}), "resumed: git_sha was '1a2b3c4d"),
        (lambda pair: pair.baseline.more_cases({"mixed": [20]}), None),
    ],
)
def test_another_baseline_is_refused(pair: Pair, change: object, says: str | None) -> None:
    pair.run()
    cut(pair, 5)
    change(pair)  # type: ignore[operator]
    done = pair.resume()
    if says is None:  # a case that only the baseline has was never in the run
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 2 and says in done.stderr
    assert len(pair.runs.rows()) == 5


def test_the_baseline_may_have_moved(pair: Pair, tmp_path: Path) -> None:
    pair.run()
    cut(pair, 5)
    moved = tmp_path / "elsewhere"
    pair.baseline.directory.rename(moved)
    assert pair.resume().returncode == 2
    again = pair.runs.resume("--against", str(moved))
    assert again.returncode == 0, again.stderr
    pair.assert_complete(PLANNED)


def test_a_run_of_one_build_is_not_resumed_as_a_comparison(pair: Pair) -> None:
    pair.runs.run(rounds=1)
    done = pair.runs.resume("--against", str(pair.baseline.directory))
    assert done.returncode == 2 and "it was begun without --against" in done.stderr


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


@pytest.mark.parametrize(("slower", "code"), [(1.0, 0), (1.2, 1)], ids=["same", "slower"])
def test_with_the_real_comparison(
    fake_build: FakeBuild, tmp_path: Path, slower: float, code: int
) -> None:
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
