# SPDX-License-Identifier: Apache-2.0
"""peers.csv: every figure of the table with the rows of samples.csv that it was made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from .figures import Figure
from .judged import Answer
from .questions import Side
from .ratios import AT_MOST, Ratio, Round, known, ratio_of_spans

COLUMNS = (
    "question",
    "figure",
    "best",
    "benchmark",
    "model",
    "variant",
    "tasks",
    "processes",
    "threads",
    "column",
    "unit",
    "limit",
    "value",
    "low",
    "high",
    "n",
    "run_id",
    "rounds",
    "sequences",
    "verdict",
)
_RATIOS = ((Side.OURS, Side.FLOOR), (Side.PYTHON, Side.OURS))


def sources_csv(found: Sequence[Answer]) -> str:
    """A row for each figure that was measured, those that are not the best of their side included, and after those of a
    question its ratios. What holds several values has them in order, separated by blanks."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for answer in found:
        writer.writerows(_figure(answer, figure) for figure in answer.figures if len(figure.rows))
        writer.writerows(_ratios(answer))
    return text.getvalue()


def _figure(answer: Answer, figure: Figure) -> dict[str, object]:
    rows, question = figure.rows, answer.question
    return {
        "question": question.name,
        "figure": str(figure.side),
        **_value(figure),
        "best": "yes" if answer.best.get(figure.side) is figure else "no",
        "benchmark": question.benchmark,
        "model": figure.model,
        **{name: _values(rows[name]) for name in ("variant", "tasks", "processes", "threads", "run_id")},
        "column": question.formula,
        "unit": "bytes" if "bytes" in question.formula else "ns",
        "rounds": _rounds(figure.rounds),
        "sequences": _values(rows["sequence"]),
    }


def _ratios(answer: Answer) -> Iterator[dict[str, object]]:
    """Of ours to every rival, and those of the table."""
    best = answer.best
    pairs = [(best[Side.OURS], rival) for rival in answer.rivals if Side.OURS in best]
    pairs += [(best[one], best[two]) for one, two in _RATIOS if one in best and two in best]
    for one, two in pairs:
        ratio = ratio_of_spans(one.rounds, two.rounds)
        if ratio is None:
            continue
        both = [number for number in one.rounds if number in two.rounds]
        rows = pd.concat([one.rows, two.rows])
        at = pd.Series(list(zip(rows["run_id"], rows["round"])), index=rows.index)
        rows = rows[at.isin(both).to_numpy(dtype=bool)]
        yield {
            "question": answer.question.name,
            "figure": f"{one.side} ÷ {two.side}",
            **_ratio(ratio),
            "best": "yes" if best.get(two.side) is two else "no",
            "benchmark": answer.question.benchmark,
            "column": f"{one.name} {one.shape} ÷ {two.name} {two.shape}".strip(),
            "run_id": _values(rows["run_id"]),
            "rounds": _rounds(both),
            "sequences": _values(rows["sequence"]),
            "verdict": str(answer.verdict) if two is answer.rival else "",
        }


def _value(figure: Figure) -> dict[str, object]:
    value = figure.value
    if value is None:
        return {"n": 0}
    limit = AT_MOST if figure.at_most else ""
    return {"limit": limit, "n": value.n, **_numbers(value=value.median, low=value.low, high=value.high)}


def _ratio(ratio: Ratio) -> dict[str, object]:
    ends = _numbers(value=ratio.value, low=known(ratio.low), high=known(ratio.high))
    return {"limit": ratio.limit, "n": ratio.n, **ends}


def _numbers(**numbers: float | None) -> dict[str, str]:
    """Those that there are, with all of their digits."""
    return {name: repr(float(number)) for name, number in numbers.items() if number is not None}


def _rounds(numbers: Iterable[Round]) -> str:
    return " ".join(str(number) for _, number in numbers)


def _values(column: pd.Series) -> str:
    """Each once, in order."""
    return " ".join(str(value) for value in sorted(set(column.dropna())))
