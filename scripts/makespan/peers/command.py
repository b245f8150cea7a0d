# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/peers.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from makespan.errors import Exit, UsageError
from makespan.files import read_json_object, write_atomically

#: Beside samples.csv.
TABLE = "peers.md"
SOURCES = "peers.csv"


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="peers.py",
        description="Shows the best model of the suite for each purpose beside the best peer, the Python reference and "
        f"the floor, with a verdict. Writes the table as {TABLE} and the rows of samples.csv that every figure "
        f"comes from as {SOURCES} into the folder of the run.",
        epilog="Exit codes: 0 fine, 2 wrong usage or a broken file, 4 no verdict beside any peer of C++: fewer than 6 "
        "rounds, or no such peer measured. The preset peers measures everything that the table has.",
        allow_abbrev=False,
    )
    about = "folder of a run, with samples.csv and, if they are there, env.json and plan.json"
    result.add_argument("run_dir", metavar="RUN_DIR", type=Path, help=about)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table and writes both files."""
    folder = parser().parse_args(arguments).run_dir
    if not folder.is_dir():
        raise UsageError(f"RUN_DIR {folder} is not a folder; allowed: a folder with samples.csv")
    # Here, because these take longer to load than --help has to.
    from rich.console import Console

    from makespan.arms import split_arms
    from makespan.caveats import cpus_of
    from makespan.folder import RunFolder
    from makespan.samples import read_samples

    from .judged import answers
    from .left_out import read_left_out
    from .not_built import read_not_built
    from .sources import sources_csv
    from .view import markdown, print_table

    run = RunFolder(folder)
    samples = split_arms(read_samples(run.samples)).current
    environment = read_json_object(run.environment) if run.environment.is_file() else {}
    not_built = read_not_built(run.environment, environment)
    found = answers(samples, cpus_of(environment), read_left_out(run.plan))
    print_table(found, not_built, Console(width=None if sys.stdout.isatty() else 200))
    written = {folder / TABLE: markdown(found, not_built, environment), folder / SOURCES: sources_csv(found)}
    try:
        for path, text in written.items():
            write_atomically(path, text)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"{folder} cannot be written to: {why}; allowed: a folder that can") from None
    print(f"written: {', '.join(map(str, written))}")
    return Exit.OK if any(one.judged_by_peer for one in found) else Exit.NO_VERDICT
