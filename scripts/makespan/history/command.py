# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/history.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from makespan import units
from makespan.errors import Exit, UsageError
from makespan.metrics import MAIN, METRICS, Metric, metrics_named
from makespan.options import REPORTS
from makespan.thresholds import min_effects

from .analysis import ALPHA, Analysis, Demands, analyse
from .entries import entries_of_run
from .reported import Shift, record, unreported
from .series import history_of
from .store import Store, utc

DEFAULT_STORE = REPORTS / "history"
DEFAULT_COMMITS = 100

_EPILOG = """Exit codes: 0 fine, no new step to slower; 1 a new step to slower; 2 wrong usage or a
broken file; 3 no case of the run succeeded; 4 no history is long enough."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs add, check or plot. Raises UsageError and InputError."""
    options = parser().parse_args(arguments)
    commands = {"add": add, "check": check, "plot": plot}
    return commands[options.command](options)


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="history.py",
        description="Keeps what runs measured, commit by commit, and finds where a level shifted.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    commands = result.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, about: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about, description=about, epilog=_EPILOG)
        where = "the folder with the histories (default: reports/history)"
        one.add_argument("--store", metavar="DIR", type=Path, default=DEFAULT_STORE, help=where)
        return one

    added = command("add", "Append a finished run to the history of its machine class.")
    added.add_argument("run_dir", metavar="RUN_DIR", type=Path, help="folder of a finished run")
    added.add_argument("--commit", metavar="SHA", type=_commit, help="default: what was built")
    added.add_argument(
        "--time",
        metavar="TIME",
        type=_time,
        help="where the commit stands, in ISO 8601 (default: when the run started); give the "
        "commit's own date if older commits are measured later",
    )

    checked = command("check", "Find the commits at which a level shifted; each is told once.")
    _window(checked)
    _demands(checked)
    add_option = checked.add_argument
    add_option("--all", action="store_true", help="also the steps that were told before")
    add_option("--no-record", action="store_true", help="do not note what was told")

    plotted = command("plot", "Draw the histories with their shifts, as PNG and SVG.")
    _window(plotted)
    _demands(plotted)
    plotted.add_argument("--out", metavar="DIR", type=Path, help="default: charts/ in the store")
    return result


def _window(command: argparse.ArgumentParser) -> None:
    add_option = command.add_argument
    add_option(
        "--commits",
        metavar="N",
        type=_commits,
        default=DEFAULT_COMMITS,
        help=f"look at the last N commits (default: {DEFAULT_COMMITS})",
    )
    add_option(
        "--metric",
        metavar="NAME,…",
        type=_metrics,
        default=MAIN,
        help=f"all, or some of: {', '.join(m.short for m in METRICS)} "
        f"(default: {','.join(m.short for m in MAIN)})",
    )
    add_option("--machine", metavar="NAME", help="only this machine class (default: each)")


def _demands(command: argparse.ArgumentParser) -> None:
    add_option = command.add_argument
    add_option(
        "--min-effect",
        metavar="[BENCHMARK=]P%",
        action="append",
        default=[],
        help="least change that is told, of all benchmarks or of one (default: twice that of compare.py)",
    )
    about = f"chance of a false step in a history without any (default: {ALPHA})"
    add_option("--alpha", metavar="P", type=_alpha, default=ALPHA, help=about)
    add_option("--seed", metavar="N", type=_natural, default=1, help="of the permutations")


def add(options: argparse.Namespace) -> int:
    """Appends a run and says how many lines are new."""
    machine, entries = entries_of_run(options.run_dir, options.commit, options.time)
    if not entries:
        print(f"{options.run_dir}: no case succeeded; nothing was added", file=sys.stderr)
        return Exit.FAILED
    store = Store(options.store)
    new = store.add(machine, entries)
    known = len(entries) - len(new)
    print(
        f"{store.file(machine.name)}: {units.count(len(new), 'line')} added for commit "
        f"{entries[0].commit[:7]}" + (f", {known} known already" if known else "")
    )
    return Exit.OK


def check(options: argparse.Namespace) -> int:
    """Tells the steps, slower ones and faster ones, and notes that they were told."""
    store = Store(options.store)
    analyses = list(_analyses(store, options))
    slower = False
    for analysis in analyses:
        new = unreported(store, analysis.history, analysis.shifts)
        slower |= any(shift.verdict == "slower" for shift in new)
        _tell(analysis, analysis.shifts if options.all else new, new)
        if not options.no_record:
            record(store, new)
    if slower:
        return Exit.REGRESSION
    return Exit.OK if any(analysis.examined for analysis in analyses) else Exit.NO_VERDICT


def plot(options: argparse.Namespace) -> int:
    """Draws each history and prints the files."""
    from makespan.charts import save  # here, because check has no need of matplotlib

    from .chart import trends

    store = Store(options.store)
    folder = options.out or options.store / "charts"
    drawn = 0
    for analysis in _analyses(store, options):
        machine = store.machine(analysis.machine_class)
        for name, figure in trends(analysis, machine):
            place = folder / analysis.machine_class
            try:
                place.mkdir(parents=True, exist_ok=True)
                written = save(figure, place / name)
            except OSError as error:
                why = (error.strerror or str(error)).lower()
                allowed = "a folder that can be made and written to"
                raise UsageError(f"{place} cannot be written: {why}; allowed: {allowed}") from None
            print("\n".join(map(str, written)))
            drawn += 1
    if not drawn:
        print("nothing to draw: no series has two commits", file=sys.stderr)
    return Exit.OK if drawn else Exit.NO_VERDICT


def _analyses(store: Store, options: argparse.Namespace) -> Iterable[Analysis]:
    names = store.classes()
    if options.machine is not None and options.machine not in names:
        raise UsageError(f"--machine {options.machine} is not there; allowed: {', '.join(names)}")
    try:
        effects = min_effects(options.min_effect)
    except ValueError as error:
        raise UsageError(f"--min-effect {error}") from None
    demands = Demands(options.alpha, effects, options.seed)
    for name in names if options.machine is None else [options.machine]:
        history = history_of(store.read(name), options.metric, options.commits)
        yield analyse(name, history, demands)


def _tell(analysis: Analysis, shifts: Sequence[Shift], new: Sequence[Shift]) -> None:
    """One heading a machine class, one a commit, one line a shift."""
    history = analysis.history
    print(
        f"{analysis.machine_class}: {len(history.series)} series over "
        f"{units.count(len(history.commits), 'commit')}: "
        + (units.count(len(shifts), "shift") if shifts else "no new shift")
    )
    if analysis.short:
        print(
            f"{analysis.machine_class}: {analysis.short} of {len(history.series)} series too short: "
            f"they need {units.count(analysis.needed, 'commit')}",
            file=sys.stderr,
        )
    for (commit, when), same in groupby(shifts, key=lambda one: (one.commit, one.time_utc)):
        print(f"  since {commit[:12]} of {when[:10]}:")
        for shift in same:
            metric = shift.series.metric
            levels = f"{metric.show(shift.before)} → {metric.show(shift.after)}"
            told = "" if shift in new else ", told before"
            print(
                f"    {shift.verdict} {shift.cost:.3f} times  {shift.series.name}  {metric.name}  "
                f"{levels}  (after {shift.previous[:12]}, p {shift.step.p:.2g}{told})"
            )


def _commit(text: str) -> str:
    if not text or any(not sign.isprintable() or sign.isspace() for sign in text):
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: the name of a commit, without spaces")
    return text


def _time(text: str) -> str:
    try:
        return utc(text)
    except ValueError:
        allowed = "ISO 8601 with a time zone, as 2026-01-31T12:00:00Z"
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: {allowed}") from None


def _metrics(text: str) -> tuple[Metric, ...]:
    try:
        return METRICS if text == "all" else metrics_named(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _alpha(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1e-6 <= value <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a number from 0.000001 to 0.5")
    return value


def _commits(text: str) -> int:
    value = _natural(text)
    if not 2 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a whole number from 2 to 1000")
    return value


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a whole number from 0")
    return int(text)
