# SPDX-License-Identifier: Apache-2.0
"""The copies that a paired run is launched from."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from makespan.arms import BASELINE, CURRENT, Arm
from makespan.errors import UsageError
from makespan.folder import Run, RunFolder
from makespan.plan import Launch
from makespan.stage import Stage


def case_of(build: Path, name: str = "bench_sleep") -> SimpleNamespace:
    path = build / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {build.name}\n")
    path.chmod(0o755)
    return SimpleNamespace(build=str(build), binary=name)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A paired run of two binaries."""
    builds = (tmp_path / "new", tmp_path / "a longer path" / "old")
    cases, others = ([case_of(build, name) for name in ("bench_sleep", "bench_mixed")] for build in builds)
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    plan = SimpleNamespace(paired=True, cases=cases, baseline=others)
    return cast(Run, SimpleNamespace(folder=folder, plan=plan))


def launch(run: Run, round: int, arm: Arm = CURRENT, place: int = 0) -> Launch:
    cases: Any = run.plan.baseline if arm == BASELINE else run.plan.cases
    return Launch(round, round, cases[place], arm)


def test_both_arms_have_paths_of_one_length_and_their_own_binaries(run: Run) -> None:
    stage = Stage(run)
    current, baseline = (stage.binary(launch(run, 1, arm)) for arm in (CURRENT, BASELINE))
    assert current != baseline and len(str(current)) == len(str(baseline))
    assert "echo new" in current.read_text() and "echo old" in baseline.read_text()
    assert os.access(current, os.X_OK)
    slowed = stage.binary(launch(run, 1, "slow-kernel=5%"))
    assert slowed == current, "the same build with another flag"


def test_every_round_has_copies_of_its_own(run: Run) -> None:
    stage = Stage(run)
    opened = stage.binary(launch(run, 1)).open()  # so that its number cannot be given to the next one
    with opened:
        first = os.fstat(opened.fileno()).st_ino
        assert stage.binary(launch(run, 1, BASELINE)).exists() and os.fstat(opened.fileno()).st_nlink == 1
        second = stage.binary(launch(run, 2))
        assert second.stat().st_ino != first and os.fstat(opened.fileno()).st_nlink == 0
    stage.close()
    assert list(run.folder.path.iterdir()) == []


def test_a_binary_that_was_built_anew_ends_the_run(run: Run) -> None:
    stage = Stage(run)
    stage.binary(launch(run, 1))
    case = cast(Any, run.plan.baseline[1])
    (Path(case.build) / "bin" / case.binary).write_text("something else")
    assert stage.binary(launch(run, 1, BASELINE)).exists(), "this round has its copies"
    with pytest.raises(UsageError, match="bench_mixed was built anew while it was measured; allowed: a new run"):
        stage.binary(launch(run, 2))


def test_where_nothing_can_be_executed_the_builds_are_used(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    stage = Stage(run)
    for round in (1, 2):
        case = cast(Any, run.plan.cases[0])
        assert stage.binary(launch(run, round)) == Path(case.build) / "bin" / "bench_sleep"
    assert capsys.readouterr().err.count("nothing can be executed there") == 1


def test_a_run_of_one_build_is_measured_in_place(run: Run) -> None:
    cast(Any, run.plan).paired = False
    assert Stage(run).binary(launch(run, 1)) == Path(cast(Any, run.plan.cases[0]).build) / "bin" / "bench_sleep"
    assert list(run.folder.path.iterdir()) == []
