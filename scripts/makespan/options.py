# SPDX-License-Identifier: Apache-2.0
"""The command line of the runner."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from makespan.build import ROOT
from makespan.presets import Preset

#: What people type; it builds first and then starts run.py.
COMMAND = "run.sh"

DEFAULT_BUILD = ROOT / "build" / "release"
REPORTS = ROOT / "reports"


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


def parse(arguments: Sequence[str], presets: Mapping[str, Preset]) -> Options:
    """Ends with exit code 2 and a message for a wrong command line, with 0 for --help."""
    parser = _parser(presets)
    found = parser.parse_args(arguments)
    if found.resume is not None:
        fixed = ("preset", "out", "rounds", "seed")
        given = [f"--{name}" for name in fixed if getattr(found, name) is not None]
        given += [f"--{name}" for name in ("list", "dry-run") if getattr(found, name.replace("-", "_"))]
        if given:
            parser.error(f"--resume carries a run on as it was begun; not with {', '.join(given)}")
    return Options(
        preset=found.preset or "quick",
        out=found.out,
        resume=found.resume,
        rounds=found.rounds,
        seed=found.seed,
        build=found.build,
        list=found.list,
        dry_run=found.dry_run,
        plots=not found.no_plots,
    )


def _parser(presets: Mapping[str, Preset]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Measures which concurrency model finishes first on this machine: every case "
        "once a round in random order, then the table of winners and the charts.",
        epilog="Exit codes: 0 fine, 2 wrong usage, 3 some benchmark failed, 130 interrupted. An "
        "interrupted run keeps what was measured and goes on with --resume.",
        allow_abbrev=False,
    )
    about = "; ".join(f"{name}: {preset.about}" for name, preset in presets.items())
    add = parser.add_argument
    add("--preset", choices=list(presets), help=f"what to measure (default: quick). {about}")
    add("--out", type=Path, metavar="DIR", help="run folder, new or empty (default: reports/RUN-ID)")
    add("--resume", type=Path, metavar="DIR", help="carry on the interrupted run in this folder")
    add("--rounds", type=_positive, metavar="N", help="launches per case (default: the preset's)")
    add("--seed", type=_natural, metavar="N", help="seed of the order (default: random, recorded)")
    add("--build", type=Path, metavar="DIR", help="build directory (default: build/release)")
    add("--list", action="store_true", help="list the cases of the preset, and those left out")
    add("--dry-run", action="store_true", help="show the launches of round 1 and the time it takes")
    add("--no-plots", action="store_true", help="draw no charts")
    return parser


def _positive(text: str) -> int:
    value = _natural(text)
    if value == 0:
        raise argparse.ArgumentTypeError(f"'{text}'; allowed: a whole number from 1")
    return value


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}'; allowed: a whole number from 0")
    return int(text)
