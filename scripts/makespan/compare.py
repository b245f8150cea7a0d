# SPDX-License-Identifier: Apache-2.0
"""scripts/compare.py, and what the runner asks of a comparison."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console

from makespan import verdicts
from makespan.asked import Asked, add_flags, asked_before, asked_by
from makespan.casekey import CaseKey
from makespan.comparison import (
    Comparison,
    Side,
    compare_paired,
    compare_unpaired,
    planned_verdicts,
    read_side,
)
from makespan.comparison_views import FORMATS, as_json, markdown, print_comparison
from makespan.errors import InputError, UsageError
from makespan.files import write_atomically
from makespan.verdicts import Rules

_SUFFIXES = {".md": "markdown", ".json": "json", ".txt": "terminal"}


@dataclass(frozen=True)
class Output:
    """A file and the format of what goes into it."""

    format: str
    path: Path


def suspicious(samples: pd.DataFrame, rules: Rules = Rules()) -> list[CaseKey]:
    """The cases of a paired run that should be measured again before they count, from the rows of its
    planned rounds. A key is tuple(getattr(case, name) for name in CASE_KEY)."""
    return verdicts.suspicious(planned_verdicts(samples, rules))


def compare_run(folder: Path) -> int:
    """Prints the comparison of a finished paired run by the rules that it was begun with, writes compare.md
    and compare.json into its folder and returns the exit code of compare.py."""
    side = read_side(folder)
    found = compare_paired(side, _asked_before(side).rules())
    write_atomically(folder / "compare.md", markdown(found))
    write_atomically(folder / "compare.json", as_json(found))
    _say(f"{_text(found, 'terminal')}written: {folder / 'compare.md'}, {folder / 'compare.json'}\n")
    return found.exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Compares, says and writes it, and returns 0, 1, 3 or 4."""
    command = parser()
    options = command.parse_args(arguments)
    asked = asked_by(options)
    try:
        asked.rules()
    except ValueError as error:
        command.error(str(error))
    outputs, shown = _destinations(command, options.format, options.output)
    if len(options.runs) > 2:
        command.error(f"{len(options.runs)} runs; allowed: one paired run, or OLD and NEW")
    sides = [read_side(path) for path in options.runs]
    found = (
        compare_paired(sides[0], asked.over(_asked_before(sides[0])).rules())
        if len(sides) == 1
        else compare_unpaired(sides[0], sides[1], asked.rules(), options.force)
    )
    for output in outputs:
        _write(output.path, FORMATS[output.format](found))
    _say("".join(_text(found, name) for name in shown))
    return found.exit_code


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="compare.py",
        description="Tells for every case whether the current build is slower than the baseline, faster, "
        "the same, or whether the samples do not tell. Either one run that measured both builds by turns "
        "(run.sh --against), or two finished runs, which is weaker.",
        epilog="Exit codes: 0 no case is slower, 1 some case is, 2 wrong usage or input, 3 a case failed that "
        "did not fail in the baseline, 4 no verdict (too few launches, or too noisy).",
        allow_abbrev=False,
    )
    add = result.add_argument
    add("runs", metavar="RUN | OLD NEW", nargs="+", type=Path, help="run folders, or files samples.csv")
    add_flags(result)
    add(
        "--format",
        metavar="LIST",
        type=_formats,
        help=f"of: {', '.join(FORMATS)} (default: terminal)",
    )
    add(
        "--output",
        metavar="[FORMAT=]FILE",
        action="append",
        default=[],
        help="write to a file and not to the terminal; .md, .json and .txt tell the format. May be given "
        "again for another format",
    )
    add(
        "--force",
        action="store_true",
        help="compare two runs though their machines, builds or cases differ",
    )
    return result


def _asked_before(run: Side) -> Asked:
    """The rules that the runner was told, if it is a runner's run."""
    record = run.environment.get("run")
    try:
        asked = asked_before(record if isinstance(record, Mapping) else {})
        asked.rules()
    except ValueError as error:
        raise InputError(run.env_json, 1, str(error), "as the runner writes them") from None
    return asked


def _destinations(
    command: argparse.ArgumentParser, formats: Sequence[str] | None, outputs: Sequence[str]
) -> tuple[list[Output], list[str]]:
    """The files, and the formats that are printed: those that were asked for and go to no file."""
    found = []
    for text in outputs:
        name, equals, path = text.partition("=")
        if not (equals and name in FORMATS):
            name, path = _SUFFIXES.get(Path(text).suffix, ""), text
        if not name and formats and len(formats) == 1:
            name = formats[0]
        if not name or not path:
            allowed = f"a file that ends with {', '.join(_SUFFIXES)}, or FORMAT=FILE"
            command.error(f"argument --output: the format of {text!r} is not clear; allowed: {allowed}")
        found.append(Output(name, Path(path)))
    written = {output.format for output in found}
    return found, [name for name in formats or ["terminal"] if name not in written]


def _text(found: Comparison, name: str) -> str:
    """What is printed: on a terminal in its width, and bold where it can."""
    if name != "terminal" or not sys.stdout.isatty():
        return FORMATS[name](found)
    console = Console()
    with console.capture() as captured:
        print_comparison(found, console)
    return captured.get()


def _say(text: str) -> None:
    """Prints it. A reader that went away (head) must not change the exit code, which is the verdict."""
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(path: Path, text: str) -> None:
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")  # a pipe or a terminal cannot be replaced
        else:
            write_atomically(path, text)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"{path} cannot be written: {why}; allowed: a file in a folder that is there") from None


def _formats(text: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no format named {unknown[0]!r}; allowed: {', '.join(FORMATS)}"
        )
    return names
