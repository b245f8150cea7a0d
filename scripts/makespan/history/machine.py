# SPDX-License-Identifier: Apache-2.0
"""The machine class: runs are only ever compared with runs of the same one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from makespan.errors import InputError
from makespan.files import read_json_object

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9.]+|\.[^a-z0-9]+")


@dataclass(frozen=True)
class MachineClass:
    """Everything about machine and build but the commit that moves all times at once.

    `kernel` is major.minor and `compiler` its name and major version: updates below that stay within
    the class, as otherwise no history would outlive a month. Compiler flags are not part of it: a
    commit that changes them is what the history is to name.
    """

    cpu_model: str
    cpus_usable: float
    hypervisor: str
    kernel: str
    compiler: str
    build_type: str

    @property
    def name(self) -> str:
        """`amd-epyc-2cpu-kvm-linux6.1-gcc12-release-1a2b3c4d`: readable, and told apart by the hash
        of all fields where two read the same."""
        parts = (
            self.cpu_model,
            f"{self.cpus_usable:g}cpu",
            "" if self.hypervisor == "none" else self.hypervisor,
            f"linux{self.kernel}",
            self.compiler.replace(" ", ""),
            self.build_type,
        )
        words = [_NOT_IN_A_NAME.sub("-", part.lower())[:32].strip("-.") for part in parts]
        fields = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        digest = hashlib.sha256(fields.encode()).hexdigest()[:8]
        return "-".join([*filter(None, words), digest])

    @property
    def line(self) -> str:
        """The class in words, for people."""
        virtual = "" if self.hypervisor == "none" else f"virtual machine ({self.hypervisor})"
        cpus = f"{self.cpus_usable:g} {'CPU' if self.cpus_usable == 1 else 'CPUs'} usable"
        parts = (
            self.cpu_model,
            cpus,
            virtual,
            f"Linux {self.kernel}",
            self.compiler,
            self.build_type,
        )
        return " · ".join(part for part in parts if part)


def class_of_run(path: Path, environment: Mapping[str, Any]) -> MachineClass:
    """The class from the env.json at `path`; InputError names the key that is missing there."""

    def text(name: str) -> str:
        value = environment.get(name)
        if not isinstance(value, str) or not value.strip():
            raise InputError(path, 1, f'"{name}" is {value!r}', "the env.json of a run")
        return value.strip()

    cpus = environment.get("cpus_usable")
    if isinstance(cpus, bool) or not isinstance(cpus, (int, float)) or not cpus > 0:
        raise InputError(path, 1, f'"cpus_usable" is {cpus!r}', "a number above 0")
    return MachineClass(
        cpu_model=" ".join(text("cpu_model").split()),
        cpus_usable=float(cpus),
        hypervisor=str(environment.get("hypervisor") or "none").strip().lower(),
        kernel=_beginning(r"[0-9]+\.[0-9]+", text("kernel")),
        compiler=_beginning(r"[^0-9]*[0-9]+", text("compiler")),
        build_type=text("build_type").lower(),
    )


def class_of_file(path: Path) -> MachineClass:
    """The class as the JSON file of a store has it; InputError where it is none."""
    fields = read_json_object(path)
    allowed = "the fields of a machine class as history.py writes them"
    try:
        machine = MachineClass(**fields)
    except TypeError:
        what = f"the fields are {', '.join(sorted(fields)) or 'none'}"
        raise InputError(path, 1, what, allowed) from None
    if not isinstance(machine.cpus_usable, (int, float)):
        raise InputError(path, 1, f'"cpus_usable" is {machine.cpus_usable!r}', "a number")
    return machine


def _beginning(form: str, text: str) -> str:
    found = re.match(form, text)
    return found[0].strip() if found else text
