# SPDX-License-Identifier: Apache-2.0
"""selfcheck.py: the recording, the runs that are drawn from it, and the rates that come out."""

from __future__ import annotations

import json
import lzma
import os
import shutil
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path
from signal import SIGTERM

import numpy as np
import pytest
import synthetic
from conftest import FakeBuild
from in_process import launches_in_process
from makespan.arms import BASELINE, CURRENT, split_arms
from makespan.casekey import CaseKey, benchmark_of, case_keys
from makespan.columns import CASE_KEY
from makespan.compare import suspicious
from makespan.comparison import compare_paired, read_side
from makespan.errors import Exit, InputError, UsageError
from makespan.gate import judge_runs
from makespan.metrics import DECIDING
from makespan.pairing import paired_series
from makespan.samples import read_samples
from makespan.selfcheck import command, recording
from makespan.selfcheck.draws import at_random, in_order, judge_draws, side_by_side
from makespan.selfcheck.injection import INJECTIONS, Injection, injections_of
from makespan.selfcheck.rates import check, exact_rate
from makespan.selfcheck.recorded import Recorded, read_recording
from makespan.selfcheck.views import as_json, markdown
from makespan.verdicts import Rules
from paired_synthetic import SERIAL, Job, paired, write_paired
from scipy.stats import binomtest

BLOCKS = 12
KERNEL = [injection for injection in INJECTIONS if injection.kind == "kernel"]


def case(benchmark: str, tasks: int) -> CaseKey:
    fields: dict[str, object] = dict.fromkeys(CASE_KEY)
    fields |= {"benchmark": benchmark, "model": "threads", "variant": "", "tasks": tasks, "threads": 2}
    return tuple(fields.values())


def recorded(rounds: int = 60, spread: float = 0.01, bias: float = 0.0) -> Recorded:
    """Three cases that compute, which the slowdowns of the kernel make slower by their size, and one whose
    tasks talk. `bias` is what the current build always costs more, in makespan and in CPU time."""
    random = np.random.default_rng(7)
    cases = (*(case("compute", tasks) for tasks in (10, 20, 30)), case("ring", 10))
    shape = (len(DECIDING) * len(cases), rounds)
    logs = {arm: random.normal(15, spread, shape) for arm in (CURRENT, BASELINE)}
    logs[CURRENT] += bias
    for injection in KERNEL:
        logs[injection.arm] = random.normal(15, spread, shape)
        logs[injection.arm] += np.log1p(share_of(injection))
        logs[injection.arm][len(cases) - 1 :: len(cases)] = np.nan
    arms = {injection.arm: injection for injection in KERNEL}
    return Recorded(Path("recording"), {"git_sha": "1234567890"}, cases, arms, logs, 1000)


def share_of(injection: Injection) -> float:
    return float(injection.size.removesuffix("%")) / 100


def test_what_is_injected_is_found_by_its_size() -> None:
    found = check(recorded(), BLOCKS, seed=1, runs=200)
    assert [one.injection.size for one in found.detections] == ["2%", "5%", "10%", "20%"]
    assert [one.cases for one in found.detections] == [3] * 4, "the case that does not compute has none"
    small, *large = found.detections
    assert small.found.share < 0.5, "2 % is below the minimum effect of 2.5 %"
    assert all(one.found.share == 1.0 and one.wrong == 0 for one in large)
    for one in found.detections:
        assert one.changes == pytest.approx([share_of(one.injection)] * 2, abs=0.01)
        assert max(one.by_metric) <= one.found.share <= sum(one.by_metric)
        assert one.found.apart == 3 * side_by_side(60, BLOCKS) == 6
        assert one.found.low <= one.found.share <= one.found.high


def test_equal_builds_are_not_called_changed() -> None:
    found = check(recorded(), BLOCKS, seed=1, runs=200)
    ordered, drawn, tossed = found.alarms
    assert [one.verdicts.counted for one in found.alarms] == [5 * 4, 200 * 4, 200 * 4], "60 rounds are five runs of 12"
    assert [one.any.apart for one in found.alarms] == [2, 2, 200], "the coins alone are independent"
    for one in found.alarms:
        assert (one.slower, one.faster, one.verdicts.share, one.any.share) == (0, 0, 0.0, 0.0)
    assert all(one.false.share == 0 and one.false.apart == 2 for one in found.cases)


def test_a_build_that_always_costs_more_is_hidden_by_the_coin_only() -> None:
    """Such as one whose path is longer."""
    ordered, drawn, tossed = check(recorded(bias=0.08), BLOCKS, seed=1, runs=100).alarms
    assert ordered.slower == 20 and ordered.any.share == 1.0
    assert drawn.slower == 400 and drawn.any.share == 1.0
    assert tossed.verdicts.share < 0.05


def test_a_case_without_values_costs_nothing_but_its_figures() -> None:
    whole = recorded()
    logs = {arm: np.where(np.arange(8)[:, np.newaxis] % 4 == 1, np.nan, values) for arm, values in whole.logs.items()}
    found = check(replace(whole, logs=logs), BLOCKS, seed=1, runs=20)
    value = json.loads(as_json(found))
    assert value["cases"][1]["spread"] == {"makespan_ns": None, "cpu_ns": None}
    assert value["cases"][1]["smallest"] == {"makespan_ns": None, "cpu_ns": None}
    assert value["cases"][0]["spread"]["cpu_ns"] > 0 and value["detections"][-1]["found"]["share"] == 1.0
    assert "| – | – |" in markdown(found)


def test_noise_makes_the_smallest_slowdown_that_is_found_larger() -> None:
    smallest = []
    for spread in (0.005, 0.05, 0.2):
        cases = check(recorded(spread=spread), BLOCKS, seed=1, runs=20).cases
        assert [len(one.smallest) for one in cases] == [len(DECIDING)] * 4
        smallest.append(np.median([value or np.inf for one in cases for value in one.smallest]))
    assert 0.025 <= smallest[0] < smallest[1] < smallest[2]


def test_the_spread_is_that_of_the_blocks() -> None:
    found = check(recorded(rounds=2000, spread=0.03), BLOCKS, seed=1, runs=5)
    for one in found.cases:
        assert one.spreads == pytest.approx([0.03 * np.sqrt(2)] * 2, rel=0.1)


def test_a_recording_that_is_too_short() -> None:
    with pytest.raises(UsageError, match="23 whole rounds; a run and its confirmation take 24: record"):
        check(recorded(rounds=23), BLOCKS, seed=1)


def test_runs_are_disjoint_from_their_confirmation() -> None:
    drawn = at_random(np.random.default_rng(1), 40, 16, 300)
    for planned, fresh in zip(drawn.planned, drawn.fresh):
        assert len({*planned.tolist(), *fresh.tolist()}) == 32
    ordered = in_order(50, 16)
    assert ordered.planned.tolist() == [list(range(n, n + 16)) for n in (0, 16, 32)]
    assert ordered.fresh[:, 0].tolist() == [16, 32, 0]


def test_the_verdicts_are_those_of_compare_py(tmp_path: Path) -> None:
    """Of a run with a confirmation, written as CSV and with a block missing, series by series."""
    ratios = (1.0, 1.06, 1.3, 0.9, 1.0, 1.02)
    jobs = [Job(SERIAL, ratio, cpu=ratio, noise=0.02, tasks=n + 1) for n, ratio in enumerate(ratios)]
    jobs.append(Job(SERIAL, cpu=1.2, noise=0.02, tasks=99))
    planned = [row for row in paired(jobs) if (row["tasks"], row["round"]) != ("3", "5")]
    suspected = {str(key[2]) for key in suspicious(read_samples(synthetic.write_samples(tmp_path / "first.csv", planned)))}
    fresh = paired(jobs, first_round=17, first_launch=1001, seed=2)
    again = [row for row in fresh if row["tasks"] in suspected]
    run = write_paired(tmp_path / "run", [*planned, *again], confirm=True, confirm_from_round=17)
    told = compare_paired(read_side(run), Rules()).deciding
    assert {verdict.outcome.value for verdict in told} >= {"slower", "faster", "same"}

    batches = []
    for number, rows in enumerate((planned, fresh)):
        arms = split_arms(read_samples(synthetic.write_samples(tmp_path / f"{number}.csv", rows)))
        assert arms.baseline is not None
        series = {(one.case, one.metric): one.differences for one in paired_series(arms.current, arms.baseline)}
        table = np.full((1, 2 * len(jobs), 16), np.nan)
        for place, (metric, job) in enumerate(product(DECIDING, jobs)):
            values = series[job.key, metric]
            table[0, place, : len(values)] = values
        batches.append(table)
    blocks = iter(batches)
    got = judge_runs(lambda: next(blocks), np.full(2 * len(jobs), np.log1p(0.05)), metrics=2)
    outcomes = {(verdict.case, verdict.metric): verdict.outcome.value for verdict in told}
    assert got.outcome[0].tolist() == [outcomes[job.key, metric] for metric, job in product(DECIDING, jobs)]
    assert {str(jobs[p].tasks) for p in np.flatnonzero(got.again[0][: len(jobs)])} == suspected


def test_a_case_is_measured_again_for_all_metrics() -> None:
    """If the first of two metrics looks suspicious in the first of two cases."""
    calm = np.array([-1.0, 1.0] * 6) / 1000
    blocks = np.array([[calm + 0.1, calm, calm, calm]])
    found = judge_runs(lambda: blocks, np.full(4, 0.05), metrics=2)
    assert found.again.tolist() == [[True, False, True, False]]
    assert found.outcome.tolist() == [["slower", "same", "same", "same"]]


def test_the_metrics_of_a_block_change_sides_together() -> None:
    """They are of the same launches: if both arms changed their labels by themselves, equal values would not
    stay equal."""
    random = np.random.default_rng(1)
    case_differences = random.normal(0.2, 0.1, (3, 40))
    found = judge_draws(np.tile(case_differences, (2, 1)), in_order(40, 20), np.full(6, 0.01), random)
    estimate = found.decisions.shifts.estimate
    assert np.array_equal(estimate[:, :3], estimate[:, 3:]) and (np.abs(estimate) < 0.2).any()


@pytest.mark.parametrize(("hits", "of"), [(0, 30), (3, 30), (30, 30)])
def test_the_interval_of_a_rate(hits: int, of: int) -> None:
    wanted = binomtest(hits, of).proportion_ci(method="exact")
    rate = exact_rate(hits / of, 1000, of)
    assert (rate.low, rate.high) == (pytest.approx(wanted.low), pytest.approx(wanted.high))


def test_what_is_told_of_it() -> None:
    found = check(recorded(), BLOCKS, seed=1, runs=20)
    text = markdown(found)
    assert "| kernel 10% | compute | 3 | +10." in text or "| kernel 10% | compute | 3 | +9." in text
    assert "1,000 launches in 60 rounds of 4 cases" in text
    value = json.loads(as_json(found))
    assert [one["injection"] for one in value["detections"]] == [f"kernel {i.size}" for i in KERNEL]
    assert [len(one["injected"]) for one in value["cases"]] == [4, 4, 4, 0]
    assert value["alarms"][1]["verdicts"]["counted"] == 80


def record(fake_build: FakeBuild, folder: Path, *more: str) -> int:
    arguments = ["--rounds", "2", "--blocks", "1", "--runs", "5", "--out", str(folder)]
    return command.main([*arguments, "--build", str(fake_build.directory), *more])


def test_a_recording(
    fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    launches_in_process(monkeypatch, fake_build.control)
    folder = tmp_path / "recording"
    assert record(fake_build, folder) == 0
    assert "False alarms: equal builds" in capsys.readouterr().out
    assert {path.name for path in folder.glob("selfcheck.*")} == {"selfcheck.md", "selfcheck.json"}

    # Every arm of a case twice a round, mirrored, and the slow arms with their flag.
    samples = read_samples(folder / "samples.csv")
    run_id = json.loads((folder / "env.json").read_text())["run"]["run_id"]
    arms = [name.removeprefix(run_id) or "+current" for name in samples["run_id"]]
    blocks = list(zip(samples["round"], case_keys(samples)))
    for block_of in dict.fromkeys(blocks):
        block = [arm for arm, other in zip(arms, blocks) if other == block_of]
        assert block == block[::-1]
        wanted = ["+current", "+baseline", *(f"+{one.arm}" for one in injections_of(benchmark_of(block_of[1])))]
        assert sorted(block) == sorted(2 * wanted)
    for (benchmark, flags), arm in zip(fake_build.calls(), arms):
        slow = [f"{name.removeprefix('--')}={value}" for name, value in flags.items() if "slow" in name]
        assert slow == ([arm[1:]] if "slow" in arm else []), benchmark
    first = [arm for arm, (round, key) in zip(arms, blocks) if round == 1 and benchmark_of(key) == "sleep"]
    assert Counter(first)["+slow-dispatch=10us"] == 6, "three cases"

    # What was recorded can be counted again, also compressed, and not with a launch missing at its end.
    whole = read_recording(folder)
    assert whole.rounds == 2 and len(whole.cases) == 11
    rows = samples[(samples["run_id"] == f"{run_id}+baseline") & (samples["round"] == 2)]
    keys = case_keys(rows)
    for place, key in enumerate(whole.cases):
        mine = rows[[other == key for other in keys]]
        assert len(mine) == 2
        for metric, series in zip(DECIDING, whole.logs[BASELINE][place :: len(whole.cases)]):
            assert series[1] == pytest.approx(metric.log_costs(mine).mean(), nan_ok=True)
    packed = tmp_path / "packed"
    shutil.copytree(folder, packed)
    text = (packed / "samples.csv").read_bytes()
    (packed / "samples.csv.xz").write_bytes(lzma.compress(text))
    (packed / "samples.csv").unlink()
    again = read_recording(packed)
    assert all(np.array_equal(again.logs[arm], whole.logs[arm], equal_nan=True) for arm in whole.logs)
    assert command.main([str(packed), "--blocks", "1", "--runs", "5"]) == 0
    (folder / "samples.csv").write_bytes(text[: text.rstrip().rindex(b"\n") + 1])
    assert read_recording(folder).rounds == 1
    with pytest.raises(UsageError, match="1 whole rounds; a run and its confirmation take 2"):
        command.main([str(folder), "--blocks", "1"])


def test_what_is_no_recording(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no arms: not a recording of selfcheck.py"):
        command.main([str(run_folder)])
    with pytest.raises(InputError, match="env.json:1: cannot be read"):
        command.main([str(tmp_path / "nothing")])
    environment = json.loads((run_folder / "env.json").read_text())
    arms = {injection.arm: {"kind": injection.kind} for injection in KERNEL}
    (run_folder / "env.json").write_text(json.dumps({**environment, "arms": arms}))
    with pytest.raises(InputError, match="env.json:1: \"arms\": 'size'"):
        command.main([str(run_folder)])
    arms = {injection.arm: {**vars(injection)} for injection in KERNEL}
    (run_folder / "env.json").write_text(json.dumps({**environment, "arms": arms}))
    with pytest.raises(InputError, match="no whole round of run"):
        command.main([str(run_folder)])
    (run_folder / "samples.csv").rename(run_folder / "samples.csv.xz")
    with pytest.raises(InputError, match="samples.csv.xz:1: cannot be decompressed"):
        command.main([str(run_folder)])


def test_a_build_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="bench_sleep is not there; run scripts/run.sh"):
        command.main(["--build", str(tmp_path / "none" / "release"), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_flags_of_a_new_recording_are_not_for_an_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([str(tmp_path), "--rounds", "3", "--build", "b"])
    assert ended.value.code == 2
    assert "--rounds, --build: of a new recording only; not with DIR" in capsys.readouterr().err


def test_interrupted_in_its_first_round(
    fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """130, and not that the recording is broken."""
    monkeypatch.setattr(recording, "make_launches", lambda run, signals: os.kill(os.getpid(), SIGTERM))
    assert record(fake_build, tmp_path / "recording") == Exit.INTERRUPTED
    assert "interrupted, and too early to count" in capsys.readouterr().err


def test_a_recording_is_no_run(fake_build: FakeBuild, tmp_path: Path) -> None:
    """Rows that were slowed on purpose must not be taken for what the build costs."""
    folder = tmp_path / "recording"
    environment = {"run": {"run_id": "x"}, "arms": {}}
    folder.mkdir()
    (folder / "env.json").write_text(json.dumps(environment))
    rows = [synthetic.sample(synthetic.SHAPES[0], run_id=name) for name in ("x", "x+baseline", "x+slow-kernel=5%")]
    frame = read_samples(synthetic.write_samples(folder / "samples.csv", rows))
    with pytest.raises(UsageError, match="recording of selfcheck.py, with slow-kernel=5% in them"):
        split_arms(frame)
    with pytest.raises(UsageError, match="recording of selfcheck.py"):
        compare_paired(read_side(folder), Rules())
