# SPDX-License-Identifier: Apache-2.0
"""A city's own values go before the defaults, an area's before the city's, and every change is on the chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from dure.city import rules
from dure.city.errors import Invalid
from dure.city.models import AuditEntry, Role
from tests.conftest import StandingClock
from tests.factories import City

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Rules:
    minutes: int = field(
        default=30, metadata=rules.rule(ko="분", en="Minutes", unit="min", source="test", least=5, most=60)
    )
    share: float = field(
        default=0.5, metadata=rules.rule(ko="몫", en="Share", unit="1", source="test", least=0, most=1)
    )


def test_without_settings_the_defaults_hold(city: City) -> None:
    assert rules.load(Rules, "trial") == Rules()


def test_the_newest_setting_of_the_nearest_area_wins(city: City, standing_clock: StandingClock) -> None:
    officer = city.users[Role.WELFARE_OFFICER]
    before = standing_clock.now
    standing_clock.move(minutes=1)
    rules.set_rule(Rules, "trial", "minutes", 20, by=officer)
    rules.set_rule(Rules, "trial", "minutes", 10, by=officer, area=city.dongs[0])
    standing_clock.move(minutes=1)
    rules.set_rule(Rules, "trial", "minutes", 25, by=officer)
    assert rules.load(Rules, "trial").minutes == 25
    assert rules.load(Rules, "trial", city.dongs[0]).minutes == 10
    assert rules.load(Rules, "trial", city.dongs[1]).minutes == 25
    assert rules.load(Rules, "trial", at=before).minutes == 30
    assert rules.load(Rules, "other").minutes == 30
    assert standing_clock.now - before == timedelta(minutes=2)


@pytest.mark.parametrize(("name", "value"), [("minutes", 4), ("minutes", 61), ("share", -0.1), ("colour", 1)])
def test_a_value_out_of_bounds_names_the_rule_and_changes_nothing(city: City, name: str, value: float) -> None:
    with pytest.raises(Invalid) as wrong:
        rules.set_rule(Rules, "trial", name, value, by=city.users[Role.WELFARE_OFFICER])
    assert wrong.value.field == name
    assert rules.load(Rules, "trial") == Rules()


def test_who_set_what_is_on_the_chain(city: City) -> None:
    rules.set_rule(Rules, "trial", "share", 0.25, by=city.users[Role.WELFARE_OFFICER])
    entry = AuditEntry.objects.get(tag="trial:rule:set")
    assert (entry.actor, entry.subject) == ("user:welfare_officer", "rule:trial.share")
    assert entry.detail["value"] == 0.25
