# SPDX-License-Identifier: Apache-2.0
"""The cases of a run that were never launched, as its plan.json has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from makespan.batch import Batch, batch_of
from makespan.columns import CASE_KEY, split_variant
from makespan.errors import InputError
from makespan.files import read_json_object

from .questions import Kind, Question, Side, shape_of


@dataclass(frozen=True)
class LeftOut:
    """A case, and why it was not launched."""

    model: str
    own: str
    batch: Batch
    shape: tuple[int, int] | None
    why: str

    @property
    def name(self) -> str:
        return f"{self.model}/{self.own}" if self.own else self.model

    def side(self, question: Question) -> Side | None:
        return question.side(self.model, self.own)

    def asked_by(self, question: Question) -> bool:
        if self.batch.benchmark != question.benchmark or self.side(question) is None:
            return False
        return question.fits(self.shape) and (question.kind is not Kind.ROW or question.takes(self.batch))


def read_left_out(plan: Path) -> list[LeftOut]:
    """Those of plan.json; none if the file is not there. Raises InputError if it is not a plan."""
    if not plan.is_file():
        return []
    cases = read_json_object(plan).get("left_out", [])
    try:
        return [_case(case) for case in cases]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = f'"left_out": {type(error).__name__} {error}'
        raise InputError(plan, 1, what, "cases as the runner writes them") from None


def _case(case: Mapping[str, Any]) -> LeftOut:
    row = {name: case[name] for name in CASE_KEY}
    own = split_variant(str(case["variant"])).own
    return LeftOut(str(case["model"]), own, batch_of(row), shape_of(row), str(case["left_out"]))
