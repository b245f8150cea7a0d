#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the batches of the binaries under Python's own concurrency; run.sh --with-python starts it, too."""

import sys

from makespan.errors import guarded
from makespan.python_reference.suite import main

if __name__ == "__main__":
    sys.exit(guarded(main))
