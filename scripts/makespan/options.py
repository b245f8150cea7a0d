# SPDX-License-Identifier: Apache-2.0
"""The command line of the runner."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from makespan.asked import Asked, add_flags, asked_by
from makespan.build import ROOT
from makespan.presets import Preset
from makespan.roles import listed, parse_roles

#: What people type; it builds first and then starts run.py.
COMMAND = "run.sh"

DEFAULT_BUILD = ROOT / "build" / "release"
REPORTS = ROOT / "reports"

#: Blocks per case with --against. 16 pairs give the exact signed-rank test a p-value of 3e-5 at best,
#: small enough after the correction for a thousand cases; an even number has both kinds of blocks alike.
PAIRED_ROUNDS = 16


@dataclass(frozen=True)
class Options:
    """What was asked for; None where the default depends on something else."""

    preset: str
    out: Path | None
    resume: Path | None
    rounds: int | None
    seed: int | None
    build: Path | None
    list: bool
    dry_run: bool
    plots: bool
    against: Path | None = None
    confirm: bool = True
    force: bool = False
    asked: Asked = Asked()
    refine: int | None = None
    roles: str | None = None
    with_python: bool = False


def parse(arguments: Sequence[str], presets: Mapping[str, Preset]) -> Options:
    """Ends with exit code 2 and a message for a wrong command line, with 0 for --help."""
    parser = _parser(presets)
    found = parser.parse_args(arguments)
    asked = asked_by(found)
    if found.resume is not None:
        fixed = ("preset", "out", "rounds", "seed", "confirm", "refine", "roles")
        given = [f"--{name}" for name in fixed if getattr(found, name) is not None]
        flags = ("list", "dry-run", "force", "with-python")
        given += [f"--{name}" for name in flags if getattr(found, name.replace("-", "_"))]
        given += [f"--{name.replace('_', '-')}" for name in asked.told() or ()]
        if given:
            parser.error(f"--resume carries a run on as it was begun; not with {', '.join(given)}")
    elif found.against is None and (found.force or found.confirm is not None or asked):
        name = "--force" if found.force else "--metric, --min-effect and --alpha" if asked else "--confirm and --no-confirm"
        parser.error(f"{name}: of a comparison of two builds only; give --against as well")
    elif found.against is not None and found.with_python:
        parser.error("--with-python: not with --against, as Python says nothing of a change; leave one of them out")
    preset = found.preset or "quick"
    if found.refine is not None and (found.against is not None or not presets[preset].refinements):
        maps = ", ".join(name for name, one in presets.items() if one.refinements)
        parser.error(f"--refine: of a preset with a map only, and not with --against; allowed: {maps or 'none'}")
    if asked:
        try:
            asked.rules()
        except ValueError as error:
            parser.error(str(error))
    by_preset = found.resume is None and found.against is None and presets[preset].with_python
    return Options(
        preset=preset,
        out=found.out,
        resume=found.resume,
        rounds=found.rounds,
        seed=found.seed,
        build=found.build,
        list=found.list,
        dry_run=found.dry_run,
        plots=not found.no_plots,
        against=found.against,
        confirm=found.confirm is not False,
        force=found.force,
        asked=asked,
        refine=found.refine,
        roles=found.roles,
        with_python=found.with_python or by_preset,
    )


def _parser(presets: Mapping[str, Preset]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Measures which concurrency model finishes first on this machine: every case "
        "once a round in random order, then the table of winners and the charts.",
        epilog="Exit codes: 0 fine, 1 slower than the baseline (--against), 2 wrong usage, 3 some "
        "benchmark failed, 4 no verdict (--against), 130 interrupted. An interrupted run keeps what was "
        "measured and goes on with --resume.",
        allow_abbrev=False,
    )
    about = "; ".join(f"{name}: {preset.about}" for name, preset in presets.items())
    add = parser.add_argument
    about = about.replace("%", "%%")
    add("--preset", choices=list(presets), help=f"what to measure (default: quick). {about}")
    add("--out", type=Path, metavar="DIR", help="run folder, new or empty (default: reports/RUN-ID)")
    add("--resume", type=Path, metavar="DIR", help="carry on the interrupted run in this folder")
    add(
        "--rounds",
        type=positive,
        metavar="N",
        help="launches per case (default: the preset's); with --against blocks of four launches "
        f"(default: the preset's, but {PAIRED_ROUNDS} at least)",
    )
    add("--seed", type=natural, metavar="N", help="seed of the order (default: random, recorded)")
    add(
        "--refine",
        type=natural,
        metavar="N",
        help="of a map: how often points are added between neighbours with different winners (default: "
        "the preset's)",
    )
    add(
        "--roles",
        type=roles,
        metavar="LIST",
        help="measure only models that are there for this, out of own, peer and floor, as own,peer (default: those that "
        "the preset names, and own ones)",
    )
    add(
        "--with-peers",
        dest="roles",
        action="store_const",
        const="own,peer",
        help="short for --roles own,peer; run.sh installs the libraries that are missing",
    )
    add("--build", type=Path, metavar="DIR", help="build directory (default: build/release)")
    add(
        "--against",
        type=Path,
        metavar="DIR",
        help="compare with the build in this directory: both are measured by turns, and the exit code is "
        "that of the comparison",
    )
    add(
        "--with-python",
        action="store_true",
        help="measure beside the cases what Python has in their place: threading, multiprocessing, concurrent.futures, "
        "asyncio",
    )
    add(
        "--confirm",
        action=argparse.BooleanOptionalAction,
        help="with --against: measure the cases that look changed once more before they count "
        "(default: yes)",
    )
    add(
        "--force",
        action="store_true",
        help="with --against: compare builds of other compilers, flags, libraries or cases all the same",
    )
    add_flags(parser, "with --against: ")
    add("--list", action="store_true", help="list the cases of the preset, and those left out")
    add("--dry-run", action="store_true", help="show the launches of round 1 and the time it takes")
    add("--no-plots", action="store_true", help="draw no charts")
    return parser


def roles(text: str) -> str:
    """A list of roles, as argparse wants to be told."""
    try:
        return listed(parse_roles(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive(text: str) -> int:
    """A number from 1, as argparse wants to be told."""
    value = natural(text)
    if value == 0:
        raise argparse.ArgumentTypeError(f"'{text}'; allowed: a whole number from 1")
    return value


def natural(text: str) -> int:
    """A number from 0."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}'; allowed: a whole number from 0")
    return int(text)
