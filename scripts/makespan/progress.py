# SPDX-License-Identifier: Apache-2.0
"""What is shown while measuring: a bar with ETA on a terminal, plain lines elsewhere.

Both go to stderr and are drawn between launches only: a display that refreshed itself during a
launch would take CPU time from what is being measured.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from makespan import units
from makespan.estimate import Estimate
from makespan.launch import Ended
from makespan.plan import Launch

_LINE_EVERY_S = 5.0


class Display(Protocol):
    """Told of every launch; `note` is a line that stays."""

    def started(self, launch: Launch) -> None: ...
    def ended(self, launch: Launch, ended: Ended) -> None: ...
    def note(self, text: str) -> None: ...
    def close(self) -> None: ...


def display(launches: Sequence[Launch], rounds: int) -> Display:
    """The bar if stderr is a terminal that can move its cursor, the lines otherwise."""
    terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    if terminal:
        return Bar(launches, rounds)
    return Lines(launches, rounds)


class Bar:
    """A progress bar: launches made, round, time left, and what runs now."""

    def __init__(self, launches: Sequence[Launch], rounds: int) -> None:
        self._rounds = rounds
        self._estimate = Estimate(launches)
        self._progress = Progress(
            TextColumn("{task.fields[round]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]} left"),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            auto_refresh=False,
        )
        self._task: TaskID = self._progress.add_task("", total=len(launches), round="", left="")
        self._progress.start()

    def started(self, launch: Launch) -> None:
        self._progress.update(
            self._task,
            description=launch.title,
            round=f"round {launch.round} of {self._rounds}",
            left=units.clock(self._estimate.remaining()),
            refresh=True,
        )

    def ended(self, launch: Launch, ended: Ended) -> None:
        self._estimate.ended(launch.case, ended.seconds)
        self._progress.update(self._task, advance=1)

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        left = units.clock(self._estimate.remaining())
        self._progress.update(self._task, description="", left=left, refresh=True)
        self._progress.stop()


class Lines:
    """A line every few seconds and at the end of every round, without control characters."""

    def __init__(self, launches: Sequence[Launch], rounds: int) -> None:
        self._total = len(launches)
        self._rounds = rounds
        self._round_ends = {launch.round: launch.number for launch in launches}
        self._estimate = Estimate(launches)
        self._done = 0
        self._started = self._said = time.monotonic()

    def started(self, launch: Launch) -> None:
        if self._done == 0:
            left = units.clock(self._estimate.remaining())
            self.note(f"{units.count(self._total, 'launch')} to make, about {left}")

    def ended(self, launch: Launch, ended: Ended) -> None:
        self._estimate.ended(launch.case, ended.seconds)
        self._done += 1
        now = time.monotonic()
        round_over = self._round_ends[launch.round] == launch.number
        if not round_over and now - self._said < _LINE_EVERY_S:
            return
        self._said = now
        self.note(
            f"[{self._done:>{len(str(self._total))}}/{self._total}] round {launch.round} of "
            f"{self._rounds}, {units.clock(now - self._started)} gone, "
            f"{units.clock(self._estimate.remaining())} left"
        )

    def note(self, text: str) -> None:
        print(units.one_line(text, most=1000), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing to restore."""
