# SPDX-License-Identifier: Apache-2.0
"""setup.sh, run.sh and test.sh in a clone with spaces in its path, with tools that only pretend."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, FakeBuild
from shell_clone import APT_GET, COMPILER, Clone, clone

__all__ = ["clone"]


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


def test_libraries_of_peers_are_only_needed_on_request(clone: Clone) -> None:
    clone.tool("apt-get", APT_GET)
    clone.mark("absent.txt", "uv.h asio.hpp")
    assert clone.run("setup.sh", "--test").returncode == 0 and clone.log("apt.log") == ""
    done = clone.run("setup.sh", "--test", "--peers")
    assert done.returncode == 0 and "missing: Asio, libuv; installing" in done.stderr
    assert "libasio-dev libuv1-dev frontend" in clone.log("apt.log")


@pytest.mark.parametrize("compiler", ["clang++", "clang++-16"])
def test_clang_needs_a_package_for_openmp(clone: Clone, compiler: str) -> None:
    clone.tool("apt-get", APT_GET)
    clone.tool(compiler, COMPILER)
    clone.mark("absent.txt", "omp.h")
    assert clone.run("setup.sh", "--peers").returncode == 0 and clone.log("apt.log") == "", "not with c++"
    assert clone.run("setup.sh", "--test", CXX=compiler).returncode == 0 and clone.log("apt.log") == ""
    done = clone.run("setup.sh", "--peers", "--test", CXX=f"{compiler} -stdlib=libc++")
    assert done.returncode == 0 and "missing: OpenMP; installing" in done.stderr
    package = compiler.replace("clang++", "libomp")
    assert f"--no-install-recommends {package}-dev frontend" in clone.log("apt.log")


def test_a_library_without_headers_of_its_own_is_asked_of_the_compiler(clone: Clone) -> None:
    clone.tool("c++", "#!/bin/bash\n[[ $1 != -print-file-name=* ]] || echo \"${1#*=}\"\n")
    done = clone.run("setup.sh", "--peers")
    assert done.returncode == 2 and "missing: Boost.Fiber. No apt-get" in done.stderr


UV = "MAKESPAN_uv_INCLUDE_DIR:PATH="
NOT_FOUND = [  # flags, and what is in the cache before and after
    (("--with-peers",), f"{UV}MAKESPAN_uv_INCLUDE_DIR-NOTFOUND", f"{UV}/usr/include"),
    (("--preset", "peers"), f"{UV}MAKESPAN_uv_INCLUDE_DIR-NOTFOUND", f"{UV}/usr/include"),
    (("--preset=peers",), "OpenMP_CXX_FLAGS:STRING=NOTFOUND", "OpenMP_CXX_FLAGS:STRING=-fopenmp"),
]


@pytest.mark.parametrize(("flags", "absent", "there"), NOT_FOUND)
def test_run_with_peers_installs_them_and_configures_anew(
    clone: Clone, fake_build: FakeBuild, flags: tuple[str, ...], absent: str, there: str
) -> None:
    clone.tool("apt-get", APT_GET)
    cache = clone.root / "build" / "release" / "CMakeCache.txt"
    cache.parent.mkdir(parents=True)
    (cache.parent / "build.ninja").touch()
    cache.write_text(f"{absent}\n")
    clone.mark("absent.txt", "uv.h")
    clone.run("run.sh", *flags, "--list", FAKE_BUILD=str(fake_build.directory))
    assert "libuv1-dev" in clone.log("apt.log")
    assert clone.log("cmake.log").splitlines()[0] == "cmake --preset release -DMAKESPAN_PEERS=ON"
    cache.write_text(f"{there}\n")
    clone.run("run.sh", *flags, "--list", FAKE_BUILD=str(fake_build.directory))
    assert clone.log("cmake.log").count("cmake --preset") == 1


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
    assert done.returncode == 2 and "unknown argument '--tests'; allowed: --test, --peers" in done.stderr
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
    assert done.returncode == 0 and "--preset {quick,class8," in done.stdout, done.stderr
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


def test_test_sh_goes_on_without_peers_that_cannot_be_had(clone: Clone) -> None:
    clone.mark("absent.txt", "uv.h")
    done = clone.run("test.sh", "release")
    assert done.returncode == 0, done.stderr
    assert "missing: libuv. No apt-get" in done.stderr and "going on without the peers" in done.stderr


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


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck() -> None:
    scripts = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]
    done = subprocess.run(
        ["shellcheck", "-x", *map(str, scripts)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout
