#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds and runs every test: C++ in the presets release (with peers), asan and tsan (without), or in
# those that are named as arguments, then mypy and pytest. Installs what is missing. Goes on after a
# failure and ends with 1 if there was any.
#
#   ./scripts/test.sh [PRESET...]
#
# Environment: CI=true or MAKESPAN_WERROR=ON turns warnings of the compiler into errors.
set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname -- "$scripts")
# shellcheck source=scripts/build.sh
source "$scripts/build.sh"

case ${1:-} in
  -h | --help)
    sed -n '4,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
presets=("$@")
((${#presets[@]})) || presets=(release asan tsan)

if [[ ${CI:-} == true ]]; then
  : "${MAKESPAN_WERROR:=ON}"
fi
flags=(-DBUILD_TESTING=ON -DMAKESPAN_WERROR="${MAKESPAN_WERROR:-OFF}")

# shellcheck disable=SC2317 # step calls it
test_preset() {
  configure "$1" "${flags[@]}" &&
    build "$1" &&
    (cd -- "$root" && ctest --preset "$1" --output-on-failure --parallel "$(($(nproc) + 1))")
}

results=()
failed=0

# step NAME COMMAND...: the name above the output of the command, and its result for the last line.
step() {
  local name=$1
  shift
  printf '== %s\n' "$name"
  if "$@"; then
    results+=("$name ok")
  else
    results+=("$name FAILED")
    failed=1
  fi
}

if ! python=$("$scripts/setup.sh" --test --peers); then
  printf 'test.sh: going on without the peers that are missing\n' >&2
  python=$("$scripts/setup.sh" --test)
fi
for preset in "${presets[@]}"; do
  step "$preset" test_preset "$preset"
done
cd -- "$root"
step mypy "$python" -m mypy
step pytest "$python" -m pytest -n "$(nproc)"

printf 'test.sh:'
printf ' %s;' "${results[@]}"
printf ' %s\n' "$( ((failed)) && echo 'some tests failed' || echo 'all passed')"
exit "$failed"
