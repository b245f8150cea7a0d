# SPDX-License-Identifier: Apache-2.0
"""The runner from end to end, on binaries that take no time."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from conftest import FakeBuild
from makespan import runner
from makespan.build import ROOT
from makespan.columns import CASE_KEY, names
from makespan.samples import read_samples
from running import CASES, PRESETS, SCRIPT, TALK_CASES, Runner, run


@pytest.fixture
def runs(fake_build: FakeBuild, tmp_path: Path) -> Runner:
    return Runner(fake_build, tmp_path / "a run")


def test_a_whole_run(runs: Runner) -> None:
    done = runs.run(rounds=6)
    assert done.returncode == 0, done.stderr
    assert "6 rounds, seed 1" in done.stderr
    runs.assert_complete(rounds=6)
    assert {path.name for path in runs.out.iterdir()} == {
        "samples.csv", "summary.csv", "env.json", "plan.json", "trace.csv", "log.txt", "winners.md"
    }  # fmt: skip
    assert "10 tasks × sleep 10 ms" in done.stdout and "trust grade A" in done.stdout
    assert "1 more left out by limits" in done.stdout
    assert "not separated: event_loop, threads" in (runs.out / "winners.md").read_text()
    assert len((runs.out / "summary.csv").read_text().splitlines()) == 1 + CASES


def test_env_json_has_the_machine_and_the_run(runs: Runner) -> None:
    runs.run()
    environment = json.loads((runs.out / "env.json").read_text())
    run = environment["run"]
    assert environment["cpu_model"] == "Example CPU @ 2.00GHz"
    assert re.fullmatch(r"\d{8}T\d{6}Z-1a2b3c4", run["run_id"])
    assert (run["preset"], run["rounds"], run["seed"]) == ("quick", 2, 1)
    assert run["ns_per_iteration"] == 1.25
    assert run["started_utc"] <= run["finished_utc"]
    assert "--seed" in run["command"]
    assert {row["run_id"] for row in runs.rows()} == {run["run_id"]}


def test_every_launch_gets_its_flags_in_the_order_of_the_plan(runs: Runner) -> None:
    runs.run(rounds=3)
    calls = runs.build.calls()
    plan = json.loads((runs.out / "plan.json").read_text())
    assert [flags["--launch"] for _, flags in calls] == [str(n) for n in range(1, 16)]
    for benchmark, flags in calls:
        number = int(flags["--launch"])
        assert flags["--sequence"] == flags["--launch"]
        assert int(flags["--round"]) == (number - 1) // CASES + 1
        assert flags["--csv"] == str(runs.out / "samples.csv")
        assert float(flags["--ns-per-iteration"]) == 1.25
        assert int(flags["--die-with-parent"]) > 0
        assert ("--trace" in flags) == (benchmark == "sleep" and flags["--round"] == "1")
    for round in "123":
        cases = Counter((b, f["--models"], f["--tasks"]) for b, f in calls if f["--round"] == round)
        assert len(cases) == CASES == len(plan["cases"])
    orders = [[(b, f["--models"]) for b, f in calls if f["--round"] == r] for r in "123"]
    assert orders[0] != orders[1] or orders[1] != orders[2]


def test_what_the_binaries_say_is_kept(runs: Runner) -> None:
    runs.run()
    log = (runs.out / "log.txt").read_text()
    assert log.count("=== launch ") == log.count("measuring ") == 2 * CASES
    assert re.search(r"=== launch 1 round 1 \S+Z: \S*'?.*bench_\w+'? --models=\w+ --tasks=10", log)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("crash", r"bench_\w+ ended by SIGSEGV: terminate called: the last words"),
        ("tear", r"bench_\w+ ended by SIGKILL: measuring \w+"),
        ("usage", r"bench_\w+ ended with exit code 2: --models: 'x' is not a model"),
        ("silent", r"bench_\w+ wrote no row"),
    ],
)
def test_a_launch_without_a_row_gets_one(runs: Runner, behaviour: str, reason: str) -> None:
    runs.build.script({1: behaviour, 4: behaviour})
    done = runs.run()
    assert done.returncode == 3
    read_samples(runs.out / "samples.csv")
    rows = {row["launch"]: row for row in runs.rows()}
    assert len(rows) == 2 * CASES
    failed = [number for number, row in rows.items() if row["status"] == "error"]
    assert failed == ["1", "4"]
    for number in failed:
        row, call = rows[number], runs.build.calls()[int(number) - 1]
        assert re.fullmatch(reason, row["error"])
        assert (row["benchmark"], row["model"]) == (call[0], call[1]["--models"])
        assert row["makespan_ns"] == "" and row["tasks"] == "10" and row["model_bound_ns"]
    assert done.stderr.count(": error: ") == 2
    assert "in 1 of 2 launches" in done.stdout


def test_the_row_of_a_failure_belongs_to_its_case(runs: Runner) -> None:
    runs.build.script({3: "crash"})
    runs.run()
    assert len((runs.out / "summary.csv").read_text().splitlines()) == 1 + CASES


def test_a_whole_run_of_tasks_that_talk(runs: Runner) -> None:
    done = runs.run("--preset", "talk", rounds=6)
    assert done.returncode == 0, done.stderr
    assert "How tasks talk" in done.stdout and "ping-pong of 8 B" in done.stdout
    assert len((runs.out / "summary.csv").read_text().splitlines()) == 1 + TALK_CASES
    trace = [line.split(",") for line in (runs.out / "trace.csv").read_text().splitlines()[1:]]
    assert {line[2] for line in trace} == {"ping_pong"} and len(trace) == 50
    pings = {row["sequence"] for row in runs.rows() if row["benchmark"] == "ping_pong"}
    assert len({line[1] for line in trace} & pings) == 1, "round 1 alone is traced"


def test_the_row_of_a_failed_talk_belongs_to_its_case(runs: Runner) -> None:
    runs.build.script({number: "crash" for number in range(1, TALK_CASES + 1)})
    assert runs.run("--preset", "talk").returncode == 3
    keys = [tuple(row[name] for name in CASE_KEY) for row in runs.rows()]
    assert len(set(keys)) == TALK_CASES, "those of round 1 are the same as those of round 2"
    failed = [row for row in runs.rows() if row["status"] == "error"]
    sizes = Counter((row["benchmark"], row["payload_bytes"], row["stages"]) for row in failed)
    assert sizes == {
        ("messages", "8", ""): 1,
        ("messages", "1024", ""): 1,
        ("ping_pong", "8", ""): 1,
        ("ring", "", ""): 1,
        ("pipeline", "", "1"): 1,
        ("pipeline", "", "4"): 1,
    }


def test_a_crash_after_the_row_is_told(runs: Runner) -> None:
    runs.build.script({2: "late crash"})
    done = runs.run()
    assert done.returncode == 3
    assert "SIGSEGV" in done.stderr and "(after its row was written)" in done.stderr
    assert all(row["status"] == "ok" for row in runs.rows())


@pytest.mark.parametrize(("status", "code"), [("error", 3), ("timeout", 3), ("skipped", 0)])
def test_exit_codes_of_failures(runs: Runner, status: str, code: int) -> None:
    runs.build.script({1: status, 7: status})
    done = runs.run()
    assert done.returncode == code
    assert f"{status}: the reason, a {status}" in done.stderr
    assert f"{status} " in (runs.out / "winners.md").read_text()


def test_binaries_with_other_columns_are_refused_at_the_first_row(runs: Runner) -> None:
    runs.build.script({1: "foreign"})
    done = runs.run()
    assert done.returncode == 2
    assert "samples.csv:1: column 1 is 'other'; allowed: 'schema_version'" in done.stderr
    assert len(runs.build.calls()) == 1


def test_list_and_dry_run_leave_no_trace(runs: Runner) -> None:
    listed = runs.run("--list")
    assert listed.returncode == 0
    assert "sleep/serial/tasks:10000: model bound 100 s exceeds --max-bound" in listed.stdout
    assert "5 cases × 2 rounds = 10 launches" in listed.stdout
    dry = runs.run("--dry-run")
    order = re.findall(r"bench_(\w+) --models=(\w+) --tasks=10\n", dry.stdout)
    assert len(order) == CASES and "about 0:0" in dry.stdout
    assert not runs.out.exists() and not runs.build.calls()
    runs.run()
    assert [(b, f["--models"]) for b, f in runs.build.calls()[:CASES]] == order


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--rounds", "0"], "argument --rounds: '0'; allowed: a whole number from 1"),
        (["--seed", "x"], "argument --seed: 'x'; allowed: a whole number from 0"),
        (["--preset", "huge"], "argument --preset: invalid choice: 'huge'"),
        (["--roun", "3"], "unrecognized arguments: --roun"),
        (["--resume", "x", "--seed", "1"], "not with --seed"),
        (["--resume", "x", "--list"], "not with --list"),
        (["--resume", "/nonexistent"], "/nonexistent is not a run folder: No such file"),
        (["--build", "/nonexistent"], "/nonexistent/bin/bench_sleep is not there; run scripts/run.sh"),
        (["--out", "/dev/null"], "/dev/null cannot be the run folder"),
    ],
)
def test_wrong_usage(runs: Runner, flags: list[str], message: str) -> None:
    build = [] if "--build" in flags else ["--build", str(runs.build.directory)]
    done = run([*build, *flags])
    assert done.returncode == 2
    assert message in done.stderr and "Traceback" not in done.stderr


def test_a_folder_with_something_in_it_is_refused(runs: Runner) -> None:
    runs.out.mkdir()
    (runs.out / "samples.csv").write_text("precious")
    done = runs.run()
    assert done.returncode == 2
    assert "is not empty; allowed: a new or empty folder" in done.stderr
    assert (runs.out / "samples.csv").read_text() == "precious"


def test_a_binary_without_calibration_is_refused(runs: Runner) -> None:
    runs.build.environment({"calibration": {}})
    done = runs.run()
    assert done.returncode == 2
    assert "calibration.ns_per_iteration is None; allowed: a number above 0" in done.stderr
    assert not runs.out.exists()


def test_away_from_a_terminal_there_are_plain_lines(runs: Runner) -> None:
    done = runs.run(rounds=3)
    assert re.search(r"^\[10/15\] round 2 of 3, 0:\d\d gone, 0:\d\d left$", done.stderr, re.M)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", done.stderr + done.stdout)


def test_on_a_terminal_there_is_a_bar(runs: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    runs.build.script({3: "error"})
    master, slave = pty.openpty()
    command = [sys.executable, str(SCRIPT), *runs.arguments()]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    screen = b""
    try:
        while piece := os.read(master, 65536):
            screen += piece
    except OSError:  # the other end is closed
        pass
    os.close(master)
    text = screen.decode()
    assert process.wait() == 3
    launches = 2 * (CASES + TALK_CASES)  # of the real presets, whose binaries are all faked
    assert "━" in text and "round 2 of 2" in text and "left" in text
    assert f"{launches}/{launches}" in text
    assert "error: the reason, a error" in text, text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "the cursor is shown again"


def test_the_entry_point(runs: Runner) -> None:
    command = [sys.executable, str(SCRIPT), "--resume", str(runs.build.directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        f"run.sh: {runs.build.directory}/env.json:1: cannot be read: no such file or directory; "
        "allowed: a readable JSON file\n"
    )


def replace_charts(
    monkeypatch: pytest.MonkeyPatch, write_charts: Callable[[Path], list[Path]]
) -> None:
    charts = ModuleType("makespan.charts")
    monkeypatch.setattr(charts, "write_charts", write_charts, raising=False)
    monkeypatch.setitem(sys.modules, "makespan.charts", charts)


def test_charts_are_drawn_at_the_end(
    runs: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn: list[Path] = []

    def write_charts(run: Path) -> list[Path]:
        drawn.append(run)
        return [run / "charts" / "a.png"]

    replace_charts(monkeypatch, write_charts)
    arguments = [flag for flag in runs.arguments() if flag != "--no-plots"]
    assert runner.main(arguments, PRESETS) == 0
    assert drawn == [runs.out]
    assert "written: 1 file in" in capsys.readouterr().out


def test_charts_that_fail_cost_nothing_that_was_measured(
    runs: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(run: Path) -> list[Path]:
        raise RuntimeError("no font")

    replace_charts(monkeypatch, fail)
    arguments = [flag for flag in runs.arguments() if flag != "--no-plots"]
    assert runner.main(arguments, PRESETS) == 3
    assert "the charts failed" in capsys.readouterr().err
    assert "RuntimeError: no font" in (runs.out / "log.txt").read_text()
    runs.assert_complete()


def test_files_of_a_run_in_the_repository_name_no_place_of_this_machine(
    fake_build: FakeBuild, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """reports/example is committed; only the build is outside the repository here."""
    out = ROOT / "reports" / f"test-{os.getpid()}"
    runs = Runner(fake_build, out)
    try:
        runs.run()
        for path in out.iterdir():
            assert str(ROOT) not in path.read_text().replace(str(fake_build.directory), ""), path
    finally:
        subprocess.run(["rm", "-rf", str(out)], check=True)


def test_samples_have_the_columns_of_the_contract(runs: Runner) -> None:
    runs.build.script({1: "crash"})
    runs.run()
    header = (runs.out / "samples.csv").read_text().splitlines()[0]
    assert header == ",".join(names())
