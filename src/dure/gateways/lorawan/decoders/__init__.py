# SPDX-License-Identifier: Apache-2.0
"""One small module for each maker's sensors: from a frame's port and bytes to what was measured.

A new sensor is a generator here, a line in DECODERS, its series in the service that uses it, and its golden payloads in
tests/gateways/lorawan.
"""

from collections.abc import Callable, Iterator

from dure.gateways.lorawan.decoders import decentlab, dragino, milesight
from dure.gateways.lorawan.decoders.measured import Measured, Undecodable

__all__ = ["DECODERS", "Measured", "Undecodable"]

DECODERS: dict[str, Callable[[int, bytes], Iterator[Measured]]] = {
    "dragino-dds45": dragino.decode,
    "dragino-dds75": dragino.decode,
    "milesight-em310-udl": milesight.decode_em310_udl,
    "milesight-em400-tld": milesight.decode_em400_tld,
    "decentlab-dl-mbx": decentlab.decode,
}
"""By the kind of the device as registered. What is yielded before Undecodable is raised stands."""
