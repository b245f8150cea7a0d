# SPDX-License-Identifier: Apache-2.0
"""The strict reader of trace-event files refuses what is wrong: a test that passes could have failed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from trace_rules import Refused, validated

M: dict[str, Any] = {"ph": "M", "pid": 1, "tid": 5}
X: dict[str, Any] = {"ph": "X", "pid": 1, "tid": 5, "cat": "c", "name": "a", "args": {}}
B: dict[str, Any] = {"ph": "b", "pid": 1, "tid": 5, "cat": "c", "name": "a", "id": 1, "ts": 3}
NAMED = [
    {**M, "name": "process_name", "args": {"name": "p"}},
    {**M, "name": "process_sort_index", "args": {"sort_index": 0}},
    {**M, "name": "thread_name", "args": {"name": "t"}},
    {**M, "name": "thread_sort_index", "args": {"sort_index": 0}},
]


def text(*events: dict[str, Any], **top: Any) -> str:
    return json.dumps({"traceEvents": [*NAMED, *events], "displayTimeUnit": "ns", **top})


def test_what_is_right_is_taken() -> None:
    inner = {**X, "name": "inner", "ts": 2.5, "dur": 1}
    after = {**X, "ts": 6.001, "dur": 0}
    counter = {"ph": "C", "pid": 1, "name": "n", "ts": 0, "args": {"v": 1}}
    pair = [B, {**B, "ph": "e", "ts": 9}]
    [process] = validated(text({**X, "ts": 1, "dur": 5.001}, inner, after, counter, *pair))
    assert (process.name, list(process.threads), process.counters) == ("p", ["t"], {"n": [(0, 1)]})
    assert [(bar.start, bar.end) for bar in process.bars] == [(1000, 6001), (2500, 3500), (6001, 6001)]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (text({**X, "ts": 1, "dur": 5}, {**X, "ts": 3, "dur": 4}), "overlaps another"),
        (text({**X, "ts": 3, "dur": 1}, {**X, "ts": 1, "dur": 1}), "back in time"),
        (text({**X, "ts": 1}), "X without .'dur'."),
        (text({**X, "ts": -1, "dur": 1}), "ts "),
        (text({**X, "ts": "1", "dur": 1}), "ts '1'"),
        (text({**X, "ts": float("nan"), "dur": 1}), "NaN is not JSON"),
        (text({**X, "ts": 0.0001, "dur": 1}), "no whole ns"),
        (text({**X, "ts": 1, "dur": 1, "tid": 6}), "no name or place"),
        (text({**X, "ts": 1, "dur": 1, "pid": 2}), "process 2 has no name"),
        (text({**X, "ts": 1, "dur": 1}, NAMED[2]), "or two"),
        (text({"ph": "C", "pid": 1, "name": "n", "ts": 0, "args": {"v": "1"}}), "values of a counter"),
        (text(B), "without an end"),
        (text({**B, "ph": "e"}), "without a beginning"),
        (text({**X, "ph": "Q"}), "phase 'Q'"),
        (text(displayTimeUnit="us"), "displayTimeUnit"),
        (text()[:-3], "not JSON"),
        ("[]", "no traceEvents"),
        ('{"traceEvents": [], "traceEvents": []}', "twice"),
        (text().replace('"tid": 5', '"tid": 1'), "the id of a process"),
    ],
)
def test_what_is_wrong_is_refused(broken: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        validated(broken)
