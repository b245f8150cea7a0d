# SPDX-License-Identifier: Apache-2.0
"""The plan: every case once a round, in an order that the seed alone decides; and the presets."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice

import pytest
from conftest import FakeBuild
from makespan.build import Build
from makespan.errors import UsageError
from makespan.estimate import Estimate
from makespan.plan import EXPECTED_OVERHEAD_S, Plan, make_plan
from makespan.presets import CLASS8, PRESETS, Group, Preset, reference
from makespan.preview import listing

BINARIES = {"bench_sleep", "bench_compute", "bench_mixed", "bench_messages", "bench_pipeline"}
TRIO = Preset(
    "trio",
    "",
    rounds=2,
    groups=(
        Group("a", "bench_sleep"),
        Group("b", "bench_compute"),
        Group("again", "bench_sleep", traced=True),
    ),
)


@pytest.fixture
def plan(fake_build: FakeBuild) -> Plan:
    return make_plan(TRIO, Build(fake_build.directory), rounds=5, seed=42)


def test_every_case_once_a_round_and_numbered_through(plan: Plan) -> None:
    launches = list(plan.launches())
    assert [launch.number for launch in launches] == list(range(1, plan.total + 1))
    assert Counter(launch.round for launch in launches) == dict.fromkeys(range(1, 6), 4)
    assert Counter(launch.case for launch in launches) == dict.fromkeys(plan.cases, 5)


def test_the_seed_alone_decides_the_order(plan: Plan, fake_build: FakeBuild) -> None:
    def names(rounds: int, seed: int) -> list[str]:
        made = make_plan(TRIO, Build(fake_build.directory), rounds, seed)
        return [launch.case.name for launch in made.launches()]

    assert names(5, 42) == names(5, 42)
    assert names(5, 42) != names(5, 43)
    assert names(9, 42)[:20] == names(5, 42), "more rounds leave the first ones as they are"


def test_rounds_have_orders_of_their_own(fake_build: FakeBuild) -> None:
    made = make_plan(TRIO, Build(fake_build.directory), rounds=40, seed=1)
    orders = {tuple(case.name for case in made.order(round)) for round in range(1, 41)}
    firsts = Counter(made.order(round)[0].name for round in range(1, 41))
    assert len(orders) > 12, "of 24"
    assert len(firsts) == 4, "nobody is always first"


def test_the_order_is_the_same_with_every_python(plan: Plan) -> None:
    """A run that was begun under one Python is resumed under another."""
    order = [launch.case.name.removesuffix("/tasks:10") for launch in islice(plan.launches(), 8)]
    assert order == [
        "sleep/threads",
        "sleep/event_loop",
        "compute/threads",
        "sleep/serial",
        "sleep/event_loop",
        "compute/threads",
        "sleep/serial",
        "sleep/threads",
    ]


def test_cases_of_two_groups_are_launched_once_and_traced_if_one_asks(plan: Plan) -> None:
    assert len(plan.cases) == 4
    assert [case.traced for case in plan.cases] == [True, True, True, False]
    assert {case.group for case in plan.cases} == {"a", "b"}


def test_what_is_left_out_is_not_launched(plan: Plan) -> None:
    assert [case.left_out for case in plan.left_out] == [
        "model bound 100 s exceeds --max-bound 500 ms"
    ]
    assert not {launch.case for launch in plan.launches()} & set(plan.left_out)


def test_json_reads_back_as_it_was(plan: Plan) -> None:
    assert json.loads(json.dumps(plan.to_json())) == plan.to_json()


def test_a_missing_binary_is_named(fake_build: FakeBuild) -> None:
    (fake_build.directory / "bin" / "bench_compute").unlink()
    with pytest.raises(UsageError, match=r"bench_compute is not there; run scripts/run\.sh"):
        make_plan(TRIO, Build(fake_build.directory), 1, 1)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 2", "bench_sleep --list=json ended with 2: without a word"),
        ("echo '--tasks: bad' >&2; exit 2", "ended with 2: --tasks: bad"),
        ("echo hello", "bench_sleep --list=json printed no JSON"),
        ("echo '[]'", "printed a JSON list; allowed: an object"),
        ("echo '{}'", "no 'benchmark'"),
        ("""echo '{"benchmark": "sleep", "cases": [{"name": "x"}]}'""", "no 'model'"),
        ("""echo '{"benchmark": "sleep", "cases": []}'""", "has no case that can be launched"),
    ],
)
def test_a_binary_that_does_not_answer(fake_build: FakeBuild, script: str, expected: str) -> None:
    (fake_build.directory / "bin" / "bench_sleep").write_text(f"#!/bin/sh\n{script}\n")
    only = Preset("p", "", 1, (Group("a", "bench_sleep"),))
    with pytest.raises(UsageError) as caught:
        make_plan(only, Build(fake_build.directory), 1, 1)
    assert expected in str(caught.value)


def test_estimate(plan: Plan) -> None:
    launches = list(plan.launches())
    estimate = Estimate(launches)
    bounds = sum((launch.case.model_bound_ns or 0) / 1e9 for launch in launches)
    assert estimate.remaining() == pytest.approx(bounds + 20 * EXPECTED_OVERHEAD_S)
    for launch in launches[:4]:
        estimate.ended(launch.case, (launch.case.model_bound_ns or 0) / 1e9 + 1)
    assert estimate.remaining() == pytest.approx((bounds + 20) * 0.8)
    for launch in launches[4:]:
        estimate.ended(launch.case, 1)
    assert estimate.remaining() == 0


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_presets_are_well_formed(preset: Preset) -> None:
    assert PRESETS[preset.name] is preset and preset.about
    assert preset.rounds >= (1 if preset is CLASS8 else 6), "an interval needs six"
    assert len({group.name for group in preset.groups}) == len(preset.groups)
    for group in preset.groups:
        assert group.binary in BINARIES
        assert all(flag.startswith("--") and "=" in flag for flag in group.flags)
        keys = [flag.split("=")[0] for flag in group.flags]
        assert len(set(keys)) == len(keys)


def test_the_reference_scenario() -> None:
    assert CLASS8.groups == reference("5s")
    assert all(group.traced for group in CLASS8.groups)
    assert all({"--tasks=10", "--sleep=5s"} <= set(group.flags) for group in CLASS8.groups)
    models = {name for g in CLASS8.groups for name in g.flags[0].split("=")[1].split(",")}
    assert models == {
        "serial", "threads", "processes", "event_loop", "process_pool", "tbb_pool", "hybrid"
    }  # fmt: skip


def test_tasks_that_talk_are_in_every_preset_but_the_reference_scenario() -> None:
    for preset in PRESETS.values():
        binaries = {group.binary for group in preset.groups}
        talks = {"bench_messages", "bench_pipeline"} <= binaries
        assert talks == (preset is not CLASS8)
        pings = [group for group in preset.groups if "--mode=ping_pong" in group.flags]
        assert all(group.traced for group in pings) and len(pings) == talks


@pytest.fixture
def talk(fake_build: FakeBuild) -> Plan:
    groups = (Group("messages", "bench_messages"), Group("pipeline", "bench_pipeline"))
    return make_plan(Preset("talk", "", 1, groups), Build(fake_build.directory), 1, 1)


def test_a_case_is_of_the_benchmark_that_its_entry_names(talk: Plan) -> None:
    facts = [(c.benchmark, c.model, c.payload_bytes, c.stages, c.tasks) for c in talk.cases]
    assert facts == [
        ("messages", "processes", 8, None, 100),
        ("messages", "processes", 1024, None, 100),
        ("ping_pong", "processes", 8, None, 100),
        ("ring", "threads", None, None, 100),
        ("pipeline", "serial", None, 1, 100),
        ("pipeline", "serial", None, 4, 100),
    ]
    assert {case.model_bound_ns for case in talk.cases} == {None}


def test_cases_of_one_name_are_told_apart_by_payload_and_stages(talk: Plan) -> None:
    assert len({case.name for case in talk.cases}) == 4, "the names alone do not tell"
    assert len({case.identity for case in talk.cases}) == 6
    assert json.loads(json.dumps(talk.to_json())) == talk.to_json()


def test_without_a_bound_a_launch_is_expected_to_take_what_its_start_takes(talk: Plan) -> None:
    estimate = Estimate(talk.launches())
    assert estimate.remaining() == pytest.approx(6 * EXPECTED_OVERHEAD_S)
    assert [line.strip() for line in listing(talk)][1] == talk.cases[0].name
