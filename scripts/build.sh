#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/build.sh PRESET [CMAKE OPTION...]: configures the preset if it is not, builds what has changed. Without options the
# tests are not built. The compiler's output is shown only when something fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:?which preset: release, debug, asan or tsan}
shift
log=build/$preset.log
mkdir -p build

show_and_stop() {
  cat "$log" >&2
  echo "build.sh: building the preset '$preset' failed; the output above is in $log" >&2
  exit 2
}

if [[ ! -f build/$preset/build.ninja || $# -gt 0 ]]; then
  cmake --preset "$preset" "$@" >"$log" 2>&1 || show_and_stop
fi
targets=(benchmarks/all)
[[ $# -gt 0 ]] && targets=(all)
if [[ ! -x build/$preset/bin/bench_sleep ]]; then echo "build.sh: building the preset '$preset', a minute or two" >&2; fi
cmake --build --preset "$preset" --target "${targets[@]}" >"$log" 2>&1 || show_and_stop
