# SPDX-License-Identifier: Apache-2.0
"""gate.sh in a clone with a history, with builds that only pretend."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import FakeBuild
from shell_clone import CMAKE, Clone, clone

__all__ = ["clone"]

# Builds what the source tells: its binaries find the files that steer them in the tree they were built from.
CMAKE_OF_A_TREE = CMAKE.replace(
    """cp -r "$FAKE_BUILD/bin" build/release/ 2>/dev/null || true""",
    """mkdir -p build/release/bin
    [[ ! -e does-not-compile ]] || { echo "a.cpp:7: error: what"; exit 1; }
    for binary in "$FAKE_BUILD"/bin/*; do
      printf '#!/bin/sh\\nFAKE_BENCH="%s/control" exec "%s" "$@"\\n' "$PWD" "$binary" >"build/release/bin/${binary##*/}"
      /bin/chmod +x "build/release/bin/${binary##*/}"
    done""",
)


#: Of the fake binaries four groups of one, where the preset ci starts all of them for fifteen.
SHORT = ("--preset=class8",)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def history(clone: Clone) -> Clone:
    """The clone with two commits; the current one is twice as slow."""
    for name in ("git", "rm", "flock"):
        (clone.bin / name).unlink(missing_ok=True)
        (clone.bin / name).symlink_to(shutil.which(name) or name)
    clone.tool("cmake", CMAKE_OF_A_TREE)
    (clone.root / ".gitignore").write_text("/build/\n/reports/\n__pycache__/\ncalls.txt\n")
    (clone.root / "control").mkdir()
    for number, slower in enumerate((1, 2), start=1):
        (clone.root / "control" / "pace.json").write_text(json.dumps({"slower": slower}))
        if number == 1:
            git(clone.root, "init", "--quiet", "--initial-branch=main")
        git(clone.root, "add", ".")
        git(clone.root, "commit", "--quiet", "-m", f"commit {number}")
    return clone


def test_gate_compares_with_a_commit(history: Clone, fake_build: FakeBuild) -> None:
    environment = {"FAKE_BUILD": str(fake_build.directory)}
    commit = git(history.root, "rev-parse", "HEAD~1")
    arguments = ("HEAD~1", *SHORT, "--rounds", "1", "--out", "out")
    done = history.run("gate.sh", *arguments, **environment)
    assert done.returncode == 4, f"one block is too few for a verdict: {done.stderr}"
    assert f"gate.sh: the base is {commit[:7]} commit 1, in build/base" in done.stderr
    assert "No verdict: too few launches" in done.stdout
    report = json.loads((history.bin.parent / "out" / "compare.json").read_text())
    slowed = [
        verdict["ratio"]
        for verdict in report["verdicts"]
        if verdict["metric"] == "makespan_ns"
    ]
    assert len(slowed) == 3 and all(1.9 < ratio < 2.1 for ratio in slowed), "the tree is measured against the commit"
    base = history.root / "build" / "base" / commit[:12]
    record = json.loads((history.bin.parent / "out" / "env.json").read_text())["run"]
    assert record["baseline"] == str(base.relative_to(history.root) / "build" / "release")
    assert record["preset"] == "class8" and not (history.bin.parent / "out" / "charts").exists()

    # The same base is not configured again; another one takes its place.
    before = history.log("cmake.log").count("--preset release -D")
    listed = history.run("gate.sh", "HEAD~1", "--list", **environment)
    assert listed.returncode == 0 and "× 24 rounds × 4 launches =" in listed.stdout, "the preset ci, by default"
    assert history.log("cmake.log").count("--preset release -D") == before == 2
    other = history.run("gate.sh", "main", "--list", *SHORT, **environment)
    assert other.returncode == 0, other.stderr
    assert not base.exists() and len([path for path in base.parent.iterdir() if path.is_dir()]) == 1
    # A worktree that was left half made, removed by hand or edited is made anew.
    (left,) = (path for path in base.parent.iterdir() if path.is_dir())
    shutil.rmtree(left)
    left.mkdir()
    assert history.run("gate.sh", "main", "--list", *SHORT, **environment).returncode == 0
    shutil.rmtree(left)
    assert history.run("gate.sh", "main", "--list", *SHORT, **environment).returncode == 0
    (left / "control" / "pace.json").write_text("{}")
    assert history.run("gate.sh", "main", "--list", *SHORT, **environment).returncode == 0
    assert (left / "control" / "pace.json").read_text() != "{}"


def test_gate_in_a_hook_leaves_the_commit_under_way_alone(history: Clone, fake_build: FakeBuild) -> None:
    (history.root / "staged").write_text("new")
    git(history.root, "add", "staged")
    inside = {"GIT_DIR": str(history.root / ".git"), "GIT_INDEX_FILE": str(history.root / ".git" / "index")}
    done = history.run("gate.sh", "HEAD", "--list", *SHORT, FAKE_BUILD=str(fake_build.directory), **inside)
    assert done.returncode == 0, done.stderr
    assert git(history.root, "status", "--porcelain") == "A  staged"


def test_gate_leaves_other_worktrees_alone(history: Clone, fake_build: FakeBuild, tmp_path: Path) -> None:
    """Even if they are not there just now, as on a disk that is not mounted."""
    git(history.root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "mine"))
    (tmp_path / "mine").rename(tmp_path / "away")
    for ref in ("HEAD~1", "HEAD"):
        done = history.run("gate.sh", ref, "--list", *SHORT, FAKE_BUILD=str(fake_build.directory))
        assert done.returncode == 0, done.stderr
    (tmp_path / "away").rename(tmp_path / "mine")
    assert git(tmp_path / "mine", "status", "--porcelain") == ""


def test_two_gates_at_once(history: Clone) -> None:
    bases = history.root / "build" / "base"
    bases.mkdir(parents=True)
    with (bases / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = history.run("gate.sh", "HEAD")
    assert done.returncode == 2 and "another gate.sh is at work in" in done.stderr


def test_gate_with_a_base_that_cannot_be_built(history: Clone, fake_build: FakeBuild) -> None:
    (history.root / "does-not-compile").touch()
    git(history.root, "add", ".")
    git(history.root, "commit", "--quiet", "-m", "broken")
    (history.root / "does-not-compile").unlink()
    done = history.run("gate.sh", "HEAD", FAKE_BUILD=str(fake_build.directory))
    assert done.returncode == 2
    assert "a.cpp:7: error: what" in done.stderr and "cannot be built, see above" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "'' is not a commit to compare with"),
        (("--rounds", "3", "main"), "'--rounds' is not a commit to compare with"),
        (("no-such-branch",), "'no-such-branch' is no commit that this clone has"),
        (("main", "--against=build/x"), "--against is not for here"),
        (("main", "--resume", "x"), "--resume is not for here"),
    ],
)
def test_gate_refuses(history: Clone, arguments: tuple[str, ...], says: str) -> None:
    done = history.run("gate.sh", *arguments)
    assert done.returncode == 2 and says in done.stderr
    assert history.log("cmake.log") == ""


def test_gate_outside_of_a_repository(clone: Clone) -> None:
    assert "git is not installed" in clone.run("gate.sh", "main").stderr
    (clone.bin / "git").symlink_to(shutil.which("git") or "git")
    done = clone.run("gate.sh", "main")
    assert done.returncode == 2 and "is not a git repository; allowed: a clone" in done.stderr
    assert "BASE_REF is what git knows" in clone.run("gate.sh", "--help").stdout
