# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/trace.py."""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from rich.console import Console

from makespan.errors import Exit, UsageError
from makespan.files import replacing
from makespan.render import rich_table
from makespan.tables import Table
from makespan.units import count, duration

from .batches import TracedBatch, read_batches, trace_file
from .choice import choose
from .events import MOST_LANES, Written, write_events

STDOUT = Path("-")
PICTURES = (".png", ".svg")


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="trace.py",
        description="Makes of the task records that --trace=FILE wrote a trace-event file, which "
        "https://ui.perfetto.dev and chrome://tracing open, or a picture.",
        epilog="Exit codes: 0 fine, 2 wrong usage or a broken file.",
        allow_abbrev=False,
    )
    add = result.add_argument
    about = "a trace, or the folder of a run with a trace.csv: then makespan and bound are known too"
    add("source", metavar="TRACE_CSV|RUN_DIR", type=Path, help=about)
    add(
        "--output",
        metavar="FILE",
        type=Path,
        help="the trace-event file, JSON, compressed if it is called .gz (default: the standard "
        "output, unless a picture or the list is asked for)",
    )
    add("--picture", metavar="FILE", type=_picture, help="the timeline as .png or .svg")
    add(
        "--batch",
        metavar="WHICH,…",
        type=_batches,
        action="extend",
        default=[],
        help="some batches: numbers of --list, or parts of names as in sleep/threads (default: all)",
    )
    add(
        "--lanes",
        metavar="N",
        type=_lanes,
        default=MOST_LANES,
        help=f"most lanes of a batch in the trace-event file (default: {MOST_LANES})",
    )
    add("--list", action="store_true", help="name the batches and stop")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes what was asked for, and on stderr what is in it and what is not."""
    options = parser().parse_args(arguments)
    source: Path = options.source
    path = trace_file(source)
    for flag, file in (("--output", options.output), ("--picture", options.picture)):
        if file is not None and file != STDOUT and file.resolve() == path.resolve():
            raise UsageError(f"{flag} {file} is the trace itself; allowed: another file")
    chosen = choose(read_batches(source), options.batch)
    if options.list:
        print_list(chosen)
        return Exit.OK
    if not chosen:
        raise UsageError(f"{path} has no task in it; allowed: a trace of at least one")
    for batch in chosen:
        if len(batch.records) < batch.expected:
            print(f"warning: #{batch.number} {batch.title}: only {recorded(batch)}", file=sys.stderr)
    if options.picture is not None:
        draw(chosen, source, options.picture)
    if options.output is not None or options.picture is None:
        export(chosen, options.output or STDOUT, options.lanes)
    return Exit.OK


def print_list(batches: Sequence[TracedBatch]) -> None:
    header = ("number", "name", "records", "lanes", "last end")
    rows = [
        (
            str(batch.number),
            batch.name + (f" ({batch.run})" if batch.run else ""),
            recorded(batch),
            f"{sum(lane.height for lane in batch.lanes()):,}",
            duration(batch.end_ns),
        )
        for batch in batches
    ]
    table = Table(header, frozenset(("number", "lanes", "last end")), rows)
    Console(width=None if sys.stdout.isatty() else 140).print(rich_table(table))


def recorded(batch: TracedBatch) -> str:
    """Like "10 tasks", and of a batch that is not whole "9 of 10 tasks"."""
    found = len(batch.records)
    whole = count(batch.expected, batch.piece)
    return whole if found == batch.expected else f"{found:,} of {whole}"


def draw(batches: Sequence[TracedBatch], source: Path, file: Path) -> None:
    # Drawing takes long to load, and few want a picture.
    from makespan.charts import save_as

    from .picture import picture

    figure = picture(batches, source)
    with _told("--picture", file):
        save_as(figure, file)
    print(f"{file}: {count(len(batches), 'batch')}", file=sys.stderr)


def export(batches: Sequence[TracedBatch], file: Path, most: int) -> None:
    with _told("--output", file), _opened(file) as opened:
        written = write_events(opened, batches, most)
    for one in written:
        if one.lanes < one.all_lanes:
            print(cut(one), file=sys.stderr)
    if file != STDOUT:
        bars = count(sum(one.tasks for one in written), "bar")
        where = "https://ui.perfetto.dev and chrome://tracing open it"
        print(f"{file}: {count(len(batches), 'batch')}, {bars}; {where}", file=sys.stderr)


def cut(one: Written) -> str:
    """What is not in the file."""
    batch = one.batch
    tasks = f"{one.tasks:,} of {count(len(batch.records), batch.piece)}"
    return (
        f"#{batch.number} {batch.title}: {tasks} are drawn, on {one.lanes:,} of {one.all_lanes:,} lanes "
        f"(--lanes {one.all_lanes} for all); the counter has all"
    )


@contextmanager
def _told(flag: str, file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if file == STDOUT:
            raise
        why = (error.strerror or str(error)).lower()
        allowed = "a file in a folder that is there"
        raise UsageError(f"{flag} {file} cannot be written: {why}; allowed: {allowed}") from None


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if file == STDOUT:
        sys.stdout.flush()
        yield sys.stdout.buffer
    elif file.suffix == ".gz":
        with replacing(file) as plain:
            # Without name and time: the same bytes for the same trace.
            with gzip.GzipFile("", "wb", fileobj=plain, mtime=0, compresslevel=6) as packed:
                yield cast(BinaryIO, packed)
    else:
        with replacing(file) as plain:
            yield plain


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix not in PICTURES:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a name that ends with .png or .svg")
    return path


def _batches(text: str) -> list[str]:
    found = [one.strip() for one in text.split(",")]
    if "" in found:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: numbers and parts of names, with commas")
    return found


def _lanes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a whole number from 1 on")
    return int(text)
