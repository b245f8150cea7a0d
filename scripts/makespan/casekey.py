# SPDX-License-Identifier: Apache-2.0
"""The key by which a case is known in samples, in a plan and in a comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd

from makespan.batch import Batch, batch_of
from makespan.columns import CASE_KEY, split_variant

#: The values of CASE_KEY: whole numbers, text, and None for "not applicable". Equal to
#: tuple(getattr(case, name) for name in CASE_KEY) of the case of a plan.
CaseKey = tuple[object, ...]


def case_keys(samples: pd.DataFrame) -> list[CaseKey]:
    """The key of every row."""
    return list(zip(*([_plain(value) for value in samples[name].tolist()] for name in CASE_KEY)))


def fields_of(key: CaseKey) -> dict[str, object]:
    """Column -> value."""
    return dict(zip(CASE_KEY, key))


def benchmark_of(key: CaseKey) -> str:
    return str(fields_of(key)["benchmark"])


def batch_of_key(key: CaseKey) -> Batch:
    return batch_of(fields_of(key))


def contender_of_key(key: CaseKey) -> str:
    """Like `hybrid 2 × 5 loop`; where tasks talk like `processes/shared_queue 2 × 1`."""
    fields = fields_of(key)
    model, own = str(fields["model"]), split_variant(str(fields["variant"])).own
    shape = " × ".join(str(fields[n]) for n in ("processes", "threads") if fields[n] is not None)
    if own and batch_of_key(key).talks:
        return f"{model}/{own} {shape}".strip()
    return " ".join(part for part in (model, shape, own) if part)


def title_of(key: CaseKey) -> str:
    """Like `event_loop 1 × 1, 10 tasks × sleep 10 ms`."""
    return f"{contender_of_key(key)}, {batch_of_key(key)}"


def _plain(value: object) -> object:
    """Numbers of numpy are equal to Python's, but are not written as JSON."""
    if isinstance(value, np.integer):
        return int(value)
    return None if value is pd.NA else value
