#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps what runs measured, commit by commit, and finds where a level shifted."""

from makespan.interpreter import ensure

ensure()

import sys  # noqa: E402

from makespan.errors import guarded  # noqa: E402
from makespan.history.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(guarded(main))
