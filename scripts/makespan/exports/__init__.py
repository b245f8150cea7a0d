# SPDX-License-Identifier: Apache-2.0
"""A run in the forms that other benchmark trackers read."""
