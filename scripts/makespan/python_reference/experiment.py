# SPDX-License-Identifier: Apache-2.0
"""One measurement: something is set up, run and torn down, each phase timed apart, and verified."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from makespan.python_reference.columns import Columns
from makespan.python_reference.usage import group_usage, peak_rss_bytes, stolen_ns

#: (index, start_ns, end_ns, overshoot_ns or None, process, thread), times from the first submit on.
TraceRecord = tuple[int, int, int, int | None, int, int]


@dataclass(frozen=True)
class Outcome:
    """Columns of the row, and the records one by one, which are made when they are asked for."""

    columns: Columns
    records: Iterable[TraceRecord] = ()


class Experiment(Protocol):
    """What differs from one kind of benchmark to another. Each method raises what goes wrong."""

    def setup(self) -> None: ...

    def run(self) -> None:
        """From the first submit until the last completion is known."""

    def teardown(self) -> None: ...

    def finish(self, submitted_ns: int, makespan_ns: int) -> Outcome:
        """Raises VerificationError if the result is wrong; else the columns of its own."""


PHASES = ("before setup", "in setup", "in the run", "in teardown", "when the result was checked")


def measured(experiment: Experiment, phase: memoryview, tracing: bool) -> Outcome:
    """All phases, in the cell; `phase[0]` tells whoever watches how far it is. Without `tracing` no record is kept."""
    phase[0] = PHASES.index("in setup")
    setup_begin = time.monotonic_ns()
    experiment.setup()
    setup_ns = time.monotonic_ns() - setup_begin

    phase[0] = PHASES.index("in the run")
    stolen, before = stolen_ns(), group_usage()
    submitted = time.monotonic_ns()
    experiment.run()
    makespan_ns = time.monotonic_ns() - submitted
    used, stolen = group_usage().since(before), stolen_ns() - stolen

    phase[0] = PHASES.index("in teardown")
    teardown_begin = time.monotonic_ns()
    experiment.teardown()
    teardown_ns = time.monotonic_ns() - teardown_begin
    peak = peak_rss_bytes()

    phase[0] = PHASES.index("when the result was checked")
    outcome = experiment.finish(submitted, makespan_ns)
    common: Columns = {
        "setup_ns": setup_ns,
        "makespan_ns": makespan_ns,
        "teardown_ns": teardown_ns,
        "user_cpu_ns": used.user,
        "system_cpu_ns": used.system,
        "voluntary_switches": used.voluntary_switches,
        "involuntary_switches": used.involuntary_switches,
        "minor_faults": used.minor_faults,
        "peak_rss_bytes": peak,
        "steal_ns": stolen,
    }
    return Outcome({**common, **outcome.columns}, list(outcome.records) if tracing else ())
