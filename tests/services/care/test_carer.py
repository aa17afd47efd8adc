# SPDX-License-Identifier: Apache-2.0
"""Care tells other services who looks after a home."""

from __future__ import annotations

import pytest

from dure.city import carers
from dure.city.models import Role, User
from tests.factories import City, make_home
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db


def test_the_homes_worker_is_known_while_they_work_here(city: City) -> None:
    enrolment = enrolled(city)
    assert carers.carer_of(enrolment.household) == city.users[Role.CARE_WORKER]
    User.objects.filter(pk=city.users[Role.CARE_WORKER].pk).update(is_active=False)
    assert carers.carer_of(enrolment.household) is None


def test_nobody_is_known_of_a_home_that_is_nobodys_or_not_in_care(city: City) -> None:
    assert carers.carer_of(enrolled(city, worker=None).household) is None
    assert carers.carer_of(make_home(city.dongs[0]).household) is None
