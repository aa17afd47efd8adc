# SPDX-License-Identifier: Apache-2.0
"""The network servers' topics at the city's broker, and which reader each one's messages have."""

from __future__ import annotations

import re

from dure.gateways.lorawan.envelopes import Reader, from_chirpstack, from_the_things_stack

CHIRPSTACK_UP, CHIRPSTACK_DOWN = "application/+/device/+/event/up", "application/+/device/+/command/down"
STACK_UP, STACK_DOWN = "v3/+/devices/+/up", "v3/+/devices/+/down/push"
SHARED = tuple(f"$share/dure/{topic}" for topic in (CHIRPSTACK_UP, STACK_UP))
"""As with our own topic, gateway processes share these subscriptions."""

_UP = re.compile(r"(application/[^/]+/device/[^/]+/)event/up|(v3/[^/]+/devices/[^/]+/)up")


def is_uplink(topic: str) -> bool:
    """Whether a network server says something of a device there."""
    return _UP.fullmatch(topic) is not None


def reader_of(topic: str) -> Reader:
    """What reads the messages of an uplink's topic."""
    return from_chirpstack if topic.startswith("application/") else from_the_things_stack


def down_topic(topic: str) -> str:
    """Where the server that published an uplink there takes messages for the same device."""
    found = _UP.fullmatch(topic)
    if found is None:
        raise ValueError(f"no uplink's topic: {topic}")
    return f"{found[1]}command/down" if found[1] else f"{found[2]}down/push"
