# SPDX-License-Identifier: Apache-2.0
"""selfcheck.py: the recording, the runs that are drawn from it, and the rates that come out."""

from __future__ import annotations

import json
import lzma
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import FakeBuild
from makespan.arms import BASELINE, CURRENT
from makespan.casekey import CaseKey, benchmark_of, case_keys
from makespan.columns import CASE_KEY
from makespan.errors import InputError, UsageError
from makespan.gate import judge_runs
from makespan.metrics import DECIDING
from makespan.samples import read_samples
from makespan.selfcheck import command
from makespan.selfcheck.draws import at_random, in_order, judge_draws, side_by_side
from makespan.selfcheck.injection import INJECTIONS, Injection, injections_of
from makespan.selfcheck.rates import check, exact_rate
from makespan.selfcheck.recorded import Recorded, read_recording
from makespan.selfcheck.views import as_json, markdown
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
        assert one.found.independent == 3 * side_by_side(60, BLOCKS) == 6
        assert one.found.low <= one.found.share <= one.found.high


def test_equal_builds_are_not_called_changed() -> None:
    found = check(recorded(), BLOCKS, seed=1, runs=200)
    drawn, measured = found.alarms
    assert drawn.verdicts.counted == 200 * 4 and drawn.any.counted == 200
    assert measured.verdicts.counted == 5 * 4, "60 rounds are five runs of 12"
    for one in found.alarms:
        assert (one.slower, one.faster, one.verdicts.share, one.any.share) == (0, 0, 0.0, 0.0)
    assert all(one.false == 0 for one in found.cases)


def test_a_build_that_always_costs_more_shows_in_the_order_of_time_only() -> None:
    """Such as one with a longer path: the labels that are drawn anew hide it."""
    found = check(recorded(bias=0.08), BLOCKS, seed=1, runs=100)
    drawn, measured = found.alarms
    assert measured.slower == 20 and measured.any.share == 1.0
    assert drawn.verdicts.share < 0.05


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


def test_the_verdict_is_that_of_the_gate() -> None:
    """judge_draws() gives the blocks to the same function as the simulation does."""
    differences = recorded(spread=0.02).differences(KERNEL[1].arm)
    drawn = in_order(60, BLOCKS)
    blocks = iter((drawn.planned, drawn.fresh))
    least = np.log1p([0.025, 0.025, 0.025, 0.05] * 2)
    wanted = judge_runs(lambda: np.moveaxis(differences[:, next(blocks)], 0, 1), least, metrics=2)
    got = judge_draws(differences, drawn, least)
    assert (got.outcome == wanted.outcome).all() and (got.outcome == "slower").any()


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
    assert value["alarms"][0]["verdicts"]["counted"] == 80


def record(fake_build: FakeBuild, folder: Path, *more: str) -> int:
    arguments = ["--rounds", "2", "--blocks", "1", "--runs", "5", "--out", str(folder)]
    return command.main([*arguments, "--build", str(fake_build.directory), *more])


def test_a_recording(fake_build: FakeBuild, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
    with pytest.raises(UsageError, match="cannot be copied: No such file or directory; build it first"):
        command.main(["--build", str(tmp_path / "none" / "release"), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
