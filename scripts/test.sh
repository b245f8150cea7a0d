#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/test.sh [PRESET...]: installs what is missing, builds and runs every test, C++ and Python. Presets: release, asan and
# tsan unless others are given. Goes on after a failure; the exit code is 0 only if everything passed.
set -uo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$scripts/.." || exit 2
python=$("$scripts/setup.sh" --test) || exit 2
presets=("$@")
[[ $# -eq 0 ]] && presets=(release asan tsan)
werror=OFF
[[ ${CI:-} == true ]] && werror=ON
failed=()

check() {
  local name=$1
  shift
  echo "== $name"
  "$@" || failed+=("$name")
}

for preset in "${presets[@]}"; do
  if "$scripts/build.sh" "$preset" -DBUILD_TESTING=ON -DMAKESPAN_WERROR=$werror; then
    check "C++ tests, $preset" ctest --preset "$preset" -j "$(nproc)"
  else
    failed+=("build, $preset")
  fi
done
[[ -x build/release/bin/bench_sleep ]] || "$scripts/build.sh" release || failed+=("build, release")
check "Python types" "$python" -m mypy --strict scripts/makespan
check "Python tests" "$python" -m pytest -q tests/python

if [[ ${#failed[@]} -gt 0 ]]; then
  printf 'test.sh: FAILED: %s\n' "${failed[@]}"
  exit 1
fi
echo "test.sh: everything passed"
