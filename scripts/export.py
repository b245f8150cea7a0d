#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a run in the form that another benchmark tracker reads."""

from makespan.interpreter import ensure

ensure()

import sys  # noqa: E402

from makespan.errors import guarded  # noqa: E402
from makespan.exports.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(guarded(main))
