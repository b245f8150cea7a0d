# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/plot.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from makespan.errors import Exit, UsageError
from makespan.roles import Role, parse_roles

from . import ABOUT, CHARTS, draw
from .data import RunData


def chart_names(text: str) -> list[str]:
    """ "a,b" as a list of charts, each once."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    unknown = [name for name in names if name not in CHARTS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no chart named {unknown[0]!r}; allowed: {', '.join(CHARTS)}"
        )
    return names


def roles(text: str) -> tuple[Role, ...]:
    """ "own,peer" as a list of roles."""
    try:
        return parse_roles(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="plot.py", description="Draws the charts of a run folder, each as PNG and as SVG."
    )
    result.add_argument(
        "run_dir",
        metavar="RUN_DIR",
        type=Path,
        nargs="?",
        help="folder with samples.csv and, if recorded, trace.csv and env.json",
    )
    result.add_argument(
        "--only",
        metavar="NAME,…",
        type=chart_names,
        default=list(CHARTS),
        help=f"some of: {', '.join(CHARTS)}",
    )
    result.add_argument(
        "--roles",
        metavar="LIST",
        type=roles,
        default=tuple(Role),
        help="draw only models that are there for this, out of own, peer and floor, as own,peer (default: all)",
    )
    result.add_argument(
        "--out", metavar="DIR", type=Path, help="where to write (default: RUN_DIR/charts)"
    )
    result.add_argument("--list", action="store_true", help="name the charts and stop")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the path of every file written, and on stderr which charts lack what data."""
    options = parser().parse_args(arguments)
    if options.list:
        print("\n".join(f"{name:<{max(map(len, CHARTS))}}  {ABOUT[name]}" for name in CHARTS))
        return Exit.OK
    if options.run_dir is None:
        parser().error("RUN_DIR is missing; allowed: a folder with samples.csv")
    if not options.run_dir.is_dir():
        raise UsageError(
            f"RUN_DIR {options.run_dir} is not a folder; allowed: a folder with samples.csv"
        )
    data = RunData.load(options.run_dir, options.roles)
    folder = options.out or options.run_dir / "charts"
    try:
        drawn = draw(data, folder, options.only)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        allowed = "a folder that can be made and written to"
        raise UsageError(f"{folder} cannot be written: {why}; allowed: {allowed}") from None
    print("\n".join(map(str, drawn.written)), end="\n" if drawn.written else "")
    for name, reason in drawn.left_out.items():
        print(f"{name}: left out: {reason}", file=sys.stderr)
    return Exit.OK
