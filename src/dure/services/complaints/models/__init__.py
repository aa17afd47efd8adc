# SPDX-License-Identifier: Apache-2.0
"""Records only the complaint desk needs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .collective import Collective, CollectiveStage, CommitteeReview, Decision, Matter
from .complaints import (
    Complaint,
    ComplaintNumber,
    Concern,
    ConcernStage,
    Door,
    Extension,
    Judgement,
    LiveCall,
    Message,
    MessageKind,
    MessageWay,
    Partner,
    Pause,
    PauseGround,
    Picture,
    Transfer,
    TransferState,
)
from .departments import Department, Duty, Kind, PeriodUnit, Topic
from .knowledge import Draft, DraftState, Source, Synonym, Template, Text
from .talks import Talk, TalkStep, Waiting


class Outcome(models.TextChoices):
    """How a complaint's case may end."""

    DONE = "done", _("처리함")
    EXPLAINED = "explained", _("설명함")
    PLANNED = "planned", _("계획에 넣음")
    CANNOT = "cannot", _("할 수 없음")
    SENT_ON = "sent_on", _("다른 기관으로 이송")
    WITHDRAWN = "withdrawn", _("취하")
    REPEATED = "repeated", _("반복 민원 종결")
    NOT_A_COMPLAINT = "not_a_complaint", _("민원이 아님")


__all__ = [
    "Collective",
    "CollectiveStage",
    "CommitteeReview",
    "Complaint",
    "ComplaintNumber",
    "Concern",
    "ConcernStage",
    "Decision",
    "Department",
    "Door",
    "Draft",
    "DraftState",
    "Duty",
    "Extension",
    "Judgement",
    "Kind",
    "LiveCall",
    "Matter",
    "Message",
    "MessageKind",
    "MessageWay",
    "Outcome",
    "Partner",
    "Pause",
    "PauseGround",
    "PeriodUnit",
    "Picture",
    "Source",
    "Synonym",
    "Talk",
    "TalkStep",
    "Template",
    "Text",
    "Topic",
    "Transfer",
    "TransferState",
    "Waiting",
]
