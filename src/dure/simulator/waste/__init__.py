# SPDX-License-Identifier: Apache-2.0
"""The made city's bins: what falls in, what their sensors send, who empties them and who complains (ADR 10)."""
