# SPDX-License-Identifier: Apache-2.0
"""Answers by mail, at a real SMTP server."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from django.conf import LazySettings

from dure.city import clock
from dure.gateways.email import letters, sending
from dure.services.complaints import messages
from dure.services.complaints.actions import sending as outbox
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Complaint, Door, Message, MessageKind
from tests.conftest import StandingClock
from tests.factories import City
from tests.gateways.complaint_desk import make_desk
from tests.gateways.email.mail_server import self_signed
from tests.postgres_cluster import free_port

pytestmark = pytest.mark.django_db
PASSWORD = "a-password-for-tests"


class Post:
    """A mail server's handler: keeps what it took, and refuses whom it is told to."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, to: str, options: Any) -> str:
        if to in self.refuse:
            return self.refuse[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.taken.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
        return "250 OK"


def check(server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (b"desk", PASSWORD.encode()), handled=False)


@pytest.fixture
def post(
    city: City, standing_clock: StandingClock, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Post]:
    make_desk(city)
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(self_signed())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # as an administrator makes a city's own authority known
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    handler, port = Post(), free_port()
    controller = Controller(
        handler, hostname="127.0.0.1", port=port, authenticator=check, auth_required=True, tls_context=context
    )
    settings.DURE_SMTP_URL = f"smtp+tls://desk@127.0.0.1:{port}"
    settings.DURE_SMTP_PASSWORD = PASSWORD
    settings.DURE_MAIL_FROM = "desk@city.example.org"
    sending.register()
    controller.start()
    yield handler
    controller.stop()
    outbox._senders.pop(Door.EMAIL)


def complain(**changes: Any) -> Complaint:
    given = {"email": "soonja@example.org", "outside_ref": "<1@example.org>"} | changes
    return receive(Received(Door.EMAIL, "가로등이 꺼졌어요", uuid4(), **given), actor="tests")[0]


def test_what_the_city_says_is_a_letter_in_the_citizens_thread_that_no_program_answers(post: Post) -> None:
    complaint = complain()
    messages.say(complaint, MessageKind.ANSWER, "고쳤습니다.", at=clock.now())
    assert outbox.deliver() == 2
    receipt, answer = post.taken
    assert (receipt["To"], receipt["From"]) == ("soonja@example.org", "desk@city.example.org")
    assert receipt["Subject"] == f"[{complaint.number}] 접수 알림"
    assert (receipt["Auto-Submitted"], answer["Auto-Submitted"]) == ("auto-replied", "auto-generated")
    assert answer["In-Reply-To"] == "<1@example.org>"
    assert answer["Message-ID"] != receipt["Message-ID"]
    body = answer.get_body()
    assert body is not None
    assert body.get_content().splitlines()[:3] == ["고쳤습니다.", "", letters.REPLY_ABOVE]
    assert letters.read(bytes(answer)).automatic  # our own, come back, makes no complaint
    assert outbox.deliver() == 0


def test_a_server_that_is_away_is_tried_again_and_an_address_that_is_none_is_told(
    post: Post, standing_clock: StandingClock
) -> None:
    complain()
    nobody = complain(email="nobody@example.org", outside_ref="<2@example.org>")
    later = complain(email="full@example.org", outside_ref="<3@example.org>")
    post.refuse = {"nobody@example.org": "550 no such user", "full@example.org": "452 mailbox full"}
    assert outbox.deliver() == 1
    lost, waiting = (Message.objects.get(complaint=one) for one in (nobody, later))
    assert (lost.next_at, lost.failure) == (None, "닿을 수 없음: SMTP 550")
    assert waiting.next_at is not None
    assert "example.org" not in waiting.failure
    post.refuse = {}
    standing_clock.move(minutes=2)
    assert outbox.deliver() == 1
    assert [one["To"] for one in post.taken] == ["soonja@example.org", "full@example.org"]


def test_a_password_that_is_wrong_loses_no_letter(
    post: Post, settings: LazySettings, standing_clock: StandingClock
) -> None:
    complaint = complain()
    settings.DURE_SMTP_PASSWORD = "another"
    assert outbox.deliver() == 0
    assert Message.objects.get(complaint=complaint).next_at is not None
    settings.DURE_SMTP_PASSWORD = PASSWORD
    standing_clock.move(minutes=2)
    assert outbox.deliver() == 1
