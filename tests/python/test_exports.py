# SPDX-License-Identifier: Apache-2.0
"""scripts/export.py: what other trackers demand of their input, and no value that was not measured."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, median, stdev

import histories
import pytest
import synthetic
import talk_rows
from makespan.errors import Exit, guarded
from makespan.exports.command import FORMATS, OTAVA, main
from makespan.metrics import CPU, MAKESPAN
from talk_rows import Talk

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "export.py"
MS = synthetic.MS
TIMES = [12 * MS, 10 * MS, 11 * MS, 13 * MS, 15 * MS, 14 * MS]
THREADS = "sleep/threads/tasks:10/sleep:10ms/processes:1/threads:10"
SERIAL = "sleep/serial/tasks:10/sleep:10ms/processes:1/threads:1"
PING = "ping_pong/processes/pipe/tasks:100/payload:8"
Call = Callable[..., tuple[int, str, str]]


def rows() -> list[synthetic.Row]:
    """Six launches of a case, of one that always fails, and of a ping-pong."""
    talk = talk_rows.rows([Talk("ping_pong", "processes", "pipe", 100, 8)])
    good = [
        synthetic.sample(synthetic.SHAPES[1], launch=number, makespan_ns=time)
        for number, time in enumerate(TIMES, start=1)
    ]
    bad = [
        synthetic.failed(synthetic.sample(synthetic.SHAPES[0], launch=n), "error", "wrong checksum")
        for n in range(1, 7)
    ]
    return [*good, *bad, *talk]


def baseline(some: Sequence[synthetic.Row]) -> list[synthetic.Row]:
    """The rows as another build would have left them."""
    return [
        {**row, "run_id": f"{row['run_id']}+baseline", "makespan_ns": str(99 * MS)}
        for row in some
        if row["status"] == "ok"
    ]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return histories.write_run(tmp_path / "run", rows())


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]) -> Call:
    """export(arguments…) -> exit code, stdout, stderr; what export.py does, in this process."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = guarded(lambda: main([str(argument) for argument in arguments]), "export.py")
        except SystemExit as end:
            code = int(str(end.code))
        return code, *capsys.readouterr()

    return call


def test_google_benchmark_has_launches_as_repetitions(export: Call, run: Path) -> None:
    code, out, err = export(run, "--format", "google-benchmark")
    assert code == Exit.OK
    assert err == f"left out: {SERIAL}: error (wrong checksum)\n"
    found = json.loads(out)
    assert found["context"]["json_schema_version"] == 1
    assert (found["context"]["num_cpus"], found["context"]["host_name"]) == (2, "bench-host")
    own = [row for row in found["benchmarks"] if row["run_name"] == THREADS]
    launches = [row for row in own if row["run_type"] == "iteration"]
    assert [row["real_time"] for row in launches] == [time / MS for time in TIMES]
    assert [row["repetition_index"] for row in launches] == list(range(6))
    for row in launches:
        assert (row["name"], row["repetitions"], row["threads"]) == (THREADS, 6, 1)
        assert (row["iterations"], row["time_unit"]) == (1, "ms")
        assert row["cpu_time"] == pytest.approx(0.07)
        assert row["peak_rss_bytes"] == 4 << 20
    aggregates = {row["aggregate_name"]: row for row in own if row["run_type"] == "aggregate"}
    times = [time / MS for time in TIMES]
    for name, value in (("mean", mean(times)), ("median", median(times)), ("stddev", stdev(times))):
        row = aggregates.pop(name)
        assert row["name"] == f"{THREADS}_{name}" and row["real_time"] == pytest.approx(value)
        assert (row["iterations"], row["repetitions"], row["time_unit"]) == (6, 6, "ms")
        assert row["aggregate_unit"] == "time"
    assert not aggregates


def test_every_entry_of_google_benchmark_has_what_its_compare_py_reads(
    export: Call, run: Path
) -> None:
    """tools/gbench/report.py takes these keys from every entry without asking."""
    found = json.loads(export(run, "--format", "google-benchmark")[1])["benchmarks"]
    assert {row["family_index"] for row in found} == {0, 1}
    for row in found:
        assert {"name", "run_name", "run_type", "repetitions", "time_unit"} <= set(row)
        assert row["real_time"] > 0 and row["cpu_time"] >= 0


def test_a_single_launch_has_no_aggregates(export: Call, tmp_path: Path) -> None:
    folder = histories.write_run(tmp_path / "one", rows()[:1])
    found = json.loads(export(folder, "--format", "google-benchmark")[1])["benchmarks"]
    assert [row["run_type"] for row in found] == ["iteration"]


def test_github_action_benchmark_is_told_costs(export: Call, run: Path) -> None:
    found = {
        one["name"]: one
        for one in json.loads(export(run, "--format", "github-action-benchmark")[1])
    }
    one = found[f"{THREADS} makespan"]
    assert (one["value"], one["unit"], one["range"]) == (12.5 * MS, "ns", "10000000 … 15000000")
    assert one["extra"].startswith("6 launches") and "1a2b3c4" in one["extra"]
    assert found[f"{THREADS} peak memory"]["unit"] == "bytes"
    assert not any(name.startswith(SERIAL) for name in found)
    rates = [float(row["messages_per_second"]) for row in rows() if row["messages_per_second"]]
    cost = found[f"{PING} time per message"]
    assert (cost["value"], cost["unit"]) == (pytest.approx(1e9 / median(rates)), "ns")
    low, high = map(float, cost["range"].split(" … "))
    assert (low, high) == (pytest.approx(1e9 / max(rates)), pytest.approx(1e9 / min(rates)))
    for one in found.values():
        assert isinstance(one["value"], float) and isinstance(one["unit"], str)


def test_bencher_has_measures_with_bounds(export: Call, run: Path) -> None:
    found = json.loads(export(run, "--format", "bencher")[1])
    assert set(found) == {THREADS, PING}
    assert set(found[THREADS]) == {"latency", "cpu-time", "peak-memory"}
    assert found[THREADS]["latency"] == {
        "value": 12.5 * MS,
        "lower_value": 10 * MS,
        "upper_value": 15 * MS,
    }
    assert "throughput" in found[PING]
    for measures in found.values():
        for one in measures.values():
            assert one["lower_value"] <= one["value"] <= one["upper_value"]


def test_few_launches_have_no_bounds(export: Call, tmp_path: Path) -> None:
    folder = histories.write_run(tmp_path / "few", rows()[:5])
    assert json.loads(export(folder, "--format", "bencher")[1])[THREADS]["latency"] == {
        "value": 12 * MS
    }
    assert "range" not in json.loads(export(folder, "--format", "github-action-benchmark")[1])[0]


def test_otava_has_one_line_a_run_and_one_column_a_case_and_metric(export: Call, run: Path) -> None:
    code, out, _ = export(run, "--format", "otava")
    (line,) = csv.DictReader(io.StringIO(out))
    assert code == Exit.OK
    assert (line["time"], line["run_id"]) == ("2026-01-31T12:01:02.000Z", rows()[0]["run_id"])
    assert line["commit"] == synthetic.ENVIRONMENT["git_sha"]
    assert float(line[f"{THREADS} makespan_ns"]) == 12.5 * MS
    assert not any(name.startswith(SERIAL) for name in line)
    assert "" not in line.values()


def config_of(text: str) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """otava.yaml, as much of YAML as we write: test -> metric -> column and direction, and file."""
    tests: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    for line in text.partition("tests:\n")[2].partition("test_groups:")[0].splitlines():
        depth, text = len(line) - len(line.lstrip()), line.strip()
        parts = (text[:-1], "") if text.endswith(":") else text.split(": ", 1)
        name, value = (json.loads(part) if part[:1] == '"' else part for part in parts)
        if depth == 2:
            test = tests.setdefault(name, {"": {}, "metrics": {}})  # type: ignore[dict-item]
        elif depth == 4:
            test[""][name] = value  # type: ignore[assignment]
        elif depth == 6:
            metric = test["metrics"].setdefault(name, {})
        else:
            metric[name] = value  # type: ignore[assignment]
    return tests


def test_otavas_configuration_names_columns_that_are_there(
    export: Call, run: Path, tmp_path: Path
) -> None:
    output = tmp_path / "perf.csv"
    code, out, _ = export(run, "--format", "otava", "--output", output)
    assert (code, out) == (Exit.OK, "")
    header = output.read_text().splitlines()[0].split(",")
    tests = config_of((tmp_path / "otava.yaml").read_text())
    assert set(tests) == {THREADS, PING}
    told = [metric["column"] for test in tests.values() for metric in test["metrics"].values()]
    assert sorted(told) == sorted(header[3:])
    assert all(test[""]["file"] == str(output) for test in tests.values())
    directions = {name: m["direction"] for name, m in tests[PING]["metrics"].items()}
    assert directions["makespan_ns"] == "-1" and directions["messages_per_second"] == "1"


def test_otava_reads_a_whole_history_without_a_gap(export: Call, tmp_path: Path) -> None:
    late = histories.entry(0, key=histories.key(99)).key
    lines = histories.entries(10, 2) + histories.entries(10, 2, metric=CPU)
    lines += [histories.entry(number, key=late) for number in range(6, 10)]
    file = histories.store(tmp_path / "store", lines).file(histories.MACHINE.name)
    output = tmp_path / "perf.csv"
    code, _, err = export(file, "--format", "otava", "--output", output)
    assert code == Exit.OK
    paths = [output, tmp_path / "perf-2.csv"]
    assert err.split() == [*map(str, paths), str(tmp_path / "otava.yaml")]
    first, second = (list(csv.DictReader(path.open())) for path in paths)
    assert (len(first), len(second)) == (10, 4)
    assert [row["commit"] for row in first] == [histories.commit(number) for number in range(10)]
    assert all("" not in row.values() for row in [*first, *second])
    medians = [
        line.median for line in lines if line.metric == MAKESPAN and line.key == lines[0].key
    ]
    name = f"{lines[0].name} makespan_ns"
    assert [float(row[name]) for row in first] == pytest.approx(medians)
    code, _, err = export(file, "--format", "otava")
    assert code == Exit.USAGE and "2 tables" in err


def test_somebody_elses_otava_yaml_is_not_overwritten(
    export: Call, run: Path, tmp_path: Path
) -> None:
    config = tmp_path / "otava.yaml"
    config.write_text("tests: {}\n")
    code, _, err = export(run, "--format", "otava", "--output", tmp_path / "perf.csv")
    assert code == Exit.USAGE and "was not written by export.py" in err
    assert config.read_text() == "tests: {}\n" and not (tmp_path / "perf.csv").exists()
    config.unlink()
    for _ in range(2):  # our own is
        assert export(run, "--format", "otava", "--output", tmp_path / "perf.csv")[0] == Exit.OK


@pytest.mark.parametrize("name", [*FORMATS, OTAVA])
def test_the_baseline_is_not_exported(export: Call, run: Path, tmp_path: Path, name: str) -> None:
    paired = histories.write_run(tmp_path / "paired", [*rows(), *baseline(rows())])
    assert export(paired, "--format", name)[1] == export(run, "--format", name)[1]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_holds_what_is_printed(export: Call, run: Path, tmp_path: Path, name: str) -> None:
    output = tmp_path / "out.json"
    code, out, _ = export(run, "--format", name, "--output", output)
    assert (code, out) == (Exit.OK, "")
    assert output.read_text(encoding="utf-8") == export(run, "--format", name)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "pie"], "invalid choice: 'pie'"),
        ([], "required: --format"),
        (["--format", "bencher", "--output", "/nonexistent/x"], "cannot be written"),
    ],
)
def test_wrong_usage_ends_with_2(
    export: Call, run: Path, arguments: list[str], message: str
) -> None:
    code, out, err = export(run, *arguments)
    assert (code, out) == (Exit.USAGE, "") and message in err


@pytest.mark.parametrize("name", [*FORMATS, OTAVA])
def test_a_broken_run_ends_with_2_and_names_the_line(export: Call, run: Path, name: str) -> None:
    path = run / "samples.csv"
    path.write_text(path.read_text() + "1,2,3\n")
    code, out, err = export(run, "--format", name)
    assert (code, out) == (Exit.USAGE, "")
    assert f" {path}:{len(rows()) + 2}: 3 fields" in err


def test_the_script_itself(run: Path) -> None:
    command = [sys.executable, str(SCRIPT), str(run / "none"), "--format", OTAVA]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"export.py: RUN_DIR {run / 'none'} is not a folder")


def test_a_run_without_a_time_has_nothing_to_export(export: Call, tmp_path: Path) -> None:
    folder = histories.write_run(tmp_path / "bad", [row for row in rows() if row["status"] != "ok"])
    code, out, err = export(folder, "--format", "bencher")
    assert (code, out) == (Exit.USAGE, "") and "no case with a time" in err
    code, _, err = export(tmp_path / "nothing", "--format", "bencher")
    assert code == Exit.USAGE and "is not a folder" in err
