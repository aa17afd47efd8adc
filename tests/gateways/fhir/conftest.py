# SPDX-License-Identifier: Apache-2.0
"""Somebody who wears devices, and a partner's key."""

from __future__ import annotations

import pytest

from dure.city import devices
from tests.conftest import StandingClock
from tests.factories import City, make_feed
from tests.services.monitoring.wearing import Wearing, wearing


@pytest.fixture
def worn(city: City, standing_clock: StandingClock) -> Wearing:
    found = wearing(city, "wearable", "thermometer")
    standing_clock.move(hours=1)
    return found


@pytest.fixture
def hospital(worn: Wearing) -> str:
    """The key of a partner's feed."""
    return devices.issue_key(make_feed("hospital", "fhir"), actor="tests")
