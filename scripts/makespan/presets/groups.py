# SPDX-License-Identifier: Apache-2.0
"""What a preset consists of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from makespan.roles import Role


@dataclass(frozen=True)
class Group:
    """A grid of one binary. The launches of the first `traced` rounds also write every task to trace.csv. A
    launch has `batches` of its case: the tail of a distribution takes many tasks. `optional` are models that are
    measured beside those of the flag --models where the binary was built with them. One as model/variant
    adds its variant to the flag --variant as well. `python`: whether the cases have
    counterparts in Python, if that is asked for."""

    name: str
    binary: str
    flags: tuple[str, ...] = ()
    traced: int = 0
    batches: int = 1
    optional: tuple[str, ...] = ()
    python: bool = True

    @property
    def asks_for_peers(self) -> bool:
        roles = [flag.partition("=")[2].split(",") for flag in self.flags if flag.startswith("--roles=")]
        return any(Role.PEER in some for some in roles) if roles else bool(self.optional)

    def flags_for(self, built: Collection[str]) -> tuple[str, ...]:
        """The flags for a binary that has these models."""
        there = [entry.partition("/")[::2] for entry in self.optional if entry in built]
        models, variants = [model for model, _ in there], [variant for _, variant in there if variant]
        return tuple(_with(_with(flag, "--models=", models), "--variant=", variants) for flag in self.flags)


def _with(flag: str, name: str, more: Iterable[str]) -> str:
    """A list in a flag of this name, with what it lacks."""
    head, values = flag[: len(name)], flag[len(name) :].split(",")
    return flag if head != name else name + ",".join(dict.fromkeys((*values, *more)))


@dataclass(frozen=True)
class Preset:
    """`rounds` is what is run without --rounds; a 95 % interval of a median needs at least 6. `refinements`:
    how often points are added to the groups with --sweep=map, where the winner changes. `cyclictest`:
    whether that program runs as well, if it is there, with the same sleeps. `with_python`: as if that was asked for.
    `roles`: what of_roles() was asked for."""

    name: str
    about: str
    rounds: int
    groups: tuple[Group, ...]
    refinements: int = 0
    cyclictest: bool = False
    with_python: bool = False
    roles: str | None = None

    def has(self, role: str) -> bool:
        """Whether models of this role are measured, if there are any."""
        return self.roles is None or role in self.roles.split(",")

    def of_roles(self, roles: str | None) -> Preset:
        """The same with models of these roles alone, a list as the binaries read it; itself for None."""
        if roles is None:
            return self
        groups = (
            replace(group, flags=(*(flag for flag in group.flags if not flag.startswith("--roles=")), f"--roles={roles}"))
            for group in self.groups
        )
        return replace(self, groups=tuple(groups), roles=roles)
