#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes sure that everything is there to build and run the suite, with --test also to test it, with
# --peers also the libraries that it is measured beside. Takes no time if so. Otherwise installs what
# is missing with apt-get (as root or with sudo) and says what; on a system without apt names it and
# stops. Prints the Python to use on stdout.
#
# Environment: CXX, the compiler; MAKESPAN_PYTHON, a Python to be tried first.
# Exit codes: 0 all is there, 2 something is missing.
set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)

# what | Debian package | what it is | how it is looked for: a command, a header, a library or a Python module
needs='
cmake           | cmake              | CMake            | command cmake
ninja           | ninja-build        | Ninja            | command ninja
benchmark       | libbenchmark-dev   | Google Benchmark | header benchmark/benchmark.h
onetbb          | libtbb-dev         | oneTBB           | header oneapi/tbb.h
fmt             | libfmt-dev         | fmt              | header fmt/core.h
cli11           | libcli11-dev       | CLI11            | header CLI/CLI.hpp
json            | nlohmann-json3-dev | JSON for Modern C++ | header nlohmann/json.hpp
pandas          | python3-pandas     | pandas           | module pandas
matplotlib      | python3-matplotlib | Matplotlib       | module matplotlib
scipy           | python3-scipy      | SciPy            | module scipy
rich            | python3-rich       | Rich             | module rich
'
test_needs='
gtest           | libgtest-dev       | GoogleTest       | header gtest/gtest.h
gmock           | libgmock-dev       | GoogleMock       | header gmock/gmock.h
pytest          | python3-pytest     | pytest           | module pytest
xdist           | python3-pytest-xdist | pytest-xdist   | module xdist
mypy            | mypy               | mypy             | module mypy
'

peer_needs='
asio            | libasio-dev        | Asio             | header asio.hpp
libuv           | libuv1-dev         | libuv            | header uv.h
boost_fiber     | libboost-fiber-dev | Boost.Fiber      | library boost_fiber
zmq             | libzmq3-dev        | ZeroMQ           | header zmq.h
'

say() { printf 'setup.sh: %s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 2
}

usage() {
  sed -n '4,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

# Sets `compiler`; empty if there is none.
find_compiler() {
  compiler=''
  if [[ -n ${CXX:-} ]]; then
    # CXX may carry flags, as CMake allows.
    compiler=$(command -v -- "${CXX%% *}") || fail "CXX is '$CXX', which is no command; install it or unset CXX"
    return
  fi
  compiler=$(command -v c++ || command -v g++ || command -v clang++ || true)
}

# Prints those of its arguments that are no header of the compiler: one run of the preprocessor for all.
missing_headers() {
  local header
  if [[ -z $compiler ]]; then
    for header in "$@"; do
      [[ -e /usr/include/$header || -e /usr/local/include/$header ]] || printf '%s\n' "$header"
    done
    return
  fi
  for header in "$@"; do
    printf '#if !__has_include(<%s>)\nmissing %s\n#endif\n' "$header" "$header"
  done | "$compiler" -E -P -x c++ - | sed -n 's/^ *missing *//p' | tr -d ' '
}

# The Pythons to try, as makespan/interpreter.py does.
candidates() {
  local name path
  for name in "${MAKESPAN_PYTHON:-}" python3 /usr/bin/python3; do
    path=$(command -v -- "${name:-/}") || continue
    [[ $path == /* ]] || path=$PWD/$path
    printf '%s\n' "$path"
  done | awk '!seen[$0]++'
}

# Prints which modules the Python lacks, and ends with an error if any.
lacking() { (cd -- "$scripts" && "$1" -m makespan.interpreter "${extra_modules[@]}" 2>/dev/null); }

# Sets `python` to one that has every module; otherwise to nothing, and `missing_modules` to what
# the system's own lacks, which is the one that packages are for.
find_python() {
  python=''
  missing_modules=''
  local candidate
  while IFS= read -r candidate; do
    if lacking "$candidate" >/dev/null; then
      python=$candidate
      return
    fi
  done < <(candidates)
  if [[ -x /usr/bin/python3 ]]; then
    missing_modules=$(lacking /usr/bin/python3) || true
  fi
}

# Sets `packages` and `names` to what is missing.
probe() {
  packages=()
  names=()
  find_compiler
  find_python
  [[ -n $compiler ]] || add g++ 'a C++ compiler'
  if [[ -z $python && ! -x /usr/bin/python3 ]]; then
    add python3 'Python 3.11'
  fi

  local headers=() absent package name how what
  while IFS='|' read -r _ package name how; do
    read -r how what <<<"$how"
    [[ $how != header ]] || headers+=("$what")
  done <<<"$wanted"
  absent=$'\n'$(missing_headers "${headers[@]}")$'\n'

  while IFS='|' read -r _ package name how; do
    read -r how what <<<"$how"
    case $how in
      command) command -v "$what" >/dev/null || add "$package" "$name" ;;
      header) [[ $absent != *$'\n'"$what"$'\n'* ]] || add "$package" "$name" ;;
      library) ! library_is_missing "$what" || add "$package" "$name" ;;
      module) ! module_is_missing "$what" || add "$package" "$name" ;;
    esac
  done <<<"$wanted"
}

# Where the compiler finds none, it gives the bare name back.
library_is_missing() {
  [[ -z $compiler || $("$compiler" -print-file-name="lib$1.so" </dev/null) == "lib$1.so" ]]
}

module_is_missing() {
  [[ -z $python ]] && { [[ ! -x /usr/bin/python3 ]] || grep -qx -- "$1" <<<"$missing_modules"; }
}

add() {
  read -r package <<<"$1"
  read -r name <<<"$2"
  packages+=("$package")
  names+=("$name")
}

listed() {
  local IFS=,
  printf '%s' "$*" | sed 's/,/, /g'
}

# As root, or with sudo where it can be asked; says the command where neither works.
install_packages() {
  local install=(apt-get install -y --no-install-recommends "${packages[@]}")
  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      as_root=(sudo)
    else
      fail "missing: $(listed "${names[@]}"). Not root and no sudo; run as root: apt-get update && ${install[*]}"
    fi
  fi
  say "missing: $(listed "${names[@]}"); installing with apt-get: ${packages[*]}"
  {
    "${as_root[@]}" apt-get update &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"
  } >&2 || fail "apt-get failed, see above; by hand, as root: apt-get update && ${install[*]}"
  hash -r
}

extra_modules=()
wanted=$needs
for argument in "$@"; do
  case $argument in
    --test)
      wanted+=$test_needs
      mapfile -t extra_modules < <(sed -n 's/.*| module //p' <<<"$test_needs")
      ;;
    --peers)
      wanted+=$peer_needs
      find_compiler
      # GCC brings the run-time library of OpenMP; clang's is a package of its own, that of clang++-16 has the number, too.
      if [[ ${compiler##*/} =~ clang(\+\+)?(-[0-9]+)?$ ]]; then
        wanted+="openmp | libomp${BASH_REMATCH[2]}-dev | OpenMP | header omp.h"$'\n'
      fi
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail "unknown argument '$argument'; allowed: --test, --peers" ;;
  esac
done
# Blank lines are only for the eye.
wanted=$(grep -v '^$' <<<"$wanted")

probe
if ((${#packages[@]})); then
  command -v apt-get >/dev/null ||
    fail "missing: $(listed "${names[@]}"). No apt-get here; install them by other means (on Debian: ${packages[*]})"
  install_packages
  probe
  ((${#packages[@]} == 0)) || fail "still missing after the installation: $(listed "${names[@]}")"
fi
[[ -n $python ]] || fail "no Python 3.11 or newer with everything; name one in MAKESPAN_PYTHON"
printf '%s\n' "$python"
