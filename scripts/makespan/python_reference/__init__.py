# SPDX-License-Identifier: Apache-2.0
"""The Python reference: the same batches under Python's own concurrency, measured as the binaries measure.

What is measured needs nothing but the standard library. Every model here has a name that begins with `python_`.
"""
