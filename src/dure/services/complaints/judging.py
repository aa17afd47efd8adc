# SPDX-License-Identifier: Apache-2.0
"""What the assistant says of a masked text; and when it cannot say anything, that it is not decided."""

from __future__ import annotations

import logging
from dataclasses import replace

from dure.engines.language.urgency import urgency
from dure.services.complaints import assist
from dure.services.complaints.assist import Judged
from dure.services.complaints.models import Topic

NOT_JUDGED = "none"
"""The engine of a judgement that nobody made."""
log = logging.getLogger(__name__)


def judge(masked: str, *, topic: Topic | None, lon: float | None, lat: float | None) -> Judged:
    """The assistant's judgement. A fault of it must not lose a complaint: it is logged, and the topic that the citizen
    chose decides, or a person.

    How urgent the words are is asked beside it, so that danger is seen while nothing is learned yet.
    """
    try:
        judged = assist.get().judge(masked, topic=topic, lon=lon, lat=lat)
    except Exception:
        log.exception("the assistant could not judge a complaint")
        judged = _by_topic(topic)
    by_words = urgency(masked)
    if by_words.level > judged.urgency:
        judged = replace(judged, urgency=by_words.level, urgent_words=by_words.words)
    return judged


def _by_topic(topic: Topic | None) -> Judged:
    if topic is None:
        return Judged(engine=NOT_JUDGED)
    labels, topics = ([{"label": code, "p": 0.0}] for code in (topic.department.code, topic.code))
    return Judged(labels=labels, topics=topics, decided=True, engine=NOT_JUDGED)
