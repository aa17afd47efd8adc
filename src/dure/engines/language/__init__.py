# SPDX-License-Identifier: Apache-2.0
"""Korean text on a city's own machines, with no model to fetch: tokens, classify, search, mask (ADR 19)."""
