# SPDX-License-Identifier: Apache-2.0
"""scripts/peers.py: what it writes, that each figure leads back to its rows, and its exit codes; the preset."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import peers_rows
import pytest
import synthetic
from conftest import ROOT, FakeBuild
from makespan.build import Build
from makespan.errors import Exit, guarded
from makespan.options import parse
from makespan.peers.command import main
from makespan.presets import PEERS, PRESETS, Group
from makespan.samples import read_samples
from running import Runner

SCRIPT = ROOT / "scripts" / "peers.py"
Write = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path) -> Write:
    """run(rows) -> a run folder with these samples."""

    def write(rows: list[synthetic.Row]) -> Path:
        folder = tmp_path / "a run"
        folder.mkdir()
        synthetic.write_samples(folder / "samples.csv", rows)
        (folder / "env.json").write_text(json.dumps({**synthetic.ENVIRONMENT, "run": {"run_id": "r"}}))
        return folder

    return write


def sources(folder: Path) -> list[dict[str, str]]:
    with (folder / "peers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_figure_leads_back_to_its_rows(run: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run(list(peers_rows.whole_run()))
    assert main([str(folder)]) == Exit.OK
    assert "ahead" in capsys.readouterr().out
    samples = read_samples(folder / "samples.csv")
    figures = [row for row in sources(folder) if "÷" not in row["figure"]]
    assert len(figures) == 42
    for figure in figures:
        numbers = [int(number) for number in figure["sequences"].split()]
        rows = samples[samples["sequence"].isin(numbers)]
        assert len(rows) == len(numbers) > 0
        for name in ("benchmark", "model", "variant", "tasks", "processes", "threads", "run_id"):
            there = {str(value) for value in rows[name].dropna()} - {""}
            assert there == set(figure[name].split()), (figure["question"], name)
        assert figure["rounds"] in ("1 2 3 4 5 6", "") and (figure["n"] == "6") == bool(figure["value"])
        if "slope" not in figure["column"] and "METG" not in figure["column"]:
            names = [name for name in rows.columns if name in figure["column"]]
            again = rows[names].astype("float64").eval(figure["column"]).median()
            assert float(figure["value"]) == pytest.approx(again), figure["question"]


def test_every_ratio_has_the_rounds_and_rows_of_both(run: Write) -> None:
    rows = [*peers_rows.empty(peers_rows.SUBMIT, 100, rounds=4), *peers_rows.empty(peers_rows.ASIO, 200)]
    folder = run(peers_rows.numbered(rows))
    assert main([str(folder)]) == Exit.NO_VERDICT
    [ratio] = [row for row in sources(folder) if row["figure"] == "ours ÷ peer"]
    assert (ratio["value"], ratio["low"], ratio["n"], ratio["rounds"]) == ("0.5", "", "4", "1 2 3 4")
    assert ratio["sequences"] == "1 2 3 4 5 6 7 8" and ratio["verdict"] == "no verdict"
    assert ratio["column"] == "tbb_pool/submit 1 × 2 ÷ asio_pool 1 × 2"


def cells(rows: list[dict[str, str]], figure: str) -> tuple[str, list[float | None]]:
    """`limit` of the best one; value, low and high of it, None where the cell is empty."""
    [row] = [row for row in rows if row["figure"] == figure and row["best"] == "yes"]
    assert row["n"] == "6"
    return row["limit"], [float(row[name]) if row[name] else None for name in ("value", "low", "high")]


def near(*numbers: float | None) -> list[object]:
    return [number if number is None else pytest.approx(number, rel=1e-3) for number in numbers]


def test_limits_are_told_from_values(run: Write) -> None:
    # The smallest tasks take 600 and 610 ns, more than half of it their own work; of the peer METG is reached between two.
    rows = [
        *peers_rows.swept(peers_rows.TBB, 100),
        *peers_rows.swept(peers_rows.BARE, 110),
        *peers_rows.swept(peers_rows.ASIO, 2_000),
    ]
    folder = run(peers_rows.numbered(rows))
    assert main([str(folder)]) == Exit.OK
    told = [row for row in sources(folder) if row["question"] == "metg_50"]
    assert cells(told, "ours") == ("≤", near(600, None, None)), "the whole interval is below what was measured"
    assert cells(told, "floor") == ("≤", near(610, None, None))
    assert cells(told, "peer") == ("", near(4_000, 4_000, 4_000))
    assert cells(told, "ours ÷ peer") == ("≤", near(0.15, None, 0.15))
    assert cells(told, "ours ÷ floor") == ("", near(None, None, None)), "nothing is known of two upper limits"
    assert "| ≤ 0.150 | unknown |" in (folder / "peers.md").read_text(encoding="utf-8")
    assert not {"inf", "0.0", "nan"} & {cell for row in told for cell in row.values()}


def test_a_lower_limit_and_an_interval_with_one_end_are_told(run: Write) -> None:
    rows = [*peers_rows.swept(peers_rows.TBB, 2_000), *peers_rows.swept(peers_rows.ASIO, 100)]
    # Of one round of the floor there is only an upper limit.
    rows += [row for row in peers_rows.swept(peers_rows.BARE, 1_000) if row["round"] != "1"]
    rows += [row for row in peers_rows.swept(peers_rows.BARE, 10) if row["round"] == "1"]
    folder = run(peers_rows.numbered(rows))
    main([str(folder)])
    told = [row for row in sources(folder) if row["question"] == "metg_50"]
    assert cells(told, "ours ÷ peer") == ("≥", near(4_000 / 600, 4_000 / 600, None))
    limit, (value, low, high) = cells(told, "ours ÷ floor")
    assert (limit, [value, low, high]) == ("", near(2, 2, None)), "the median is one of the other rounds"


def test_the_files_hold_what_the_terminal_shows(run: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run(list(peers_rows.whole_run()))
    main([str(folder)])
    said = capsys.readouterr().out
    text = (folder / "peers.md").read_text(encoding="utf-8")
    assert text.startswith("# Beside the peers") and "Run r." in text
    gap = "process, to create and to end: peer: none of the libraries does it"
    assert f"- {gap}\n" in text and f"  {gap}\n" in said
    assert text.count("| ahead (") == 12 and "| behind (" in text and "| level (" in text
    assert f"written: {folder / 'peers.md'}, {folder / 'peers.csv'}" in said.replace("\n", "")


def test_cases_that_were_never_launched_are_told(run: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run(peers_rows.numbered(peers_rows.empty(peers_rows.TBB, 100)))
    case = {
        **{"benchmark": "sleep", "model": "event_loop", "tasks": 1_000_000, "processes": 1, "threads": 1},
        **{"sleep_ns": 10**9, "compute_ns": None, "payload_bytes": None, "stages": None, "variant": ""},
        "left_out": "needs 1 GiB, memory.max is 512 MiB",
    }
    (folder / "plan.json").write_text(json.dumps({"left_out": [case]}))
    assert main([str(folder)]) == Exit.NO_VERDICT
    why = "ours: event_loop: left out: needs 1 GiB, memory.max is 512 MiB"
    assert f"a million sleeps, makespan: {why}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["samples.csv", "env.json", "plan.json"])
def test_a_broken_file_is_named(run: Write, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run(peers_rows.numbered(peers_rows.empty(peers_rows.TBB, 100)))
    (folder / name).write_text('{"left_out": [1]}' if name == "plan.json" else "no, this is none")
    assert guarded(lambda: main([str(folder)]), "peers.py") == Exit.USAGE
    assert f"peers.py: {folder / name}:1: " in capsys.readouterr().err
    assert not (folder / "peers.csv").exists()


def test_a_folder_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: main([str(tmp_path / "none")]), "peers.py") == Exit.USAGE
    assert "is not a folder; allowed: a folder with samples.csv" in capsys.readouterr().err


def test_the_entry_point_on_a_run_of_the_runner(fake_build: FakeBuild, tmp_path: Path) -> None:
    runs = Runner(fake_build, tmp_path / "a run")
    assert runs.run(rounds=1).returncode == 0
    done = subprocess.run([sys.executable, SCRIPT, runs.out], capture_output=True, text=True, check=False)
    assert done.returncode == Exit.NO_VERDICT, done.stderr
    assert (
        "message between threads: not in this run; measured by the presets peers, quick, talk"
        in done.stdout
    )


LEFT_OUT = {
    "uv_loop": "libuv1-dev",
    "taskflow": "Taskflow (its site), which Debian has not got",
    "threads/uv_queue": "libuv1-dev",
}
LACKING = (
    "Not in this build: uv_loop, threads/uv_queue (needs libuv1-dev); taskflow (needs Taskflow (its site), which Debian "
    "has not got). The verdicts rest on the other peers."
)


def test_peers_that_were_not_built_are_told(
    fake_build: FakeBuild, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = Runner(fake_build, tmp_path / "a run")
    assert runs.run("--roles", "own,peer", rounds=1).returncode == 0
    environment = json.loads((runs.out / "env.json").read_text())
    assert environment["not_built"] == LEFT_OUT
    assert runs.resume().returncode == 0
    assert json.loads((runs.out / "env.json").read_text()) == environment
    main([str(runs.out)])
    assert f"{LACKING}\n" in capsys.readouterr().out
    assert f"\n\n{LACKING}\n\n## Not in the table\n" in (runs.out / "peers.md").read_text(encoding="utf-8")


def test_a_run_that_was_begun_without_the_record_goes_on_and_tells_nothing(
    fake_build: FakeBuild, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = Runner(fake_build, tmp_path / "a run")
    assert runs.run("--roles", "own,peer", rounds=1).returncode == 0
    path = runs.out / "env.json"
    older = {name: value for name, value in json.loads(path.read_text()).items() if name != "not_built"}
    path.write_text(json.dumps(older))
    assert runs.resume().returncode == 0 and json.loads(path.read_text()) == older
    main([str(runs.out)])
    assert "Not in this build" not in capsys.readouterr().out + (runs.out / "peers.md").read_text(encoding="utf-8")


def test_binaries_are_asked_for_peers_only_where_some_are_measured(fake_build: FakeBuild, tmp_path: Path) -> None:
    runs = Runner(fake_build, tmp_path / "a run")
    assert runs.run(rounds=1).returncode == 0
    assert "not_built" not in json.loads((runs.out / "env.json").read_text())
    assert Group("a", "bench_sleep", optional=("uv_loop",)).asks_for_peers
    assert Group("a", "bench_messages", ("--roles=own,peer,floor",)).asks_for_peers
    assert not Group("a", "bench_sleep", ("--roles=own",), optional=("uv_loop",)).asks_for_peers


def test_what_is_no_record_of_the_build_is_refused(run: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run(peers_rows.numbered(peers_rows.empty(peers_rows.TBB, 100)))
    for broken in (["uv_loop"], {"uv_loop": 1}, None):
        (folder / "env.json").write_text(json.dumps({"not_built": broken}))
        assert guarded(lambda: main([str(folder)]), "peers.py") == Exit.USAGE
        assert f'peers.py: {folder / "env.json"}:1: "not_built" is no object of texts' in capsys.readouterr().err


def test_models_that_a_build_lacks_are_not_asked_for(fake_build: FakeBuild) -> None:
    built = Build(fake_build.directory).models("bench_sleep")
    assert built == {"serial", "serial/default", "asio_pool", "asio_pool/default"}
    group = Group("a", "bench_sleep", ("--models=tbb_pool", "--tasks=1"), optional=("asio_pool", "uv_loop"))
    assert group.flags_for(built) == ("--models=tbb_pool,asio_pool", "--tasks=1")
    assert group.flags_for(()) == group.flags
    flags = ("--models=tbb_pool", "--variant=default", "--tasks=1")
    group = Group("a", "bench_sleep", flags, optional=("openmp", "tbb_pool/submit", "openmp/taskloop"))
    assert group.flags_for({"openmp", "openmp/default"}) == ("--models=tbb_pool,openmp", *flags[1:])
    more = ("--models=tbb_pool,openmp", "--variant=default,submit,taskloop", "--tasks=1")
    assert group.flags_for({"openmp", "tbb_pool/submit", "openmp/taskloop"}) == more
    assert group.flags_for(()) == flags


def test_the_preset_brings_python_and_takes_roles() -> None:
    assert parse(["--preset", "peers"], PRESETS).with_python
    assert not parse([], PRESETS).with_python
    assert not parse(["--preset", "peers", "--against", "x"], PRESETS).with_python
    for group in PEERS.of_roles("own").groups:
        assert [flag for flag in group.flags if flag.startswith("--roles=")] == ["--roles=own"]


def test_the_preset_cuts_the_same_work() -> None:
    swept = [group for group in PEERS.groups if group.binary == "bench_compute"]
    flags = [dict(flag.partition("=")[::2] for flag in group.flags) for group in swept]
    cut = pd.Series([int(one["--tasks"]) * int(one["--compute"].removesuffix("ns")) for one in flags])
    assert (cut == 100_000_000).all() and len(cut) == 8
    assert not any(group.python for group in swept), "Python's efficiency cannot be told by the kernel of C++"


def test_python_alone_is_no_verdict_on_a_peer(run: Write) -> None:
    rows = [*peers_rows.empty(peers_rows.TBB, 100), *peers_rows.empty(peers_rows.PYTHON, 900)]
    folder = run(peers_rows.numbered(rows))
    assert main([str(folder)]) == Exit.NO_VERDICT
    assert "| ahead (python_futures_threads) |" in (folder / "peers.md").read_text(encoding="utf-8")


def test_fibers_that_are_not_measured_are_told(run: Write, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(run(list(peers_rows.whole_run())))])
    assert "a million sleeps, makespan: boost_fiber: not measured: a million stacks" in capsys.readouterr().out
