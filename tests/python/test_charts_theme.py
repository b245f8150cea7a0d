# SPDX-License-Identifier: Apache-2.0
"""A model looks the same everywhere, and no two models look alike."""

from __future__ import annotations

import matplotlib
import pytest
from makespan import roles
from makespan.theme import KNOWN, PEERS, Look, Theme, rank, style
from matplotlib.colors import to_rgb


def test_known_models_differ_in_colour_and_in_marker() -> None:
    looks = [Theme.of(KNOWN).look(model) for model in KNOWN]
    assert len({look.colour for look in looks}) == len(KNOWN)
    assert len({look.marker for look in looks}) == len(KNOWN)


def test_peers_have_a_look_each() -> None:
    assert tuple(PEERS) == roles.PEERS
    assert len({colour for colour, *_ in (*KNOWN.values(), *PEERS.values())}) == len(KNOWN) + len(PEERS)
    assert len({marker for _, marker, _ in PEERS.values()}) == len(PEERS)


def as_deuteranope(colour: str) -> tuple[float, float, float]:
    """Viénot, Brettel, Mollon (1999), for linear RGB."""
    r, g, b = (channel**2.2 for channel in to_rgb(colour))
    return 0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b


def test_known_colours_stay_apart_without_green_cones() -> None:
    colours = {model: as_deuteranope(colour) for model, (colour, *_) in KNOWN.items()}
    for model, seen in colours.items():
        for other, as_well in colours.items():
            if model < other:
                assert max(abs(a - b) for a, b in zip(seen, as_well)) > 0.05, (model, other)


def test_a_variant_keeps_the_colour_and_marker_of_its_model_and_is_hollow() -> None:
    theme = Theme.of(["hybrid"])
    plain, variant = theme.look("hybrid"), theme.look("hybrid", "loop")
    assert (plain.colour, plain.marker) == (variant.colour, variant.marker)
    assert plain.filled and not variant.filled
    assert plain.dashes != variant.dashes
    assert variant.markers()["markerfacecolor"] == "white"


def test_an_unknown_model_keeps_its_look_whatever_the_order_and_the_known_ones_around() -> None:
    one = Theme.of(["fibers", "actors", "serial"])
    other = Theme.of(["threads", "actors", "fibers"])
    assert one.look("fibers") == other.look("fibers")
    assert one.look("actors") == other.look("actors")
    assert one.look("serial") == other.look("serial")


def test_forty_unknown_models_all_look_different() -> None:
    models = [f"model_{number}" for number in range(40)]
    theme = Theme.of(models)
    looks = {(look.colour, look.marker, str(look.dashes)) for look in map(theme.look, models)}
    assert len(looks) == 40
    assert not {colour for colour, *_ in looks} & {colour for colour, *_ in KNOWN.values()}


def test_known_models_come_first_in_their_order() -> None:
    models = ["zebra", "event_loop", "ant", "serial", "threads"]
    assert sorted(models, key=rank) == ["serial", "threads", "event_loop", "ant", "zebra"]


def test_our_settings_hold_within_and_are_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 33.0)
    monkeypatch.setitem(matplotlib.rcParams, "axes.facecolor", "red")
    with style():
        assert matplotlib.rcParams["font.size"] == 9.0
        assert matplotlib.rcParams["axes.facecolor"] != "red"
        assert matplotlib.rcParams["svg.hashsalt"] == "makespan"
    assert matplotlib.rcParams["font.size"] == 33.0


def test_markers_of_a_look_are_keywords_of_a_line() -> None:
    assert Look("#123456", "o", "solid", True).markers(6.0)["markersize"] == pytest.approx(6.0)
