# SPDX-License-Identifier: Apache-2.0
"""Interrupted runs: nothing is left running, nothing that was measured is lost, and it goes on."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FakeBuild
from makespan import launch
from makespan.columns import CASE_KEY
from makespan.folder import Run, RunFolder, RunRecord
from makespan.launch import Launcher
from makespan.plan import Launch, make_plan
from makespan.presets import QUICK
from makespan.build import Build
from makespan.samples import read_samples
from makespan.signals import Signals
from running import CASES, TALK_CASES, Done, Runner, gone, wait_for


@pytest.fixture
def runs(fake_build: FakeBuild, tmp_path: Path) -> Runner:
    return Runner(fake_build, tmp_path / "a run")


def interrupted(runs: Runner, at: int, send: int, group: bool) -> Done:
    """A run that gets a signal while launch `at` hangs; `group`: as a terminal sends it."""
    runs.build.script({at: "hang"})
    process = runs.start()
    pid = runs.hanging()
    (os.killpg if group else os.kill)(process.pid, send)
    out, err = process.communicate(timeout=60)
    assert gone(pid)
    runs.build.script({})
    return Done(process.returncode, out, err)


@pytest.mark.parametrize(("send", "group"), [(signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGHUP, False)])
def test_a_signal_keeps_what_was_measured_and_says_how_to_go_on(
    runs: Runner, send: int, group: bool
) -> None:
    done = interrupted(runs, at=8, send=send, group=group)
    assert done.returncode == 130, done.stderr
    assert [row["launch"] for row in runs.rows()] == [str(n) for n in range(1, 8)]
    assert "10 tasks × sleep 10 ms" in done.stdout, "the winners so far"
    assert (runs.out / "summary.csv").exists() and (runs.out / "winners.md").exists()
    assert "--resume" in done.stderr and "a run'" in done.stderr, "quoted for the shell"
    assert json.loads((runs.out / "env.json").read_text())["run"]["finished_utc"] is None
    before = (runs.out / "samples.csv").read_text()

    again = runs.resume()
    assert again.returncode == 0, again.stderr
    assert "7 launches made before" in again.stderr
    runs.assert_complete()
    assert (runs.out / "samples.csv").read_text().startswith(before)
    assert json.loads((runs.out / "env.json").read_text())["run"]["finished_utc"]
    orders = [flags["--launch"] for _, flags in runs.build.calls()]
    assert orders == [str(n) for n in [*range(1, 9), *range(8, 11)]]


def test_a_signal_before_the_first_row(runs: Runner) -> None:
    done = interrupted(runs, at=1, send=signal.SIGTERM, group=False)
    assert done.returncode == 130
    assert "nothing was measured" in done.stderr
    assert runs.resume().returncode == 0
    runs.assert_complete()


def test_sigkill_of_the_runner(runs: Runner) -> None:
    runs.build.script({4: "hang"})
    process = runs.start()
    pid = runs.hanging()
    process.kill()
    process.communicate(timeout=60)
    wait_for(lambda: gone(pid))
    assert len(read_samples(runs.out / "samples.csv")) == 3
    runs.build.script({})
    assert runs.resume().returncode == 0
    runs.assert_complete()


def test_a_torn_row_and_a_half_written_trace_are_cut_off(unfinished: Runner) -> None:
    runs = unfinished
    samples, trace = runs.out / "samples.csv", runs.out / "trace.csv"
    line = trace.read_text().splitlines()[-1]
    half = re.sub(r"^([^,]*),\d+,", r"\1,3,", line)
    samples.write_text(samples.read_text() + "1,torn,")
    trace.write_text(trace.read_text() + f"{half}\n{half[:20]}")
    again = runs.resume()
    assert again.returncode == 0
    assert "warning: torn last line, cut off" in again.stderr
    runs.assert_complete()


def test_a_failed_launch_is_not_made_again(runs: Runner) -> None:
    runs.build.script({1: "crash"})
    assert runs.run().returncode == 3
    runs.build.script({})
    again = runs.resume()
    assert again.returncode == 3, "the failure is still in the samples"
    assert len(runs.build.calls()) == 2 * CASES


def test_cases_that_payload_and_stages_tell_apart_are_carried_on(runs: Runner) -> None:
    runs.run("--preset", "talk")
    path = runs.out / "samples.csv"
    whole = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(whole[:6]), encoding="utf-8")
    assert runs.resume().returncode == 0
    rows = runs.rows()
    assert sorted(int(row["launch"]) for row in rows) == list(range(1, 2 * TALK_CASES + 1))
    cases = Counter(tuple(row[name] for name in CASE_KEY) for row in rows)
    assert set(cases.values()) == {2} and len(cases) == TALK_CASES


def test_resuming_a_finished_run_measures_nothing(runs: Runner) -> None:
    runs.run()
    (runs.out / "winners.md").unlink()
    ended = json.loads((runs.out / "env.json").read_text())
    assert runs.resume().returncode == 0
    assert (runs.out / "winners.md").exists()
    assert json.loads((runs.out / "env.json").read_text()) == ended
    runs.assert_complete()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"git_sha": "ffff"}, "git_sha was '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d' and is now 'ffff'"),
        ({"build_type": "Debug"}, "build_type was 'Release' and is now 'Debug'"),
        ({"cpus_usable": 1}, "cpus_usable was 2 and is now 1"),
    ],
)
def test_another_build_or_machine_is_refused(unfinished: Runner, change: dict[str, object], says: str) -> None:
    runs = unfinished
    runs.build.environment(change)
    refused(runs, says)


def test_other_cases_are_refused(unfinished: Runner) -> None:
    runs = unfinished
    runs.build.more_cases({"mixed": [20]})
    refused(runs, "the binaries list other cases than those of the run")


def test_a_case_that_would_now_be_left_out_is_still_launched(unfinished: Runner) -> None:
    """A bound on the edge of --max-bound: now above it, now below, as the calibration has it."""
    runs = unfinished
    plan = json.loads((runs.out / "plan.json").read_text())
    plan["cases"].append({**plan["left_out"].pop(), "left_out": ""})
    (runs.out / "plan.json").write_text(json.dumps(plan))
    assert runs.resume().returncode == 0
    calls = [flags["--tasks"] for _, flags in runs.build.calls()[2 * CASES :]]
    assert "10000" in calls


def test_other_binaries_are_refused(unfinished: Runner) -> None:
    runs = unfinished
    binary = runs.build.directory / "bin" / "bench_compute"
    binary.write_text(binary.read_text() + "# rebuilt\n")
    refused(runs, "the binaries are not those that the run was begun with")


@pytest.fixture
def unfinished(runs: Runner) -> Runner:
    """A run of which the last launches have left no row."""
    runs.run()
    samples = runs.out / "samples.csv"
    samples.write_text("".join(samples.read_text().splitlines(keepends=True)[:3]))
    return runs


def refused(runs: Runner, says: str) -> None:
    before = (runs.out / "samples.csv").read_text()
    done = runs.resume()
    assert done.returncode == 2
    assert "cannot be resumed: " in done.stderr and says in done.stderr
    assert (runs.out / "samples.csv").read_text() == before


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("env.json", None, "env.json:1: cannot be read: no such file"),
        ("env.json", '{\n"run": [', "env.json:2: not JSON"),
        ("env.json", "{}", 'env.json:1: no "run" object; allowed'),
        ("env.json", '{"run": {"command": []}}', 'env.json:1: "run" object: '),
        ("plan.json", None, "plan.json:1: cannot be read"),
        ("plan.json", "{}", "the binaries are not those"),
        ("plan.json", "without cases", "plan.json:1: cases is null; allowed: a list of cases"),
        ("samples.csv", "a,b\n1,2\n", "samples.csv:1: column 1 is 'a'"),
    ],
)
def test_a_folder_that_is_not_a_runs(runs: Runner, name: str, text: str | None, says: str) -> None:
    runs.run(rounds=1)
    path = runs.out / name
    before = path.read_text()
    path.unlink()
    if text == "without cases":
        path.write_text(json.dumps({"binaries": json.loads(before)["binaries"]}))
    elif text is not None:
        path.write_text(text)
    done = runs.resume()
    assert done.returncode == 2
    assert says in done.stderr and "Traceback" not in done.stderr


def test_a_plan_with_other_types_is_refused(unfinished: Runner) -> None:
    path = unfinished.out / "plan.json"
    plan = json.loads(path.read_text())
    changed = {**plan["cases"][1], "tasks": "many"}
    for cases, says in (
        ([plan["cases"][0], changed], f'{path}:1: cases[1]: tasks is "many"; allowed: a whole number from 0'),
        ([*plan["cases"], plan["cases"][0]], "the binaries list other cases than those of the run"),
    ):
        path.write_text(json.dumps({**plan, "cases": cases}))
        done = unfinished.resume()
        assert done.returncode == 2
        assert says in done.stderr and "Traceback" not in done.stderr


def test_two_runners_on_one_folder(runs: Runner) -> None:
    runs.build.script({2: "hang"})
    process = runs.start()
    runs.hanging()
    second = runs.resume()
    process.terminate()
    process.communicate(timeout=60)
    assert second.returncode == 2
    assert "another runner is writing to this folder" in second.stderr


def launcher(runs: Runner, signals: Signals) -> tuple[Launcher, Launch]:
    build = Build(runs.build.directory)
    plan = make_plan(QUICK, build, 1, 1)
    record = RunRecord("id", "quick", 1, 1, build.label, 1.25, "", None, (), "")
    runs.out.mkdir()
    return Launcher(Run(RunFolder(runs.out), record, {}, plan), signals), next(plan.launches())


def test_what_is_left_of_a_launch_of_several_batches_is_made(runs: Runner) -> None:
    with Signals() as signals:
        one, first = launcher(runs, signals)
        several = replace(first, case=replace(first.case, batches=5))
        assert {"--benchmark_repetitions=5", f"--sequence={first.sequence}"} <= set(one.command(several))
        one._run = replace(one._run, begun={first.number: 3})
        assert {"--benchmark_repetitions=2", f"--sequence={first.sequence + 3}"} <= set(one.command(several))
        one._run = replace(one._run, begun={first.number: 4})
        assert not any("repetitions" in flag for flag in one.command(several)), "one is left"


def test_a_binary_that_does_not_listen_is_killed(runs: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted by Ctrl-C and deaf to SIGINT and SIGTERM: no row, and the process is gone."""
    steps = tuple((number, 0.05) for number, _ in launch._INTERRUPTED)
    monkeypatch.setattr(launch, "_INTERRUPTED", steps)
    runs.build.script({1: "stubborn"})
    with Signals() as signals:
        one, first = launcher(runs, signals)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            runs.hanging()
            os.kill(os.getppid(), signal.SIGINT)
            os._exit(0)
        ended = one.run(first)
        os.waitpid(pid, 0)
        assert signals.stop is signal.SIGINT
    assert ended.status == "" and runs.rows() == []


def test_a_binary_that_hangs_is_ended_in_the_end(runs: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "HANGS_AFTER_S", -0.5)
    monkeypatch.setattr(launch, "_TERMINATE", ((signal.SIGTERM, 0.5), (signal.SIGKILL, 5)))
    runs.build.script({1: "stubborn"})
    with Signals() as signals:
        one, first = launcher(runs, signals)
        ended = one.run(first)
    assert ended.status == "error"
    assert "ended by the runner" in runs.rows()[0]["error"]


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals() as signals:
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGHUP)
            assert signals.received == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
