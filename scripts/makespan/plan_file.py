# SPDX-License-Identifier: Apache-2.0
"""plan.json read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from makespan.errors import InputError
from makespan.from_json import Misfit, record_of, shown
from makespan.plan import Case


@dataclass(frozen=True)
class Recorded:
    """The cases as plan.json has them. `confirmed` is None and `refined` empty until they are decided."""

    cases: tuple[Case, ...]
    left_out: tuple[Case, ...]
    confirmed: tuple[Case, ...] | None
    refined: tuple[tuple[Case, ...], ...]


def read_cases(path: Path, plan: Mapping[str, Any]) -> Recorded:
    """Of the object in plan.json, at `path`. Raises InputError, which names the place in it."""
    confirmed = plan.get("confirmed")
    stages = _list(path, plan.get("refined", []), "refined")
    return Recorded(
        cases=_cases(path, plan.get("cases"), "cases"),
        left_out=_cases(path, plan.get("left_out"), "left_out"),
        confirmed=None if confirmed is None else _cases(path, confirmed, "confirmed"),
        refined=tuple(_cases(path, stage, f"refined[{n}]") for n, stage in enumerate(stages)),
    )


def _cases(path: Path, plain: object, where: str) -> tuple[Case, ...]:
    found = []
    for number, one in enumerate(_list(path, plain, where)):
        try:
            found.append(record_of(Case, one))
        except Misfit as error:
            raise InputError(path, 1, f"{where}[{number}]: {error.what}", error.allowed) from None
    return tuple(found)


def _list(path: Path, plain: object, where: str) -> list[object]:
    if not isinstance(plain, list):
        raise InputError(path, 1, f"{where} is {shown(plain)}", "a list of cases")
    return plain
