# SPDX-License-Identifier: Apache-2.0
"""A runner with two fake builds, and a made-up comparison of them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from conftest import FakeBuild
from in_process import launches_in_process
from makespan.arms import arm_of
from makespan.columns import CASE_KEY
from makespan.verdicts import Rules
from running import PAIR_CASES, Done, Runner, second_build

BLOCKS = ("ABBA", "BAAB")
PLANNED = PAIR_CASES * 4 * 2  # launches of two rounds
COMPUTE = ("compute", "threads", 10, 1, 10, None, 1_000_000, None, None, "")


@dataclass
class Verdicts:
    """Stands for makespan.compare: what it shall say, and what it was asked."""

    suspects: list[tuple[object, ...]] = field(default_factory=list)
    code: int = 0
    looked_at: list[int] = field(default_factory=list)  # rows, each time suspicious() was asked
    compared: list[Path] = field(default_factory=list)
    rules: list[Rules] = field(default_factory=list)

    def suspicious(self, samples: pd.DataFrame, rules: Rules) -> list[tuple[object, ...]]:
        self.looked_at.append(len(samples))
        self.rules.append(rules)
        return self.suspects

    def compare_run(self, folder: Path) -> int:
        self.compared.append(folder)
        print("the comparison")
        return self.code


@dataclass(frozen=True)
class Pair:
    """A runner with two builds."""

    runs: Runner
    baseline: FakeBuild
    verdicts: Verdicts

    def run(self, *flags: str, rounds: int = 2) -> Done:
        against = ["--preset", "pair", "--against", str(self.baseline.directory)]
        return self.runs.run(*against, *flags, rounds=rounds)

    def resume(self) -> Done:
        return self.runs.resume()

    def record(self) -> dict[str, object]:
        return dict(self.environment()["run"])

    def environment(self) -> dict[str, dict[str, object]]:
        return dict(json.loads((self.runs.out / "env.json").read_text()))

    def calls(self) -> list[tuple[int, str, str, dict[str, str]]]:
        """Launch, arm, benchmark and flags of every launch, by the build whose binary was started."""
        arms = {"A": self.runs.build.calls(), "B": self.baseline.calls()}
        return sorted(
            (int(flags["--launch"]), arm, benchmark, flags)
            for arm, calls in arms.items()
            for benchmark, flags in calls
        )

    def assert_complete(self, launches: int) -> None:
        rows = Counter(int(row["launch"]) for row in self.runs.rows())
        assert rows == dict.fromkeys(range(1, launches + 1), 1)
        assert_blocks(self, launches)


def assert_blocks(pair: Pair, launches: int) -> None:
    """Every four launches are of one case and round, in one of the two orders, as the rows tell it."""
    rows = sorted(pair.runs.rows(), key=lambda row: int(row["launch"]))
    for place in range(0, launches, 4):
        block = rows[place : place + 4]
        assert len({(row["round"], *(row[name] for name in CASE_KEY)) for row in block}) == 1
        assert "".join("AB"[arm_of(row["run_id"]) == "baseline"] for row in block) in BLOCKS


def made_up(fake_build: FakeBuild, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The comparison says what its `verdicts` are told to say."""
    verdicts = Verdicts()
    launches_in_process(monkeypatch, fake_build.control)
    compare = ModuleType("makespan.compare")
    compare.__dict__.update(suspicious=verdicts.suspicious, compare_run=verdicts.compare_run)
    monkeypatch.setitem(sys.modules, "makespan.compare", compare)
    return Pair(Runner(fake_build, folder / "a run"), second_build(fake_build, folder), verdicts)


def cut(pair: Pair, rows: int) -> None:
    """As if the run had been killed after so many rows."""
    samples = pair.runs.out / "samples.csv"
    samples.write_text("".join(samples.read_text().splitlines(keepends=True)[: 1 + rows]))
