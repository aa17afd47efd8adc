# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent that the OpenAPI document describes, and much that it does not: the answer is one it describes."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from dure.city.devices import SeriesSpec, issue_key, register_device, register_feed
from dure.city.models import Feed
from tests.conftest import StandingClock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("feeds")]


document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def feeds(standing_clock: StandingClock) -> None:
    feed = register_feed("ami", "AMI", "ami", actor="tests")
    register_device(feed, "meter-000001", "power_meter", series=[SeriesSpec("power", "kWh", 30, 0, 50)], actor="tests")
    register_feed("phones", "전화", "telephony", actor="tests")


@schemathesis.serializer("application/vnd.apache.arrow.stream")
def as_it_is(context: Any, value: Any) -> Any:
    return value


@document.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_documented(case: Case) -> None:
    kind = "ami" if case.operation.path.endswith("/readings") else "telephony"
    key = issue_key(Feed.objects.get(kind=kind), actor="tests")
    # A reading of an unknown device fits the schema and is refused all the same.
    excluded: list[Any] = [positive_data_acceptance]
    if case.method == "GET":
        excluded.append(negative_data_rejection)  # a parameter that we do not know is no harm
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=excluded)


@document.include(path="/api/v1/readings").parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_without_a_key_nothing_is_answered_but_that(case: Case) -> None:
    assert case.call(headers={"Authorization": "Bearer guess"}).status_code in {401, 405}
