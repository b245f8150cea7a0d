# SPDX-License-Identifier: Apache-2.0
"""--with-python: the cases of the binaries and their counterparts in one run. The binaries are fakes, Python is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FakeBuild
from makespan.build import PYTHON_REFERENCE, Build
from makespan.errors import UsageError
from makespan.plan import Case, find_cases, make_plan
from makespan.presets import Group, Preset
from makespan.samples import read_samples
from makespan.with_python import RULE, counterparts, interpreter
from running import Runner

TWINS = {
    "serial": ("python_serial",),
    "threads": ("python_threading",),
    "event_loop": ("python_asyncio",),
}


@pytest.fixture
def runner(fake_build: FakeBuild, tmp_path: Path) -> Runner:
    return Runner(fake_build, tmp_path / "run")


@pytest.fixture
def sleeping(fake_build: FakeBuild) -> Case:
    """A case of ten sleeps under threads."""
    cases = find_cases(Preset("p", "", 1, (Group("sleep", "bench_sleep"),)), Build(fake_build.directory))
    return next(case for case in cases if case.model == "threads" and case.tasks == 10)


def test_both_are_in_every_round_and_in_one_file(runner: Runner) -> None:
    done = runner.run("--preset", "pair", "--with-python", rounds=2)
    assert done.returncode == 0, done.stderr
    frame = read_samples(runner.out / "samples.csv")
    assert set(frame["status"]) == {"ok"}
    assert Counter(frame["launch"]) == dict.fromkeys(range(1, len(frame) + 1), 1)
    assert list(frame["sequence"][1:]) == list(frame["launch"][1:])
    for _, row in frame[~frame["model"].str.startswith("python_")].iterrows():
        same = frame[(frame["round"] == row["round"]) & (frame["benchmark"] == row["benchmark"])]
        same = same[(same["tasks"] == row["tasks"]) & (same["model"].isin(TWINS[row["model"]]))]
        assert len(same) == 1, "a counterpart in the same round"
    winners = (runner.out / "winners.md").read_text()
    assert "python_asyncio" in winners or "python_threading" in winners
    environment = json.loads((runner.out / "env.json").read_text())
    assert environment["python"] == interpreter() and environment["run"]["with_python"] is True
    assert PYTHON_REFERENCE in json.loads((runner.out / "plan.json").read_text())["binaries"]
    assert runner.resume().returncode == 0


def test_without_the_flag_nothing_is_different(runner: Runner) -> None:
    assert runner.run(rounds=1).returncode == 0
    assert not any(row["model"].startswith("python_") for row in runner.rows())
    assert "python" not in json.loads((runner.out / "env.json").read_text())


def test_a_run_is_carried_on_with_the_same_python_only(runner: Runner) -> None:
    assert runner.run("--preset", "pair", "--with-python", rounds=1).returncode == 0
    path = runner.out / "env.json"
    environment = json.loads(path.read_text())
    path.write_text(json.dumps({**environment, "python": {"version": "2.7", "implementation": "CPython"}}))
    done = runner.resume()
    assert done.returncode == 2 and "Python was {'version': '2.7'" in done.stderr


def test_the_rule_of_what_is_left_out_is_shown_beforehand(runner: Runner) -> None:
    for flag in ("--list", "--dry-run"):
        done = runner.run(flag, "--with-python")
        assert done.returncode == 0 and RULE in done.stdout
        assert RULE not in runner.run(flag).stdout
    shown = runner.run("--dry-run", "--with-python").stdout
    assert "python_reference --benchmark=sleep --models=python_asyncio" in shown


@pytest.mark.parametrize("flags", [("--against", "."), ("--resume", ".")])
def test_what_it_does_not_go_with(runner: Runner, flags: tuple[str, str]) -> None:
    done = runner.run("--with-python", *flags)
    assert done.returncode == 2 and "--with-python" in done.stderr and flags[0] in done.stderr


def test_a_preset_without_counterparts_is_refused(fake_build: FakeBuild, sleeping: Case) -> None:
    only = Preset("units", "", 1, (Group("units", "bench_lifecycle"),))
    binary = fake_build.directory / "bin" / "bench_lifecycle"
    binary.write_text((binary.parent / "bench_sleep").read_text())
    binary.chmod(0o755)
    with pytest.raises(UsageError, match="no case of preset units has a counterpart in Python"):
        make_plan(only, Build(fake_build.directory), 1, 1, with_python=True)
    assert not list(counterparts([replace(sleeping, variant="bare")], "quick")), "a floor is no model"


@pytest.mark.parametrize(
    ("change", "preset", "model", "said"),
    [
        ({"model": "processes", "tasks": 1_000}, "quick", "python_process", ""),
        (
            {"model": "processes", "tasks": 1_001},
            "quick",
            "python_process",
            "1,001 processes of Python are above 1,000",
        ),
        (
            {"model": "event_loop", "tasks": 1_000_000},
            "quick",
            "python_asyncio",
            "1,000,000 tasks are above 100,000",
        ),
        ({"model": "event_loop", "tasks": 1_000_000}, "peers", "python_asyncio", ""),
        ({"left_out": "too long"}, "quick", "python_threading", "too long"),
        (
            {"tasks": 200_000, "threads": 200_000},
            "quick",
            "python_threading",
            "200,000 tasks are above 100,000, the most for python_threading",
        ),
        ({"tasks": 100_000, "threads": 100_000}, "quick", "python_threading", ""),
    ],
)
def test_what_would_take_too_long_is_left_out(
    change: dict[str, object], preset: str, model: str, said: str, sleeping: Case
) -> None:
    (found,) = counterparts([replace(sleeping, **change)], preset)  # type: ignore[arg-type]
    assert found.model == model and (found.left_out.startswith(said) if said else not found.left_out)


def test_pools_of_more_workers_than_the_flags_allow_are_left_out(sleeping: Case) -> None:
    pool = replace(sleeping, model="tbb_pool", threads=200_000)
    found = list(counterparts([replace(pool, variant="lognormal")], "quick"))
    assert [case.model for case in found] == ["python_futures_threads"] * 2 + ["python_thread_pool"]
    assert {case.left_out for case in found} == {"200,000 threads of Python are above 100,000"}
    assert found[1].variant == "submit+lognormal"
    assert found[1].name.startswith("sleep/python_futures_threads/submit+lognormal/tasks:10")


def test_hops_count_where_a_token_goes_round(sleeping: Case) -> None:
    ring = replace(sleeping, binary="bench_messages", benchmark="ring", model="processes", tasks=4)
    ring = replace(ring, variant="shared_queue", sleep_ns=None, args=("--hops=2000000",))
    found = list(counterparts([ring], "quick"))
    assert len(found) == 2 and found[0].left_out.startswith("2,000,000 messages are above 1,000,000")


def test_python_is_a_peer(fake_build: FakeBuild) -> None:
    build = Build(fake_build.directory)
    preset = Preset("p", "", 1, (Group("sleep", "bench_sleep"),))

    def pythons(roles: str | None) -> int:
        plan = make_plan(preset.of_roles(roles), build, 1, 1, with_python=True)
        return sum(case.binary == PYTHON_REFERENCE for case in plan.cases)

    assert pythons("own") == pythons("own,floor") == 0
    assert pythons("peer") == pythons("own,peer") == pythons(None) > 0


def test_a_group_without_models_of_the_roles_is_empty(
    fake_build: FakeBuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Build.cases

    def cases(self: Build, name: str, flags: Sequence[str]) -> dict[str, object]:
        if name == "bench_compute" and "--roles=floor" in flags:
            raise UsageError("no model has what is asked for")
        return asked(self, name, [flag for flag in flags if not flag.startswith("--roles=")])

    monkeypatch.setattr(Build, "cases", cases)
    build = Build(fake_build.directory)
    groups = (Group("sleep", "bench_sleep"), Group("compute", "bench_compute"))
    both = Preset("p", "", 1, groups)
    assert {case.group for case in find_cases(both, build)} == {"sleep", "compute"}
    assert {case.group for case in find_cases(both.of_roles("floor"), build)} == {"sleep"}
    with pytest.raises(UsageError, match="no case that can be launched"):
        make_plan(Preset("p", "", 1, groups[1:]).of_roles("floor"), build, 1, 1)


def test_the_time_that_a_plan_tells_knows_what_python_takes(sleeping: Case) -> None:
    def seconds(**change: object) -> float:
        whole = replace(sleeping, sleep_ns=0, model_bound_ns=0, tasks=100_000, **change)  # type: ignore[arg-type]
        return max(case.expected_s for case in counterparts([whole], "peers") if not case.left_out)

    assert seconds(model="process_pool", processes=2, threads=1) > seconds(model="tbb_pool") > 1
    (loop,) = counterparts([replace(sleeping, model="event_loop", tasks=1_000_000)], "peers")
    assert 24 < loop.expected_s < 30


def test_computing_that_the_interpreter_would_take_too_long_for_is_left_out(sleeping: Case) -> None:
    computing = replace(
        sleeping, binary="bench_compute", benchmark="compute", sleep_ns=None, compute_ns=10**6
    )
    (short,) = counterparts([computing], "quick")
    (long,) = counterparts([replace(computing, tasks=1_000)], "quick")
    assert not short.left_out and long.left_out == "Python would compute for about 70 s, above 10 s"
    assert short.expected_s > computing.expected_s


def test_a_counterpart_has_the_batch_and_the_shape_of_its_case(sleeping: Case) -> None:
    pool = replace(sleeping, model="process_pool", processes=7, threads=1, variant="lognormal+slack-1us")
    pool = replace(pool, args=("--timer-slack=1us", "--no-records", "--case=3"), traced=2, batches=5)
    all_found = list(counterparts([pool], "quick"))
    assert [case.model for case in all_found] == ["python_pool"] * 2 + ["python_futures_processes"] * 2
    assert [case.variant for case in all_found[1::2]] == [f"submit+{pool.variant}"] * 2
    for found in all_found[::2]:
        assert (found.tasks, found.sleep_ns, found.processes, found.threads) == (10, pool.sleep_ns, 7, 1)
        assert found.variant == pool.variant and (found.traced, found.batches) == (2, 5)
        assert {"--timer-slack=1us", "--no-records", "--sizes=lognormal", "--workers=7"} <= set(found.args)


def test_messages_and_pipelines_have_counterparts(sleeping: Case) -> None:
    base = replace(sleeping, sleep_ns=None, processes=2, threads=1, model_bound_ns=None)
    ring = replace(
        base, binary="bench_messages", benchmark="ring", model="processes", variant="shared_queue", tasks=4
    )
    ring = replace(ring, args=("--mode=ring", "--tasks=4", "--hops=400"))
    stream = replace(
        ring, benchmark="messages", variant="shared_queue+2to3", payload_bytes=8, tasks=50, args=()
    )
    grep = replace(
        base, binary="bench_pipeline", benchmark="pipeline", model="coroutines", variant="push", stages=2
    )
    found = list(counterparts([ring, stream, replace(grep, args=("--pattern=x y",), tasks=20)], "quick"))
    assert [(case.model, case.variant, case.processes) for case in found[:4]] == [
        ("python_queue", "queue", 4),
        ("python_queue", "simple_queue", 4),
        ("python_queue", "queue+2to3", 5),
        ("python_queue", "simple_queue+2to3", 5),
    ]
    assert "--hops=400" in found[0].args and found[2].payload_bytes == 8
    assert found[4].model == "python_generators" and "--pattern=x y" in found[4].args
    assert found[4].variant.startswith("push+pattern-") and found[4].stages == 2
