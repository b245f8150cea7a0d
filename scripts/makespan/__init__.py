# SPDX-License-Identifier: Apache-2.0
"""Everything the scripts of makespan do: run the benchmarks, read their samples, draw conclusions.

The scripts read files that the C++ binaries write and never the other way round. Importing this
package imports nothing else, so that `makespan.interpreter` works under any Python.
"""
