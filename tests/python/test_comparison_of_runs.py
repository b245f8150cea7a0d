# SPDX-License-Identifier: Apache-2.0
"""Two finished runs, which were not measured by turns."""

from __future__ import annotations

from pathlib import Path

import pytest
from comparing import QUIET, of
from makespan.arms import BASELINE, CURRENT
from makespan.comparison import Comparison, compare_unpaired, read_side
from makespan.decisions import Outcome
from makespan.errors import Exit, UsageError
from makespan.thresholds import MinEffects
from makespan.verdicts import Rules
from paired_synthetic import SERIAL, THREADS, Job, paired, single, write_paired, write_run


def runs(folder: Path, ratio: float = 1.0, rounds: int = 12, **changes: object) -> tuple[Path, Path]:
    """OLD and NEW."""
    old = write_run(folder / "old", single(QUIET, rounds, BASELINE, seed=1))
    jobs = [Job(SERIAL, ratio=ratio), *QUIET[1:]]
    return old, write_run(folder / "new", single(jobs, rounds, CURRENT, seed=2), **changes)


def unpaired(old: Path, new: Path, rules: Rules = Rules(), force: bool = False) -> Comparison:
    return compare_unpaired(read_side(old), read_side(new), rules, force)


def test_two_runs(tmp_path: Path) -> None:
    found = unpaired(*runs(tmp_path, ratio=1.2))
    verdict = of(found, Job(SERIAL))
    assert (verdict.outcome, verdict.n, verdict.min_effect) == (Outcome.SLOWER, 12, 0.1)
    assert verdict.low < 1.2 < verdict.high
    assert found.exit_code is Exit.REGRESSION
    assert "not measured by turns, which is weaker" in found.warnings[0]
    assert "doubled" in found.warnings[0]


def test_two_runs_have_the_minimum_effect_doubled_unless_it_was_asked_for(tmp_path: Path) -> None:
    pair = runs(tmp_path, ratio=1.08)
    assert unpaired(*pair).exit_code is Exit.OK
    asked = unpaired(*pair, Rules(min_effects=MinEffects(0.05)))
    assert asked.exit_code is Exit.REGRESSION and "doubled" not in asked.warnings[0]


def test_two_runs_of_too_few_launches(tmp_path: Path) -> None:
    found = unpaired(*runs(tmp_path, ratio=3.0, rounds=4))
    assert found.exit_code is Exit.NO_VERDICT
    assert found.deciding[0].why == "too few launches: 5 launches of either run needed"
    assert unpaired(*runs(tmp_path / "5", ratio=3.0, rounds=5)).exit_code is Exit.REGRESSION


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cpu_model": "Other CPU"}, "cpu_model is Other CPU, was Example CPU @ 2.00GHz"),
        ({"cpus_usable": 4}, "cpus_usable is 4, was 2"),
        ({"hypervisor": "KVM"}, "hypervisor is KVM, was none"),
        ({"kernel": "6.12.0"}, "kernel is 6.12, was 6.1"),
        ({"compiler": "Clang 14"}, "compiler is Clang 14, was GNU 12.2.0"),
        ({"compiler_flags": "-O0"}, "compiler_flags is -O0, was -O3 -DNDEBUG"),
        ({"build_type": "Debug"}, "build_type is Debug, was Release"),
        ({"run": {"ns_per_iteration": 1.35}}, "ns_per_iteration is 1.35, was 1.25"),
    ],
)
def test_runs_that_cannot_be_compared(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    pair = runs(tmp_path, **changes)
    with pytest.raises(UsageError, match="allowed: runs of one machine") as refused:
        unpaired(*pair)
    assert said in str(refused.value)
    forced = unpaired(*pair, force=True)
    assert forced.exit_code is Exit.OK and any(said in warning for warning in forced.warnings)


def test_what_may_differ_between_two_runs(tmp_path: Path) -> None:
    changes: dict[str, object] = {"git_sha": "f" * 40, "kernel": "6.1.99", "load_1m": 3, "host": "x"}
    found = unpaired(*runs(tmp_path, **changes, run={"ns_per_iteration": 1.26}))
    assert any("The calibrations differ by 0.8 %" in warning for warning in found.warnings)
    assert found.current.name == f"fffffff ({tmp_path / 'new'})"


def test_grids_must_be_the_same(tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", single([*QUIET, Job(THREADS)], 12, BASELINE, seed=1))
    new = write_run(tmp_path / "new", single(QUIET, 12, CURRENT, seed=2))
    with pytest.raises(UsageError, match="1 case of the baseline only .threads 1 × 10, 10 tasks × sleep 10 ms"):
        unpaired(old, new)
    assert len(unpaired(old, new, force=True).by_case) == 3
    other = write_run(tmp_path / "other", single([Job(THREADS)], 12, CURRENT, seed=2))
    with pytest.raises(UsageError, match="no case in common"):
        unpaired(new, other, force=True)


def test_of_a_paired_run_the_current_arm_is_compared_with_another_run(tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", single(QUIET, 12, BASELINE, seed=1))
    new = write_paired(tmp_path / "new", paired([Job(SERIAL, ratio=1.3), *QUIET[1:]], 6))
    found = unpaired(old, new)
    assert of(found, Job(SERIAL)).outcome is Outcome.SLOWER and of(found, Job(SERIAL)).n == 12


def test_files_without_env_json_are_compared_with_a_warning(tmp_path: Path) -> None:
    old, new = runs(tmp_path)
    (old / "env.json").unlink()
    found = unpaired(old / "samples.csv", new / "samples.csv")
    assert found.exit_code is Exit.OK
    assert "no env.json, so nobody knows whether machine and build are the same" in found.warnings[1]
