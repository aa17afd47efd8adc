# SPDX-License-Identifier: Apache-2.0
"""The guard that keeps tests on this machine does keep them there."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from tests.conftest import OutsideNetwork

pytestmark = pytest.mark.once


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "10.0.0.1"])
def test_an_address_outside_is_refused(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as outside, pytest.raises(OutsideNetwork):
        outside.connect((address, 80))


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(OutsideNetwork):
        socket.create_connection(("example.invalid", 80))


def test_an_http_client_is_refused() -> None:
    with pytest.raises(OutsideNetwork):
        httpx.get("http://example.invalid/")


def test_asyncio_is_refused() -> None:
    with pytest.raises(OutsideNetwork):
        asyncio.run(_open_outside())


async def _open_outside() -> None:
    await asyncio.open_connection("192.0.2.1", 80)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
