# SPDX-License-Identifier: Apache-2.0
"""The plan: every case once a round, in an order that the seed alone decides; and the presets."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
from conftest import BINARIES, FakeBuild
from makespan.against import pair
from makespan.build import Build
from makespan.errors import UsageError
from makespan.estimate import Estimate
from makespan.plan import ABBA, BAAB, EXPECTED_CELL_S, EXPECTED_OVERHEAD_S, Launch, Plan, make_plan
from makespan.presets import CI, CLASS8, GRANULARITY, LATENCY, MAP, PEERS, PRESETS, Group, Preset, reference
from makespan.preview import dry_run, listing

TRIO = Preset(
    "trio",
    "",
    rounds=2,
    groups=(
        Group("a", "bench_sleep"),
        Group("b", "bench_compute"),
        Group("again", "bench_sleep", traced=1),
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


def test_a_launch_of_several_batches_takes_as_many_numbers(fake_build: FakeBuild) -> None:
    groups = (Group("a", "bench_sleep", batches=7), Group("b", "bench_compute"))
    preset = Preset("several", "", 1, (*groups, Group("again", "bench_compute", traced=2, batches=3)))
    made = make_plan(preset, Build(fake_build.directory), rounds=3, seed=1)
    assert {(case.benchmark, case.batches, case.traced) for case in made.cases} == {
        ("sleep", 7, 0),
        ("compute", 3, 2),
    }
    launches = list(made.launches())
    assert launches[0].sequence == 1
    for earlier, later in zip(launches, launches[1:]):
        assert later.sequence == earlier.sequence + earlier.case.batches
    case = next(case for case in made.cases if case.batches == 7)
    assert case.model_bound_ns == 100_000_000
    assert case.expected_s == pytest.approx(0.7 + 6 * EXPECTED_CELL_S + EXPECTED_OVERHEAD_S)


def test_the_latency_preset_traces_every_round() -> None:
    assert LATENCY.cyclictest and not any(other.cyclictest for other in PRESETS.values() if other is not LATENCY)
    assert all(group.traced >= 100 for group in LATENCY.groups)
    assert {flag for group in LATENCY.groups for flag in group.flags if "slack" in flag} == {"--timer-slack=1us"}
    for group in LATENCY.groups:
        [tasks] = (int(flag.split("=")[1]) for flag in group.flags if flag.startswith("--tasks="))
        assert tasks * group.batches * LATENCY.rounds >= 600, "a tail"
        assert f"--workers={tasks}" in group.flags


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_presets_are_well_formed(preset: Preset) -> None:
    assert PRESETS[preset.name] is preset and preset.about
    assert preset.rounds >= (1 if preset is CLASS8 else 6), "an interval needs six"
    assert len({group.name for group in preset.groups}) == len(preset.groups)
    for group in preset.groups:
        assert group.binary in BINARIES
        valued = [flag for flag in group.flags if flag != "--no-records"]
        assert all(flag.startswith("--") and "=" in flag for flag in valued)
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


def test_tasks_that_talk_are_in_every_preset_of_all_kinds() -> None:
    for preset in PRESETS.values():
        binaries = {group.binary for group in preset.groups}
        talks = {"bench_messages", "bench_pipeline"} <= binaries
        assert talks == (preset.name in ("quick", "talk", "full", "ci", "peers"))
        pings = [group for group in preset.groups if "--mode=ping_pong" in group.flags]
        assert all(group.traced for group in pings) and len(pings) == (talks and preset not in (CI, PEERS))


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


BLOCKS = {ABBA: "ABBA", BAAB: "BAAB"}


@pytest.fixture
def paired(plan: Plan) -> Plan:
    """Five rounds of four cases; the baseline is the same build under another name."""
    return pair(plan, [replace(case, build="base") for case in plan.cases])


def kinds(plan: Plan, rounds: int) -> dict[str, list[str]]:
    """ABBA or BAAB for every round, by case."""
    return {
        case.name: [BLOCKS[plan.block(round, case)] for round in range(1, rounds + 1)]
        for case in plan.cases
    }


def blocks(plan: Plan) -> list[list[Launch]]:
    launches = list(plan.launches())
    return [launches[place : place + 4] for place in range(0, len(launches), 4)]


def test_a_block_is_four_adjacent_launches_of_one_case_and_two_of_each_build(paired: Plan) -> None:
    launches = list(paired.launches())
    assert [launch.number for launch in launches] == list(range(1, paired.total + 1))
    assert paired.total == 5 * 4 * 4
    for block in blocks(paired):
        assert len({(launch.round, launch.case.identity) for launch in block}) == 1
        assert tuple(launch.arm for launch in block) in BLOCKS
        assert {launch.case.build for launch in block if launch.arm == "baseline"} == {"base"}
        assert "base" not in {launch.case.build for launch in block if launch.arm == "current"}
    done = Counter((block[0].round, block[0].case.identity) for block in blocks(paired))
    assert len(done) == 5 * 4 and set(done.values()) == {1}, "every case once a round"


def test_a_paired_plan_has_the_order_of_its_cases_from_the_seed_as_any_other(
    plan: Plan, paired: Plan
) -> None:
    names = [launch.case.name for launch in plan.launches()]
    assert [block[0].case.name for block in blocks(paired)] == names


def test_of_two_rounds_a_case_has_a_block_of_either_kind(paired: Plan) -> None:
    for found in kinds(replace(paired, rounds=200), 200).values():
        first, second = found[::2], found[1::2]
        assert all(one != other for one, other in zip(first, second))
        assert 0 < first.count("ABBA") < 100, "drawn, and not by turns"


def test_the_kinds_of_the_blocks_come_from_the_seed_and_differ_between_cases(paired: Plan) -> None:
    whole = replace(paired, rounds=64)
    again = replace(paired, rounds=64)
    other = replace(paired, rounds=64, seed=43)
    assert kinds(whole, 64) == kinds(again, 64) != kinds(other, 64)
    assert len({tuple(found) for found in kinds(whole, 64).values()}) == 4
    assert {found.count("ABBA") for found in kinds(whole, 64).values()} == {32}
    shorter = replace(paired, rounds=5)
    assert all(kinds(whole, 5)[name] == found for name, found in kinds(shorter, 5).items())


def test_the_blocks_are_the_same_with_every_python(paired: Plan) -> None:
    """A run that was begun under one Python is resumed under another."""
    assert [" ".join(found) for found in kinds(paired, 4).values()] == [
        "ABBA BAAB ABBA BAAB",
        "ABBA BAAB BAAB ABBA",
        "ABBA BAAB ABBA BAAB",
        "BAAB ABBA BAAB ABBA",
    ]


def test_the_confirming_rounds_go_on_with_the_confirmed_cases_alone(paired: Plan) -> None:
    again = paired.cases[1:3]
    longer = replace(paired, confirmed=again)
    launches = list(longer.launches())
    assert launches[: paired.total] == list(paired.launches())
    more = launches[paired.total :]
    assert len(more) == 5 * 2 * 4 == longer.total - paired.total
    assert [launch.number for launch in launches] == list(range(1, longer.total + 1))
    assert {launch.round for launch in more} == {6, 7, 8, 9, 10} and longer.last_round == 10
    assert {launch.case.identity for launch in more} == {case.identity for case in again}
    for case in again:
        found = [BLOCKS[longer.block(round, case)] for round in range(6, 10)]
        assert found[0] != found[1] and found[2] != found[3], "mirrored from their own first round"
    assert replace(paired, confirmed=()).total == paired.total
    assert replace(paired, confirmed=()).last_round == 5


def test_json_of_a_paired_plan_tells_what_is_confirmed_once_it_is_known(paired: Plan) -> None:
    assert "confirmed" not in paired.to_json()
    assert replace(paired, confirmed=()).to_json()["confirmed"] == []
    plain = replace(paired, confirmed=paired.cases[:1]).to_json()
    assert plain["confirmed"] == plain["cases"][:1] == json.loads(json.dumps(plain))["confirmed"]


def test_a_paired_plan_traces_nothing_because_only_one_arm_would_be(plan: Plan, paired: Plan) -> None:
    assert any(case.traced for case in plan.cases)
    assert not any(launch.case.traced for launch in paired.launches())


def test_the_listing_of_a_paired_plan_names_both_builds_and_counts_every_launch(paired: Plan) -> None:
    lines = list(listing(paired))
    assert f"current: {paired.cases[0].build}, baseline: base" in lines
    assert lines[-1].startswith("4 cases × 5 rounds × 4 launches = 80 launches, about ")
    shown = list(dry_run(paired))
    arms = [line.split()[1] for line in shown[1 : 1 + 16]]
    assert arms == [launch.arm for launch in paired.launches() if launch.round == 1]
    bounds = sum(case.expected_s for case in paired.cases if case.group == "b")
    assert f"{4 * bounds:>9.1f} s  b: 4 launches" in shown


def test_the_estimate_counts_both_arms(paired: Plan) -> None:
    estimate = Estimate(paired.launches())
    assert estimate.remaining() == pytest.approx(20 * sum(case.expected_s for case in paired.cases))


def test_the_preset_ci_is_short_and_has_every_kind_of_case() -> None:
    assert {group.binary for group in CI.groups} == set(BINARIES) - {"bench_lifecycle", "bench_footprint"}
    assert CI.rounds >= 16 and CI.rounds % 2 == 0, "as many blocks of either kind"
    assert not any(group.traced for group in CI.groups)


def test_tasks_that_are_not_to_be_recorded_are_not(fake_build: FakeBuild) -> None:
    groups = (Group("without", "bench_sleep", ("--no-records",)), Group("with", "bench_compute"))
    made = make_plan(Preset("both", "", 1, groups), Build(fake_build.directory), 1, 1)
    assert {(case.group, case.args.count("--no-records")) for case in made.cases} == {("without", 1), ("with", 0)}
