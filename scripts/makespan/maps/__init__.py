# SPDX-License-Identifier: Apache-2.0
"""Where which model wins: tasks × task length × share of CPU, and where the winner changes."""
