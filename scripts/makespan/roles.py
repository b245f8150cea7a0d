# SPDX-License-Identifier: Apache-2.0
"""What a model is there for. The binaries say it in --list-models, and this is the one place where the scripts know
it: a test holds the two against each other."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from makespan.columns import BARE, LIFECYCLE_FLOORS, floor_of


class Role(StrEnum):
    """`OWN`: the suite's own form of a model. `PEER`: what users would pick instead. `FLOOR`: how fast it could go,
    no choice for users, so it never wins."""

    OWN = "own"
    PEER = "peer"
    FLOOR = "floor"


#: Model and variant.
TRANSPORT_FLOORS: frozenset[tuple[str, str]] = frozenset({("processes", "bare_ring")})
#: Those and the others.
FLOORS: frozenset[tuple[str, str]] = frozenset(
    {
        *TRANSPORT_FLOORS,
        *((model, BARE) for model in ("threads", "processes", "tbb_pool")),
        ("tbb_pool", floor_of("submit")),
        *((unit, BARE) for unit in LIFECYCLE_FLOORS.values()),
    }
)

#: Models that are peers in every variant, in the order of tables; those of PYTHON are, too.
PEERS: tuple[str, ...] = (
    "std_async",
    "openmp",
    "asio_pool",
    "asio_coroutines",
    "uv_loop",
    "boost_fiber",
    "taskflow",
)
#: How the names begin of the models that are written in Python.
PYTHON = "python_"
#: Variants of our own models whose tasks talk through a library that is a peer.
PEER_VARIANTS: frozenset[tuple[str, str]] = frozenset({("threads", "zmq_inproc"), ("processes", "zmq_ipc")})


def role_of(model: str, own: str) -> Role:
    """`own` is the variant of the model's own."""
    if (model, own) in FLOORS:
        return Role.FLOOR
    if model in PEERS or model.startswith(PYTHON) or (model, own) in PEER_VARIANTS:
        return Role.PEER
    return Role.OWN


def is_floor(model: str, own: str) -> bool:
    """Whether a model in this variant of its own is there for comparison only."""
    return role_of(model, own) is Role.FLOOR


def is_peer(model: str, own: str) -> bool:
    return role_of(model, own) is Role.PEER


def marked(name: str, role: Role) -> str:
    """The name as tables and charts have it: like "asio_pool (peer)"."""
    return name if role is Role.OWN else f"{name} ({role})"


def with_peer(name: str, model: str, own: str) -> str:
    """The name, marked only if it is a peer's: where floors say by their variant what they are."""
    return marked(name, Role.PEER) if is_peer(model, own) else name


def parse_roles(text: str) -> tuple[Role, ...]:
    """Reads "own,peer"; each once. Raises ValueError with what is allowed."""
    words = list(dict.fromkeys(word.strip() for word in text.split(",")))
    allowed = [role.value for role in Role]
    for word in words:
        if word not in allowed:
            raise ValueError(
                f"{word!r} is no role; allowed: a list, separated by commas, of {', '.join(allowed)}"
            )
    return tuple(Role(word) for word in words)


def listed(roles: Sequence[Role]) -> str:
    """As parse_roles() and the flag --roles of the binaries read it."""
    return ",".join(roles)
