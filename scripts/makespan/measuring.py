# SPDX-License-Identifier: Apache-2.0
"""The launches of a plan, one after the other, with what is shown meanwhile."""

from __future__ import annotations

from makespan import units
from makespan.arms import CURRENT
from makespan.folder import Run
from makespan.launch import Ended, Launcher
from makespan.plan import Launch
from makespan.progress import Display, display
from makespan.signals import Signals


def make_launches(run: Run, signals: Signals) -> bool:
    """Makes the launches that are left until all are made or a signal came; whether one of the current
    build broke in a way that no row shows. What is skipped is so in every round, and told in the first."""
    launcher = Launcher(run, signals)
    launches = [launch for launch in run.plan.launches() if launch.number not in run.done]
    shown = display(launches, run.plan.last_round)
    broken = False
    skipped: set[str] = set()
    try:
        for launch in launches:
            if signals.stop is not None:
                break
            shown.started(launch)
            ended = launcher.run(launch)
            if not ended.status:
                break
            shown.ended(launch, ended)
            broken |= launch.arm == CURRENT and not ended.told
            if ended.status != "skipped":
                _note(shown, launch, ended)
            elif launch.round == 1 and launch.title not in skipped:
                skipped.add(launch.title)
                _note(shown, launch, ended)
    finally:
        shown.close()
        launcher.close()
    return broken


def _note(shown: Display, launch: Launch, ended: Ended) -> None:
    """Failures are told at once."""
    if ended.status == "ok":
        return
    reason = units.one_line(ended.reason)
    shown.note(f"launch {launch.number}, {launch.title}: {ended.status}: {reason}")
