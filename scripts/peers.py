#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows the suite's models beside their peers, with a verdict for each purpose."""

from makespan.interpreter import ensure

ensure()

import sys  # noqa: E402

from makespan.errors import guarded  # noqa: E402
from makespan.peers.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(guarded(main))
