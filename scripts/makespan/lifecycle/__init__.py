# SPDX-License-Identifier: Apache-2.0
"""What it costs to create a unit of execution and to end it, beside the bare system calls."""
