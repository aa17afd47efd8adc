# SPDX-License-Identifier: Apache-2.0
"""The only way to what a citizen said and who they are: opened for a role, a purpose and an area, and audited.

Everybody else works with what is masked. The entry on the chain is committed before a value is handed out, so the
``access_…`` functions are called outside transactions (inside one they raise RuntimeError).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dure.city import audit, cases
from dure.city.errors import NotFound
from dure.city.models import User
from dure.city.purposes import Purpose, holds_role_for
from dure.engines.language.mask import unmask
from dure.services.complaints.models import (
    CommitteeReview,
    Complaint,
    Department,
    Message,
    MessageKind,
    MessageWay,
    Partner,
    Picture,
)


@dataclass(frozen=True, repr=False)
class Said:
    """One word between the city and the citizen, opened. ``who``: who of the city's people said it, "" for none."""

    id: int
    at: datetime
    way: MessageWay
    kind: MessageKind
    text: str
    who: str
    automatic: bool
    sent_at: datetime | None
    failure: str


@dataclass(frozen=True, repr=False)
class Opinion:
    """What another department says to its ``part`` of the case; ``text`` "" while it is owed."""

    department: Department
    part: str
    due_at: datetime
    text: str
    given_at: datetime | None


@dataclass(frozen=True, repr=False)
class ComplaintRecord:
    """A complaint, opened: ``text`` as the citizen wrote it, who they are ("" where they did not say), the words
    between them and the city, oldest first, the numbers of its photos, and what other departments say to it."""

    complaint: Complaint
    text: str
    answers: dict[str, object]
    name: str
    phone: str
    email: str
    address: str
    messages: tuple[Said, ...]
    pictures: tuple[int, ...]
    opinions: tuple[Opinion, ...]

    def __repr__(self) -> str:
        """Without any of the values: records end up in logs and tracebacks."""
        return f"<ComplaintRecord {self.complaint.number}>"


def access_complaint(user: User, number: str, purpose: Purpose = Purpose.COMPLAINT) -> ComplaintRecord:
    """Open the complaint of that number for somebody who may see its case (role, area or team).

    Raises NotFound for everybody else, as for a number that is none; both are on the chain.
    """
    complaint = _of_number(user, number, purpose)
    return opened(complaint)


def access_as_citizen(complaint: Complaint) -> ComplaintRecord:
    """Open a complaint for who has just proved to be its citizen (:func:`.actions.citizen.prove`)."""
    with transaction.atomic(durable=True):
        subject = f"complaint:{complaint.number}"
        audit.record("complaints:complaint:opened", actor="citizen", subject=subject, purpose=Purpose.OWN)
    return opened(complaint)


def access_picture(user: User, picture: int, purpose: Purpose = Purpose.COMPLAINT) -> bytes:
    """The JPEG, as :func:`access_complaint`."""
    row = Picture.objects.filter(pk=picture).select_related("complaint").first()
    if row is None:
        raise NotFound("그런 사진이 없습니다", "there is no such photo")
    _of_number(user, row.complaint.number, purpose)
    return base64.b64decode(row.jpeg.open())


def picture_of(complaint: Complaint, picture: int) -> bytes:
    """A photo of a complaint that was opened for its citizen. Raises NotFound for another complaint's."""
    row = Picture.objects.filter(pk=picture, complaint=complaint).first()
    if row is None:
        raise NotFound("그런 사진이 없습니다", "there is no such photo")
    return base64.b64decode(row.jpeg.open())


def opened(complaint: Complaint) -> ComplaintRecord:
    """Everything of a complaint in clear. For verbs that have recorded why, and for nobody else."""
    reporter, vault = reporter_of(complaint), vault_of(complaint)
    rows = complaint.messages.select_related("by").order_by("at", "pk")
    return ComplaintRecord(
        complaint=complaint,
        text=complaint.text.open(),
        answers={code: _unmasked(value, vault) for code, value in complaint.answers.items()},
        name=reporter.get("name", ""),
        phone=reporter.get("phone", ""),
        email=reporter.get("email", ""),
        address=complaint.address.open() if complaint.address else "",
        messages=tuple(_said(row) for row in rows),
        pictures=tuple(complaint.pictures.order_by("pk").values_list("pk", flat=True)),
        opinions=tuple(_opinion(row) for row in complaint.case.partners.select_related("department").order_by("pk")),
    )


def vault_of(complaint: Complaint) -> dict[str, str]:
    """What stands behind the marks of a complaint: for masking what is added to it, and for unmasking an answer."""
    vault: dict[str, str] = json.loads(complaint.vault.open())
    return vault


def reporter_of(complaint: Complaint) -> dict[str, str]:
    """What the citizen said of themselves (name, phone, email), for bringing them what is theirs."""
    said: dict[str, str] = json.loads(complaint.reporter.open()) if complaint.reporter else {}
    return said


def opinion_of(review: CommitteeReview) -> str:
    """What the committee said, for a page of a complaint that was opened; "" while it has not."""
    return str(review.opinion.open()) if review.opinion else ""


def text_of(message: Message) -> str:
    """What is brought to the citizen."""
    return str(message.text.open())


def _of_number(user: User, number: str, purpose: Purpose) -> Complaint:
    complaint = Complaint.objects.filter(number=number).select_related("case", "topic", "department", "area").first()
    allowed = purpose == Purpose.COMPLAINT and holds_role_for(user, purpose) and complaint is not None
    allowed = allowed and complaint is not None and cases.visible_cases(user).filter(pk=complaint.case_id).exists()
    with transaction.atomic(durable=True):
        tag = f"complaints:complaint:{'opened' if allowed else 'denied'}"
        audit.record(tag, actor=user, subject=f"complaint:{number[:20]}", purpose=purpose)
    if complaint is None or not allowed:
        raise NotFound("그런 민원이 없습니다", "there is no such complaint")
    return complaint


def _said(row: Message) -> Said:
    return Said(
        id=row.pk,
        at=row.at,
        way=MessageWay(row.way),
        kind=MessageKind(row.kind),
        text=row.text.open(),
        who=str(row.by) if row.by else "",
        automatic=row.automatic,
        sent_at=row.sent_at,
        failure=row.failure,
    )


def _opinion(row: Partner) -> Opinion:
    text = row.opinion.open() if row.opinion else ""
    return Opinion(row.department, row.part, row.due_at, text, row.given_at)


def _unmasked(answer: object, vault: dict[str, str]) -> object:
    if isinstance(answer, list):
        return [_unmasked(one, vault) for one in answer]
    return unmask(answer, vault) if isinstance(answer, str) else answer
