#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures how often the verdict on two builds is wrong."""

from makespan.interpreter import ensure

ensure()

import sys  # noqa: E402

from makespan.errors import guarded  # noqa: E402
from makespan.selfcheck.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(guarded(main))
