# SPDX-License-Identifier: Apache-2.0
"""How often the verdict on two builds is wrong, measured on real noise."""
