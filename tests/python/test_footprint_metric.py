# SPDX-License-Identifier: Apache-2.0
"""By what footprints are compared, followed and exported: memory, and not the makespan of a disturbed batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import histories
import pandas as pd
import pytest
import synthetic
from footprint_rows import LOOP, footprint
from makespan.comparison import compare_unpaired, read_side
from makespan.comparison_views import terminal
from makespan.decisions import Outcome
from makespan.errors import Exit
from makespan.exports.command import main as export
from makespan.history.entries import entries_of_run
from makespan.history.series import history_of
from makespan.metrics import FOOTPRINT, MAIN, MAKESPAN, METRICS, metrics_of
from makespan.tracked import tracked_cases
from makespan.verdicts import Rules
from paired_synthetic import write_run

Frame = Callable[..., pd.DataFrame]


def rows(user: float = 1_000.0, makespan_ns: int = 1_000_000, seed: int = 1) -> list[synthetic.Row]:
    """100,000 waiting tasks of so many bytes each, and 12 MB besides, in 12 launches."""
    found = footprint(LOOP, user, 20.0, tasks=[100_000], rounds=12, empty=12_000_000, noise=1e6, seed=seed)
    return [{**row, "makespan_ns": str(makespan_ns + int(row["launch"]))} for row in found]


def test_each_benchmark_has_its_metrics_and_a_main_one() -> None:
    assert metrics_of("footprint") == (FOOTPRINT,)
    assert set(metrics_of("sleep")) == set(METRICS) - {FOOTPRINT}
    assert {metrics_of(name)[0] for name in ("sleep", "footprint")} == set(MAIN)


def test_two_builds_are_compared_by_memory_alone(tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", rows())
    slow = write_run(tmp_path / "slow", rows(makespan_ns=9_000_000, seed=2))
    found = compare_unpaired(read_side(old), read_side(slow), Rules())
    assert [(v.metric, v.decides, v.outcome) for v in found.verdicts] == [(FOOTPRINT, True, Outcome.SAME)]
    assert found.exit_code is Exit.OK
    large = write_run(tmp_path / "large", rows(user=1_300.0, seed=2))
    found = compare_unpaired(read_side(old), read_side(large), Rules())
    assert found.exit_code is Exit.REGRESSION
    (verdict,) = found.verdicts
    assert verdict.baseline == pytest.approx(12e6 + 100_000 * 1_020, rel=0.02)
    assert verdict.ratio == pytest.approx(144 / 114, rel=0.02)
    assert "decided by footprint ·" in terminal(found) and "MiB" in terminal(found)


def test_footprint_alone_is_followed(frame: Frame, tmp_path: Path) -> None:
    (case,) = tracked_cases(frame(rows()))
    assert list(case.values) == ["footprint_bytes"] and case.launches == 12
    _, entries = entries_of_run(histories.write_run(tmp_path / "run", rows()))
    assert [entry.metric for entry in entries] == [FOOTPRINT]
    of_old = histories.entry(metric=MAKESPAN, key=entries[0].key)  # as stores had it before
    assert [one.metric for one in history_of([*entries, of_old], MAIN).series] == [FOOTPRINT]


@pytest.mark.parametrize("format", ["bencher", "github-action-benchmark", "otava"])
def test_footprint_alone_is_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    run = histories.write_run(tmp_path / "run", rows())
    assert export([str(run), "--format", format]) == Exit.OK
    out, err = capsys.readouterr()
    assert "footprint" in out and err == ""
    assert not any(other in out for other in ("latency", "makespan_ns", " makespan", "peak", "cpu-time"))
    if format == "github-action-benchmark":
        (told,) = json.loads(out)
        assert told["unit"] == "bytes" and told["value"] == pytest.approx(114e6, rel=0.02)


def test_what_has_no_time_is_left_out_where_only_times_have_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [*rows(), synthetic.sample(synthetic.SHAPES[0])]
    run = histories.write_run(tmp_path / "run", both)
    assert export([str(run), "--format", "google-benchmark"]) == Exit.OK
    out, err = capsys.readouterr()
    assert {one["run_name"].split("/")[0] for one in json.loads(out)["benchmarks"]} == {"sleep"}
    assert err.startswith("left out: footprint/event_loop/tasks:100000") and err.endswith("no makespan\n")
