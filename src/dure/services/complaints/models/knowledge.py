# SPDX-License-Identifier: Apache-2.0
"""What the city may quote: manuals, FAQs, ordinances, answers given; and the words that agents teach."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.city.sealed import SealedTextField

from .complaints import Complaint
from .departments import Department, Topic


class Source(models.TextChoices):
    MANUAL = "manual", _("업무 안내서")
    FAQ = "faq", _("자주 묻는 질문")
    ORDINANCE = "ordinance", _("조례·법령")
    ANSWER = "answer", _("지난 답변")


class Text(models.Model):
    """One text that may be quoted while it is in force (``valid_to``: the last day). Its index is made from this row.

    ``changed_at`` is what processes look at to learn what is new; ``removed_at`` takes it out of every index. ``safe``:
    may be sent without a person at night.
    """

    code = models.CharField("코드", max_length=120, unique=True)
    source = models.CharField("무엇", max_length=9, choices=Source.choices)
    title = models.CharField("제목", max_length=200)
    text = models.TextField("글")
    link = models.URLField("주소", max_length=400, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="texts")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="texts")
    language = models.CharField("말", max_length=5, default="ko")
    valid_from = models.DateField("시행일", null=True, blank=True)
    valid_to = models.DateField("마지막 날", null=True, blank=True)
    safe = models.BooleanField("밤에 스스로 답해도 됨", default=False)
    changed_at = models.DateTimeField("바뀐 시각", db_index=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField("뺀 시각", null=True, blank=True)

    class Meta:
        verbose_name = "근거 글"

    def __str__(self) -> str:
        return self.title


class Synonym(models.Model):
    """Words that mean the same (쓰레기봉투 = 종량제봉투), separated by ``=``."""

    words = models.CharField("같은 뜻의 말", max_length=200, unique=True)
    changed_at = models.DateTimeField("바뀐 시각", db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "같은 뜻의 말"


class Template(models.Model):
    """A text that agents use again; ``{name}``, ``{number}``, ``{department}``, ``{due}`` are filled in."""

    code = models.SlugField("코드", max_length=40, unique=True)
    name = models.JSONField("이름 (ko, en)")
    text = models.JSONField("글 (ko, en)")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField("바뀐 시각")
    removed_at = models.DateTimeField("뺀 시각", null=True, blank=True)

    class Meta:
        verbose_name = "글 본"
        ordering = ["code"]


class DraftState(models.TextChoices):
    OFFERED = "offered", _("초안")
    SENT = "sent", _("고쳐서 또는 그대로 보냄")
    DROPPED = "dropped", _("쓰지 않음")
    STALE = "stale", _("그사이 글이 더해짐")


class Draft(models.Model):
    """What was offered as an answer, from which passages, by what, and what the agent made of it (for the audit).

    ``sentences``: ``[{"text","cites":[n],"kept":bool,"why":""}]``; ``passages``: ``[{"n","code","title","text",
    "digest","department","valid_from"}]``. ``prompt`` and ``output`` only where a model was asked. All of masked text.
    """

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="drafts")
    version = models.PositiveIntegerField("민원의 판")
    at = models.DateTimeField("시각")
    writer = models.CharField("누가 (extractive 또는 모형의 이름)", max_length=120)
    action = models.CharField("무엇 (answer, ask, handoff, none)", max_length=8)
    passages = models.JSONField("근거", default=list, encoder=DjangoJSONEncoder)
    sentences = models.JSONField("문장", default=list)
    prompt = SealedTextField("물은 말", null=True, blank=True)
    output = SealedTextField("모형의 말", null=True, blank=True)
    problem = models.CharField("모형을 쓰지 못한 까닭", max_length=200, blank=True)
    state = models.CharField("상태", max_length=8, choices=DraftState.choices, default=DraftState.OFFERED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("정한 시각", null=True, blank=True)
    final = SealedTextField("보낸 글", null=True, blank=True)

    class Meta:
        verbose_name = "답변 초안"
