# SPDX-License-Identifier: Apache-2.0
"""What the charts draw from: one run folder, read and turned into cases."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from makespan.arms import split_arms
from makespan.columns import split_variant
from makespan.files import read_json_object
from makespan.footprint.lines import Line, find_lines
from makespan.granularity.sweeps import Sweep, find_sweeps
from makespan.latency import cyclictest
from makespan.latency.distributions import Late, distributions
from makespan.maps.field import Field, find_field
from makespan.roles import Role, role_of
from makespan.samples import read_samples, read_trace
from makespan.summary import summarise
from makespan.theme import Look, Theme
from makespan.units import one_line

from .cases import Case, Series, cases_of


class NothingToDraw(Exception):
    """A chart has no data in this run; the message says what it would need."""


@dataclass(frozen=True)
class Machine:
    """What a chart says about where its numbers come from."""

    cpu_model: str = ""
    cpus: float | None = None
    hypervisor: str = ""
    run_id: str = ""

    @property
    def line(self) -> str:
        cpus = f"{self.cpus:g} {'CPU' if self.cpus == 1 else 'CPUs'} usable" if self.cpus else ""
        virtual = (
            f"virtual machine ({self.hypervisor})"
            if self.hypervisor.lower() not in ("", "none")
            else ""
        )
        parts = [
            self.cpu_model or "machine not recorded (no env.json)",
            cpus,
            virtual,
            f"run {self.run_id}" if self.run_id else "",
        ]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class RunData:
    """A whole run: the frames as the reader and summarise() give them, `trace` perhaps empty, and
    the cases of the summary that charts are about. Of a paired run only the current build. `beside`: what
    cyclictest says of the machine, if it was asked."""

    samples: pd.DataFrame
    summary: pd.DataFrame
    trace: pd.DataFrame
    cases: tuple[Case, ...]
    machine: Machine
    theme: Theme
    beside: tuple[cyclictest.Histogram, ...] = ()

    @classmethod
    def of(
        cls,
        samples: pd.DataFrame,
        trace: pd.DataFrame | None = None,
        environment: dict[str, Any] | None = None,
        beside: tuple[cyclictest.Histogram, ...] = (),
    ) -> "RunData":
        samples = split_arms(samples).current
        summary = summarise(samples)
        trace = pd.DataFrame() if trace is None else trace
        run_ids = sorted(set(samples["run_id"])) if len(samples) else []
        machine = machine_of(environment or {}, ", ".join(run_ids))
        theme = Theme.of(str(model) for model in samples["model"])
        cases = tuple(cases_of(summary, samples))
        return cls(samples, summary, trace, cases, machine, theme, beside)

    @classmethod
    def load(cls, folder: Path, roles: Collection[Role] = tuple(Role)) -> "RunData":
        """Reads samples.csv and, if they are there, trace.csv, env.json and cyclictest.json; of the first two
        what models of these `roles` did. Raises InputError."""
        samples = of_roles(read_samples(folder / "samples.csv"), roles)
        trace = folder / "trace.csv"
        environment = folder / "env.json"
        return cls.of(
            samples,
            of_roles(read_trace(trace), roles) if trace.is_file() else None,
            read_json_object(environment) if environment.is_file() else None,
            cyclictest.read(folder / cyclictest.FILE),
        )

    @cached_property
    def sweeps(self) -> list[Sweep]:
        """The sweeps of the granularity."""
        return find_sweeps(self.samples, self.machine.cpus)

    @cached_property
    def footprints(self) -> list[Line]:
        """The lines of bench_footprint that have a reading."""
        return [line for line in find_lines(self.samples) if line.readings]

    @cached_property
    def late(self) -> list[Late]:
        """How late tasks start and sleeps end, where tasks enough were traced."""
        return distributions(self.trace)

    @cached_property
    def field(self) -> Field:
        """The map of winners; without points if the run holds none."""
        return find_field(self.samples, self.summary)

    def look(self, series: Series) -> Look:
        return self.theme.look(series.model, series.variant)


def of_roles(rows: pd.DataFrame, roles: Collection[Role]) -> pd.DataFrame:
    """The rows of models that are there for one of `roles`."""
    if set(roles) == set(Role):
        return rows
    pairs = list(zip(rows["model"], rows["variant"]))
    wanted = {(model, variant): role_of(str(model), split_variant(str(variant)).own) in roles for model, variant in set(pairs)}
    return rows.loc[pd.Series([wanted[pair] for pair in pairs], index=rows.index, dtype=bool)]


def machine_of(environment: dict[str, Any], run_id: str) -> Machine:
    """Takes keys from the top level of env.json, else from the level below."""
    found: dict[str, Any] = {}
    for level in (
        environment,
        *(value for value in environment.values() if isinstance(value, dict)),
    ):
        found = {**level, **found}
    cpus = found.get("cpus_usable")
    return Machine(
        cpu_model=one_line(str(found.get("cpu_model") or "")),
        cpus=float(cpus) if isinstance(cpus, (int, float)) and cpus > 0 else None,
        hypervisor=one_line(str(found.get("hypervisor") or "")),
        run_id=one_line(run_id),
    )
