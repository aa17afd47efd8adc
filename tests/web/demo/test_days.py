# SPDX-License-Identifier: Apache-2.0
"""What the demo plans for its people."""

from __future__ import annotations

import pytest

from dure.city.models import Person, Role, User
from dure.services.care.family import my_relatives
from dure.web.demo.days import plan_days
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db


def test_the_demo_s_citizen_has_a_day_and_a_family_that_sees_how_they_are(
    city: City, standing_clock: StandingClock
) -> None:
    person = enrolled(city, contacts=[]).person
    User.objects.filter(username="officer").update(username="clerk")  # the demo's is of welfare
    make_user("officer", Role.WELFARE_OFFICER)
    User.objects.filter(username="citizen").update(person=person)
    assert plan_days("tests") == 1
    assert Person.objects.get(pk=person.pk).routines.count() == 4
    (relative,) = my_relatives(User.objects.get(username="family"))
    assert relative.record.ref == person.ref
