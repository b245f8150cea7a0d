#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Which concurrency model finishes first on this machine? Installs what is missing, builds, measures,
# and leaves samples, charts and the table of winners in reports/. All arguments go to the runner:
#
#   ./scripts/run.sh                    the quick suite, two to three minutes of measuring
#   ./scripts/run.sh --preset class8    the reference scenario in its original size
#   ./scripts/run.sh --with-peers       other libraries beside our models; installs those that are missing
#   ./scripts/run.sh --resume DIR       carries an interrupted run on
#   ./scripts/run.sh --help             everything else
set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname -- "$scripts")
# shellcheck source=scripts/build.sh
source "$scripts/build.sh"

wants_build=yes
needs=()
before=''
for argument in "$@"; do
  case $argument in
    -h | --help)
      # Help must not install anything: without Python there is the text above.
      command -v python3 >/dev/null || exec sed -n '4,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exec python3 -c 'import sys; sys.path.insert(0, sys.argv.pop(1))
from makespan.options import parse
from makespan.presets import PRESETS
parse(["--help"], PRESETS)' "$scripts"
      ;;
    --build | --build=*) wants_build='' ;;
    --with-peers | --preset=peers) needs=(--peers) ;;
    peers) [[ $before != --preset ]] || needs=(--peers) ;;
  esac
  before=$argument
done

python=$("$scripts/setup.sh" "${needs[@]}")
if [[ -n $wants_build ]]; then
  # What was missing or not wanted when the build was configured may be there now.
  if ((${#needs[@]})) && grep -Eqs '^(MAKESPAN_((asio|uv|boost_fiber|zmq)_.*-NOTFOUND|PEERS:BOOL=OFF)|OpenMP_CXX_FLAGS:STRING=NOTFOUND)$' "$root/build/release/CMakeCache.txt"; then
    configure release -DMAKESPAN_PEERS=ON
  fi
  if [[ ! -f $root/build/release/build.ninja ]]; then
    # The tests need GoogleTest, which measuring does not; test.sh turns them on.
    configure release -DBUILD_TESTING=OFF
  fi
  build release benchmarks/all
fi
exec "$python" "$scripts/run.py" "$@"
