# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from dure.city import escalation
from dure.city.models import Channel, EscalationAttempt
from tests.city.own_city import OwnCity, own_city


@pytest.fixture(scope="package")
def processes_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCity]:
    """A city with processes of its own, made once: tests on it add to the record and take nothing away."""
    with own_city(tmp_path_factory.mktemp("city")) as city:
        yield city


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[EscalationAttempt]:
    """The attempts that any channel was asked to make; nobody ends them."""
    made: list[EscalationAttempt] = []
    monkeypatch.setattr(escalation, "_channels", dict.fromkeys(Channel, made.append))
    return made
