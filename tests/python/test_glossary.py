# SPDX-License-Identifier: Apache-2.0
"""reports/README.md explains every column of every file."""

from __future__ import annotations

from pathlib import Path

import pytest

from makespan.columns import COLUMNS, SCHEMA_VERSION, TRACE_COLUMNS
from makespan.peers import sources
from makespan.summary import SUMMARY_COLUMNS

GLOSSARY = (Path(__file__).parents[2] / "reports" / "README.md").read_text(encoding="utf-8")
NAMES = [column.name for column in (*COLUMNS, *TRACE_COLUMNS)] + list(SUMMARY_COLUMNS) + list(sources.COLUMNS)


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_every_column_is_in_the_glossary(name: str) -> None:
    assert f"`{name}`" in GLOSSARY or f" {name}," in GLOSSARY


def test_the_glossary_tells_the_schema_version() -> None:
    assert f"version of this list of columns: {SCHEMA_VERSION} |" in GLOSSARY
