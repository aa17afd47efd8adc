# SPDX-License-Identifier: Apache-2.0
"""The client against a server of its protocol: forms of answers, errors, slowness, and being left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dure.engines.language.draft import Prompt, WriterFailed
from dure.gateways.language_model.breaker import Breaker, Open
from dure.gateways.language_model.client import FAILURES, Client
from tests.conftest import StandingClock
from tests.gateways.language_model.server import model_server

PROMPT = Prompt((("system", "규칙"), ("user", "{}")), {"type": "object"})


@pytest.mark.parametrize(
    ("takes", "forms"),
    [
        (("json_schema", "json_object"), ["json_schema"]),
        (("json_object",), ["json_schema", "json_object"]),
        ((), ["json_schema", "json_object", None]),
    ],
)
def test_the_strictest_form_that_the_server_takes_is_found_and_remembered(
    takes: tuple[str, ...], forms: list[str | None]
) -> None:
    with model_server(lambda body: "네", takes=takes) as server:
        client = Client(server.url, key="secret")
        assert [client.write(PROMPT), client.write(PROMPT)] == ["네", "네"]
        asked = [body.get("response_format", {}).get("type") for body in server.asked]
    assert asked == [*forms, forms[-1]]
    assert server.asked[-1]["messages"][1] == {"role": "user", "content": "{}"}
    assert (client.name(), set(server.keys)) == ("made-model", {"Bearer secret"})


@pytest.mark.parametrize(
    "raw", [b"not json", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}']
)
def test_another_shape_is_a_failure(raw: bytes) -> None:
    with model_server(lambda body: "", raw=raw) as server, pytest.raises(WriterFailed):
        Client(server.url).write(PROMPT)


def test_a_server_that_only_drips_is_given_up_in_time() -> None:
    with model_server(lambda body: "", drips=True) as server:
        with pytest.raises(WriterFailed) as failed:
            Client(server.url, model="m", seconds=0.3).write(PROMPT)
        assert failed.value.en == "the model did not answer in time"
        assert not server.released.is_set()


def test_a_server_that_keeps_failing_is_left_alone_and_tried_again(standing_clock: StandingClock) -> None:
    with model_server(lambda body: "네", status=503) as server:
        client = Client(server.url, model="m")
        for _ in range(FAILURES):
            with pytest.raises(WriterFailed, match="HTTP 503"):
                client.write(PROMPT)
        asked = len(server.asked)
        with pytest.raises(WriterFailed, match="not asked for a while"):
            client.write(PROMPT)
        assert len(server.asked) == asked
        standing_clock.move(minutes=2)
        server.status = 200
        assert client.write(PROMPT) == "네"


def test_while_one_tries_again_nobody_else_does(standing_clock: StandingClock) -> None:
    breaker = Breaker(1, timedelta(minutes=1))
    with pytest.raises(OSError, match="down"), breaker.closed():
        raise OSError("down")
    standing_clock.move(minutes=2)
    with breaker.closed(), pytest.raises(Open), breaker.closed():
        raise AssertionError
    with breaker.closed(), breaker.closed():
        pass


def test_nobody_there_is_a_failure_and_no_address_is_refused() -> None:
    with model_server(lambda body: "") as server:
        gone = server.url
    with pytest.raises(WriterFailed, match="cannot be reached"):
        Client(gone, model="m").write(PROMPT)
    for url in ("", "localhost:8000", "file:///v1"):
        with pytest.raises(ValueError, match="expected http"):
            Client(url)
