# SPDX-License-Identifier: Apache-2.0
"""The runner: makes the launches of a plan and says what came out of them."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace

from makespan import confirm, preview, refine, resume, runs, units
from makespan.arms import CURRENT, arm_of, split_arms
from makespan.errors import Exit, UsageError
from makespan.folder import Run, RunFolder, now_utc
from makespan.measuring import make_launches
from makespan.options import COMMAND, Options, parse
from makespan.presets import PRESETS, Preset
from makespan.signals import Signals


def main(
    arguments: Sequence[str] | None = None, presets: Mapping[str, Preset] = PRESETS
) -> int:
    """Returns the exit code. Raises UsageError and InputError before anything was launched."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = parse(arguments, presets)
    if options.resume is not None:
        folder = RunFolder(options.resume)
        with folder.locked():
            return _carry_out(resume.take_up(folder, options, presets), options, presets)
    planned = runs.planned(options, presets)
    if options.list or options.dry_run:
        show = preview.listing if options.list else preview.dry_run
        for line in show(planned.plan):
            print(line)
        return Exit.OK
    run = runs.begin(options, planned, [COMMAND, *arguments])
    with run.folder.locked():
        return _carry_out(run, options, presets)


def _carry_out(run: Run, options: Options, presets: Mapping[str, Preset]) -> int:
    print(
        f"{run.folder.path}: {units.count(len(run.plan.cases), 'case')}, "
        f"{units.count(run.plan.rounds, 'round')}, seed {run.plan.seed}"
        + (f", by turns with {run.record.baseline}" if run.plan.paired else "")
        + (f", {units.count(len(run.done), 'launch')} made before" if run.done else ""),
        file=sys.stderr,
    )
    with Signals() as signals:
        try:
            run, broken = _measure_all(run, signals, presets[run.record.preset].of_roles(run.record.roles))
            if presets[run.record.preset].cyclictest:
                _compare_to_cyclictest(run, signals)
        except OSError as error:  # a full disk
            print(f"{error}; to carry on: {resume.resume_command(run.folder)}", file=sys.stderr)
            return Exit.FAILED
        interrupted = signals.stop is not None
    if not interrupted and run.record.finished_utc is None:
        run = replace(run, record=replace(run.record, finished_utc=now_utc()))
        run.write_environment()
    failed = _conclude(run)
    if interrupted:
        print(f"interrupted; to carry on: {resume.resume_command(run.folder)}", file=sys.stderr)
        return Exit.INTERRUPTED
    drawn = _draw(run) if options.plots else True
    if run.plan.paired:  # a case that fails in both arms says nothing of the change
        failed, code = False, confirm.verdict(run)
    else:
        code = Exit.OK
    worse = failed or broken or not drawn
    return Exit.FAILED if worse and code in (Exit.OK, Exit.NO_VERDICT) else code


def _measure_all(run: Run, signals: Signals, preset: Preset) -> tuple[Run, bool]:
    """The planned rounds and then, if it is asked for, those that confirm them or refine the map; the run
    as it then is."""
    broken = make_launches(run, signals)
    if signals.stop is None and run.record.confirm and run.record.confirm_from_round is None:
        run = confirm.confirming(_all_made(run))
        again = units.count(len(run.plan.confirmed or ()), "suspicious case")
        print(f"{again} to measure again", file=sys.stderr)
        broken |= make_launches(run, signals)
    while signals.stop is None and run.plan.to_be_refined:
        try:
            run = refine.refined(_all_made(run), preset)
        except UsageError:
            if not signals.received:
                raise
            break  # Ctrl-C reaches the binary that is being asked as well
        more = units.count(len(run.plan.refined[-1]), "case")
        print(f"refinement {len(run.plan.refined)}: {more} where the winner changes", file=sys.stderr)
        broken |= make_launches(run, signals)
    return run, broken


def _compare_to_cyclictest(run: Run, signals: Signals) -> None:
    """With the sleeps and the timer slacks of the cases that have one task at a time, once each: not beside a
    run that is finished, nor with what it has told before it was interrupted."""
    from makespan.columns import split_variant
    from makespan.latency import cyclictest
    from makespan.scheduling import timer_slack_ns

    if signals.stop is not None or run.record.finished_utc is not None:
        return
    alone = [case for case in run.plan.cases if case.tasks == 1 and case.sleep_ns]
    wanted = dict.fromkeys(
        (case.sleep_ns or 0, timer_slack_ns(split_variant(case.variant).scheduling)) for case in alone
    )
    said = cyclictest.record(run.folder.path, wanted, lambda: signals.stop is not None)
    if said:
        print(said, file=sys.stderr)


def _all_made(run: Run) -> Run:
    return replace(run, done=run.done | {launch.number for launch in run.plan.launches()})


def _conclude(run: Run) -> bool:
    """Writes summary.csv and winners.md and prints the winners; whether any row is a failure.

    All of the current build alone: what the baseline says is for the comparison.
    """
    # Here, because these take longer to load than a launch, and nobody waits for them at the start.
    from rich.console import Console

    from makespan.caveats import cpus_of
    from makespan.files import write_atomically
    from makespan.latency import cyclictest
    from makespan.ledger import Ledger
    from makespan.report import Report, markdown, print_report
    from makespan.samples import read_samples, read_trace
    from makespan.summary import summarise, write_summary

    rows = Ledger(run.folder.samples).rows()
    if not any(arm_of(row["run_id"]) == CURRENT for row in rows):
        print("nothing was measured", file=sys.stderr)
        return False
    samples = split_arms(read_samples(run.folder.samples)).current
    summary = summarise(samples, cpus_of(run.environment))
    write_summary(summary, run.folder.summary)
    environment = {**run.environment, "run": vars(run.record)}
    trace = read_trace(run.folder.trace) if run.folder.trace.exists() else None
    beside = cyclictest.read(run.folder.path / cyclictest.FILE)
    report = Report(samples, summary, environment, len(run.plan.left_out), trace, beside)
    write_atomically(run.folder.winners, markdown(report))
    print_report(report, Console(width=None if sys.stdout.isatty() else 140))
    print(f"written: {run.folder.summary}, {run.folder.winners}")
    return bool(samples["status"].isin(["timeout", "error"]).any())


def _draw(run: Run) -> bool:
    """Draws the charts; a failure costs the exit code 0 and nothing that was measured."""
    try:
        from makespan.charts import write_charts

        charts = write_charts(run.folder.path)
    except Exception as error:  # whatever goes wrong there, the samples are what matters
        with run.folder.log.open("a", encoding="utf-8") as log:
            log.write(f"=== charts\n{traceback.format_exc()}")
        print(f"the charts failed, see {run.folder.log}: {error}", file=sys.stderr)
        return False
    print(f"written: {units.count(len(charts), 'file')} in {run.folder.path / 'charts'}")
    return True
