# SPDX-License-Identifier: Apache-2.0
"""An area's own alarm budget: it steers its homes alone, and the page shows allowed beside given."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dure.city import audit, rules
from dure.city.models import Level, Role
from dure.services.care import habit_state
from dure.services.care.actions.alarms import alarm
from dure.services.care.area_budgets import area_budgets
from dure.services.care.rules import CareRules
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.care.living import Living, enrolled, judge

pytestmark = pytest.mark.django_db
REASON = {"ko": "까닭", "en": "reason"}


@pytest.fixture
def homes(city: City, standing_clock: StandingClock) -> list[Living]:
    """One home in each of two areas, a day old."""
    found = [Living(enrolled(city, number=n + 1, area=dong.code)) for n, dong in enumerate(city.dongs)]
    for one in found:
        one.send(standing_clock.now - timedelta(days=1), standing_clock.now)
    return found


def set_budget(city: City, client: Client, **values: float) -> int:
    """Send the form for the first area; returns the answer's status."""
    client.force_login(city.users[Role.WELFARE_OFFICER])
    fields = {"attention_per_1000": 5, "alert_per_1000": 1, "severe_per_1000": 0.1} | values
    return client.post(f"{reverse('care:areas')}?of={city.dongs[0].code}", fields).status_code


def test_own_budget_steers_the_areas_homes_alone_and_goes_on_after_a_restart(
    homes: list[Living], city: City, client: Client, standing_clock: StandingClock
) -> None:
    assert set_budget(city, client) == 302
    judge()
    watch = habit_state.load()
    first, second = (one.enrolment.row for one in homes)
    assert watch.budget_of(first).rules.alarms_per_1000 == (5, 1, 0.1)
    assert watch.budget_of(second).rules.alarms_per_1000 == (15, 5, 0.3)
    assert watch.budget_of(first).thresholds[0] > watch.budget_of(second).thresholds[0]
    counted = watch.budget_of(first)._slots_today.sum() + watch.budget_of(first).home_days.sum()
    assert counted > 0, "its own home-days are counted in it"
    standing_clock.move(hours=2)
    for one in homes:
        one.send(standing_clock.now - timedelta(hours=2), standing_clock.now)
    before = watch.budget_of(first).to_bytes()
    judge()
    assert habit_state.load().budget_of(first).to_bytes() != before
    seen = habit_state.explain(first)
    assert seen is not None
    assert seen == habit_state.load().explain(first)
    assert not audit.verify()


def test_budget_of_a_district_holds_in_its_areas_until_they_set_their_own(homes: list[Living], city: City) -> None:
    district = city.dongs[0].parent
    assert district is not None
    rules.set_rule(CareRules, "care", "attention_per_1000", 30, by=city.users[Role.WELFARE_OFFICER], area=district)
    rules.set_rule(CareRules, "care", "attention_per_1000", 9, by=city.users[Role.WELFARE_OFFICER], area=city.dongs[1])
    judge()
    watch = habit_state.load()
    assert [watch.budget_of(one.enrolment.row).rules.alarms_per_1000[0] for one in homes] == [30, 9]


def test_page_shows_allowed_beside_given_by_area_and_level(
    homes: list[Living], city: City, client: Client, standing_clock: StandingClock
) -> None:
    set_budget(city, client)
    standing_clock.move(hours=240)
    alarm(
        homes[0].enrolment, level=Level.ALERT, score=3.0, reason=REASON, evidence={}, engine_version="test",
        at=standing_clock.now,
    )  # fmt: skip
    first, second = sorted(area_budgets(city.users[Role.WELFARE_OFFICER]), key=lambda one: one.area.code)
    assert (first.own, second.own) == (True, False)
    assert [(one.alarms, round(one.expected, 3)) for one in first.levels] == [(0, 0.05), (1, 0.01), (0, 0.001)]
    assert [(one.alarms, round(one.expected, 3)) for one in second.levels] == [(0, 0.15), (0, 0.05), (0, 0.003)]
    page = client.get(reverse("care:areas")).content.decode()
    assert "따로 정함" in page
    assert "도시와 같음" in page


def test_wrong_budget_is_named_and_changes_nothing(homes: list[Living], city: City, client: Client) -> None:
    assert set_budget(city, client, attention_per_1000=0) == 422
    assert set_budget(city, client, severe_per_1000=4) == 422
    assert not habit_state.areas_with_own_budget()


def test_officer_of_one_area_sets_no_other(homes: list[Living], city: City, client: Client) -> None:
    client.force_login(make_user("officer_of_one", Role.WELFARE_OFFICER, area=city.dongs[1]))
    assert client.get(f"{reverse('care:areas')}?of={city.dongs[0].code}").status_code == 404
    assert client.get(f"{reverse('care:areas')}?of={city.dongs[1].code}").status_code == 200
    assert [one.area for one in area_budgets(city.users[Role.WELFARE_OFFICER])] == list(city.dongs)
