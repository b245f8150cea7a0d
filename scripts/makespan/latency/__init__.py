# SPDX-License-Identifier: Apache-2.0
"""How late tasks start and sleeps end: whole distributions, from traces."""
