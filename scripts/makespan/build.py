# SPDX-License-Identifier: Apache-2.0
"""The benchmark binaries of one build, as far as they can be asked."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from makespan import units
from makespan.errors import UsageError

#: The repository: where the scripts and, by default, build/ and reports/ are.
ROOT = Path(__file__).resolve().parents[2]

#: What stands for a binary in the cases of --with-python; the same in every build.
PYTHON_REFERENCE = "python_reference"
_SCRIPTS = ROOT / "scripts"

_PATIENCE_S = 120  # a calibration takes a second or two; this is for a binary that hangs

# In --list-models, before what a model needs that was left out of the build.
_LEFT_OUT = ["left", "out:", "needs"]

# In the text of --help: where the description of a flag begins, and the default in it.
_FLAG = re.compile(r"^ +(?:-\w,)?(--[a-z][a-z0-9_-]*)", re.MULTILINE)
_DEFAULT = re.compile(r"\(default: ([^)]*)\)")


@dataclass(frozen=True)
class Build:
    """A build directory as CMake lays it out: the binaries are in bin/."""

    directory: Path

    @property
    def label(self) -> str:
        """What a run records: the directory, relative to the repository if it is inside."""
        if self.directory.is_relative_to(ROOT):
            return str(self.directory.relative_to(ROOT))
        return str(self.directory)

    @classmethod
    def labelled(cls, label: str) -> Build:
        return cls(ROOT / label)

    def binary(self, name: str) -> Path:
        """The path of the binary; UsageError if it has not been built."""
        if name == PYTHON_REFERENCE:
            return _SCRIPTS / f"{name}.py"
        path = self.directory / "bin" / name
        if not path.is_file():
            how = "run scripts/run.sh, which builds it, or cmake --build --preset release"
            raise UsageError(f"{path} is not there; {how}; another build: --build DIR")
        return path

    def environment(self, name: str = "bench_sleep") -> dict[str, Any]:
        """Machine, build and calibration, as `bench_sleep --env` tells them."""
        return self._ask(name, ["--env"])

    def cases(self, name: str, flags: Sequence[str]) -> dict[str, Any]:
        """The grid that the flags span: {"benchmark": …, "cases": […]}."""
        return self._ask(name, [*flags, "--list=json"])

    def models(self, name: str) -> frozenset[str]:
        """The models that the binary was built with, of whatever role, each also as model/variant."""
        built = [words for words in self._listed_models(name) if words[3:6] != _LEFT_OUT]
        return frozenset(name for words in built for name in (words[0], f"{words[0]}/{words[1]}"))

    def not_built(self, name: str) -> dict[str, str]:
        """The models that were left out of the binary, as model or model/variant, with what would bring them."""
        left_out = [words for words in self._listed_models(name) if words[3:6] == _LEFT_OUT]
        return {"/".join(words[:2]).removesuffix("/default"): " ".join(words[6:]) for words in left_out}

    def _listed_models(self, name: str) -> list[list[str]]:
        """Model, variant, role and what is said of it, in words."""
        lines = (line.split() for line in self._run(name, ["--list-models"]).splitlines())
        return [words for words in lines if len(words) > 2]

    def flags(self, name: str) -> Mapping[str, str]:
        """The flags that --help has, with what it says of their defaults; empty if it says nothing."""
        text = self._run(name, ["--help"])
        heads = list(_FLAG.finditer(text))
        ends = [head.start() for head in heads[1:]] + [len(text)]
        found: dict[str, str] = {}
        for head, end in zip(heads, ends):
            default = _DEFAULT.search(" ".join(text[head.end() : end].split()))
            found[head[1]] = default[1] if default else ""
        return found

    def columns(self, name: str = "bench_sleep") -> list[str]:
        """The header of the samples that the binaries write; one task that sleeps 1 µs is run for it."""
        arguments = ["--models=serial", "--tasks=1", "--sleep=1us", "--csv=-"]
        text = self._run(name, arguments)
        header = next((line for line in text.splitlines() if line.startswith("schema_version")), "")
        return next(csv.reader([header]), [])

    def fingerprint(self, name: str) -> str:
        """SHA-256 of the binary: tells whether a run is carried on with the same one; of the Python reference that
        of its files."""
        if name == PYTHON_REFERENCE:
            files = sorted((_SCRIPTS / "makespan" / name).glob("*.py"))
            return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
        return fingerprint_of(self.binary(name))

    def _ask(self, name: str, arguments: list[str]) -> dict[str, Any]:
        said = f"{name} {' '.join(arguments)}"
        try:
            answer = json.loads(self._run(name, arguments))
        except ValueError as error:
            raise UsageError(f"{said} printed no JSON: {error}") from None
        if not isinstance(answer, dict):
            raise UsageError(f"{said} printed a JSON {type(answer).__name__}; allowed: an object")
        return answer

    def _run(self, name: str, arguments: list[str]) -> str:
        """What the binary prints; UsageError if it fails."""
        command = [str(self.binary(name).resolve()), *arguments]
        said = f"{name} {' '.join(arguments)}"
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"{said} cannot be run: {error}") from None
        if done.returncode:
            last = units.one_line(done.stderr.decode("utf-8", "replace"), most=500)
            raise UsageError(f"{said} ended with {done.returncode}: {last or 'without a word'}")
        return done.stdout.decode("utf-8", "replace")


def fingerprint_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
