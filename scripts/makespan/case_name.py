# SPDX-License-Identifier: Apache-2.0
"""A case as one word, as the binaries call it."""

from __future__ import annotations

from collections.abc import Mapping

from makespan.casekey import CaseKey, fields_of
from makespan.columns import TALKS


def case_name(key: CaseKey) -> str:
    """`compute/tbb_pool/tasks:100/compute:1ms/processes:1/threads:2`: what bench_* --list prints, but
    for the hops of a ring, which samples.csv does not have. Different keys of one run have different
    names."""
    fields = fields_of(key)
    parts = [str(fields["benchmark"]), str(fields["model"])]
    parts += [str(fields["variant"])] if fields["variant"] else []
    parts.append(f"tasks:{fields['tasks']}")
    parts += _counted(fields)
    return "/".join(parts)


def _counted(fields: Mapping[str, object]) -> list[str]:
    said = {
        "sleep": _duration(fields["sleep_ns"]),
        "compute": _duration(fields["compute_ns"]),
        "payload": fields["payload_bytes"],
        "stages": fields["stages"],
    }
    if fields["benchmark"] not in TALKS:  # there the transport says who runs where
        said |= {name: fields[name] for name in ("processes", "threads")}
    return [f"{name}:{value}" for name, value in said.items() if value is not None]


def _duration(ns: object) -> str | None:
    """`1500us`: in the largest unit that leaves a whole number."""
    if ns is None:
        return None
    whole = int(str(ns))  # also one of numpy's
    if whole == 0:
        return "0s"
    for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}ns"
