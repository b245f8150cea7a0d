# SPDX-License-Identifier: Apache-2.0
"""Records of ours read back from JSON, which may have been edited, or be of another program."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Protocol, TypeVar

from makespan import units


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Record = TypeVar("Record", bound=_Dataclass)


class Misfit(ValueError):
    """`what` does not fit, and what is `allowed` there."""

    def __init__(self, what: str, allowed: str) -> None:
        super().__init__(f"{what}; allowed: {allowed}")
        self.what, self.allowed = what, allowed


def record_of(cls: type[Record], plain: object) -> Record:
    """The record as asdict() and JSON made it: every value is of the declared type, none is missing but
    what has a default. Raises Misfit."""
    if not isinstance(plain, dict):
        raise Misfit(shown(plain), "an object")
    known = {field.name: field for field in fields(cls)}
    for name in plain:
        if name not in known:
            raise Misfit(f"{shown(name)} is not known", ", ".join(known))
    values: dict[str, Any] = {}
    for name, field in known.items():
        allowed, fits = _KINDS[field.type]
        if name not in plain and field.default is MISSING:
            raise Misfit(f"no {name}", allowed)
        if name in plain:
            value = plain[name]
            if not fits(value):
                raise Misfit(f"{name} is {shown(value)}", allowed)
            values[name] = tuple(value) if isinstance(value, list) else value
    make: Callable[..., Record] = cls
    return make(**values)


def shown(value: object) -> str:
    """As JSON has it, not too long."""
    return units.one_line(json.dumps(value, ensure_ascii=False), most=60)


def _text(value: object) -> bool:
    return isinstance(value, str)


def _truth(value: object) -> bool:
    return isinstance(value, bool)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not _truth(value) and value >= 0


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not _truth(value)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _named_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


_Fits = Callable[[object], bool]
_PLAIN: dict[object, tuple[str, _Fits]] = {
    "str": ("a text", _text),
    "int": ("a whole number from 0", _whole),
    "float": ("a number", _number),
    "bool": ("true or false", _truth),
    "tuple[str, ...]": ("a list of texts", _texts),
    "Mapping[str, str]": ("an object of texts", _named_texts),
}


def _or_null(fits: _Fits) -> _Fits:
    return lambda value: value is None or fits(value)


# How a field is declared -> what JSON may have there.
_KINDS: Mapping[object, tuple[str, _Fits]] = {
    **_PLAIN,
    **{f"{kind} | None": (f"{said}, or null", _or_null(fits)) for kind, (said, fits) in _PLAIN.items()},
}
