# SPDX-License-Identifier: Apache-2.0
"""Fair sharing: the largest load is as small as it can be, nobody goes over the limit, areas stay together."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.city.errors import Invalid
from dure.city.models import AuditEntry, Role
from dure.services.care.actions.sharing import hand_out, share_out
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled_many


def people(*areas: int) -> list[tuple[UUID, int]]:
    return [(UUID(int=number), area) for number, area in enumerate(areas)]


def loads_after(loads: dict[int, int], given_to: dict[UUID, int]) -> dict[int, int]:
    return {one: load + sum(worker == one for worker in given_to.values()) for one, load in loads.items()}


ANYWHERE = range(100)


def test_362_people_of_one_are_shared_evenly() -> None:
    loads = dict.fromkeys(range(20), 0)
    found = share_out(people(*[n % 5 for n in range(362)]), loads, dict.fromkeys(loads, ANYWHERE), limit=20)
    assert sorted(loads_after(loads, found).values()) == [18] * 18 + [19] * 2


def test_nobody_goes_over_the_limit_and_who_fits_nowhere_is_left_out() -> None:
    found = share_out(people(*[1] * 30), {1: 15, 2: 20}, {1: ANYWHERE, 2: ANYWHERE}, limit=20)
    assert list(found.values()) == [1] * 5


def test_people_of_one_area_stay_together() -> None:
    found = share_out(people(*[1, 2] * 10), {1: 0, 2: 0}, {1: ANYWHERE, 2: ANYWHERE}, limit=20, near={(2, 1): 3})
    by_area = {area: {found[person] for person, at in people(*[1, 2] * 10) if at == area} for area in (1, 2)}
    assert by_area == {1: {2}, 2: {1}}


def test_only_who_may_work_in_an_area_gets_its_people() -> None:
    found = share_out(people(1, 1, 2, 2), {1: 0, 2: 0, 3: 0}, {1: {1}, 2: {2}, 3: set()}, limit=9)
    assert list(found.values()) == [1, 1, 2, 2]


@given(
    st.lists(st.integers(0, 3), max_size=60),
    st.dictionaries(st.integers(0, 5), st.integers(0, 30), min_size=1),
    st.integers(1, 40),
)
def test_largest_load_is_as_small_as_it_can_be(areas: list[int], loads: dict[int, int], limit: int) -> None:
    """Whoever may work anywhere: nobody who got somebody has more than one above the least loaded who got fewer."""
    found = share_out(people(*areas), loads, dict.fromkeys(loads, ANYWHERE), limit=limit)
    after = loads_after(loads, found)
    got = {one for one in loads if after[one] > loads[one]}
    room = sum(max(0, limit - load) for load in loads.values())
    assert len(found) == min(len(areas), room)
    assert all(after[one] <= limit for one in got)
    if got:
        assert max(after[one] for one in got) <= min(after.values()) + 1


@pytest.mark.django_db
def test_handing_out_moves_each_once_and_leaves_who_has_moved_on(city: City, standing_clock: StandingClock) -> None:
    officer, worker = city.users[Role.WELFARE_OFFICER], city.users[Role.CARE_WORKER]
    other = make_user("other", Role.CARE_WORKER)
    homes = enrolled_many(city, range(1, 4))
    wanted = {home.person.ref: other for home in homes}
    homes[2].worker = None
    homes[2].save()
    assert hand_out(wanted | {uuid4(): other}, before=worker, actor=officer) == (2, 2)
    assert hand_out(wanted, before=worker, actor=officer) == (0, 3)
    assert other.enrolments.count() == 2
    assert AuditEntry.objects.filter(tag="care:enrolment:given", actor="user:welfare_officer").count() == 2


@pytest.mark.django_db
def test_worker_who_may_not_work_there_gets_nobody_and_nothing_changes(
    city: City, standing_clock: StandingClock
) -> None:
    officer, worker = city.users[Role.WELFARE_OFFICER], city.users[Role.CARE_WORKER]
    far = make_user("far", Role.CARE_WORKER, area=city.dongs[1])
    homes = enrolled_many(city, range(1, 3))
    with pytest.raises(Invalid, match="worker"):
        hand_out({homes[0].person.ref: worker, homes[1].person.ref: far}, before=worker, actor=officer)
    assert worker.enrolments.count() == 2
