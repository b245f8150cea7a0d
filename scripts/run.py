#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the models and prints the table of winners; people start scripts/run.sh, which builds."""

from makespan.interpreter import ensure

ensure()

import sys  # noqa: E402

from makespan.errors import guarded  # noqa: E402
from makespan.options import COMMAND  # noqa: E402
from makespan.runner import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(guarded(main, COMMAND))
