# SPDX-License-Identifier: Apache-2.0
"""cyclictest beside our own figures: what it prints is read, recorded, and never a condition of a run."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from conftest import FakeBuild
from makespan import runner
from makespan.charts.data import RunData
from makespan.errors import Exit, InputError, guarded
from makespan.folder import Run
from makespan.latency import cyclictest, distributions
from makespan.latency.cyclictest import FILE, Unusable, measure, parse, read, record
from makespan.presets import Group, Preset
from makespan.signals import Signals
from synthetic import MS

SAMPLE = Path(__file__).with_name("cyclictest_sample.txt")
#: What the sample says: 500 wake-ups, a histogram up to 99 µs.
SAMPLES = 500
WANTED = {"overflows": 13, "min_us": 58, "avg_us": 128, "max_us": 7_877}
PRESET = Preset("late", "", 1, (Group("a", "bench_sleep", traced=1),), cyclictest=True)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cyclictest on the PATH that prints the sample, and notes its flags and its timer slack: the one that it was
    forked with, which the kernel gives back for a 0, as it does to who has left a real-time policy."""
    folder = tmp_path / "programs"
    folder.mkdir()
    script = folder / "cyclictest"
    script.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = --help ]; then echo "cyclictest V 9.87"; exit 0; fi\n'
        "echo 0 > /proc/self/timerslack_ns\n"
        f'echo "$@" "$(cat /proc/self/timerslack_ns)" >> "{folder}/calls"\n'
        f'cat "{SAMPLE}"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return script


def test_what_it_prints_is_read() -> None:
    found = parse(SAMPLE.read_text())
    counts = found.pop("counts")
    assert found == WANTED
    assert sum(counts.values()) + found["overflows"] == SAMPLES
    assert min(counts) == found["min_us"]


def test_the_shares_of_a_histogram_are_exact() -> None:
    run = cyclictest.Histogram((), MS, None, {0: 2, 1: 3, 4: 4}, 1, 0, 2, 99)
    assert run.n == 10
    assert run.at_least() == ([1e3, 2e3, 3e3, 4e3, 5e3], [0.8, 0.5, 0.5, 0.5, 0.1])
    none_late = cyclictest.Histogram((), MS, None, {7: 4}, 0, 7, 7, 7)
    assert none_late.at_least() == ([7e3], [1.0])
    assert cyclictest.Histogram((), MS, None, {}, 0, 0, 0, 0).at_least() == ([], [])


def test_quantiles_are_by_nearest_rank_as_far_as_it_counts() -> None:
    run = cyclictest.Histogram((), MS, None, {3: 5, 1: 3, 0: 2}, 0, 0, 2, 3)
    assert [run.quantile_us(share) for share in (0.0, 0.2, 0.21, 0.5, 0.51, 1.0)] == [0, 0, 1, 1, 3, 3]
    late = cyclictest.Histogram((), MS, None, {7: 97}, 3, 7, 9, 25_000)
    assert [late.quantile_us(share) for share in (0.97, 0.98, 0.99)] == [7, None, None]
    assert late.quantile_us(0.999) == 25_000, "the latest of all is known"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it printed no Histogram Overflows"),
        ("000001 000002\n# Histogram Overflows: 00000\n", "it printed no Min Latencies"),
        ("# Histogram Overflows: 0\n# Min Latencies: 1\n# Avg Latencies: 1\n# Max Latencies: 1", "no histogram"),
    ],
)
def test_what_is_no_histogram_is_refused(text: str, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        parse(text)


def test_it_is_run_with_our_sleeps_and_recorded(program: Path, tmp_path: Path) -> None:
    said = record(tmp_path, [(MS, None), (10 * MS, 7_000)])
    assert said == f"cyclictest ran beside it, with sleeps of 1 ms, 10 ms: {tmp_path / FILE}"
    first, second = (line.split() for line in (program.parent / "calls").read_text().splitlines())
    assert {"--policy=other", "--default-system", "--interval=1000", "--loops=5000"} <= set(first)
    assert {"--interval=10000", "--loops=500"} <= set(second) and second[-1] == "7000"
    runs = read(tmp_path / FILE)
    assert [(run.interval_ns, run.timer_slack_ns) for run in runs] == [(MS, None), (10 * MS, 7_000)]
    assert runs[0].n == SAMPLES and runs[0].command[1:] == tuple(first[:-1])
    assert json.loads((tmp_path / FILE).read_text())["version"] == "9.87"


def test_what_it_told_before_an_interruption_is_kept_and_not_asked_again(
    program: Path, tmp_path: Path
) -> None:
    def calls() -> list[str]:
        return (program.parent / "calls").read_text().splitlines()

    wanted = [(MS, None), (2 * MS, None), (MS + 1, 7_000)]
    assert record(tmp_path, wanted, lambda: len(calls()) == 2) == "cyclictest was interrupted"
    assert [run.interval_ns for run in read(tmp_path / FILE)] == [MS]
    assert record(tmp_path, wanted).startswith("cyclictest ran beside it")
    assert [run.interval_ns for run in read(tmp_path / FILE)] == [MS, 2 * MS, MS]
    assert len(calls()) == 4
    assert record(tmp_path, wanted) == "" and len(calls()) == 4
    program.write_text("#!/bin/sh\nexit 130\n")
    assert record(tmp_path, [(5 * MS, None)], lambda: True) == "cyclictest was interrupted"


def test_without_it_a_line_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = record(tmp_path, [(MS, None)])
    assert said.startswith("cyclictest is not installed") and said.endswith("in the package rt-tests")
    assert not (tmp_path / FILE).exists() and read(tmp_path / FILE) == ()


def test_a_failure_costs_nothing_but_its_figures(program: Path, tmp_path: Path) -> None:
    program.write_text("#!/bin/sh\necho 'Unable to change scheduling policy!' >&2\nexit 1\n")
    said = record(tmp_path, [(MS, None)])
    assert said == (
        "cyclictest gave no figures: it ended with exit code 1: Unable to change scheduling policy!"
    )
    program.write_text("no program")
    with pytest.raises(Unusable, match="it cannot be run"):
        measure(str(program), MS, None)
    assert not (tmp_path / FILE).exists()


def test_the_runner_asks_it_once_and_only_for_its_presets(
    program: Path,
    fake_build: FakeBuild,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distributions, "MANY", 1)
    fake_build.more_cases({"sleep": [1]})
    for name, wanted in (("late", True), ("other", False)):
        out = tmp_path / name
        build = ["--build", str(fake_build.directory), "--no-plots"]
        presets = {"late": PRESET, "other": Preset("other", "", 1, PRESET.groups)}
        flags = [*build, "--preset", name, "--out", str(out), "--rounds", "1"]
        assert guarded(lambda: runner.main(flags, presets)) == 0
        assert ("cyclictest ran beside it" in capsys.readouterr().err) == wanted
        assert (out / FILE).exists() == wanted
        winners = (out / "winners.md").read_text()
        assert "## How late" in winners and ("| cyclictest | 500 |" in winners) == wanted
    [late] = RunData.load(tmp_path / "late").beside
    assert late.interval_ns == 10 * MS
    resume = ["--build", str(fake_build.directory), "--no-plots", "--resume", str(tmp_path / "late")]
    assert guarded(lambda: runner.main(resume, {"late": PRESET})) == 0
    assert len((program.parent / "calls").read_text().splitlines()) == 1, "it has been asked before"


def test_of_an_interrupted_run_it_is_asked_when_that_is_carried_on(
    program: Path, fake_build: FakeBuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_build.more_cases({"sleep": [1]})
    build = ["--build", str(fake_build.directory), "--no-plots"]
    out = tmp_path / "out"

    def run(*flags: str) -> int:
        return guarded(lambda: runner.main([*build, *flags], {"late": PRESET}))

    def calls() -> int:
        noted = program.parent / "calls"
        return len(noted.read_text().splitlines()) if noted.exists() else 0

    def interrupted(run: Run, signals: Signals) -> bool:
        signals.received.append(signal.SIGTERM)
        return False

    with monkeypatch.context() as patch:
        patch.setattr(runner, "make_launches", interrupted)
        assert run("--preset", "late", "--out", str(out), "--rounds", "1") == Exit.INTERRUPTED
    assert calls() == 0
    for _ in range(2):
        assert run("--resume", str(out)) == Exit.OK
        assert calls() == 1
    (out / FILE).unlink()
    assert run("--resume", str(out)) == Exit.OK
    assert calls() == 1, "what it says now is not beside a finished run"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[]", "a JSON list"),
        ("{}", "schema_version is None; allowed: 1, which"),
        ('{"schema_version": 1}', "not figures of cyclictest: 'runs'"),
        ('{"schema_version": 1, "runs": [{"timer_slack_ns": null}]}', "not figures of cyclictest"),
    ],
)
def test_a_broken_record_is_named(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError, match=rf"cyclictest\.json:1: {what}"):
        read(tmp_path / FILE)
