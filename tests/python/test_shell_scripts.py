# SPDX-License-Identifier: Apache-2.0
"""setup.sh, run.sh, test.sh and gate.sh in a clone with spaces in its path, with tools that only pretend."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, FakeBuild

TOOLS = ("bash", "sh", "sed", "awk", "grep", "tr", "dirname", "mkdir", "cat", "tee", "env", "cp", "rm")

# Says every header is there, but those named in absent.txt beside it.
COMPILER = """#!/bin/bash
absent=$(cat "$(dirname "$0")/absent.txt" 2>/dev/null)
for header in $absent; do echo "missing $header"; done
cat >/dev/null
"""
# Makes what is named in provides.txt beside it, as an installation would.
APT_GET = """#!/bin/bash
here=$(dirname "$0")
echo "apt-get $* frontend=${DEBIAN_FRONTEND:-}" >>"$here/apt.log"
echo "noise of apt"
[[ $1 == install ]] || exit 0
for name in $(cat "$here/provides.txt" 2>/dev/null); do
  printf '#!/bin/sh\\n' >"$here/$name"
  /bin/chmod +x "$here/$name"
done
rm -f "$here/absent.txt"
"""
CMAKE = """#!/bin/bash
here=$(dirname "$0")
echo "cmake $*" >>"$here/cmake.log"
case "$1" in
  --preset)
    echo "-- Configuring done"
    mkdir -p "build/$2" && echo >"build/$2/build.ninja"
    [[ ! -e $here/configure-fails ]] || { echo "CMake Error: no compiler"; exit 1; }
    ;;
  --build)
    [[ ! -e $here/up-to-date ]] || { echo "[1/2] Recording the git sha"; exit 0; }
    echo "[1/3] Building CXX object a.o"
    echo "[2/3] Building CXX object b.o"
    [[ ! -e $here/build-fails ]] || { echo "b.cpp:1: error: what"; exit 1; }
    cp -r "$FAKE_BUILD/bin" build/release/ 2>/dev/null || true
    ;;
esac
"""
CTEST = """#!/bin/bash
echo "ctest $*"
[[ ! -e $(dirname "$0")/ctest-fails-$2 ]] || exit 8
echo "100% tests passed, 0 tests failed out of 3"
"""
PYTHON = """#!/bin/bash
case "$*" in
  "-m makespan.interpreter"*) [[ ! -e $(dirname "$0")/no-modules ]] || { echo pandas; exit 2; } ;;
  "-m mypy") echo "Success: no issues found" ;;
  "-m pytest"*) echo "3 passed in 0.01s"; [[ ! -e $(dirname "$0")/pytest-fails ]] || exit 1 ;;
  *) exec "$REAL_PYTHON" "$@" ;;
esac
"""


class Clone:
    """A copy of scripts/ and a PATH with nothing else on it than what is put there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone"
        self.bin = folder / "bin"
        self.bin.mkdir()
        shutil.copytree(
            ROOT / "scripts", self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name) or name)
        self.tool("c++", COMPILER)
        self.tool("cmake", CMAKE)
        self.tool("ctest", CTEST)
        self.tool("ninja", "#!/bin/sh\n")
        self.tool("id", "#!/bin/sh\necho 0\n")
        self.tool("python3", PYTHON)

    def tool(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def mark(self, name: str, text: str = "") -> None:
        (self.bin / name).write_text(text)

    def log(self, name: str) -> str:
        path = self.bin / name
        return path.read_text() if path.exists() else ""

    def run(self, script: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        keep = ("HOME", "LANG", "FAKE_BENCH")
        variables = {name: os.environ[name] for name in keep if name in os.environ}
        variables |= {"PATH": str(self.bin), "REAL_PYTHON": sys.executable, "TERM": "dumb", **more}
        command = [str(self.root / "scripts" / script), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=variables, cwd=self.bin.parent,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_with_everything_there_setup_only_prints_the_python(clone: Clone) -> None:
    clone.tool("apt-get", APT_GET)
    for flag in ("", "--test"):
        done = clone.run("setup.sh", *([flag] if flag else []))
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{clone.bin}/python3\n", "")
    assert clone.log("apt.log") == ""


def test_exactly_what_is_missing_is_installed_as_root(clone: Clone) -> None:
    clone.tool("apt-get", APT_GET)
    clone.mark("absent.txt", "fmt/core.h gtest/gtest.h")
    clone.mark("provides.txt", "ninja")
    (clone.bin / "ninja").unlink()
    done = clone.run("setup.sh", "--test")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{clone.bin}/python3\n", "what apt says is not the answer"
    assert "missing: Ninja, fmt, GoogleTest; installing with apt-get: ninja-build libfmt-dev" in done.stderr
    assert clone.log("apt.log").splitlines() == [
        "apt-get update frontend=",
        "apt-get install -y --no-install-recommends ninja-build libfmt-dev libgtest-dev "
        "frontend=noninteractive",
    ]


def test_gtest_is_only_needed_for_tests(clone: Clone) -> None:
    clone.mark("absent.txt", "gtest/gtest.h")
    assert clone.run("setup.sh").returncode == 0
    assert clone.run("setup.sh", "--test").returncode == 2


def test_what_is_still_missing_after_the_installation_is_told(clone: Clone) -> None:
    clone.tool("apt-get", APT_GET)
    (clone.bin / "ninja").unlink()
    done = clone.run("setup.sh")
    assert done.returncode == 2
    assert "still missing after the installation: Ninja" in done.stderr


def test_an_installation_that_fails_is_told(clone: Clone) -> None:
    clone.tool("apt-get", "#!/bin/sh\necho E: no network\nexit 100\n")
    (clone.bin / "ninja").unlink()
    done = clone.run("setup.sh")
    assert done.returncode == 2
    assert "E: no network" in done.stderr and "apt-get install -y" in done.stderr


def test_without_apt_the_libraries_are_named(clone: Clone) -> None:
    clone.mark("absent.txt", "benchmark/benchmark.h oneapi/tbb.h nlohmann/json.hpp")
    (clone.bin / "cmake").unlink()
    done = clone.run("setup.sh")
    assert done.returncode == 2 and done.stdout == ""
    assert "missing: CMake, Google Benchmark, oneTBB, JSON for Modern C++. No apt-get" in done.stderr


def test_without_a_compiler(clone: Clone) -> None:
    (clone.bin / "c++").unlink()
    done = clone.run("setup.sh")
    assert done.returncode == 2 and "missing: a C++ compiler" in done.stderr
    done = clone.run("setup.sh", CXX="clang++-99 -stdlib=libc++")
    assert done.returncode == 2 and "CXX is 'clang++-99 -stdlib=libc++', which is no com" in done.stderr


def test_neither_root_nor_sudo(clone: Clone) -> None:
    clone.tool("apt-get", APT_GET)
    clone.tool("id", "#!/bin/sh\necho 1000\n")
    clone.mark("absent.txt", "CLI/CLI.hpp")
    done = clone.run("setup.sh")
    assert done.returncode == 2 and clone.log("apt.log") == ""
    command = "apt-get update && apt-get install -y --no-install-recommends libcli11-dev"
    assert f"run as root: {command}\n" in done.stderr


def test_sudo_is_used(clone: Clone) -> None:
    clone.tool("apt-get", APT_GET)
    clone.tool("id", "#!/bin/sh\necho 1000\n")
    clone.tool("sudo", '#!/bin/sh\n[ "$1" = -n ] && shift\necho sudo "$1" >>"${0%/*}/apt.log"\nexec "$@"\n')
    clone.tool("true", "#!/bin/sh\n")
    clone.mark("absent.txt", "CLI/CLI.hpp")
    done = clone.run("setup.sh")
    assert done.returncode == 0, done.stderr
    assert "sudo apt-get" in clone.log("apt.log") and "frontend=noninteractive" in clone.log("apt.log")


def test_a_python_without_modules_gets_them_from_packages(clone: Clone) -> None:
    """Which modules is told by the system's Python: the packages are for that one."""
    clone.mark("no-modules")
    python = sys.executable if sys.executable != "/usr/bin/python3" else None
    done = clone.run("setup.sh", **({"MAKESPAN_PYTHON": python} if python else {}))
    system = Path("/usr/bin/python3")
    if done.returncode == 0:
        assert done.stdout.strip() in (python, str(system))
    else:
        assert "missing: pandas" in done.stderr or "Python" in done.stderr


def test_wrong_argument(clone: Clone) -> None:
    done = clone.run("setup.sh", "--tests")
    assert done.returncode == 2 and "unknown argument '--tests'; allowed: --test" in done.stderr
    assert "Makes sure" in clone.run("setup.sh", "--help").stdout


def test_run_builds_and_measures_from_anywhere(clone: Clone, fake_build: FakeBuild) -> None:
    environment = {"FAKE_BUILD": str(fake_build.directory)}
    arguments = ("--rounds", "1", "--no-plots", "--out", "a folder")
    done = clone.run("run.sh", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("building preset release") == 1
    assert (clone.bin.parent / "a folder" / "samples.csv").exists(), "relative to where we are"
    assert clone.log("cmake.log").splitlines() == [
        "cmake --preset release -DBUILD_TESTING=OFF",
        "cmake --build --preset release --target benchmarks/all",
    ]
    clone.mark("up-to-date")
    again = clone.run("run.sh", "--list", **environment)
    assert again.returncode == 0 and again.stderr == ""
    assert "11 cases × 6 rounds" in again.stdout
    assert clone.log("cmake.log").count("--preset release -D") == 1, "configured once"


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ("configure-fails", ["CMake Error: no compiler", "cmake --preset release failed"]),
        ("build-fails", ["b.cpp:1: error: what", "the build of preset release failed"]),
    ],
)
def test_run_shows_why_it_cannot_build(clone: Clone, mark: str, says: list[str]) -> None:
    clone.mark(mark)
    done = clone.run("run.sh")
    assert done.returncode == 2
    assert all(text in done.stderr for text in says)


def test_help_installs_and_builds_nothing(clone: Clone) -> None:
    clone.tool("apt-get", APT_GET)
    (clone.bin / "ninja").unlink()
    done = clone.run("run.sh", "--help")
    assert done.returncode == 0 and "--preset {quick,class8,talk,full,ci}" in done.stdout, done.stderr
    (clone.bin / "python3").unlink()
    done = clone.run("run.sh", "-h")
    assert done.returncode == 0 and "./scripts/run.sh --preset class8" in done.stdout
    assert clone.log("apt.log") == clone.log("cmake.log") == ""


def test_another_build_is_measured_without_building(clone: Clone, fake_build: FakeBuild) -> None:
    done = clone.run("run.sh", "--list", "--build", str(fake_build.directory))
    assert done.returncode == 0, done.stderr
    assert clone.log("cmake.log") == ""


def test_test_sh_runs_everything(clone: Clone) -> None:
    done = clone.run("test.sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("100% tests passed, 0 tests failed out of 3") == 3
    assert "3 passed in 0.01s" in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last == "test.sh: release ok; asan ok; tsan ok; mypy ok; pytest ok; all passed"
    assert "--preset tsan -DBUILD_TESTING=ON -DMAKESPAN_WERROR=OFF" in clone.log("cmake.log")


def test_test_sh_goes_on_after_a_failure(clone: Clone) -> None:
    clone.mark("ctest-fails-release")
    clone.mark("pytest-fails")
    done = clone.run("test.sh", "release", "asan", CI="true")
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last == "test.sh: release FAILED; asan ok; mypy ok; pytest FAILED; some tests failed"
    assert "--preset asan -DBUILD_TESTING=ON -DMAKESPAN_WERROR=ON" in clone.log("cmake.log")


def test_test_sh_tells_a_build_that_fails(clone: Clone) -> None:
    clone.mark("build-fails")
    done = clone.run("test.sh", "tsan")
    assert done.returncode == 1
    assert "tsan FAILED; mypy ok; pytest ok" in done.stdout
    assert "b.cpp:1: error: what" in done.stderr


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
    arguments = ("HEAD~1", "--rounds", "1", "--out", "out")
    done = history.run("gate.sh", *arguments, **environment)
    assert done.returncode == 4, f"one block is too few for a verdict: {done.stderr}"
    assert f"gate.sh: the base is {commit[:7]} commit 1, in build/base" in done.stderr
    assert "No verdict: too few launches" in done.stdout
    report = json.loads((history.bin.parent / "out" / "compare.json").read_text())
    slowed = [
        verdict["ratio"]
        for verdict in report["verdicts"]
        if verdict["metric"] == "makespan_ns" and verdict["case"]["benchmark"] in ("sleep", "compute", "mixed")
    ]
    assert len(slowed) == 5 and all(1.9 < ratio < 2.1 for ratio in slowed), "the tree is measured against the commit"
    base = history.root / "build" / "base" / commit[:12]
    record = json.loads((history.bin.parent / "out" / "env.json").read_text())["run"]
    assert record["baseline"] == str(base.relative_to(history.root) / "build" / "release")
    assert record["preset"] == "ci" and not (history.bin.parent / "out" / "charts").exists()

    # The same base is not configured again; another one takes its place.
    before = history.log("cmake.log").count("--preset release -D")
    listed = history.run("gate.sh", "HEAD~1", "--list", "--preset=quick", **environment)
    assert listed.returncode == 0 and "11 cases" in listed.stdout, listed.stderr
    assert history.log("cmake.log").count("--preset release -D") == before == 2
    other = history.run("gate.sh", "main", "--list", **environment)
    assert other.returncode == 0, other.stderr
    assert not base.exists() and len([path for path in base.parent.iterdir() if path.is_dir()]) == 1
    # A worktree that was left half made, removed by hand or edited is made anew.
    (left,) = (path for path in base.parent.iterdir() if path.is_dir())
    shutil.rmtree(left)
    left.mkdir()
    assert history.run("gate.sh", "main", "--list", **environment).returncode == 0
    shutil.rmtree(left)
    assert history.run("gate.sh", "main", "--list", **environment).returncode == 0
    (left / "control" / "pace.json").write_text("{}")
    assert history.run("gate.sh", "main", "--list", **environment).returncode == 0
    assert (left / "control" / "pace.json").read_text() != "{}"


def test_gate_in_a_hook_leaves_the_commit_under_way_alone(history: Clone, fake_build: FakeBuild) -> None:
    (history.root / "staged").write_text("new")
    git(history.root, "add", "staged")
    inside = {"GIT_DIR": str(history.root / ".git"), "GIT_INDEX_FILE": str(history.root / ".git" / "index")}
    done = history.run("gate.sh", "HEAD", "--list", FAKE_BUILD=str(fake_build.directory), **inside)
    assert done.returncode == 0, done.stderr
    assert git(history.root, "status", "--porcelain") == "A  staged"


def test_gate_leaves_other_worktrees_alone(history: Clone, fake_build: FakeBuild, tmp_path: Path) -> None:
    """Even if they are not there just now, as on a disk that is not mounted."""
    git(history.root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "mine"))
    (tmp_path / "mine").rename(tmp_path / "away")
    for ref in ("HEAD~1", "HEAD"):
        done = history.run("gate.sh", ref, "--list", FAKE_BUILD=str(fake_build.directory))
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


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck() -> None:
    scripts = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]
    done = subprocess.run(
        ["shellcheck", "-x", *map(str, scripts)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout
