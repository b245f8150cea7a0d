# SPDX-License-Identifier: Apache-2.0
"""peers.csv: every figure of the table with the rows of samples.csv that it was made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from makespan.statistics import Interval

from .figures import Figure
from .judged import Answer
from .questions import Question, Side
from .ratios import Round, ratio_of_spans

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
        **_common(question, str(figure.side), figure.value),
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
            **_common(answer.question, f"{one.side} ÷ {two.side}", ratio.interval),
            "best": "yes" if best.get(two.side) is two else "no",
            "benchmark": answer.question.benchmark,
            "column": f"{one.name} {one.shape} ÷ {two.name} {two.shape}".strip(),
            "run_id": _values(rows["run_id"]),
            "rounds": _rounds(both),
            "sequences": _values(rows["sequence"]),
            "verdict": str(answer.verdict) if two is answer.rival else "",
        }


def _common(question: Question, figure: str, value: Interval | None) -> dict[str, object]:
    found = {"question": question.name, "figure": figure}
    if value is None:
        return {**found, "n": 0}
    ends = {"low": value.low, "high": value.high}
    known = {name: repr(float(end)) for name, end in ends.items() if end is not None}
    return {**found, "value": repr(float(value.median)), "n": value.n, **known}


def _rounds(numbers: Iterable[Round]) -> str:
    return " ".join(str(number) for _, number in numbers)


def _values(column: pd.Series) -> str:
    """Each once, in order."""
    return " ".join(str(value) for value in sorted(set(column.dropna())))
