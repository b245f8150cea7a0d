#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tells whether one build is slower than another."""

from makespan.interpreter import ensure

ensure()

import sys  # noqa: E402

from makespan.compare import main  # noqa: E402
from makespan.errors import guarded  # noqa: E402

if __name__ == "__main__":
    sys.exit(guarded(main))
