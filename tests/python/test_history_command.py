# SPDX-License-Identifier: Apache-2.0
"""scripts/history.py as people call it: add, check and plot."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import histories
import pytest
import synthetic
from histories import MACHINE, commit, entries, entry
from makespan.errors import Exit, guarded
from makespan.history.command import main
from makespan.metrics import RATE

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "history.py"
STEP = 22
Call = Callable[..., tuple[int, str, str]]


def slower(case: int, number: int) -> float:
    """The first case is 12 % slower from a commit on."""
    return 1.12 if case == 0 and number >= STEP else 1.0


@pytest.fixture
def history(capsys: pytest.CaptureFixture[str]) -> Call:
    """history(arguments…) -> exit code, stdout, stderr; what history.py does, in this process."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = guarded(lambda: main([str(argument) for argument in arguments]), "history.py")
        except SystemExit as end:
            code = int(str(end.code))
        return code, *capsys.readouterr()

    return call


def test_a_step_is_told_once_with_its_commit_and_size(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path, entries(effect=slower))
    code, out, err = history("check", "--store", tmp_path)
    assert (code, err) == (Exit.REGRESSION, "")
    assert f"since {commit(STEP)[:12]} of 2026-01-23" in out
    (line,) = [line for line in out.splitlines() if "slower" in line]
    assert "sleep/threads/tasks:10/sleep:10ms" in line and " ms → 11." in line
    ratio = float(line.split()[1])
    assert ratio == pytest.approx(1.12, rel=0.02)
    assert f"after {commit(STEP - 1)[:12]}" in line

    code, out, _ = history("check", "--store", tmp_path)
    assert code == Exit.OK and "no new shift" in out
    code, out, _ = history("check", "--store", tmp_path, "--all")
    assert code == Exit.OK and "told before" in out and commit(STEP)[:12] in out
    lines = list(csv.DictReader((tmp_path / "reported.csv").open()))
    assert [(line["commit"], line["verdict"]) for line in lines] == [(commit(STEP), "slower")]


def test_with_more_commits_the_same_step_is_not_told_again(history: Call, tmp_path: Path) -> None:
    told = 0
    for commits in (STEP + 3, STEP + 4, STEP + 6, 45):
        histories.store(tmp_path, entries(commits, effect=slower))
        code, out, _ = history("check", "--store", tmp_path)
        told += out.count("slower")
        assert (code == Exit.REGRESSION) == ("slower" in out)
    assert told == 1


def test_a_second_step_is_told_when_it_comes(history: Call, tmp_path: Path) -> None:
    def twice(case: int, number: int) -> float:
        return slower(case, number) * (1.3 if case == 0 and number >= 40 else 1.0)

    histories.store(tmp_path, entries(35, effect=twice))
    assert history("check", "--store", tmp_path)[0] == Exit.REGRESSION
    histories.store(tmp_path, entries(50, effect=twice))
    code, out, _ = history("check", "--store", tmp_path)
    assert code == Exit.REGRESSION
    assert commit(40)[:12] in out and f"since {commit(STEP)[:12]}" not in out


def test_a_step_to_faster_is_told_and_is_no_regression(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path, entries(effect=lambda case, number: 1 / slower(case, number)))
    code, out, _ = history("check", "--store", tmp_path)
    assert code == Exit.OK
    assert "faster 0.8" in out and "slower" not in out


@pytest.mark.parametrize(("ratio", "verdict"), [(1.3, "faster"), (0.7, "slower")])
def test_messages_per_second_have_their_own_direction(
    history: Call, tmp_path: Path, ratio: float, verdict: str
) -> None:
    lines = entries(effect=lambda _, number: ratio if number >= STEP else 1.0, metric=RATE, cases=1)
    histories.store(tmp_path, lines)
    code, out, _ = history("check", "--store", tmp_path, "--metric", "messages")
    assert code == (Exit.REGRESSION if verdict == "slower" else Exit.OK)
    assert f" {verdict} " in out


def test_no_step_is_told_of_quiet_histories(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path, entries(40, cases=10))
    code, out, _ = history("check", "--store", tmp_path)
    assert code == Exit.OK and "10 series over 40 commits: no new shift" in out
    assert not (tmp_path / "reported.csv").exists()


def test_without_record_a_step_is_told_again(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path, entries(effect=slower))
    for _ in range(2):
        assert history("check", "--store", tmp_path, "--no-record")[0] == Exit.REGRESSION
    assert not (tmp_path / "reported.csv").exists()


def test_least_effects_can_be_set_for_one_benchmark(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path, entries(effect=slower))
    arguments = ("check", "--store", tmp_path, "--no-record", "--min-effect")
    assert history(*arguments, "20%")[0] == Exit.OK
    assert history(*arguments, "sleep=20%")[0] == Exit.OK
    assert history(*arguments, "compute=20%")[0] == Exit.REGRESSION


def test_a_short_history_gives_no_verdict(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path, entries(8, effect=lambda case, number: 2.0 if number > 3 else 1.0))
    code, out, err = history("check", "--store", tmp_path)
    assert code == Exit.NO_VERDICT
    assert "4 of 4 series too short: they need 1" in err and "slower" not in out


def test_histories_of_two_machines_are_judged_apart(history: Call, tmp_path: Path) -> None:
    other = replace(MACHINE, cpu_model="Slower CPU")
    histories.store(tmp_path, entries(15))
    late = [
        replace(line, median=line.median * 1.5)
        for line in entries(30)
        if line.time_utc > "2026-01-15"
    ]
    histories.store(tmp_path, late, other)
    code, out, _ = history("check", "--store", tmp_path)
    assert code == Exit.OK
    assert out.count("no new shift") == 2
    assert (
        history("check", "--store", tmp_path, "--machine", other.name)[1].count("no new shift") == 1
    )


def test_add_appends_a_run_and_knows_it_again(history: Call, tmp_path: Path) -> None:
    run = histories.write_run(tmp_path / "run", synthetic.samples())
    store = tmp_path / "new" / "store"
    code, out, _ = history("add", run, "--store", store)
    assert code == Exit.OK
    assert f"{store / MACHINE.name}.csv: 27 lines added for commit 1a2b3c4" in out
    before = (store / f"{MACHINE.name}.csv").read_bytes()
    code, out, _ = history("add", run, "--store", store)
    assert code == Exit.OK and "0 lines added" in out and "27 known already" in out
    assert (store / f"{MACHINE.name}.csv").read_bytes() == before
    arguments = ("add", run, "--store", store, "--commit", "feed", "--time", "2025-01-01T00:00:00Z")
    assert "27 lines added for commit feed" in history(*arguments)[1]
    first = histories.Store(store).read(MACHINE.name)[0]
    assert (first.commit, first.time_utc) == ("feed", "2025-01-01T00:00:00.000Z")


def test_add_of_a_run_in_which_nothing_succeeded(history: Call, tmp_path: Path) -> None:
    rows = [synthetic.failed(row, "error", "crash") for row in synthetic.samples(rounds=1)]
    run = histories.write_run(tmp_path / "run", rows)
    code, _, err = history("add", run, "--store", tmp_path / "store")
    assert code == Exit.FAILED and "no case succeeded" in err
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["check", "--commits", "1"], "a whole number from 2"),
        (["check", "--metric", "colour"], "no metric named 'colour'"),
        (["check", "--alpha", "2"], "a number from 0.000001 to 0.5"),
        (["check", "--min-effect", "5"], "--min-effect '5'; allowed: a percentage"),
        (["check", "--store", "/nonexistent"], "/nonexistent is not a folder"),
        (["check", "--machine", "x"], "--machine x is not there"),
        (["add", "run", "--time", "noon"], "ISO 8601 with a time zone"),
        (["add", "run", "--commit", "a b"], "without spaces"),
        (["add", "/nonexistent"], "samples.csv:1: cannot be read"),
    ],
)
def test_wrong_usage_ends_with_2(
    history: Call, tmp_path: Path, arguments: list[str], message: str
) -> None:
    histories.store(tmp_path, [entry(0)])
    store = [] if not arguments or "--store" in arguments else ["--store", str(tmp_path)]
    code, _, err = history(*arguments, *store)
    assert code == Exit.USAGE
    assert message in err


@pytest.mark.parametrize("file", [f"{MACHINE.name}.csv", f"{MACHINE.name}.json", "reported.csv"])
def test_a_broken_store_ends_with_2_and_names_the_file(
    history: Call, tmp_path: Path, file: str
) -> None:
    histories.store(tmp_path, [entry(0)])
    (tmp_path / file).write_text("nonsense\n")
    code, _, err = history("check", "--store", tmp_path)
    assert code == Exit.USAGE
    assert err.startswith(f"history.py: {tmp_path / file}:1: ")


def test_the_script_itself(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "check", "--store", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"history.py: {tmp_path / 'none'} is not a folder")


def test_plot_writes_a_picture_of_each_benchmark(history: Call, tmp_path: Path) -> None:
    lines = entries(effect=slower) + entries(benchmark="mixed", compute_ns=10**6)
    histories.store(tmp_path / "store", lines)
    code, out, _ = history("plot", "--store", tmp_path / "store", "--out", tmp_path / "out")
    assert code == Exit.OK
    folder = tmp_path / "out" / MACHINE.name
    names = [f"{name}-makespan_ns.{kind}" for name in ("mixed", "sleep") for kind in ("png", "svg")]
    assert out.split() == [str(folder / name) for name in names]
    first = {name: (folder / name).read_bytes() for name in names}
    history("plot", "--store", tmp_path / "store", "--out", tmp_path / "out")
    assert first == {name: (folder / name).read_bytes() for name in names}
    assert commit(STEP)[:7] in first["sleep-makespan_ns.svg"].decode()


def test_plot_of_one_commit_draws_nothing(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path, entries(1))
    code, out, err = history("plot", "--store", tmp_path)
    assert (code, out) == (Exit.NO_VERDICT, "") and "nothing to draw" in err


def test_plot_to_a_place_that_cannot_be_written(history: Call, tmp_path: Path) -> None:
    histories.store(tmp_path / "store", entries(5))
    (tmp_path / "out").write_text("a file in the way")
    code, _, err = history("plot", "--store", tmp_path / "store", "--out", tmp_path / "out")
    assert code == Exit.USAGE and "cannot be written" in err
