# SPDX-License-Identifier: Apache-2.0
"""What is measured, as data: to tune a preset, change its flags and look at --dry-run.

A preset is a list of groups; a group is one binary with the flags that span its grid. A case that
two groups have in common is measured once. Flags and their meaning: --help of the binary.
"""

from __future__ import annotations

from collections.abc import Mapping

from .beside_peers import PEERS
from .gated import CI
from .general import CLASS8, FULL, QUICK, TALK, reference
from .groups import Group, Preset
from .questions import FLOORS, FOOTPRINT, GRANULARITY, LATENCY, LIFECYCLES, MAP

__all__ = ["CI", "CLASS8", "GRANULARITY", "LATENCY", "MAP", "PEERS", "PRESETS", "QUICK", "Group", "Preset", "reference"]

GENERAL = (QUICK, CLASS8, TALK, FULL, CI)

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (*GENERAL, LIFECYCLES, FOOTPRINT, LATENCY, FLOORS, GRANULARITY, MAP, PEERS)
}
