# SPDX-License-Identifier: Apache-2.0
"""Paired runs that were interrupted: blocks are completed, and decisions once made are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import FakeBuild
from makespan.samples import read_samples
from pair_running import COMPUTE, PLANNED, Pair, cut, made_up
from running import Done, Runner, gone, wait_for


@pytest.fixture
def pair(fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    return made_up(fake_build, tmp_path, monkeypatch)


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
