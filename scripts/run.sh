#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/run.sh [OPTION...]: installs what is missing, builds, measures, prints the table of winners, draws the charts.
# The options are those of run.py: --help lists them.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$("$scripts/setup.sh")
"$scripts/build.sh" release
exec "$python" "$scripts/run.py" "$@"
