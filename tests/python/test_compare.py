# SPDX-License-Identifier: Apache-2.0
"""scripts/compare.py as people and CI jobs call it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import synthetic
from makespan.arms import BASELINE, CURRENT, arm_of
from makespan.compare import compare_run, main
from makespan.errors import Exit, guarded
from paired_synthetic import LOOP, POOL, SERIAL, THREADS, Job, paired, single, write_paired, write_run

COMPARE = Path(__file__).resolve().parents[2] / "scripts" / "compare.py"
QUIET = (Job(SERIAL), Job(LOOP), Job(POOL))
SLOW = (Job(SERIAL, ratio=1.2), Job(LOOP, ratio=0.9), Job(POOL), Job(THREADS, memory=1.5))

Compare = Callable[..., tuple[int, str, str]]


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str]) -> Compare:
    """compare(arguments…) -> exit code, stdout, stderr; what compare.py does, in this process."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = guarded(lambda: main([str(argument) for argument in arguments]), "compare.py")
        except SystemExit as end:
            code = int(str(end.code))
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    return write_paired(tmp_path / "slow", paired(SLOW))


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    return write_paired(tmp_path / "quiet", paired(QUIET))


def test_the_script_itself(slow: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(COMPARE), str(slow)], capture_output=True, text=True, check=False
    )
    assert done.returncode == Exit.REGRESSION and done.stderr == ""
    assert done.stdout.startswith("Slower: 1 of 4 cases, the most serial 1 × 1, 10 tasks × sleep 10 ms: +")


def test_a_reader_that_goes_away_does_not_change_the_verdict(slow: Path) -> None:
    command = [sys.executable, str(COMPARE), str(slow)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.wait() == Exit.REGRESSION
        assert process.stderr.read() == b""


def test_help_tells_the_exit_codes(compare: Compare) -> None:
    code, out, _ = compare("--help")
    assert code == 0
    for text in ("--metric", "--min-effect", "--alpha", "--format", "--output", "--force", "4 no verdict"):
        assert text in out


def test_terminal(compare: Compare, slow: Path, quiet: Path) -> None:
    code, out, _ = compare(slow)
    assert code == Exit.REGRESSION
    order = [out.index(word) for word in ("▲ slower", "▼ faster", "= same", "Changed, but does not decide")]
    assert order == sorted(order)
    assert "peak memory" in out and "+50" in out or "+49" in out
    assert "baseline 0000000 (build/base) · measured by turns" in out
    code, out, _ = compare(quiet)
    assert code == Exit.OK and out.startswith("None of 3 cases is slower: 3 the same.")


def test_a_long_table_leaves_out_what_is_the_same(compare: Compare, tmp_path: Path) -> None:
    jobs = [Job(SERIAL, tasks=n + 1) for n in range(45)] + [Job(LOOP, ratio=1.5)]
    code, out, _ = compare(write_paired(tmp_path / "run", paired(jobs, 12)))
    assert code == Exit.REGRESSION
    assert out.count("▲ slower") == 1 and "= same" not in out and "45 more cases the same." in out


def test_markdown_has_the_verdict_first_then_what_changed_then_the_rest_folded(
    compare: Compare, slow: Path, quiet: Path
) -> None:
    code, out, _ = compare(slow, "--format", "markdown")
    assert code == Exit.REGRESSION
    lines = out.splitlines()
    assert lines[0] == "## makespan: slower" and lines[2].startswith("Slower: 1 of 4 cases")
    shown, folded = out[: out.index("<details>")], out[out.index("<details>") :]
    assert shown.count("| ▲ slower") == 2, "the memory too"
    assert shown.count("| ▼ faster") == 1 and "| = same" not in shown
    assert "<summary>6 more verdicts: 6 the same, 0 inconclusive</summary>" in folded and "| = same" in folded
    assert folded.count("<details>") == folded.count("</details>") == 2
    assert "## makespan: not slower" in compare(quiet, "--format=markdown")[1]


def test_json(compare: Compare, slow: Path) -> None:
    code, out, _ = compare(slow, "--format", "json", "--min-effect", "3%")
    value = json.loads(out)
    assert value["exit_code"] == code == 1 and value["schema_version"] == 1 and value["paired"]
    assert value["settings"]["min_effect"] == {"mixed": 0.03}
    assert value["settings"]["metrics"] == ["makespan_ns", "cpu_ns"]
    assert value["baseline"]["run_ids"] == ["20260131T120102Z-1a2b3c4+baseline"]
    first = value["verdicts"][0]
    assert first["verdict"] == "slower" and {v["verdict"] for v in value["verdicts"]} >= {"faster", "same"}
    (serial,) = [
        v for v in value["verdicts"] if v["case"]["model"] == "serial" and v["metric"] == "makespan_ns"
    ]
    assert serial["low"] < 1.2 < serial["high"] and serial["n"] == 16 and serial["decides"]
    assert list(serial["case"].values()) == ["mixed", "serial", 10, 1, 1, 10_000_000, None, None, None, ""]


def test_json_has_null_for_what_is_not_known(compare: Compare, tmp_path: Path) -> None:
    rows = [row for row in paired(QUIET, 2) if arm_of(row["run_id"]) == CURRENT]
    code, out, _ = compare(write_paired(tmp_path / "run", rows), "--format=json")
    value = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert code == Exit.NO_VERDICT
    assert {(v["ratio"], v["p"], v["n"]) for v in value["verdicts"]} == {(None, None, 0)}


def test_several_formats_at_once(compare: Compare, slow: Path, tmp_path: Path) -> None:
    note, data, plain = (tmp_path / name for name in ("note.md", "data.json", "summary"))
    code, out, _ = compare(slow, "--output", note, "--output", data, "--output", f"terminal={plain}")
    assert (code, out) == (Exit.REGRESSION, "")
    assert note.read_text(encoding="utf-8").startswith("## makespan")
    assert json.loads(data.read_text(encoding="utf-8"))["exit_code"] == 1
    assert plain.read_text(encoding="utf-8").startswith("Slower:")
    _, out, _ = compare(slow, "--format", "terminal,markdown,json", "--output", data)
    assert out.startswith("Slower:") and "\n## makespan: slower" in out and '"exit_code"' not in out
    code, out, _ = compare(slow, "--format=markdown", "--output", plain)
    assert out == "" and plain.read_text(encoding="utf-8") == note.read_text(encoding="utf-8")


def test_without_a_format_the_terminal_is_shown_beside_a_file(
    compare: Compare, slow: Path, tmp_path: Path
) -> None:
    _, out, _ = compare(slow, "--output", tmp_path / "note.md")
    assert out.startswith("Slower:")


def test_metric_decides(compare: Compare, slow: Path) -> None:
    code, out, _ = compare(slow, "--metric", "cpu")
    assert code == Exit.OK and "decided by CPU time" in out
    code, out, _ = compare(slow, "--metric", "cpu,peak_rss_bytes")
    assert code == Exit.REGRESSION and out.startswith("Slower: 1 of 4 cases, the most threads 1 × 10")


def test_rates_are_told_as_times(compare: Compare, tmp_path: Path) -> None:
    run = write_paired(tmp_path / "run", paired([Job(SERIAL, rate=0.4, noise=0.0001)]))
    code, out, _ = compare(run, "--metric", "messages")
    assert code == Exit.REGRESSION and "+150 % time per message" in out
    assert "10 µs" in out and "25 µs" in out


def test_alpha(compare: Compare, tmp_path: Path) -> None:
    run = write_paired(tmp_path / "run", paired([Job(SERIAL, ratio=2)], 7))
    assert compare(run)[0] == Exit.REGRESSION
    assert compare(run, "--alpha", "0.01")[0] == Exit.NO_VERDICT


def test_two_runs(compare: Compare, tmp_path: Path) -> None:
    old = write_run(tmp_path / "old", single(QUIET, 12, BASELINE, seed=1))
    new = write_run(tmp_path / "new", single([Job(SERIAL, ratio=1.3), *QUIET[1:]], 12, CURRENT, seed=2))
    code, out, _ = compare(old, new)
    assert code == Exit.REGRESSION and "two runs, not measured by turns" in out and "weaker" in out
    assert compare(new, old)[0] == Exit.OK, "OLD comes first"
    (new / "env.json").write_text(json.dumps({**synthetic.ENVIRONMENT, "cpu_model": "Z80"}))
    code, out, err = compare(old, new)
    assert (code, out) == (Exit.USAGE, "")
    assert "cpu_model is Z80, was Example CPU @ 2.00GHz" in err and "--force" in err
    assert compare(old, new, "--force")[0] == Exit.REGRESSION


def test_a_failed_case_is_3_and_named(compare: Compare, tmp_path: Path) -> None:
    rows = paired(QUIET)
    place = next(
        n for n, r in enumerate(rows) if r["model"] == "event_loop" and arm_of(r["run_id"]) == CURRENT
    )
    rows[place] = synthetic.failed(rows[place], "error", "lost a task")
    code, out, _ = compare(write_paired(tmp_path / "run", rows))
    assert code == Exit.FAILED and "event_loop 1 × 1, 10 tasks × sleep 10 ms: error (lost a task)" in out


def test_too_few_launches_are_4(compare: Compare, tmp_path: Path) -> None:
    run = write_paired(tmp_path / "run", paired(SLOW, 3))
    for name in ("terminal", "markdown", "json"):
        code, out, _ = compare(run, "--format", name)
        assert code == Exit.NO_VERDICT
        assert "No verdict: too few launches in all of 4 cases: 9 blocks needed." in out


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: "", "samples.csv:1: the file is empty"),
        (lambda text: text.splitlines()[0] + "\n", "samples.csv:2: no row follows the header"),
        (lambda text: "a,b,c\n1,2,3\n", "samples.csv:1: column 1 is 'a'"),
        (lambda text: text.replace(",ok,", ",fine,", 1), "samples.csv:2: status is 'fine'"),
        (lambda text: text.replace("\n1,", "\n1,2,", 1), "samples.csv:2: 47 fields"),
        (lambda text: text + "\x00\xff\n", "samples.csv:66: "),
    ],
)
def test_broken_samples_are_2_with_file_and_line(
    compare: Compare, tmp_path: Path, damage: Callable[[str], str], said: str
) -> None:
    run = write_paired(tmp_path / "run", paired([Job(SERIAL)]))
    path = run / "samples.csv"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    for arguments in ((run,), (path,), (run, run)):
        code, out, err = compare(*arguments)
        assert (code, out) == (Exit.USAGE, "")
        assert said in err and "allowed: " in err


def test_a_torn_last_line_is_dropped_with_a_warning(compare: Compare, quiet: Path) -> None:
    path = quiet / "samples.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.rindex("mixed")], encoding="utf-8")
    code, _, err = compare(quiet)
    assert code == Exit.OK and "torn last line" in err


def test_a_broken_env_json_is_2(compare: Compare, quiet: Path) -> None:
    (quiet / "env.json").write_text('{"run":\n oops}', encoding="utf-8")
    code, _, err = compare(quiet)
    assert code == Exit.USAGE and "env.json:2: not JSON" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "RUN | OLD NEW"),
        (["a", "b", "c"], "3 runs; allowed: one paired run, or OLD and NEW"),
        (["nowhere"], "nowhere:1: cannot be read"),
        (["--metric", "speed", "a"], "no metric named 'speed'; allowed: makespan, cpu, memory, messages"),
        (["--min-effect", "5", "a"], "'5'; allowed: a percentage"),
        (["--alpha", "2", "a"], "'2'; allowed: a number above 0"),
        (["--format", "pdf", "a"], "no format named 'pdf'; allowed: terminal, markdown, json"),
        (["--output", "summary", "a"], "the format of 'summary' is not clear; allowed: "),
        (["--output", "json=", "a"], "the format of 'json=' is not clear; allowed: "),
    ],
)
def test_wrong_usage_is_2_and_tells_what_is_allowed(
    compare: Compare, arguments: list[str], said: str
) -> None:
    code, out, err = compare(*arguments)
    assert (code, out) == (Exit.USAGE, "") and said in err


def test_min_effect_of_a_benchmark_that_is_not_there(compare: Compare, quiet: Path) -> None:
    code, _, err = compare(quiet, "--min-effect", "compute=2%")
    assert code == Exit.USAGE and "compute: no such benchmark in this run; allowed: mixed" in err


def test_a_file_that_cannot_be_written(compare: Compare, quiet: Path, tmp_path: Path) -> None:
    code, _, err = compare(quiet, "--output", tmp_path / "no" / "folder" / "x.md")
    assert code == Exit.USAGE and "cannot be written" in err and "allowed: " in err


def test_what_the_runner_ends_with(slow: Path, quiet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare_run(slow) == Exit.REGRESSION
    assert capsys.readouterr().out.startswith("Slower: 1 of 4 cases")
    assert (slow / "compare.md").read_text(encoding="utf-8").startswith("## makespan: slower")
    assert json.loads((slow / "compare.json").read_text(encoding="utf-8"))["exit_code"] == 1
    assert compare_run(quiet) == Exit.OK


def test_the_rules_of_the_runner_hold_unless_others_are_given(compare: Compare, tmp_path: Path) -> None:
    rules = {"min_effect": "mixed=30%", "metric": "makespan"}
    run = write_paired(tmp_path / "run", paired([Job(SERIAL, ratio=1.2, cpu=1.2)]), rules=rules)
    code, out, _ = compare(run)
    assert code == Exit.OK and "decided by makespan" in out and "minimum effect 30 % (mixed)" in out
    assert compare_run(run) == Exit.OK
    code, out, _ = compare(run, "--min-effect", "10%")
    assert code == Exit.REGRESSION and "decided by makespan" in out


@pytest.mark.parametrize("rules", [{"speed": "1"}, {"alpha": 0.05}, {"alpha": "2"}, ["alpha"]])
def test_broken_rules_of_the_runner(compare: Compare, tmp_path: Path, rules: object) -> None:
    run = write_paired(tmp_path / "run", paired([Job(SERIAL)], 2), rules=rules)
    code, _, err = compare(run)
    assert code == 2 and "env.json:1: " in err and "as the runner writes them" in err
