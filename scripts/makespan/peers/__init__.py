# SPDX-License-Identifier: Apache-2.0
"""The suite's best model for each purpose, beside the best peer, the Python reference and the floor."""
