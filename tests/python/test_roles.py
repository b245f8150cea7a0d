# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
import pytest
import synthetic
from makespan.charts.data import of_roles
from makespan.options import parse
from makespan.presets import PRESETS
from makespan.roles import (
    FLOORS,
    PEER_VARIANTS,
    PEERS,
    Role,
    is_floor,
    is_peer,
    listed,
    marked,
    parse_roles,
    role_of,
    with_peer,
)
from makespan.summary import summarise
from makespan.tables import case_tables, winners_table
from makespan.winners import Outcome, judge


def test_every_model_has_one_role() -> None:
    assert role_of("threads", "") == role_of("event_loop", "") == role_of("hybrid", "loop") == Role.OWN
    assert role_of("tbb_pool", "submit") == Role.OWN and role_of("openmp", "taskloop") == Role.PEER
    assert role_of("tbb_pool", "bare_submit") == Role.FLOOR
    assert all(is_peer(model, "") and is_peer(model, "channel") for model in PEERS)
    assert is_peer("python_threading", "") and not is_peer("pythonic", "")
    assert all(is_peer(*pair) for pair in PEER_VARIANTS) and role_of("threads", "queue") == Role.OWN
    assert all(is_floor(*pair) for pair in FLOORS)
    assert not FLOORS & PEER_VARIANTS


def test_names_are_marked() -> None:
    assert marked("threads", Role.OWN) == "threads"
    assert marked("asio_pool", Role.PEER) == "asio_pool (peer)"
    assert marked("threads/bare", Role.FLOOR) == "threads/bare (floor)"
    assert with_peer("uv_loop", "uv_loop", "") == "uv_loop (peer)"
    assert with_peer("threads bare", "threads", "bare") == "threads bare"


def test_lists_of_roles_are_read() -> None:
    assert parse_roles("peer, own,peer") == (Role.PEER, Role.OWN)
    assert listed(parse_roles("own,floor")) == "own,floor"
    with pytest.raises(ValueError, match="'rival' is no role; allowed: .* own, peer, floor"):
        parse_roles("own,rival")


def test_the_runner_hands_roles_on(capsys: pytest.CaptureFixture[str]) -> None:
    options = parse(["--roles", "own, peer"], PRESETS)
    assert options.roles == "own,peer"
    quick = PRESETS["quick"]
    assert all(group.flags[-1] == "--roles=own,peer" for group in quick.of_roles(options.roles).groups)
    assert quick.of_roles(parse([], PRESETS).roles) is quick
    for wrong in (["--roles", "rival"], ["--resume", "x", "--roles", "own"]):
        with pytest.raises(SystemExit) as stopped:
            parse(wrong, PRESETS)
        assert stopped.value.code == 2
    assert "rival" in capsys.readouterr().err


Frame = Callable[..., pd.DataFrame]


def rows(model: str, makespans: Iterable[int], variant: str = "") -> list[synthetic.Row]:
    shape = synthetic.Shape(model, cpus=synthetic.CPUS)
    return [
        synthetic.sample(shape, launch=number, round=number, variant=variant, makespan_ns=ns)
        for number, ns in enumerate(makespans, 1)
    ]


def test_a_peer_may_win_and_a_floor_may_not(frame: Frame) -> None:
    slow, middle, fast = ([ns + step for step in range(6)] for ns in (30_000_000, 20_000_000, 10_000_000))
    summary = summarise(
        frame([*rows("threads", slow), *rows("asio_pool", middle), *rows("threads", fast, "bare")])
    )
    (verdict,) = judge(summary)
    assert verdict.outcome is Outcome.WON and verdict.first[0].role is Role.PEER
    (line,) = winners_table([verdict]).rows
    assert line[1] == "asio_pool (peer)"
    ((_, table),) = case_tables(summary)
    assert [row[0] for row in table.rows] == ["threads (floor)", "asio_pool (peer)", "threads"]


def test_rows_are_filtered_by_role(frame: Frame) -> None:
    samples = frame([*rows("threads", [1]), *rows("uv_loop", [1]), *rows("threads", [1], "bare")])
    assert of_roles(samples, tuple(Role)) is samples
    assert of_roles(samples, (Role.OWN, Role.PEER))["model"].tolist() == ["threads", "uv_loop"]
    assert of_roles(samples, (Role.FLOOR,))["variant"].tolist() == ["bare"]
    none = of_roles(samples[:0], (Role.OWN,))
    assert list(none.columns) == list(samples.columns) and none.empty
