# SPDX-License-Identifier: Apache-2.0
"""The minimum effect: how large a change must be to matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from makespan.errors import UsageError

#: Benchmark -> minimum effect, as a share; the others have USUAL. Computing is held to less because a
#: change of the kernel must be found, and sleeping because its noise is small.
BUILT_IN: Mapping[str, float] = {"compute": 0.025, "sleep": 0.02}
USUAL = 0.05

#: What drifts between two runs that were not measured by turns looks like a change.
UNPAIRED_FACTOR = 2.0

_FORM = re.compile(r"(?:(?P<benchmark>[a-z][a-z0-9_]*)=)?(?P<percent>[0-9]+(?:\.[0-9]+)?)\s?%")
_ALLOWED = "a percentage above 0 % and up to 100 %, for all or for one benchmark: 5% or compute=2.5%"


@dataclass(frozen=True)
class MinEffects:
    """`usual` and `own` are what was asked for, for all benchmarks and for some; what was not is built
    in, and doubled for runs that were not measured by turns."""

    usual: float | None = None
    own: Mapping[str, float] = field(default_factory=dict)
    paired: bool = True

    def of(self, benchmark: str) -> float:
        """As a share: 0.05 is 5 %."""
        if benchmark in self.own:
            return self.own[benchmark]
        if self.usual is not None:
            return self.usual
        return BUILT_IN.get(benchmark, USUAL) * (1 if self.paired else UNPAIRED_FACTOR)

    def check(self, benchmarks: Iterable[str]) -> None:
        """Raises UsageError if one was asked for a benchmark that is not among those of the run: a slip of
        the pen."""
        known = sorted(set(benchmarks))
        unknown = sorted(set(self.own) - set(known))
        if unknown:
            allowed = ", ".join(known)
            raise UsageError(f"--min-effect {unknown[0]}: no such benchmark in this run; allowed: {allowed}")


def min_effects(texts: Iterable[str]) -> MinEffects:
    """From the arguments of --min-effect, each a list with commas. ValueError says what is allowed."""
    usual: float | None = None
    own: dict[str, float] = {}
    for text in (part.strip() for one in texts for part in one.split(",")):
        found = _FORM.fullmatch(text)
        share = float(found["percent"]) / 100 if found else 0.0
        if not found or not 0 < share <= 1:
            raise ValueError(f"{text!r}; allowed: {_ALLOWED}")
        if found["benchmark"]:
            own[found["benchmark"]] = share
        else:
            usual = share
    return MinEffects(usual, own)
