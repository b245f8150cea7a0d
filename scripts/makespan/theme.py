# SPDX-License-Identifier: Apache-2.0
"""One look for all charts: a model keeps its colour and marker everywhere, and can be told apart
by the colour-blind and in grey print.

Colours of the known models are those of Okabe & Ito, "Color Universal Design" (2008), without the
yellow, which white paper swallows; warm ones stand for processes, cool ones for threads. Models not
in the table take theirs from Paul Tol's schemes (SRON/EPS/TN/09-002), by a hash of the name, so
that they keep it from run to run.
"""

import zlib
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import matplotlib
import matplotlib.style

from makespan.roles import is_floor

INK = "#1A1A1A"
MUTED = "#5F5F5F"
FAINT = "#C9C9C9"
SHADE = "#F4F4F2"
WARM_ZONE = "#FCF3E8"
COOL_ZONE = "#E9F4F0"

#: model -> (colour, marker, line style), in the order in which legends list them
KNOWN: Mapping[str, tuple[str, str, Any]] = {
    "serial": ("#000000", "s", "solid"),
    "threads": ("#0072B2", "o", "solid"),
    "processes": ("#D55E00", "D", (0, (9, 1.3))),
    "process_pool": ("#E69F00", "^", (0, (9, 1.3, 2, 1.3))),
    "tbb_pool": ("#56B4E9", "v", (0, (4.5, 1))),
    "hybrid": ("#009E73", "P", "solid"),
    "event_loop": ("#CC79A7", "*", (0, (2, 0.8))),
    "coroutines": ("#6A3FA0", ">", "solid"),
}
#: the same of peers, whose colours are darker
PEERS: Mapping[str, tuple[str, str, Any]] = {
    "std_async": ("#332288", "<", "solid"),
    "openmp": ("#999933", "d", (0, (7, 1.5))),
    "asio_pool": ("#117733", "p", "solid"),
    "asio_coroutines": ("#882255", ">", (0, (7, 1.5))),
    "uv_loop": ("#661100", "X", "solid"),
    "boost_fiber": ("#888888", "h", (0, (7, 1.5))),
    "taskflow": ("#AA4499", "8", "solid"),
}
#: variant -> (marker, line style) of what tasks talk through, the same under every model
TRANSPORTS: Mapping[str, tuple[str, Any]] = {
    "queue": ("o", "solid"),
    "tbb_queue": ("v", (0, (4.5, 1))),
    "shared_queue": ("D", "solid"),
    "simple_queue": ("p", (0, (4.5, 1))),
    "pipe": ("s", (0, (7, 1.5))),
    "socket_pair": ("^", (0, (7, 1.5, 1.5, 1.5))),
    "posix_queue": ("P", (0, (3, 1.2))),
    "bare_ring": ("h", (0, (1, 1.2))),
    "zmq_inproc": ("X", (0, (2, 1))),
    "zmq_ipc": ("d", (0, (2, 1))),
    "channel": ("*", "solid"),
    "push": (">", "solid"),
    "pull": ("<", (0, (4.5, 1))),
    "pipeline": ("v", (0, (4.5, 1))),
}
SPARE_COLOURS = (
    "#332288",
    "#999933",
    "#882255",
    "#117733",
    "#AA4499",
    "#661100",
    "#6699CC",
    "#888888",
)
SPARE_MARKERS = ("h", "<", ">", "d", "p", "X", "8")
DASHES: tuple[Any, ...] = ("solid", (0, (7, 1.5)), (0, (7, 1.5, 1.5, 1.5)), (0, (3, 1.2)))
VARIANT_DASHES: tuple[Any, ...] = ((0, (9, 1.5, 2, 1.5)), (0, (4, 1, 1, 1, 1, 1)), (0, (2, 1)))
#: area factor that makes the markers weigh the same to the eye
MARKER_SCALE: Mapping[str, float] = {
    "s": 0.9,
    "D": 0.85,
    "d": 1.1,
    "P": 1.15,
    "*": 1.95,
    "^": 1.1,
    "v": 1.1,
    "<": 1.1,
    ">": 1.1,
}

PARAMETERS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Bitstream Vera Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#E3E3E0",
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "figure.dpi": 100.0,
    "savefig.dpi": 160.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "makespan",
}


def style() -> AbstractContextManager[None]:
    """Our settings on matplotlib's defaults, whatever a matplotlibrc says; undone on leaving."""
    context: AbstractContextManager[None] = matplotlib.style.context(["default", PARAMETERS])
    return context


@dataclass(frozen=True)
class Look:
    """How a series is drawn. `dashes` is a line style of matplotlib; variants are hollow."""

    colour: str
    marker: str
    dashes: Any
    filled: bool

    def size(self, points: float) -> float:
        """Marker size that looks like a disc of `points` diameter."""
        return float(points * MARKER_SCALE.get(self.marker, 1.0) ** 0.9)

    def markers(self, points: float = 5.5) -> dict[str, Any]:
        """Marker keywords of `Axes.plot`."""
        face = self.colour if self.filled else "white"
        edge = "white" if self.filled else self.colour
        return {
            "marker": self.marker,
            "markersize": self.size(points),
            "markerfacecolor": face,
            "markeredgecolor": edge,
            "markeredgewidth": 0.5 if self.filled else 1.2,
        }


@dataclass(frozen=True)
class Theme:
    """Looks of all series of a run. `spare`: place of models not in KNOWN or PEERS among the spare looks."""

    spare: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, models: Iterable[str]) -> "Theme":
        """A theme in which no two of `models` look alike, up to the number of spare looks."""
        places = len(SPARE_COLOURS) * len(SPARE_MARKERS) * len(DASHES)
        taken: dict[str, int] = {}
        for model in sorted(set(models) - set(KNOWN) - set(PEERS)):
            place = zlib.crc32(model.encode()) % len(SPARE_COLOURS)
            while place in taken.values() and len(taken) < places:
                place = (place + 1) % places
            taken[model] = place
        return cls(taken)

    def look(self, model: str, variant: str = "") -> Look:
        """The same for the same model everywhere; a variant keeps its model's colour and marker.

        A transport keeps its model's colour, has a marker and a line style of its own, and is hollow
        only if it is a floor.
        """
        if known := KNOWN.get(model) or PEERS.get(model):
            colour, marker, dashes = known
        else:
            place = self.spare.get(model, zlib.crc32(model.encode()) % len(SPARE_COLOURS))
            colour = SPARE_COLOURS[place % len(SPARE_COLOURS)]
            marker = SPARE_MARKERS[place % len(SPARE_MARKERS)]
            dashes = DASHES[place // len(SPARE_COLOURS) % len(DASHES)]
        if variant in TRANSPORTS:
            return Look(colour, *TRANSPORTS[variant], filled=not is_floor(model, variant))
        if variant:
            dashes = VARIANT_DASHES[zlib.crc32(variant.encode()) % len(VARIANT_DASHES)]
        return Look(colour, marker, dashes, filled=not variant)


def rank(model: str) -> tuple[int, str]:
    """Sort key: known models and peers in the order of their tables, then the others by name."""
    names = [*KNOWN, *PEERS]
    return (names.index(model) if model in names else len(names), model)
