# SPDX-License-Identifier: Apache-2.0
"""From a run folder to files, and scripts/plot.py as people call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import talk_rows
import talk_synthetic
from charts_synthetic import LOADS, class8, grid, write_run
from makespan import charts
from makespan.charts import ABOUT, CHARTS, draw, write_charts
from makespan.charts.command import main
from makespan.charts.data import RunData
from makespan.errors import Exit, InputError, guarded

PLOT = Path(__file__).resolve().parents[2] / "scripts" / "plot.py"
TALKS = ("messages", "round_trips", "hops", "pipeline")
OTHERS = ("granularity", "lifecycle", "footprint", "latency", "map")
TASKS = [name for name in CHARTS if name not in (*TALKS, *OTHERS)]
PNG = b"\x89PNG\r\n\x1a\n"


Plot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    jobs = [*class8(), *grid(tasks=[10], loads=LOADS[3:4])]
    return write_run(tmp_path / "run", jobs, rounds=6, trace=class8())


@pytest.fixture
def plot(capsys: pytest.CaptureFixture[str]) -> Plot:
    """plot(arguments…) -> exit code, stdout, stderr; what plot.py does, in this process."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = guarded(lambda: main([str(argument) for argument in arguments]))
        except SystemExit as end:
            code = int(str(end.code))
        return code, *capsys.readouterr()

    return call


def plot_process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PLOT), *map(str, arguments)]
    environment = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_every_chart_is_described() -> None:
    assert list(ABOUT) == list(CHARTS)


def assert_the_same_again(
    run: Path, names: Sequence[str], first: Mapping[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both files of one chart, and of the others the SVG, which has every artist of the picture."""
    draw(RunData.load(run), run / "again", names[:1])
    monkeypatch.setattr(charts, "FILE_METADATA", {".svg": charts.FILE_METADATA[".svg"]})
    draw(RunData.load(run), run / "again", names[1:])
    again = {run / "charts" / path.name: path.read_bytes() for path in (run / "again").iterdir()}
    assert len(again) == len(names) + 1
    assert again == {path: first[path] for path in again}


def test_all_charts_are_written_and_always_the_same(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write_charts(run)
    assert written == [run / "charts" / f"{n}.{kind}" for n in TASKS for kind in ("png", "svg")]
    first = {path: path.read_bytes() for path in written}
    for path, data in first.items():
        if path.suffix == ".png":
            assert data.startswith(PNG)
            assert int.from_bytes(data[16:20], "big") >= 1200  # pixels across
        else:
            assert ElementTree.fromstring(data).tag.endswith("svg")
            assert b"<dc:date>" not in data
    timeline = first[run / "charts" / "timeline.svg"].decode()
    assert "Who ran which task when" in timeline and "DejaVu Sans" in timeline  # text as text
    assert_the_same_again(run, TASKS, first, monkeypatch)


def test_charts_of_tasks_that_talk_are_written_and_always_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = talk_synthetic.write_run(tmp_path / "run", talk_rows.quick(), traced=True)
    written = write_charts(folder)
    assert written == [folder / "charts" / f"{n}.{k}" for n in TALKS for k in ("png", "svg")]
    first = {path: path.read_bytes() for path in written}
    assert_the_same_again(folder, TALKS, first, monkeypatch)


def test_the_order_of_the_rows_does_not_matter(run: Path) -> None:
    def svg() -> bytes:
        draw(RunData.load(run), run, ["makespan"])
        return (run / "makespan.svg").read_bytes()

    before = svg()
    header, *rows = (run / "samples.csv").read_text(encoding="utf-8").splitlines()
    shuffled = "\n".join([header, *sorted(rows, reverse=True)]) + "\n"
    (run / "samples.csv").write_text(shuffled, encoding="utf-8")
    assert svg() == before


def test_plot_prints_what_it_wrote_and_what_it_left_out(run: Path, plot: Plot) -> None:
    (run / "trace.csv").unlink()
    code, out, err = plot(run, "--only", "efficiency,timeline,efficiency")
    assert code == Exit.OK
    assert out.split() == [str(run / "charts" / f"efficiency.{kind}") for kind in ("png", "svg")]
    assert all(Path(line).is_file() for line in out.split())
    assert err.startswith("timeline: left out: it needs trace.csv")


def test_plot_lists_the_charts(plot: Plot) -> None:
    code, out, _ = plot("--list")
    assert code == Exit.OK
    assert [line.split()[0] for line in out.splitlines()] == list(CHARTS)


def test_plot_needs_no_display_and_no_matplotlibrc(run: Path, tmp_path: Path) -> None:
    rc = tmp_path / "matplotlibrc"
    rc.write_text("backend: tkagg\nfont.size: 40\nsavefig.bbox: tight\n", encoding="utf-8")
    out = tmp_path / "new" / "folder"
    done = plot_process(run, "--only", "scaling", "--out", out, MATPLOTLIBRC=str(rc), DISPLAY="")
    assert done.returncode == Exit.OK, done.stderr
    assert not (run / "charts").exists()
    draw(RunData.load(run), tmp_path / "plain", ["scaling"])
    plain = (tmp_path / "plain" / "scaling.svg").read_bytes()
    assert (out / "scaling.svg").read_bytes() == plain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "pie"], "no chart named 'pie'; allowed: makespan, efficiency"),
        ([], "RUN_DIR is missing"),
        (["/nonexistent"], "/nonexistent is not a folder"),
        (["--colour", "red"], "unrecognized arguments"),
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(
    plot: Plot, arguments: list[str], message: str
) -> None:
    code, _, err = plot(*arguments)
    assert code == Exit.USAGE
    assert message in err


def break_header(text: str) -> str:
    return text.replace("schema_version", "schema", 1)


def break_number(text: str) -> str:
    lines = text.splitlines()
    fields = lines[3].split(",")
    fields[9] = "ten"
    return "\n".join([*lines[:3], ",".join(fields), *lines[4:]]) + "\n"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (break_header, "samples.csv:1: "),
        (break_number, "samples.csv:4: tasks is 'ten'"),
        (lambda text: text + "1,2,3\n", "samples.csv:140: 3 fields"),
        (lambda text: text.splitlines()[0] + "\n", "samples.csv:2: "),
        (lambda text: "", "samples.csv:1: the file is empty"),
    ],
    ids=["header", "number", "fields", "no row", "empty"],
)
def test_a_broken_file_is_named_with_its_line(
    run: Path, plot: Plot, change: Callable[[str], str], place: str
) -> None:
    path = run / "samples.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    code, out, err = plot(run)
    assert (code, out) == (Exit.USAGE, "")
    assert place in err
    assert not (run / "charts").exists()
    with pytest.raises(InputError):
        write_charts(run)


def test_a_broken_file_ends_the_process_with_2(run: Path) -> None:
    (run / "samples.csv").write_text("", encoding="utf-8")
    done = plot_process(run)
    assert done.returncode == 2
    assert done.stderr.startswith(f"plot.py: {run / 'samples.csv'}:1: the file is empty")
    assert "Traceback" not in done.stderr


def test_a_missing_or_broken_companion_is_named(run: Path, plot: Plot) -> None:
    (run / "env.json").write_text('{"cpu_model":\n oops}', encoding="utf-8")
    code, _, err = plot(run)
    assert code == Exit.USAGE and "env.json:2: " in err
    (run / "env.json").unlink()
    (run / "trace.csv").write_text("run_id,oops\n", encoding="utf-8")
    code, _, err = plot(run)
    assert code == Exit.USAGE and "trace.csv:1: " in err
    (run / "trace.csv").unlink()
    assert plot(run, "--only", "makespan")[0] == Exit.OK
    assert "no env.json" in (run / "charts" / "makespan.svg").read_text(encoding="utf-8")
    (run / "samples.csv").unlink()
    code, _, err = plot(run)
    assert code == Exit.USAGE and "samples.csv:1: cannot be read" in err


def test_a_place_that_cannot_be_written_is_told(run: Path, plot: Plot) -> None:
    (run / "charts").write_text("a file in the way", encoding="utf-8")
    code, _, err = plot(run, "--only", "makespan")
    assert code == Exit.USAGE
    assert "charts cannot be written" in err


def test_the_machine_is_found_one_level_down_too(run: Path) -> None:
    environment = json.loads((run / "env.json").read_text(encoding="utf-8"))
    (run / "env.json").write_text(json.dumps({"machine": environment, "preset": "quick"}))
    machine = RunData.load(run).machine
    assert (machine.cpu_model, machine.cpus) == ("Example CPU @ 2.00GHz", 2)
    assert replace(machine, cpus=None).line.startswith("Example CPU @ 2.00GHz · virtual")
