# SPDX-License-Identifier: Apache-2.0
"""Which builds are compared: those that were built alike and have the same flags, columns and cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import FakeBuild
from makespan.against import set_against
from makespan.build import Build
from makespan.errors import UsageError
from makespan.plan import Plan, make_plan
from running import PRESETS, second_build

PAIR = PRESETS["pair"]


@pytest.fixture
def baseline(fake_build: FakeBuild, tmp_path: Path) -> FakeBuild:
    return second_build(fake_build, tmp_path)


@pytest.fixture
def plan(fake_build: FakeBuild) -> Plan:
    return make_plan(PAIR, Build(fake_build.directory), rounds=2, seed=1)


def put(build: FakeBuild, name: str, value: object) -> None:
    (build.control / name).write_text(json.dumps(value))


def refusal(plan: Plan, current: FakeBuild, baseline: FakeBuild, force: bool = False) -> str:
    with pytest.raises(UsageError) as caught:
        set_against(plan, PAIR, Build(current.directory), Build(baseline.directory), force)
    return str(caught.value)


def test_builds_that_were_built_alike_are_paired(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild
) -> None:
    baseline.environment({"git_sha": "ffff", "git_dirty": True, "load_1m": 3.0})
    paired, against = set_against(
        plan, PAIR, Build(fake_build.directory), Build(baseline.directory), force=False
    )
    assert [case.identity for case in paired.baseline] == [case.identity for case in paired.cases]
    assert {case.build for case in paired.baseline} == {str(baseline.directory)}
    assert against.differences == ()
    told = against.to_json()
    assert (told["build"], told["git_sha"]) == (str(baseline.directory), "ffff")


def test_a_build_can_be_set_against_itself(plan: Plan, fake_build: FakeBuild) -> None:
    same = Build(fake_build.directory)
    paired, _ = set_against(plan, PAIR, same, same, force=False)
    assert paired.paired and paired.cases == paired.baseline
    assert {launch.arm for launch in paired.launches()} == {"current", "baseline"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"compiler": "GNU 13.2.0"}, "compiler is 'GNU 12.2.0' here and 'GNU 13.2.0' in the baseline"),
        ({"compiler_flags": "-O1"}, "compiler_flags is '-O3 -DNDEBUG' here and '-O1' in the baseline"),
        ({"build_type": "Debug"}, "build_type is 'Release' here and 'Debug' in the baseline"),
        ({"libraries": {"fmt": "8.0.0"}}, "libraries is {"),
    ],
)
def test_builds_of_another_make_are_refused_and_named(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild, change: dict[str, object], says: str
) -> None:
    baseline.environment(change)
    said = refusal(plan, fake_build, baseline)
    assert says in said and "--force" in said
    assert str(baseline.directory) in said and str(fake_build.directory) in said
    _, against = set_against(
        plan, PAIR, Build(fake_build.directory), Build(baseline.directory), force=True
    )
    assert says in against.differences[0] and len(against.differences) == 1
    assert against.to_json()["differences"] == list(against.differences)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  -h,--help  x\n  --models LIST  x (default: all)\n", "bench_compute --tasks: only the current"),
        (
            "  -h,--help  x\n  --models LIST  x (default: all)\n  --tasks LIST  x (default: 10)\n"
            "  --hops VALUE  x\n",
            "bench_compute --hops: only the baseline has it",
        ),
        (
            "  -h,--help  x\n  --models LIST  x (default: all)\n  --tasks LIST  x\n     (default: 20)\n",
            "bench_mixed --tasks: the default is '10' here and '20' in the baseline",
        ),
    ],
)
def test_other_command_lines_are_refused(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild, text: str, says: str
) -> None:
    put(baseline, "help.json", {"text": text})
    assert says in refusal(plan, fake_build, baseline)


def test_another_wording_of_help_is_none_of_our_business(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild
) -> None:
    text = (
        "  -h,--help  Help\n  --models LIST  which\n   models (default:\n   all)\n"
        "  --tasks N  how many (default: 10)"
    )
    put(baseline, "help.json", {"text": text})
    set_against(plan, PAIR, Build(fake_build.directory), Build(baseline.directory), force=False)


def test_other_grids_are_refused_and_the_cases_named(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild
) -> None:
    baseline.more_cases({"mixed": [20, 30, 40, 50]})
    said = refusal(plan, fake_build, baseline)
    assert "4 cases only in the baseline (mixed/threads/tasks:20, " in said and "tasks:40, …)" in said
    fake_build.more_cases({"compute": [70]})
    larger = make_plan(PAIR, Build(fake_build.directory), rounds=2, seed=1)
    said = refusal(larger, fake_build, baseline)
    assert "1 case only in the current build (compute/threads/tasks:70)" in said
    paired, _ = set_against(
        larger, PAIR, Build(fake_build.directory), Build(baseline.directory), force=True
    )
    assert [case.tasks for case in paired.cases] == [10, 10], "those that both have"


def test_a_case_that_only_the_baseline_leaves_out_for_its_bound_is_in_both(
    plan: Plan, fake_build: FakeBuild
) -> None:
    """Which side of --max-bound a case is on may hang on a calibration."""
    preset = PRESETS["quick"]
    whole = make_plan(preset, Build(fake_build.directory), 1, 1)
    edge = Plan((*whole.cases, *whole.left_out), (), 1, 1)
    same = Build(fake_build.directory)
    paired, _ = set_against(edge, preset, same, same, force=False)
    assert len(paired.baseline) == len(edge.cases)
    assert not any(case.left_out for case in paired.baseline)


@pytest.mark.parametrize("force", [False, True])
def test_samples_with_other_columns_cannot_share_a_file(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild, force: bool
) -> None:
    put(baseline, "columns.json", {"more": ["energy_joules"]})
    said = refusal(plan, fake_build, baseline, force)
    assert "only one of them has energy_joules" in said and str(baseline.directory) in said


def test_without_a_case_in_common_there_is_nothing_to_compare(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild
) -> None:
    other = Plan(tuple(plan.cases[:1]), (), 1, 1)
    strange = Plan(tuple(type(c)(**{**vars(c), "name": "x"}) for c in other.cases), (), 1, 1)
    said = refusal(strange, fake_build, baseline, force=True)
    assert "no case in common" in said


def test_a_baseline_without_the_binaries_says_which_build_lacks_them(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild
) -> None:
    (baseline.directory / "bin" / "bench_mixed").unlink()
    said = refusal(plan, fake_build, baseline)
    assert said.startswith(f"--against {baseline.directory}: ")
    assert f"{baseline.directory}/bin/bench_mixed is not there" in said


def test_a_baseline_that_does_not_know_the_flags_of_the_preset_is_named(
    plan: Plan, fake_build: FakeBuild, baseline: FakeBuild
) -> None:
    binary = baseline.directory / "bin" / "bench_mixed"
    binary.write_text("#!/bin/sh\necho 'unknown flag --cpu-share' >&2\nexit 2\n")
    said = refusal(plan, fake_build, baseline)
    assert str(baseline.directory) in said and "unknown flag --cpu-share" in said
