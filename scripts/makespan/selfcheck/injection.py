# SPDX-License-Identifier: Apache-2.0
"""The slowdowns of known size that the verdict has to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from makespan.arms import Arm


@dataclass(frozen=True)
class Injection:
    """A flag of the binaries of some benchmarks. It names the arm as well, so that the run_id of a row
    tells what was done to it."""

    kind: str
    size: str
    benchmarks: tuple[str, ...]

    @property
    def flag(self) -> str:
        return f"--slow-{self.kind}={self.size}"

    @property
    def arm(self) -> Arm:
        return self.flag.removeprefix("--")


#: Every task computes so much more, where tasks only compute; or whoever takes a task computes so long
#: before it starts, where tasks only sleep.
INJECTIONS: Sequence[Injection] = (
    *(Injection("kernel", size, ("compute",)) for size in ("2%", "5%", "10%", "20%")),
    *(Injection("dispatch", size, ("sleep",)) for size in ("2us", "5us", "10us", "20us")),
)


def injections_of(benchmark: str) -> list[Injection]:
    return [injection for injection in INJECTIONS if benchmark in injection.benchmarks]
