# SPDX-License-Identifier: Apache-2.0
"""How a case can end, in the words of its service."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _


class CommonOutcome(models.TextChoices):
    """Of cases that belong to no service (a silent device, a dead process), and of services that say nothing else."""

    SOLVED = "solved", _("해결함")
    NO_FAULT = "no_fault", _("문제 없었음")
    DUPLICATE = "duplicate", _("다른 사건과 같음")
    SPEAKS_AGAIN = "speaks_again", _("다시 값이 옴")
    REVIEW_EXPLAINED = "review_explained", _("설명해 드림")
    REVIEW_UPHELD = "review_upheld", _("판단을 그대로 둠")
    REVIEW_CHANGED = "review_changed", _("사람이 판단을 바꿈")
    REVIEW_STOPPED = "review_stopped", _("자동 결정을 그만둠")
    REVIEW_WITHDRAWN = "review_withdrawn", _("요구를 거두심")


_outcomes: dict[str, type[models.TextChoices]] = {}
_not_for_people: dict[str, frozenset[str]] = {}
_false_alarms: dict[str, frozenset[str]] = {}
_chosen_by_people = (CommonOutcome.SOLVED, CommonOutcome.NO_FAULT, CommonOutcome.DUPLICATE)
_written_by_city = frozenset(set(CommonOutcome.values) - {one.value for one in _chosen_by_people})


def register(
    service: str,
    outcomes: type[models.TextChoices],
    *,
    by_platform: Collection[str] = (),
    false_alarms: Collection[str] = (),
) -> None:
    """Name the outcomes of a service's cases; those ``by_platform`` are written by the program, never chosen, and
    those of ``false_alarms`` say that there was nothing about the person."""
    _outcomes[service] = outcomes
    _not_for_people[service] = frozenset(by_platform)
    _false_alarms[service] = frozenset(false_alarms)


def by_platform(service: str) -> frozenset[str]:
    """The outcomes that the program writes."""
    return _not_for_people.get(service, _written_by_city)


def false_alarms(service: str) -> frozenset[str]:
    """The outcomes by which people say that the program was wrong."""
    return _false_alarms.get(service, frozenset())


def choices(service: str) -> list[tuple[str, str]]:
    """What a person may choose from, as (value, label)."""
    hidden = by_platform(service)
    known = _outcomes.get(service, CommonOutcome)
    return [(value, str(label)) for value, label in known.choices if value not in hidden]


def label(service: str, outcome: str) -> str:
    """An outcome in words; a value nobody knows any more stands for itself."""
    for known in (_outcomes.get(service, CommonOutcome), CommonOutcome):
        if outcome in known.values:
            return str(known(outcome).label)
    return outcome
