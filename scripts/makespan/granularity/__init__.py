# SPDX-License-Identifier: Apache-2.0
"""How small tasks may become: efficiency against granularity, and METG."""
