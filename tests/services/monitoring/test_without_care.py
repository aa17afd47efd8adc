# SPDX-License-Identifier: Apache-2.0
"""Monitoring needs no other service: a fall goes its whole way in a city that has nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from tests.city.own_city import own_city

FALL = """
import json
from datetime import timedelta
from django.apps import apps
from django.test import Client
from dure.city import clock, duty, escalation
from dure.city.models import Case, EscalationAttempt, Role
from tests.factories import make_city
from tests.services.monitoring.wearing import judge, wearing

city, now = make_city(), clock.now()
worker = city.users[Role.CARE_WORKER]
with clock.frozen(now):
    worn = wearing(city)
    duty.add_shift(city.team, worker, starts_at=now, ends_at=now + timedelta(days=1), actor="tests")
    worn.say("fall", 1, until=now)
    judge()
case = Case.objects.get(service="monitoring")
page = Client()
page.force_login(worker, backend="django.contrib.auth.backends.ModelBackend")
pages = [page.get(path, follow=True).status_code for path in (f"/cases/{case.number}/", "/monitoring/people/", "/")]
for minutes in (3, 6, 9):
    with clock.frozen(now + timedelta(minutes=minutes)):
        escalation.run_due()
        escalation.run_due()
tried = EscalationAttempt.objects.order_by("pk").values_list("channel", "result")
print(json.dumps({
    "care": apps.is_installed("dure.services.care"),
    "pages": pages,
    "assignee": case.assignee == worker,
    "tried": list(tried)[:3],
    "handed_over": list(case.handovers.values_list("target", flat=True)),
}))
"""


def test_a_fall_is_escalated_to_119_in_a_city_without_care(tmp_path: Path) -> None:
    with own_city(tmp_path / "city") as city:
        out, _ = city.run(FALL, DJANGO_SETTINGS_MODULE="tests.services.monitoring.without_care")
    found = json.loads(out.splitlines()[-1])
    assert not found["care"]
    assert found["assignee"]
    assert found["tried"] == [["worker_call", "no_answer"], ["worker_call", "no_answer"], ["handover_119", "pending"]]
    assert found["handed_over"] == ["119"]
    assert found["pages"] == [200, 200, 200]
