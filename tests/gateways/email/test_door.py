# SPDX-License-Identifier: Apache-2.0
"""The desk's mailbox at a real IMAP server."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from uuid import uuid4

import pytest
from PIL import Image

from dure.city import cases
from dure.city.errors import Unavailable
from dure.city.models import CaseEvent, Role
from dure.gateways.email import taking
from dure.gateways.email.door import MailDoor
from dure.gateways.email.mailbox import Account, Failure, Folder, Mailbox
from dure.gateways.email.threads import name_of
from dure.services.complaints.access import opened
from dure.services.complaints.actions.receiving import Received, receive
from dure.services.complaints.models import Complaint, Door, Message, MessageKind, Outcome
from tests.conftest import StandingClock
from tests.factories import City
from tests.gateways.complaint_desk import make_desk
from tests.gateways.email import mail_server
from tests.gateways.email.mail_server import MailServer, self_signed

pytestmark = [
    pytest.mark.broker,
    pytest.mark.django_db,
    pytest.mark.skipif(mail_server.PROGRAM is None, reason="no dovecot is installed"),
]
OWN = "desk@city.example.org"


def letter(number: int, text: str = "가로등이 꺼졌어요", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {"From": "김순자 <soonja@example.org>", "To": OWN, "Subject": "가로등"} | headers
    made["Message-ID"] = f"<{number}@example.org>"
    for name, value in given.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(autouse=True)
def desk(city: City, standing_clock: StandingClock) -> None:
    make_desk(city)


def empty(server: MailServer) -> MailDoor:
    door = MailDoor(server.account(), OWN)
    with Mailbox(server.account()) as mailbox:
        door.empty(mailbox, threading.Event())
    return door


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return out.getvalue()


def test_letters_become_complaints_and_lie_where_they_belong(server: MailServer) -> None:
    with_photo = letter(1)
    with_photo.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="lamp.jpg")
    with_photo.add_attachment(b"no picture", maintype="image", subtype="png", filename="bad.png")
    server.put(
        with_photo.as_bytes(),
        letter(2, Auto_Submitted="auto-replied", From="robot@example.org").as_bytes(),
        letter(3, From=OWN).as_bytes(),
        b"From: \r\nSubject: \r\n\r\n",
        letter(4, "쓰레기가 쌓여 있어요", From="chul@example.org").as_bytes(),
    )
    door = empty(server)
    assert dict(door.totals) == {"taken": 2, "automatic": 2, "refused": 1}
    assert [server.count(folder) for folder in ("INBOX", *Folder)] == [0, 2, 2, 1]
    first, second = Complaint.objects.order_by("pk")
    record = opened(first)
    assert (first.door, first.outside_ref, first.reply_by) == (Door.EMAIL, "<1@example.org>", Door.EMAIL)
    assert (record.name, record.email, first.title) == ("김순자", "soonja@example.org", "가로등")
    assert record.text.startswith("가로등이 꺼졌어요")
    assert "사진 1장은 받지 못했습니다" in record.text
    assert first.pictures.count() == 1
    assert opened(second).text == "쓰레기가 쌓여 있어요"


def test_a_letter_that_comes_again_is_no_second_complaint(server: MailServer) -> None:
    server.put(letter(1).as_bytes(), letter(1).as_bytes())
    assert empty(server).totals["taken"] == 2
    assert Complaint.objects.count() == 1


def test_a_reply_is_a_word_more_of_whoever_complained_and_of_nobody_else(server: MailServer, city: City) -> None:
    server.put(letter(1).as_bytes())
    empty(server)
    complaint = Complaint.objects.get()
    subject = f"Re: [{complaint.number}] 접수 알림"
    answer = letter(2, "아직 꺼져 있어요\n> 접수했습니다", Subject=subject)
    server.put(
        answer.as_bytes(), answer.as_bytes(), letter(3, "저예요", Subject=subject, From="x@example.org").as_bytes()
    )
    empty(server)
    added = [one.text for one in opened(complaint).messages if one.kind == MessageKind.ADDED]
    assert added == ["아직 꺼져 있어요"]
    assert Complaint.objects.count() == 2  # the stranger's is one of its own
    cases.close(complaint.case, actor=city.users[Role.CALL_AGENT], outcome=Outcome.EXPLAINED)
    server.put(letter(4, "또 꺼졌어요", Subject=subject).as_bytes())
    empty(server)
    assert Complaint.objects.count() == 3
    assert CaseEvent.objects.filter(case=complaint.case, data__what="follows").exists()


def test_an_answer_to_our_letter_goes_on_with_its_complaint_whoever_is_known_by_what(server: MailServer) -> None:
    known_by_phone = Received(
        "web", "가로등이 꺼졌어요", uuid4(), name="김순자", phone="010-1234-5678", email="soonja@example.org"
    )
    complaint, _pin = receive(known_by_phone, actor="door:web")
    message = Message.objects.get(complaint=complaint, way="out")
    ours = name_of(message, complaint.number, "city.example.org")
    guessed = f"<{complaint.number}.{message.pk}.{'0' * 24}@city.example.org>"
    server.put(
        letter(1, "제목에 번호", Subject=f"RE: [{complaint.number}]").as_bytes(),
        letter(2, "우리 편지에 답장", In_Reply_To=ours).as_bytes(),
        letter(3, "딸이 답장", From="daughter@example.org", References=f"<0@example.org> {ours}").as_bytes(),
        letter(4, "지어낸 번호", From="x@example.org", References=guessed).as_bytes(),
    )
    empty(server)
    added = [one.text.splitlines()[0] for one in opened(complaint).messages if one.kind == MessageKind.ADDED]
    assert added == ["제목에 번호", "우리 편지에 답장", "딸이 답장"]
    assert "다른 주소에서" in opened(complaint).messages[-1].text
    assert Complaint.objects.exclude(pk=complaint.pk).get().outside_ref == "<4@example.org>"


def test_a_letter_stays_where_it_is_while_nothing_can_be_kept_and_a_bad_one_blocks_no_other(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, down = taking.receive, True

    def receive(received: taking.Received, *, actor: str) -> object:
        if down:
            raise Unavailable("디스크가 찼습니다", "the disk is full")
        if "폭탄" in received.text:
            raise ZeroDivisionError
        return real(received, actor=actor)

    monkeypatch.setattr(taking, "receive", receive)
    server.put(letter(1, "폭탄 같은 글").as_bytes(), letter(2).as_bytes())
    with pytest.raises(Unavailable):
        empty(server)
    assert (server.count(), Complaint.objects.count()) == (2, 0)
    down = False
    assert dict(empty(server).totals) == {"refused": 1, "taken": 1}


def test_somebody_who_writes_without_end_is_not_answered_without_end(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "PER_HOUR", 2)
    server.put(*(letter(number).as_bytes() for number in range(4)))
    assert dict(empty(server).totals) == {"taken": 2, "automatic": 2}


@pytest.mark.parametrize("certificate", [b"", self_signed()], ids=["clear", "tls"])
def test_a_server_that_can_say_so_is_not_asked_again_and_again_whether_a_letter_has_come(certificate: bytes) -> None:
    with MailServer(certificate=certificate) as server, Mailbox(server.account()) as mailbox:
        stop = threading.Event()
        assert not mailbox.wait(0.01, stop)
        for number in (1, 2):  # one comes before the wait and is told at once, one meanwhile
            putting = threading.Thread(target=server.put, args=(letter(number).as_bytes(),))
            putting.start()
            if number == 1:
                putting.join()
            assert mailbox.wait(60, stop)
            putting.join()
            assert len(mailbox.waiting()) == number
        stop.set()
        assert not mailbox.wait(60, stop)


def test_a_server_that_can_do_little_is_enough() -> None:
    with MailServer(settings="protocol imap {\n imap_capability = IMAP4rev1\n}") as server:
        server.put(letter(1).as_bytes(), letter(2, Precedence="bulk").as_bytes())
        assert dict(empty(server).totals) == {"taken": 1, "automatic": 1}
        assert [server.count(folder) for folder in ("INBOX", *Folder)] == [0, 1, 1, 0]


def test_tls_is_begun_and_a_server_that_nobody_vouches_for_is_not_told_the_password() -> None:
    with MailServer(prefix="INBOX.", certificate=self_signed()) as server:
        server.put(letter(1).as_bytes())
        assert empty(server).totals["taken"] == 1
        assert server.count(Folder.TAKEN, "INBOX.") == 1
        with pytest.raises(Failure):
            Mailbox(Account.parse(server.url, mail_server.PASSWORD))
    with pytest.raises(ValueError, match="imaps://"):
        Account.parse("http://desk@127.0.0.1", "")
