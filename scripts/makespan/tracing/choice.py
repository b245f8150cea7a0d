# SPDX-License-Identifier: Apache-2.0
"""Which batches of a trace were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from makespan.errors import UsageError

from .batches import TracedBatch


def choose(batches: Sequence[TracedBatch], asked: Sequence[str]) -> list[TracedBatch]:
    """Those that any of `asked` means, in the order of `batches`; all if nothing was asked for.

    A whole number is that of a batch; other text is parts of its name, with / between them and in any
    order: `threads`, `sleep/tbb_pool`, `ping_pong/pipe`, `tasks:10`. Raises UsageError where nothing fits.
    """
    if not asked:
        return list(batches)
    chosen: set[int] = set()
    for wanted in asked:
        fitting = {place for place, batch in enumerate(batches) if _fits(batch, wanted)}
        if not fitting:
            example = f", like {batches[0].name}" if batches else ""
            allowed = f"a number that --list shows, or parts of a name{example}"
            raise UsageError(f"--batch {wanted!r} is no batch of this trace; allowed: {allowed}")
        chosen |= fitting
    return [batch for place, batch in enumerate(batches) if place in chosen]


def _fits(batch: TracedBatch, wanted: str) -> bool:
    if wanted.isdecimal():
        return batch.number == int(wanted)
    variant = str(batch.fields["variant"])
    parts = {*batch.name.split("/"), *variant.split("+"), batch.run_id, batch.run} - {""}
    return set(wanted.split("/")) <= parts
