# SPDX-License-Identifier: Apache-2.0
"""Sharing people out among workers, so that nobody has too many because nobody looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from dure.city import audit
from dure.city.models import User
from dure.services.care.actions.enrolment import give_to
from dure.services.care.models import Enrolment


def share_out(
    people: Sequence[tuple[UUID, int]],
    loads: Mapping[int, int],
    reach: Mapping[int, Collection[int]],
    *,
    limit: int,
    near: Mapping[tuple[int, int], int] | None = None,
) -> dict[UUID, int]:
    """Who gets whom: person → worker. The largest load becomes as small as it can; people of one area stay together.

    ``people`` are (person, area); ``loads`` says how many each worker has without them, ``reach`` in which areas each
    may work, ``near`` how many a worker has in an area already: (worker, area) → number. Nobody gets more than
    ``limit``: who fits nowhere is left out.
    """
    by_area: dict[int, list[UUID]] = {}
    for person, area in people:
        by_area.setdefault(area, []).append(person)
    order = sorted(by_area, key=lambda area: (sum(area in reach[one] for one in loads), -len(by_area[area]), area))
    target = _targets([area for area in order for _person in by_area[area]], loads, reach, limit)
    given: dict[UUID, int] = {}
    taken = Counter[int]()
    there = Counter(near or {})
    for area in order:
        for person in by_area[area]:
            open_to = [one for one in loads if area in reach[one] and loads[one] + taken[one] < limit]
            wanting = [one for one in open_to if taken[one] < target[one]] or open_to
            if not wanting:
                continue
            worker = min(wanting, key=lambda one: (-there[one, area], loads[one] + taken[one], one))
            given[person] = worker
            taken[worker] += 1
            there[worker, area] += 1
    return given


def _targets(
    areas: Sequence[int], loads: Mapping[int, int], reach: Mapping[int, Collection[int]], limit: int
) -> Counter[int]:
    """How many each worker gets: one after the other to whoever has the fewest of those who may."""
    got = Counter[int]()
    for area in areas:
        able = [one for one in loads if area in reach[one] and loads[one] + got[one] < limit]
        if able:
            got[min(able, key=lambda one: (loads[one] + got[one], one))] += 1
    return got


@transaction.atomic
def hand_out(given: Mapping[UUID, User], *, before: User | None, actor: User) -> tuple[int, int]:
    """Let each person's new worker look after them. Whoever is no longer with ``before`` is left where they are.

    Returns how many were given and how many were left. Raises Invalid for a worker who may not work there.
    """
    audit.take_turn()
    found = Enrolment.objects.filter(person__ref__in=given, worker=before, ended_at=None)
    moved = list(found.select_related("household__area", "person", "worker"))
    for enrolment in moved:
        give_to(enrolment, given[enrolment.person.ref], actor=actor)
    return len(moved), len(given) - len(moved)
