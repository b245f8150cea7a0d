#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a trace-event file or a picture of the task records that --trace=FILE wrote."""

from makespan.interpreter import ensure

ensure()

import sys  # noqa: E402

from makespan.errors import guarded  # noqa: E402
from makespan.tracing.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(guarded(main))
