# SPDX-License-Identifier: Apache-2.0
"""The made city's 119 takes what the platform's own sender hands over."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from django.conf import LazySettings

from dure.city import cases
from dure.city.cases.handover import deliver_handovers
from dure.city.models import HandoverState, Level
from dure.gateways import emergency
from dure.simulator.dispatch import DispatchCentre
from tests.city.casework import open_care_case
from tests.factories import City


@pytest.fixture
def centre() -> Iterator[str]:
    stop, centre = threading.Event(), DispatchCentre(("127.0.0.1", 0))
    running = threading.Thread(target=centre.run, args=[stop])
    running.start()
    yield f"http://127.0.0.1:{centre.server_port}/"
    stop.set()
    running.join()


@pytest.mark.django_db
def test_handover_of_the_platform_is_accepted_with_a_reference(city: City, centre: str, settings: LazySettings) -> None:
    settings.DURE_119_URL = centre
    case = open_care_case(city.dongs[0], city.team, level=Level.SEVERE)
    cases.hand_over(case, target="119", payload='{"reason": null}', actor="tests")
    assert deliver_handovers(None, emergency.send) == 1
    handover = case.handovers.get()
    assert (handover.state, handover.reference) == (HandoverState.ACCEPTED, "119-0001")


def test_same_handover_twice_is_one(centre: str) -> None:
    first, again, other = (
        httpx.post(centre, json={"case": "A-1"}, headers={"Idempotency-Key": key}).json() for key in ("a", "a", "b")
    )
    assert first == again == {"reference": "119-0001"}
    assert other == {"reference": "119-0002"}


@pytest.mark.parametrize(
    ("body", "headers", "field"),
    [
        (b"{}", {"Idempotency-Key": "a"}, "case"),
        (b"[", {"Idempotency-Key": "a"}, "case"),
        (b"3", {"Idempotency-Key": "a"}, "case"),
        (b'{"case": "A-1"}', {}, "Idempotency-Key"),
    ],
)
def test_bad_handover_names_its_field(centre: str, body: bytes, headers: dict[str, str], field: str) -> None:
    answer = httpx.post(centre, content=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
