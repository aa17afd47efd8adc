# SPDX-License-Identifier: Apache-2.0
"""What the assistant is made of: rows → documents of the language engine, and marks by which a change is seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Length

from dure.city.database import in_parts
from dure.city.models import Area, AreaLevel
from dure.engines.language.documents import Document

from .models import (
    Complaint,
    Department,
    Duty,
    Judgement,
    Message,
    MessageKind,
    MessageWay,
    Source,
    Synonym,
    Text,
    Topic,
)

MOST_LABELS = 20_000
"""Chosen complaints that a model is trained on: the newest ones."""


def guides() -> list[Document]:
    """What departments do: their duties, their topics, their texts. Category: the department's code."""
    duties = Duty.objects.filter(department__retired_at=None).select_related("department").order_by("id")
    found = [
        Document(f"duty:{duty.pk}", duty.text, str(duty.department), category=duty.department.code) for duty in duties
    ]
    for topic in topics():
        found.append(Document(f"topic:{topic.code}", words_of(topic), str(topic), topic.department.code, str(topic)))
    for text in texts().exclude(department=None).filter(department__retired_at=None):
        found.append(document_of(text))
    return found


def topic_guides() -> list[Document]:
    """What topics are about. Category: topic's code."""
    found = [Document(f"topic:{topic.code}", words_of(topic), str(topic), category=topic.code) for topic in topics()]
    living = texts().filter(topic__retired_at=None)
    return found + [
        Document(f"text:{one.code}", one.text, one.title, category=one.topic.code) for one in living if one.topic
    ]


def topics() -> QuerySet[Topic]:
    """The topics that a complaint may be given."""
    living = Topic.objects.filter(retired_at=None, department__retired_at=None)
    return living.select_related("department").order_by("code")


def words_of(topic: Topic) -> str:
    """Everything that is said of a topic, in both languages."""
    said = [*topic.name.values(), *topic.about.values(), *topic.keywords]
    return "\n".join(str(one) for one in said if one)


def texts() -> QuerySet[Text]:
    """The texts that are there (in force or not)."""
    return Text.objects.filter(removed_at=None).select_related("department", "topic").order_by("id")


def changed_texts(since: datetime | None) -> list[tuple[str, datetime]]:
    """Code and time of each text changed ``since`` then, those among them that were taken out too."""
    rows = Text.objects.order_by("changed_at", "pk")
    return list((rows.filter(changed_at__gte=since) if since else rows).values_list("code", "changed_at"))


def with_codes(codes: Sequence[str]) -> list[Text]:
    """The texts of these codes."""
    rows = Text.objects.select_related("department", "topic").order_by("pk")
    return [row for part in in_parts(codes) for row in rows.filter(code__in=part)]


def document_of(text: Text) -> Document:
    """A text as the index has it."""
    return Document(
        text.code,
        text.text,
        text.title,
        category=text.department.code if text.department else "",
        topic=str(text.topic) if text.topic else "",
        valid_from=text.valid_from,
        valid_to=text.valid_to,
    )


def guide_mark() -> str:
    """Another word whenever departments, duties, topics or texts are others than before; answers that agents keep are
    learned with the next change of these. Duties, of which a city has thousands, are never changed but taken out and
    added: how many there are, the newest and the length of them all say it."""
    said = blake2b(digest_size=12)
    duties = Duty.objects.filter(department__retired_at=None)
    for rows in (
        Department.objects.filter(retired_at=None).order_by("code").values_list("code", "name"),
        topics().values_list("code", "department__code", "name", "about", "keywords"),
    ):
        for row in rows:
            said.update(repr(row).encode())
    of_texts = texts().exclude(source=Source.ANSWER).aggregate(number=Count("pk"), newest=Max("changed_at"))
    of_duties = duties.aggregate(number=Count("pk"), newest=Max("pk"), length=Sum(Length("text")))
    said.update(repr((of_texts, of_duties)).encode())
    return said.hexdigest()


def chosen(ids: Sequence[int] | None = None) -> list[Judgement]:
    """What people chose, the oldest first; of these complaints, or at most MOST_LABELS, the newest."""
    found = _chosen().select_related("complaint", "chosen", "chosen_topic")
    if ids is not None:
        parts = [row for part in in_parts(ids) for row in found.filter(complaint__in=part)]
        return sorted(parts, key=lambda row: (row.chosen_at, row.pk))
    return list(found.order_by("-chosen_at", "-pk")[:MOST_LABELS])[::-1]


def chosen_since(since: datetime | None) -> list[tuple[int, datetime]]:
    """The complaint and the time of each choice from ``since`` on, the oldest first."""
    found = _chosen().filter(chosen_at__gte=since) if since is not None else _chosen()
    rows = found.order_by("-chosen_at", "-pk").values_list("complaint", "chosen_at")[:MOST_LABELS]
    return [(complaint, at) for complaint, at in rows if at is not None][::-1]


def _chosen() -> QuerySet[Judgement]:
    return Judgement.objects.exclude(chosen_at=None).filter(Q(chosen__isnull=False) | Q(chosen_topic__isnull=False))


def labels(rows: Iterable[Judgement]) -> list[Document]:
    """Chosen complaints as examples of their department."""
    return [
        Document(str(row.complaint_id), row.complaint.masked, row.complaint.title, category=row.chosen.code)
        for row in rows
        if row.chosen is not None and row.chosen.retired_at is None
    ]


def topic_labels(rows: Iterable[Judgement]) -> list[Document]:
    """Chosen complaints as examples of their topic."""
    return [
        Document(str(row.complaint_id), row.complaint.masked, row.complaint.title, category=row.chosen_topic.code)
        for row in rows
        if row.chosen_topic is not None and row.chosen_topic.retired_at is None
    ]


def complaint_document(row: Complaint) -> Document:
    """A past complaint, of which only what is masked is ever indexed."""
    return Document(str(row.pk), row.masked, row.title)


def complaints_after(number: int) -> Iterable[int]:
    """The ids of complaints with a higher one, in its order."""
    return Complaint.objects.filter(pk__gt=number).order_by("pk").values_list("pk", flat=True).iterator()


def words_after(number: int) -> list[tuple[int, int]]:
    """What citizens added to their complaints by messages with a higher id: (message, complaint), in its order."""
    return list(_words().filter(pk__gt=number).order_by("pk").values_list("pk", "complaint"))


def newest_words() -> int:
    """The id of the newest such message, 0 where there is none."""
    return _words().aggregate(newest=Max("pk"))["newest"] or 0


def _words() -> QuerySet[Message]:
    return Message.objects.filter(way=MessageWay.IN, kind__in=(MessageKind.ADDED, MessageKind.OBJECTION))


def complaints(ids: Sequence[int]) -> list[Complaint]:
    """These, in the order of their ids; of each only what is not sealed and is indexed."""
    rows = Complaint.objects.only("pk", "client_id", "masked", "title").order_by("pk")
    return [row for part in in_parts(ids) for row in rows.filter(pk__in=part)]


def synonyms() -> list[list[str]]:
    """Groups of words that mean the same."""
    rows = Synonym.objects.order_by("pk").values_list("words", flat=True)
    return [[word.strip() for word in one.split("=") if word.strip()] for one in rows]


def own_words() -> list[str]:
    """The city's own names: its 행정동 and its departments."""
    dongs = Area.objects.filter(level=AreaLevel.DONG, valid_to=None).values_list("name", flat=True)
    return [*dongs, *(str(department) for department in Department.objects.filter(retired_at=None))]
