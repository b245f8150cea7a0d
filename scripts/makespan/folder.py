# SPDX-License-Identifier: Apache-2.0
"""The run folder: what is in it, and that only one runner writes to it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from makespan.asked import asked_before
from makespan.errors import InputError, UsageError
from makespan.files import read_json_object, write_json
from makespan.plan import Plan
from makespan.roles import parse_roles

#: Length of the git sha in a run id.
SHORT_SHA = 7


@dataclass(frozen=True)
class RunFolder:
    """reports/<run-id>/; samples.csv and trace.csv are written by the binaries, the rest by us."""

    path: Path

    @property
    def samples(self) -> Path:
        return self.path / "samples.csv"

    @property
    def trace(self) -> Path:
        return self.path / "trace.csv"

    @property
    def summary(self) -> Path:
        return self.path / "summary.csv"

    @property
    def winners(self) -> Path:
        return self.path / "winners.md"

    @property
    def environment(self) -> Path:
        """The machine and the build as the binary tells them, and the "run" object."""
        return self.path / "env.json"

    @property
    def plan(self) -> Path:
        """Every case with its flags, and the fingerprints of the binaries: what --resume needs."""
        return self.path / "plan.json"

    @property
    def log(self) -> Path:
        """Everything that the binaries said, with one header line per launch."""
        return self.path / "log.txt"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder until the process ends; UsageError if it is not there or is held."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise UsageError(f"{self.path} is not a run folder: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise UsageError(f"{self.path}: another runner is writing to this folder") from None
        try:
            yield
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class RunRecord:
    """The "run" object of env.json. `finished_utc` is None until all launches have been made.

    Of a paired run: `baseline` is the label of the other build, `confirm` whether suspicious cases are
    measured again, `confirm_from_round` the first round of that, once it is known which they are, `rules` what
    was asked for of the verdict, the fields of Asked that are not None. `refinements` is how often the map is
    refined. `roles` are those of the models that are measured, if that was asked for. `with_python`: whether the
    cases have counterparts in Python.
    """

    run_id: str
    preset: str
    rounds: int
    seed: int
    build: str
    ns_per_iteration: float
    started_utc: str
    finished_utc: str | None
    command: tuple[str, ...]
    python: str
    baseline: str | None = None
    confirm: bool = False
    confirm_from_round: int | None = None
    rules: Mapping[str, str] | None = None
    refinements: int = 0
    roles: str | None = None
    with_python: bool = False


@dataclass(frozen=True)
class Run:
    """A run that can be carried out: `done` are the launches that have left all of their rows already, `begun`
    those that have left some of several, and how many.

    `environment` is that of the current build; in a paired run its key "baseline" holds that of the other
    one, with its label as "build" and what differs between them as "differences".
    """

    folder: RunFolder
    record: RunRecord
    environment: Mapping[str, Any]
    plan: Plan
    done: frozenset[int] = frozenset()
    begun: Mapping[int, int] = field(default_factory=dict)

    def write_environment(self) -> None:
        """env.json: the machine and the build first, then the "run" object."""
        write_json(self.folder.environment, {**self.environment, "run": asdict(self.record)})


def read_record(folder: RunFolder) -> tuple[dict[str, Any], RunRecord]:
    """What env.json says of the machine and of the run; InputError if it is not a runner's."""
    environment = read_json_object(folder.environment)
    run = environment.pop("run", None)
    allowed = 'a "run" object as the runner writes it'
    if not isinstance(run, dict):
        raise InputError(folder.environment, 1, 'no "run" object', allowed)
    try:
        fields: dict[str, Any] = {**run, "command": tuple(run["command"])}
        record = RunRecord(**fields)
        numbers = (record.rounds, record.seed, record.ns_per_iteration)
        refinements = record.refinements
        asked_before(run)
        if record.roles is not None:
            parse_roles(record.roles)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(folder.environment, 1, f'"run" object: {error}', allowed) from None
    whole = isinstance(refinements, int) and refinements >= 0
    if not all(isinstance(number, (int, float)) for number in numbers) or record.rounds < 1 or not whole:
        raise InputError(folder.environment, 1, '"run" object: bad rounds, seed, time or refinements', allowed)
    return environment, record


def now_utc() -> str:
    """ISO 8601 with milliseconds, as in samples.csv."""
    now = datetime.now(timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z"


def new_run_id(git_sha: object) -> str:
    """20260131T120102Z-1a2b3c4: the time, and what was built."""
    sha = str(git_sha or "")
    known = len(sha) >= SHORT_SHA and all(digit in "0123456789abcdef" for digit in sha)
    short = sha[:SHORT_SHA] if known else "nogit"
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{short}"
