# SPDX-License-Identifier: Apache-2.0
"""oneM2M (TS-0004, JSON short names): content instances, sent here or notified by a subscription. See docs/adr/0017."""

FEED_KIND = "onem2m"
"""Kind of the feeds that are oneM2M platforms."""
