# SPDX-License-Identifier: Apache-2.0
"""Memory per waiting task, from the rows of bench_footprint."""
