# SPDX-License-Identifier: Apache-2.0
"""The peers that the build of a run had not got, as its env.json has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from makespan import units
from makespan.errors import InputError

#: In env.json: model or model/variant -> what it needs. Runs that were not to measure peers, or are older, have none.
NOT_BUILT = "not_built"


def read_not_built(path: Path, environment: Mapping[str, Any]) -> Mapping[str, str]:
    """Of what the env.json at `path` says; empty if it says nothing. Raises InputError if that is something else."""
    found = environment.get(NOT_BUILT, {})
    if not isinstance(found, dict) or not all(isinstance(needs, str) for needs in found.values()):
        raise InputError(path, 1, f'"{NOT_BUILT}" is no object of texts', "an object as the runner writes it")
    return found


def not_built_line(found: Mapping[str, str]) -> str:
    """Like `Not in this build: asio_pool, asio_coroutines (needs libasio-dev). …`; empty if all was built."""
    by_needs: dict[str, list[str]] = {}
    for name, needs in found.items():
        by_needs.setdefault(needs, []).append(name)
    told = "; ".join(f"{', '.join(names)} (needs {needs})" for needs, names in by_needs.items())
    line = f"Not in this build: {told}. The verdicts rest on the other peers."
    return units.one_line(line, most=2_000) if found else ""
