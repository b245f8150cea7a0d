# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/selfcheck.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from makespan.errors import Exit, InputError, UsageError
from makespan.files import write_atomically
from makespan.options import PAIRED_ROUNDS, Options, natural, positive
from makespan.presets import CI

from .draws import enough
from .rates import RUNS, check
from .recorded import read_recording
from .recording import record
from .views import as_json, markdown, print_self_check

COMMAND = "selfcheck.py"

#: About an hour on two cores.
ROUNDS = 144
BLOCKS = max(CI.rounds, PAIRED_ROUNDS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Records, unless a recording is given, counts and tells; returns the exit code. Raises UsageError and
    InputError."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    command = parser()
    options = command.parse_args(arguments)
    given = [f"--{name}" for name in ("rounds", "out", "build") if getattr(options, name) is not None]
    if options.recording is not None and given:
        command.error(f"{', '.join(given)}: of a new recording only; not with DIR")
    folder, code = options.recording, Exit.OK
    if folder is None:
        run, code = record(_of_the_run(options), [COMMAND, *arguments])
        folder = run.folder.path
    try:
        recorded = read_recording(folder)
        enough(recorded.rounds, options.blocks)
    except (InputError, UsageError) as error:
        if code is not Exit.INTERRUPTED:
            raise
        print(f"{COMMAND}: interrupted, and too early to count: {error}", file=sys.stderr)
        return code
    found = check(recorded, options.blocks, options.seed, options.runs)
    written = [folder / "selfcheck.md", folder / "selfcheck.json"]
    for path, text in zip(written, (markdown(found), as_json(found))):
        write_atomically(path, text)
    print_self_check(found, Console(width=None if sys.stdout.isatty() else 160))
    print(f"written: {', '.join(map(str, written))}")
    return code


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog=COMMAND,
        description="Measures how often the verdict of run.sh --against is wrong: on equal builds, and on "
        "slowdowns of known size in the kernel and in the dispatch of tasks. Records all of them by turns "
        "with the preset ci, draws many runs from the recording, and counts.",
        epilog="Exit codes: 0 fine, 2 wrong usage or a broken file, 130 interrupted (what was recorded is "
        "counted).",
        allow_abbrev=False,
    )
    add = result.add_argument
    add("recording", nargs="?", type=Path, metavar="DIR", help="count on a recording that is there already")
    add("--rounds", type=positive, metavar="N", help=f"rounds to record (default: {ROUNDS}, "
        "about an hour on two cores)")
    add("--blocks", type=positive, default=BLOCKS, metavar="N", help=f"blocks of a run (default: {BLOCKS}, as "
        "--against has them)")
    add("--runs", type=positive, default=RUNS, metavar="N", help=f"runs to draw (default: {RUNS})")
    add("--seed", type=natural, default=1, metavar="N", help="of the order and of the draws (default: 1)")
    add("--out", type=Path, metavar="DIR", help="folder of the recording (default: reports/RUN-ID)")
    add("--build", type=Path, metavar="DIR", help="build directory (default: build/release)")
    return result


def _of_the_run(options: argparse.Namespace) -> Options:
    return Options(
        preset=CI.name,
        out=options.out,
        resume=None,
        rounds=options.rounds or ROUNDS,
        seed=options.seed,
        build=options.build,
        list=False,
        dry_run=False,
        plots=False,
    )
