# SPDX-License-Identifier: Apache-2.0
"""The records of single tasks, for trace viewers and as a picture."""
