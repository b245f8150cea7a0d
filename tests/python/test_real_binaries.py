# SPDX-License-Identifier: Apache-2.0
"""What the scripts take for granted of the C++ binaries, asked of the real ones.

Runs if build/release/bin has them, or the folder that MAKESPAN_BIN names. In CI they must be there.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import BINARIES, ROOT
from makespan import runner
from makespan.build import Build
from makespan.casekey import case_keys
from makespan.charts import draw
from makespan.charts.data import RunData
from makespan.columns import (
    BARE,
    CASE_KEY,
    LIFECYCLE,
    LIFECYCLE_FLOORS,
    TALKS,
    TRACE_COLUMNS,
    names,
    split_variant,
)
from makespan.errors import guarded
from makespan.footprint.lines import find_lines
from makespan.granularity.sweeps import find_sweeps
from makespan.ledger import Ledger
from makespan.lifecycle.costs import costs
from makespan.maps.points import Point
from makespan.plan import make_plan
from makespan.presets import PRESETS, Group, Preset
from makespan.refine import cases_at
from makespan.roles import PEER_VARIANTS, PEERS, TRANSPORT_FLOORS, Role, role_of
from makespan.samples import read_samples, read_trace
from makespan.summary import summarise
from makespan.talk import LOOP, REFERENCES, sections
from makespan.python_reference.exchange import QUEUES
from makespan.theme import TRANSPORTS
from tracing_rows import REFERENCE, lanes_of, shown, side_by_side

BIN = Path(os.environ.get("MAKESPAN_BIN") or ROOT / "build" / "release" / "bin")
MODELS = {"bench_messages": "threads", "bench_lifecycle": "thread"}  # to ask for a single case, where it is not serial
BUILD = Build(BIN.parent)

TINY = Preset(
    "tiny",
    "a case or two of each binary",
    rounds=2,
    groups=(
        Group(
            "sleep",
            "bench_sleep",
            ("--models=serial,threads,hybrid", "--tasks=3", "--sleep=1ms", "--workers=2"),
            traced=1,
        ),
        Group("compute", "bench_compute", ("--models=event_loop", "--tasks=3", "--compute=10us")),
        Group(
            "mixed",
            "bench_mixed",
            ("--models=processes", "--tasks=3", "--length=1ms", "--cpu-share=0.5"),
        ),
        Group(
            "sizes",
            "bench_sleep",
            ("--models=threads", "--tasks=3", "--sleep=1ms", "--sizes=lognormal"),
        ),
        Group(
            "timer slack, several batches",
            "bench_sleep",
            ("--models=threads", "--tasks=3", "--sleep=1ms", "--timer-slack=1us"),
            batches=3,
        ),
        Group(
            "messages",
            "bench_messages",
            ("--mode=stream", "--models=threads,event_loop", "--tasks=100", "--payload=8,1024"),
        ),
        Group(
            "many to many",
            "bench_messages",
            ("--models=threads", "--variant=queue", "--mode=stream", "--tasks=100", "--payload=8")
            + ("--producers=2", "--consumers=3"),
        ),
        Group(
            "ping-pong",
            "bench_messages",
            ("--mode=ping_pong", "--models=processes", "--tasks=6", "--payload=8"),
            traced=1,
        ),
        Group(
            "rings",
            "bench_messages",
            ("--mode=ring", "--models=event_loop", "--tasks=2,3", "--hops=30"),
        ),
        Group("pipelines", "bench_pipeline", ("--stages=1,3", "--tasks=200")),
        Group(
            "lifecycles",
            "bench_lifecycle",
            ("--tasks=1", "--bursts=1", "--resident=0,1MiB", "--huge-pages=off"),
        ),
    ),
)


@pytest.fixture(scope="module", autouse=True)
def binaries() -> None:
    absent = [name for name in BINARIES if not (BIN / name).is_file()]
    if not absent:
        return
    message = f"{', '.join(absent)} not in {BIN}: build the preset release"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run of TINY."""
    out = tmp_path_factory.mktemp("real") / "run"
    arguments = ["--preset", "tiny", "--build", str(BIN.parent), "--out", str(out), "--no-plots"]
    assert guarded(lambda: runner.main(arguments, {"tiny": TINY})) == 0
    return out


@pytest.mark.parametrize("name", BINARIES)
def test_the_header_is_the_one_the_reader_knows(name: str, tmp_path: Path) -> None:
    csv = tmp_path / "samples.csv"
    models = f"--models={MODELS.get(name, 'serial')}"
    (first, *_) = BUILD.cases(name, ["--tasks=2", models])["cases"]
    command = [str(BIN / name), *first["args"], f"--csv={csv}"]
    subprocess.run(command, check=True, capture_output=True)
    assert csv.read_text().splitlines()[0] == ",".join(names())
    assert len(read_samples(csv)) == 1


def test_the_trace_has_the_columns_the_reader_knows(run_folder: Path) -> None:
    header = (run_folder / "trace.csv").read_text().splitlines()[0]
    assert header == ",".join(names(TRACE_COLUMNS))
    trace = read_trace(run_folder / "trace.csv")
    took = trace["end_ns"] - trace["start_ns"]
    assert (took >= trace["sleep_ns"].fillna(0)).all(), "a lower bound"
    assert {"sleep", "ping_pong"} == set(trace["benchmark"])
    assert set(trace["task"]) == {0, 1, 2}
    sleeps = trace["benchmark"] == "sleep"
    assert (trace["overshoot_ns"][sleeps] >= 0).all(), "a lower bound"
    assert (trace["overshoot_ns"] <= took - trace["sleep_ns"])[sleeps].all()
    assert trace["overshoot_ns"][~sleeps].isna().all()


def test_the_trace_becomes_trace_events(run_folder: Path) -> None:
    """Each task on the lane of its thread."""
    processes = shown(run_folder)
    assert [len(process.bars) for process in processes] == [3] * len(processes)
    [threads] = [process for process in processes if "threads 1 × 3, 3 tasks × sleep 1 ms" in process.name]
    assert [len(bars) for bars in threads.threads.values()] == [1, 1, 1]
    [serial] = [process for process in processes if " serial " in process.name]
    assert [len(bars) for bars in serial.threads.values()] == [3]


@pytest.mark.parametrize(("batch", "lanes"), REFERENCE.items())
def test_the_reference_scenario_is_measured_side_by_side(batch: str, lanes: list[int], tmp_path: Path) -> None:
    """Where the machine holds up a worker for longer than a task sleeps, others take its task, or end before it starts.
    So tasks sleep longer then: what one worker does in turn is never side by side."""
    flags = ["--tasks=10", "--workers=2", "--processes=2", "--threads=5", f"--models={batch.split()[0]}"]
    for sleep in ("50ms", "500ms", "4s"):
        trace = tmp_path / f"{sleep}.csv"
        command = [str(BIN / "bench_sleep"), *flags, "--variant=default", f"--sleep={sleep}", f"--trace={trace}"]
        subprocess.run(command, check=True, capture_output=True)
        [process] = shown(trace)
        assert batch in process.name and len(process.bars) == 10
        found = lanes_of(process)
        if found == side_by_side(lanes):
            break
    assert found == side_by_side(lanes)


def test_every_launch_left_its_rows(run_folder: Path) -> None:
    samples = read_samples(run_folder / "samples.csv")
    plan = json.loads((run_folder / "plan.json").read_text())
    assert sorted(set(samples["launch"])) == list(range(1, 2 * len(plan["cases"]) + 1))
    assert samples["status"].eq("ok").all(), samples["error"].tolist()
    several = samples["variant"] == "slack-1us"
    assert samples["launch"][several].value_counts().tolist() == [3, 3]
    assert samples["launch"][~several].is_unique
    assert samples["sequence"].tolist() == list(range(1, len(samples) + 1)), "numbered through"
    assert samples["run_id"].nunique() == 1


def test_rows_say_of_their_case_what_the_list_says(run_folder: Path) -> None:
    """A row that the runner writes for a crashed launch is built from the list: same key, same case."""
    plan = json.loads((run_folder / "plan.json").read_text())
    rows = Ledger(run_folder / "samples.csv").rows()
    keys = {tuple(row[name] for name in CASE_KEY) for row in rows}
    listed = {
        tuple("" if case.get(name) is None else str(case[name]) for name in CASE_KEY)
        for case in plan["cases"]
    }
    assert keys == listed


def test_the_summary_is_sound(run_folder: Path) -> None:
    summary = summarise(read_samples(run_folder / "samples.csv"), 2)
    plan = json.loads((run_folder / "plan.json").read_text())
    assert len(summary) == len(plan["cases"]) and summary["n"].eq(2).all()
    asleep = summary[summary["benchmark"] == "sleep"]
    assert (asleep["makespan_median_ns"] >= asleep["model_bound_ns"]).all(), "a lower bound"
    talks = summary["benchmark"].isin(TALKS)
    assert set(summary["benchmark"][talks]) == set(TALKS)
    unbound = talks | (summary["benchmark"] == LIFECYCLE)
    assert summary["efficiency"][~unbound].gt(0).all()
    assert summary["efficiency"][unbound].isna().all()
    assert summary["model_bound_ns"][unbound].isna().all()
    assert summary["messages_per_second"][unbound].gt(0).all()
    assert summary["messages_per_second"][~unbound].isna().all()
    pings = summary["benchmark"] == "ping_pong"
    assert (summary["round_trip_p50_ns"] > 0).tolist() == pings.tolist()
    assert (summary["round_trip_p99_ns"] >= summary["round_trip_p50_ns"])[pings].all()
    assert summary["payload_bytes"].notna().tolist() == (
        pings | (summary["benchmark"] == "messages")
    ).tolist()
    assert summary["stages"].notna().tolist() == (summary["benchmark"] == "pipeline").tolist()
    assert set(summary["variant"]) >= {"", "lognormal", "queue+2to3", "slack-1us"}


def test_tasks_that_talk_are_told_and_drawn(run_folder: Path) -> None:
    """What each transport is called is known to the scripts: floors, references and looks."""
    summary = summarise(read_samples(run_folder / "samples.csv"), 2)
    assert {"How tasks talk", "Pipelines, 200 lines"} <= {s.title for s in sections(summary)}
    drawn = draw(RunData.load(run_folder), run_folder / "charts")
    assert not {"messages", "round_trips", "hops", "pipeline", "lifecycle"} & set(drawn.left_out)


def test_units_are_told_beside_their_floors(run_folder: Path) -> None:
    found = costs(read_samples(run_folder / "samples.csv"))
    assert {cost.model for cost in found} == set(LIFECYCLE_FLOORS)
    assert all(cost.ratio is not None for cost in found if not cost.is_floor)
    assert {cost.batch.resident_bytes for cost in found if cost.model == "fork"} == {0, 2**20}


def test_the_units_and_their_floors_are_those_that_there_are() -> None:
    cases = BUILD.cases("bench_lifecycle", ["--tasks=1"])["cases"]
    kinds = {(case["model"], split_variant(case["variant"]).own) for case in cases}
    assert list(dict.fromkeys(case["model"] for case in cases)) == list(LIFECYCLE_FLOORS)
    assert {model for model, own in kinds if own == BARE} == set(LIFECYCLE_FLOORS.values())


def listed_models(binary: str) -> list[tuple[str, str, str, bool]]:
    """Model, variant, role and whether it was left out, as --list-models tells them."""
    path = BUILD.binary(binary)
    lines = subprocess.run([path, "--list-models"], check=True, text=True, capture_output=True).stdout
    found = [line.split(maxsplit=3) for line in lines.splitlines()]
    return [(model, own.replace("default", ""), role, said.startswith("left out: ")) for model, own, role, said in found]


BINARIES_OF_KINDS = ("bench_sleep", "bench_footprint", "bench_messages", "bench_pipeline", "bench_lifecycle")


def test_roles_are_those_of_the_binaries() -> None:
    entries = [entry for binary in BINARIES_OF_KINDS for entry in listed_models(binary)]
    for model, own, role, _ in entries:
        assert role_of(model, own) == role, (model, own)
    peers = {(model, own) for model, own, role, _ in entries if role == Role.PEER}
    assert {model for model, own in peers if model in PEERS} == set(PEERS)
    assert {pair for pair in peers if pair[0] not in PEERS} <= PEER_VARIANTS


def test_what_was_left_out_is_read_with_what_it_needs() -> None:
    for binary in BINARIES_OF_KINDS:
        left_out = {(model, own) for model, own, _, left_out in listed_models(binary) if left_out}
        found = BUILD.not_built(binary)
        assert set(found) == {f"{model}/{own}" if own else model for model, own in left_out}
        assert all(found.values()) and not set(found) & BUILD.models(binary)


def test_peers_are_measured_on_request() -> None:
    built = {model for model, _, role, left_out in listed_models("bench_sleep") if role == Role.PEER and not left_out}
    assert "std_async" in built
    flags = ["--tasks=3", "--sleep=1ms", "--workers=2"]
    assert not built & {case["model"] for case in BUILD.cases("bench_sleep", flags)["cases"]}
    asked = BUILD.cases("bench_sleep", [*flags, "--roles=own,peer"])["cases"]
    assert built | {"serial", "threads"} <= {case["model"] for case in asked}
    named = BUILD.cases("bench_sleep", [*flags, f"--models={','.join(sorted(built))}"])["cases"]
    assert built == {case["model"] for case in named}


def test_floors_and_references_are_transports_that_there_are() -> None:
    messages = BUILD.cases("bench_messages", ["--mode=stream,ping_pong,ring"])["cases"]
    found = {(case["benchmark"], case["model"], case["variant"]) for case in messages}
    for benchmark, name in REFERENCES.items():
        assert (benchmark, *name.split("/")) in found
    for model, own in TRANSPORT_FLOORS:
        assert ("messages", model, own) in found and ("ping_pong", model, own) in found
    pipelines = BUILD.cases("bench_pipeline", [])["cases"]
    assert LOOP in {case["model"] for case in pipelines}
    variants = {split_variant(case["variant"]).own for case in [*messages, *pipelines]}
    of_peers = {own for _, own in PEER_VARIANTS}  # there if they were built
    others = of_peers | set(QUEUES)  # and those of Python
    assert variants - {""} | others == set(TRANSPORTS) | others


def test_env_json_has_what_reports_and_resume_need() -> None:
    environment = BUILD.environment()
    needed = {"cpu_model", "cpus_usable", "hypervisor", "governor", "kernel", "load_1m", "compiler"}
    needed |= {"compiler_flags", "build_type", "libraries", "peer_libraries", "git_sha", "git_dirty"}
    needed |= {"calibration"}
    assert needed <= set(environment)
    assert float(environment["cpus_usable"]) > 0
    assert environment["calibration"]["ns_per_iteration"] > 0


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_presets_are_understood(preset: Preset) -> None:
    plan = make_plan(preset, BUILD, rounds=1, seed=1)
    found = {(case.model, case.benchmark) for case in plan.cases}
    if preset.name == "lifecycle":
        assert {(unit, LIFECYCLE) for unit in LIFECYCLE_FLOORS} == found
        return
    models = {"serial", "threads", "processes", "event_loop"}
    if preset.name in ("quick", "class8", "talk", "full", "ci"):
        assert models | ({"hybrid"} if preset.name != "talk" else set()) <= {m for m, _ in found}
    if preset.name in ("quick", "talk", "full"):
        assert set(TALKS) <= {benchmark for _, benchmark in found}
    if preset.name == "class8":
        bounds = sorted((case.model_bound_ns or 0) // 10**9 for case in plan.cases)
        assert bounds == [5, 5, 5, 5, 5, 5, 25, 25, 50] and not plan.left_out


def test_footprints_are_read_and_told(tmp_path: Path) -> None:
    csv = tmp_path / "samples.csv"
    flags = ["--models=threads,event_loop", "--tasks=0,9", "--stack=64KiB"]
    cases = BUILD.cases("bench_footprint", flags)["cases"]
    command = [str(BIN / "bench_footprint"), *flags, f"--csv={csv}"]
    subprocess.run(command, check=True, capture_output=True)
    samples = read_samples(csv)
    keys = {tuple(case.get(name) for name in CASE_KEY) for case in cases}
    assert set(case_keys(samples)) == keys and len(keys) == 4
    assert {(line.name, line.most) for line in find_lines(samples)} == {
        ("threads stack-64KiB", 9),
        ("event_loop", 9),
    }


def test_a_case_is_selected_by_its_flags_alone() -> None:
    for case in make_plan(TINY, BUILD, 1, 1).cases:
        (only,) = BUILD.cases(case.binary, case.args)["cases"]
        assert (only["name"], only["variant"]) == (case.name, case.variant)
        assert (only["payload_bytes"], only["stages"]) == (case.payload_bytes, case.stages)


def test_a_sweep_of_the_granularity_gives_metg(tmp_path: Path) -> None:
    """Its coarsest tasks only: they take no time to speak of, and five of them are a sweep."""
    plan = make_plan(PRESETS["granularity"], BUILD, rounds=1, seed=1)
    assert all("--no-records" in case.args for case in plan.cases)
    csv = tmp_path / "samples.csv"
    for case in plan.cases:
        if case.model == "serial" and (case.compute_ns or 0) >= 500_000:
            command = [str(BIN / case.binary), *case.args, f"--csv={csv}", "--ns-per-iteration=1"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (sweep,) = find_sweeps(read_samples(csv))
    assert [point.key.compute_ns for point in sweep.points] == [n * 10**6 // 10 for n in (100, 50, 20, 10, 5)]
    assert {point.key.work for point in sweep.points} == {sweep.points[0].key.work}


def test_a_point_between_has_the_models_in_the_shapes_of_the_map() -> None:
    plan = make_plan(PRESETS["map"], BUILD, rounds=1, seed=1)
    (group,) = PRESETS["map"].groups
    models = frozenset({"threads", "tbb_pool", "hybrid"})
    found = list(cases_at(plan, group, BUILD, Point(32, 320_000, 0.25), models, 1))
    here = {(c.model, c.variant, c.tasks, c.sleep_ns, c.compute_ns) for c in found}
    variants = [("threads", ""), ("tbb_pool", ""), ("hybrid", ""), ("hybrid", "loop")]
    assert here == {(*one, 32, 240_000, 80_000) for one in variants} and len(found) == 4
    shapes = {(case.model, case.processes) for case in plan.cases if case.model != "threads"}
    assert {(case.model, case.processes) for case in found if case.model != "threads"} <= shapes
