# SPDX-License-Identifier: Apache-2.0
"""Answers reach citizens who asked for them, and who cannot be reached is seen."""

from __future__ import annotations

import pytest

from dure.city.models import AuditEntry, CaseEvent
from dure.services.complaints import assist
from dure.services.complaints.actions import sending
from dure.services.complaints.actions.sending import Outgoing, Undeliverable, deliver, register_sender
from dure.services.complaints.models import Message
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.office import Office, make_office, take

pytestmark = pytest.mark.django_db


class Post:
    """The other side of a sender: what arrived, and what it does with the next ones."""

    def __init__(self) -> None:
        self.arrived: list[Outgoing] = []
        self.fault: BaseException | None = None

    def send(self, outgoing: Outgoing) -> None:
        if self.fault is not None:
            raise self.fault
        self.arrived.append(outgoing)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setattr(sending, "_senders", {})
    return Post()


@pytest.fixture
def office(city: City, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(assist.Assist, "judge", lambda *_, **__: assist.Judged())
    return make_office(city)


def told() -> list[object]:
    """What the people of the cases were told of what could not be brought."""
    return [event.data["message"] for event in CaseEvent.objects.filter(data__what="undelivered")]


@pytest.mark.usefixtures("office")
def test_a_receipt_goes_to_the_address_once(post: Post) -> None:
    register_sender("email", post.send)
    complaint = take(email="kim@example.org", name="김철수")
    take()  # comes and looks: nothing is brought
    assert [deliver(), deliver()] == [1, 0]
    (outgoing,) = post.arrived
    assert (outgoing.to, outgoing.name, outgoing.number) == ("kim@example.org", "김철수", complaint.number)
    assert complaint.number in outgoing.text
    assert AuditEntry.objects.filter(tag="complaints:message:sent").count() == 1


@pytest.mark.usefixtures("office")
def test_what_fails_is_tried_again_later_and_told_after_some_tries(post: Post, standing_clock: StandingClock) -> None:
    register_sender("email", post.send)
    take(email="kim@example.org")
    post.fault = ConnectionError()
    for minutes in (1, 2, 4):
        assert deliver() == 0
        assert deliver() == 0
        standing_clock.move(minutes=minutes)
    message = Message.objects.get()
    assert (message.attempts, message.failure, told()) == (3, "ConnectionError", [message.pk])
    post.fault = None
    assert deliver() == 1
    assert [one.attempt for one in post.arrived] == [4]


@pytest.mark.usefixtures("office")
def test_an_address_that_is_none_is_told_at_once_and_not_tried_again(post: Post, standing_clock: StandingClock) -> None:
    register_sender("email", post.send)
    take(email="kim@example.org")
    post.fault = Undeliverable("550 no such user")
    deliver()
    standing_clock.move(days=2)
    assert deliver() == 0
    assert (Message.objects.get().attempts, len(told())) == (1, 1)


@pytest.mark.usefixtures("office")
def test_a_city_without_a_sender_is_told_once_and_nothing_is_lost(post: Post, standing_clock: StandingClock) -> None:
    take(email="kim@example.org")
    for _ in range(2):
        deliver()
        standing_clock.move(hours=2)
    assert len(told()) == 1
    register_sender("email", post.send)
    assert deliver() == 1


@pytest.mark.usefixtures("office")
def test_a_worker_that_was_killed_while_sending_leaves_it_for_another(
    post: Post, standing_clock: StandingClock
) -> None:
    register_sender("email", post.send)
    take(email="kim@example.org")
    post.fault = SystemExit()
    with pytest.raises(SystemExit):
        deliver()
    post.fault = None
    assert deliver() == 0
    standing_clock.move(minutes=6)
    assert deliver() == 1
