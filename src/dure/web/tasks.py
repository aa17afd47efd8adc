# SPDX-License-Identifier: Apache-2.0
"""Where the record meets the doors on the clock: what leaves the city."""

from __future__ import annotations

from dure.city.cases import deliver_handovers
from dure.city.worker import Lane, every
from dure.gateways import emergency


@every(seconds=20, lane=Lane.OUTSIDE)
def send_handovers() -> None:
    """Cases on their way to 119."""
    deliver_handovers(None, emergency.send)
