# SPDX-License-Identifier: Apache-2.0
"""What the README shows is what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "tests" / "examples").glob("*.cpp"))


def test_there_are_programs_to_show() -> None:
    assert [path.stem for path in EXAMPLES] == ["gather", "grep", "queue"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_readme_shows_the_program_that_the_tests_run(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert lines[0].startswith("// SPDX-License-Identifier")
    assert "```cpp\n" + "".join(lines[1:]) + "```" in README
