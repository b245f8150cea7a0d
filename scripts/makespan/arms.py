# SPDX-License-Identifier: Apache-2.0
"""The arms of a run: builds, or one build with several flags, that share one samples.csv. They are told
apart by their run_id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from makespan.errors import UsageError

if TYPE_CHECKING:  # the runner needs the names only, and pandas takes longer to load than a launch
    import pandas as pd

#: A paired run has the two below; a recording of the self-test has more.
Arm = str

CURRENT: Arm = "current"
BASELINE: Arm = "baseline"

#: Begins the names of the arms of a recording of the self-test that were slowed on purpose.
SLOWED = "slow-"


@dataclass(frozen=True)
class Arms:
    """The samples of each build, with the columns that the frame had and new row numbers from 0;
    `baseline` is None in a run of one build."""

    current: pd.DataFrame
    baseline: pd.DataFrame | None


def arm_of(run_id: str) -> Arm:
    """Which arm a row is of. A run_id that people gave may hold a +, too."""
    _, plus, arm = run_id.rpartition("+")
    return arm if plus and (arm == BASELINE or arm.startswith(SLOWED)) else CURRENT


def arm_run_id(run_id: str, arm: Arm) -> str:
    """What the rows of this arm have in run_id; `run_id` is that of the run."""
    return run_id if arm == CURRENT else f"{run_id}+{arm}"


def split_arms(frame: pd.DataFrame) -> Arms:
    """The rows of samples, in their order, by arm. Whatever looks at one run looks at `current`.

    Raises UsageError if rows are of arms that were slowed on purpose.
    """
    arms = frame["run_id"].map(arm_of)
    slowed = sorted({arm for arm in arms if arm not in (CURRENT, BASELINE)})
    if slowed:
        raise UsageError(
            f"the samples are a recording of selfcheck.py, with {slowed[0]} in them; allowed: those of a run.sh run"
        )
    other = arms == BASELINE
    if not other.any():
        return Arms(frame, None)
    return Arms(frame[~other].reset_index(drop=True), frame[other].reset_index(drop=True))
