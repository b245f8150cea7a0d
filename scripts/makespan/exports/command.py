# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/export.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from makespan.errors import Exit, UsageError
from makespan.files import write_atomically
from makespan.history.entries import entries_of_run
from makespan.history.store import read_history
from makespan.metrics import MAKESPAN

from .google import google_benchmark
from .otava import otava_tables, write_otava
from .run import ExportedRun, read_run
from .trackers import bencher, github_action_benchmark

#: What makes one text of one run; a new format is one function and one line here.
GOOGLE = "google-benchmark"
FORMATS: Mapping[str, Callable[[ExportedRun], str]] = {
    GOOGLE: google_benchmark,
    "github-action-benchmark": github_action_benchmark,
    "bencher": bencher,
}
OTAVA = "otava"


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="export.py",
        description="Writes a run in the form that another benchmark tracker reads.",
        epilog="Exit codes: 0 fine, 2 wrong usage or a broken file.",
        allow_abbrev=False,
    )
    add = result.add_argument
    about = "folder of a run; for otava also the CSV file of a history, with all its runs"
    add("source", metavar="RUN_DIR", type=Path, help=about)
    formats = [*FORMATS, OTAVA]
    add(
        "--format",
        required=True,
        choices=formats,
        help="google-benchmark: JSON for its compare.py; "
        "github-action-benchmark: JSON, tool customSmallerIsBetter; bencher: Bencher Metric Format; "
        "otava: CSV, with --output also its otava.yaml",
    )
    add("--output", metavar="FILE", type=Path, help="default: the standard output")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints or writes the export; what has no value is named on stderr."""
    options = parser().parse_args(arguments)
    source, output = options.source, options.output
    history = options.format == OTAVA and source.is_file()
    if not history and not source.is_dir():
        allowed = "a folder with samples.csv"
        raise UsageError(f"RUN_DIR {source} is not a folder; allowed: {allowed}")
    try:
        if options.format == OTAVA:
            _otava(source, output)
        else:
            run = read_run(source)
            if options.format == GOOGLE:  # a repetition is a time there
                run = run.having(MAKESPAN)
            for reason in run.left_out:
                print(f"left out: {reason}", file=sys.stderr)
            _put(FORMATS[options.format](run), output)
    except OSError as error:
        if output is None:
            raise
        why = (error.strerror or str(error)).lower()
        allowed = "a file in a folder that is there"
        raise UsageError(
            f"--output {output} cannot be written: {why}; allowed: {allowed}"
        ) from None
    return Exit.OK


def _otava(source: Path, output: Path | None) -> None:
    entries = read_history(source) if source.is_file() else entries_of_run(source)[1]
    tables = otava_tables(entries)
    if not tables:
        raise UsageError(f"{source} has no case with a value")
    if output is not None:
        print("\n".join(map(str, write_otava(tables, output))), file=sys.stderr)
    elif len(tables) == 1:
        _put(tables[0].csv, None)
    else:
        raise UsageError(
            f"{source} makes {len(tables)} tables, as not every case is in every run; give --output"
        )


def _put(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        write_atomically(output, text)
