# SPDX-License-Identifier: Apache-2.0
"""What the city says to one citizen: in their language, kept as it was said, and brought to them where they asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from dure.city import rules
from dure.city.clock import SEOUL
from dure.city.models import User
from dure.services.complaints.models import Complaint, Department, Message, MessageKind, MessageWay, Pause, PauseGround
from dure.services.complaints.rules import DeskRules


def say(
    complaint: Complaint,
    kind: MessageKind,
    text: str,
    *,
    at: datetime,
    by: User | None = None,
    automatic: bool = False,
    client_id: UUID | None = None,
) -> Message:
    """One word to the citizen, within the transaction of the deed that it tells of. Where nobody brings it to them it
    counts as sent: they come and look."""
    return Message.objects.create(
        complaint=complaint,
        way=MessageWay.OUT,
        kind=kind,
        at=at,
        by=by,
        text=text,
        automatic=automatic,
        client_id=client_id,
        sent_at=None if complaint.reply_by else at,
        next_at=at if complaint.reply_by else None,
    )


def hear(complaint: Complaint, kind: MessageKind, text: str, *, at: datetime, client_id: UUID) -> Message:
    """One word of the citizen."""
    return Message.objects.create(
        complaint=complaint, way=MessageWay.IN, kind=kind, at=at, text=text, client_id=client_id, sent_at=at
    )


def receipt(complaint: Complaint, pin: str, department: Department | None) -> str:
    """It has come: its number, with which PIN it is followed, who has it, until when (영 제6조 제4항)."""
    with translation.override(complaint.language):
        who = named(department) if department else _("민원실에서 맡을 부서를 정합니다")
        return _(
            "민원을 받았습니다.\n접수 번호: %(number)s\n비밀번호: %(pin)s\n맡은 곳: %(who)s\n처리 기한: %(due)s\n"
            "번호와 비밀번호로 언제든 보고, 덧붙이고, 취하할 수 있습니다."
        ) % {"number": complaint.number, "pin": pin, "who": who, "due": day(complaint.due_at)}


def sent_on(complaint: Complaint, department: Department) -> str:
    """Another institution has it now (법 제16조 제1항, 영 제13조 제3항)."""
    with translation.override(complaint.language):
        return _("이 일은 %(who)s의 일이어서 그곳으로 보냈습니다. 전화: %(phone)s") % {
            "who": named(department),
            "phone": department.phone or "-",
        }


def asked(complaint: Complaint, question: str, until: datetime) -> str:
    """Something more is needed (법 제22조 제1항); until they answer the period stands still."""
    with translation.override(complaint.language):
        return _(
            "처리하려면 다음이 더 필요합니다.\n\n%(question)s\n\n%(until)s까지 알려 주세요. "
            "그때까지 처리 기간은 멈춥니다."
        ) % {
            "question": question,
            "until": day(until),
        }


def extended(complaint: Complaint, reason: str) -> str:
    """The period is longer, why, and until when (영 제21조 제2항)."""
    with translation.override(complaint.language):
        return _("처리 기간을 늘렸습니다. 까닭: %(reason)s\n새 기한: %(due)s") % {
            "reason": reason,
            "due": day(complaint.due_at),
        }


def paused(complaint: Complaint, pause: Pause) -> str:
    """What the city does meanwhile does not count, why, and until when at the longest (영 제17조 제5항, 제20조)."""
    with translation.override(complaint.language):
        return _(
            "%(ground)s 동안은 처리 기간에 넣지 않습니다. 까닭: %(reason)s\n"
            "늦어도 %(until)s까지입니다. 새 기한: %(due)s"
        ) % {
            "ground": PauseGround(pause.ground).label,
            "reason": pause.reason,
            "until": day(pause.until) if pause.until else "-",
            "due": day(complaint.due_at),
        }


def progress(complaint: Complaint, department: Department | None) -> str:
    """How it stands (영 제23조)."""
    with translation.override(complaint.language):
        return _("아직 처리하고 있습니다. 맡은 곳: %(who)s. 처리 기한: %(due)s") % {
            "who": named(department) if department else _("민원실"),
            "due": day(complaint.due_at),
        }


def ended_as_repeated(complaint: Complaint) -> str:
    """The same was answered before, and the law lets it end (법 제23조 제1항)."""
    with translation.override(complaint.language):
        return _(
            "같은 내용에 두 번 이상 답해 드렸으므로 민원 처리에 관한 법률 제23조에 따라 마칩니다. "
            "새로운 사정이 있으면 알려 주세요."
        )


def withdrawn(complaint: Complaint) -> str:
    """What a press says for the citizen."""
    with translation.override(complaint.language):
        return _("민원을 취하합니다.")


def named(department: Department) -> str:
    """A department in the language that is on now."""
    language = "ko" if (translation.get_language() or "ko").startswith("ko") else "en"
    return str(department.name[language])


def day(at: datetime) -> str:
    """A moment as people in Korea read it."""
    return f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M}"


def remedy(complaint: Complaint) -> str:
    """How to object to a refusal; it comes with every one (법 제27조 제2항)."""
    days = rules.load(DeskRules, "complaints", complaint.area).object_days
    with translation.override(complaint.language):
        return _(
            "이 답을 받아들일 수 없으면 %(days)d일 안에 접수 번호 %(number)s로 이의를 말할 수 있습니다. "
            "행정심판이나 행정소송도 따로 제기할 수 있습니다."
        ) % {"days": days, "number": complaint.number}
