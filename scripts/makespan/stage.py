# SPDX-License-Identifier: Apache-2.0
"""The binaries of a paired run, copied anew for every round.

Two equal programs can differ by some per cent for as long as their files stay where they are: in how the
pages of a file came to lie in memory, and in the length of its path (Mytkowicz et al., "Producing Wrong Data
Without Doing Anything Obviously Wrong!", ASPLOS 2009). So both builds are launched from copies that were
made in the same way and have paths of the same length, and every round has copies of its own: what remains
of it differs from round to round, and the statistics see it as the noise that it is.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from makespan.arms import BASELINE
from makespan.build import Build, fingerprint_of
from makespan.errors import UsageError
from makespan.folder import Run
from makespan.plan import Launch

_FOLDER = "staged"
_CURRENT, _BASELINE = "a", "b"  # names of the same length


class Stage:
    """Where the binaries of a run are launched from.

    The copies are in the run folder. If nothing can be executed there, or the run is not a paired one, the
    builds themselves are used.
    """

    def __init__(self, run: Run) -> None:
        self._folder = run.folder.path.resolve() / _FOLDER
        self._round: int | None = None
        self._sources = dict(_sources(run)) if run.plan.paired else {}
        self._before = {name: fingerprint_of(path) for name, path in self._sources.items()}

    def binary(self, launch: Launch) -> Path:
        """The path of the binary of a launch. Raises UsageError if it was built anew since the run began."""
        source = Build.labelled(launch.case.build).binary(launch.case.binary).resolve()
        if self._sources and launch.round != self._round:
            self._renew()
            self._round = launch.round
        if not self._sources:
            return source
        return self._folder / (_BASELINE if launch.arm == BASELINE else _CURRENT) / launch.case.binary

    def close(self) -> None:
        """Removes the copies."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _renew(self) -> None:
        self.close()
        for name, source in self._sources.items():
            copy = self._folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
            if fingerprint_of(copy) != self._before[name]:
                raise UsageError(f"{source} was built anew while it was measured; allowed: a new run")
            if not os.access(copy, os.X_OK):
                print(f"{self._folder}: nothing can be executed there; the builds are measured in place", file=sys.stderr)
                self._sources.clear()
                return


def _sources(run: Run) -> Iterator[tuple[str, Path]]:
    """The place of every copy below the folder, and what it is a copy of."""
    for side, cases in ((_CURRENT, run.plan.cases), (_BASELINE, run.plan.baseline)):
        for case in cases:
            yield f"{side}/{case.binary}", Build.labelled(case.build).binary(case.binary).resolve()
