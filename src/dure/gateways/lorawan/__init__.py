# SPDX-License-Identifier: Apache-2.0
"""LoRaWAN: what ChirpStack v4 and The Things Stack v3 send of a device, decoded by us. See docs/adr/0017.

A device's code is its dev EUI in lower case, its kind names the decoder, and its feed (of kind ``lorawan``) is the
network server that may speak for it.
"""

FEED_KIND = "lorawan"
"""Kind of the feeds that are network servers."""
