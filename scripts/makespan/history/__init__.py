# SPDX-License-Identifier: Apache-2.0
"""What came out over many commits: the store, the level shifts in it, and their charts."""
