#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/setup.sh [--test]: looks for what building, measuring and drawing need (--test: and the tests) and installs what is
# missing with apt-get. Takes no time when all is there. Prints the path of a Python that has all modules; the rest goes to
# stderr. Exit code 2: something is missing and cannot be installed here; it is named.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
commands=(cmake ninja)
headers=(benchmark/benchmark.h oneapi/tbb.h fmt/core.h CLI/CLI.hpp nlohmann/json.hpp)
test_modules=()
if [[ ${1:-} == --test ]]; then
  headers+=(gtest/gtest.h gmock/gmock.h)
  test_modules=(pytest mypy)
elif [[ $# -gt 0 ]]; then
  echo "setup.sh: '$1' is not known; allowed: --test" >&2
  exit 2
fi

declare -A package=(
  [cmake]=cmake [ninja]=ninja-build [c++]=g++
  [benchmark/benchmark.h]=libbenchmark-dev [oneapi/tbb.h]=libtbb-dev [fmt/core.h]=libfmt-dev [CLI/CLI.hpp]=libcli11-dev
  [nlohmann/json.hpp]=nlohmann-json3-dev [gtest/gtest.h]=libgtest-dev [gmock/gmock.h]=libgmock-dev
  [pandas]=python3-pandas [matplotlib]=python3-matplotlib [scipy]=python3-scipy [rich]=python3-rich [pytest]=python3-pytest
  [mypy]=mypy [python3]=python3
)
declare -A project=(
  [cmake]=CMake [ninja]=Ninja [c++]='a C++20 compiler (GCC 12, clang 14 or later)'
  [benchmark/benchmark.h]='Google Benchmark' [oneapi/tbb.h]=oneTBB [fmt/core.h]='{fmt}' [CLI/CLI.hpp]=CLI11
  [nlohmann/json.hpp]='JSON for Modern C++ (nlohmann)' [gtest/gtest.h]=GoogleTest [gmock/gmock.h]=GoogleMock [python3]='Python 3.11 or newer'
)

compiler=${CXX:-c++}

missing_commands() {
  local command
  for command in "${commands[@]}"; do command -v "$command" >/dev/null || echo "$command"; done
  command -v "$compiler" >/dev/null || echo c++
}

# One run of the preprocessor asks for all headers at once.
missing_headers() {
  command -v "$compiler" >/dev/null || { printf '%s\n' "${headers[@]}"; return; }
  local header
  for header in "${headers[@]}"; do printf '#if !__has_include(<%s>)\nmissing %s\n#endif\n' "$header" "$header"; done |
    "$compiler" -x c++ -E -P - | sed -n 's/^missing //p'
}

# What a Python lacks; which modules the scripts need, and which Pythons to try, is known in makespan/interpreter.py.
missing_modules_of() {
  (cd "$scripts" && "$1" -m makespan.interpreter "${test_modules[@]}")
}

# Sets `python` to the first Python that lacks nothing; fails if there is none.
find_python() {
  local candidate
  for candidate in "${MAKESPAN_PYTHON:-}" python3 /usr/bin/python3; do
    python=$(command -v "$candidate" 2>/dev/null) || continue
    missing_modules_of "$python" >/dev/null 2>&1 && return
  done
  python=
  return 1
}

list_missing() {
  missing_commands
  missing_headers
  # What is installed with apt-get goes to the system's own Python, whatever else comes first on PATH.
  if find_python; then return; fi
  if [[ -x /usr/bin/python3 ]]; then missing_modules_of /usr/bin/python3 || true; else echo python3; fi
}

install() {
  local things=("$@") packages=() thing as_root=()
  for thing in "${things[@]}"; do
    if [[ -z ${package[$thing]:-} ]]; then
      echo "setup.sh: missing, and no package of this system brings it: $thing" >&2
      exit 2
    fi
    packages+=("${package[$thing]}")
  done
  if ! command -v apt-get >/dev/null; then
    echo "setup.sh: missing, and there is no apt-get to install it with:" >&2
    for thing in "${things[@]}"; do echo "  ${project[$thing]:-Python module $thing}" >&2; done
    exit 2
  fi
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || { echo "setup.sh: neither root nor sudo; have this run: apt-get install ${packages[*]}" >&2; exit 2; }
    as_root=(sudo)
  fi
  echo "setup.sh: installing ${packages[*]}" >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
}

python=
mapfile -t missing < <(list_missing)
# Twice at most: which modules Python lacks can be asked only once there is a Python.
for _ in 1 2; do
  [[ ${#missing[@]} -eq 0 ]] && break
  install "${missing[@]}"
  hash -r
  mapfile -t missing < <(list_missing)
done
if [[ ${#missing[@]} -gt 0 ]]; then
  echo "setup.sh: still missing after the installation: ${missing[*]}" >&2
  exit 2
fi
find_python
echo "$python"
