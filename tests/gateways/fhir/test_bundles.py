# SPDX-License-Identifier: Apache-2.0
"""Many resources in one Bundle: a batch keeps what is right, a transaction all or nothing; and codes of our own."""

from __future__ import annotations

from typing import Any

import pytest

from dure.city.models import AuditEntry, Case, Errand, Finding, Reading, RejectedReading, Role
from dure.gateways.fhir import bundles
from dure.gateways.fhir.codes import OBSERVED
from tests.factories import City
from tests.gateways.fhir.test_fhir import ask, blamed, flag, sent, task, tell
from tests.services.monitoring.test_pages import client_of
from tests.services.monitoring.wearing import Wearing

pytestmark = pytest.mark.django_db


def bundle(*resources: dict[str, Any], kind: str = "batch") -> dict[str, Any]:
    """As a partner sends it, to create each."""
    entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def heart(worn: Wearing, minute: int, **changed: Any) -> dict[str, Any]:
    return sent(worn, effectiveDateTime=f"2026-11-02T09:{minute:02d}:00+09:00", **changed)


def answers(found: dict[str, Any]) -> list[str]:
    return [entry["response"]["status"].split()[0] for entry in found["entry"]]


def test_batch_keeps_what_is_right_and_names_the_fault_of_the_others(worn: Wearing, hospital: str) -> None:
    mine = bundle(
        heart(worn, 30),
        heart(worn, 31, status="draft"),
        heart(worn, 32, valueQuantity={"value": 900, "system": "http://unitsofmeasure.org", "code": "/min"}),
        heart(worn, 33),
        {"resourceType": "Patient"},
    )
    found = tell("", mine, worn.key, 200)
    assert found["type"] == "batch-response"
    assert answers(found) == ["201", "422", "422", "201", "422"]
    assert [blamed(entry["response"]["outcome"]) for entry in found["entry"] if "outcome" in entry["response"]] == [
        "Bundle.entry[1].resource.status",
        "Bundle.entry[2].resource.valueQuantity.value",
        "Bundle.entry[4].resource.resourceType",
    ]
    assert Reading.objects.count() == 2
    place = found["entry"][0]["response"]["location"].partition("/fhir/")[2]
    assert ask(place, worn.key)["valueQuantity"]["value"] == 72
    assert answers(tell("", mine, worn.key, 200)) == ["200", "422", "422", "200", "422"], (
        "sent again it changes nothing"
    )
    assert Reading.objects.count() == 2
    read = AuditEntry.objects.filter(tag="person:record:read", actor="feed:wear")
    assert read.count() == 2 + 1, "a person is opened once a Bundle"


def test_batch_of_a_partner_has_flags_and_tasks_beside_each_other(worn: Wearing, hospital: str) -> None:
    found = tell("", bundle(flag(worn), task(worn), flag(worn, status="on")), hospital, 200)
    assert answers(found) == ["201", "201", "422"]
    assert blamed(found["entry"][2]["response"]["outcome"]) == "Bundle.entry[2].resource.status"
    assert (Finding.objects.count(), Errand.objects.count()) == (1, 1)
    assert answers(tell("", bundle(flag(worn)), worn.key, 200)) == ["403"], "a device's feed tells readings alone"


def test_transaction_keeps_all(worn: Wearing, hospital: str) -> None:
    found = tell("", bundle(flag(worn), task(worn), kind="transaction"), hospital, 200)
    assert (found["type"], answers(found)) == ("transaction-response", ["201", "201"])
    found = tell("", bundle(heart(worn, 30), heart(worn, 31), kind="transaction"), worn.key, 200)
    assert answers(found) == ["201", "201"]
    assert Reading.objects.count() == 2


def test_transaction_with_a_fault_keeps_nothing_and_names_every_fault(worn: Wearing) -> None:
    wrong = bundle(heart(worn, 30), heart(worn, 31, status="x"), heart(worn, 32, code={}), kind="transaction")
    outcome = tell("", wrong, worn.key, 422)
    assert [issue["expression"] for issue in outcome["issue"]] == [
        ["Bundle.entry[1].resource.status"],
        ["Bundle.entry[2].resource.code"],
    ]
    assert not Reading.objects.exists()


def test_transaction_is_undone_when_the_last_cannot_be_kept(worn: Wearing, hospital: str) -> None:
    too_much = {"value": 900, "system": "http://unitsofmeasure.org", "code": "/min"}
    late = bundle(heart(worn, 30), heart(worn, 31, valueQuantity=too_much), kind="transaction")
    assert blamed(tell("", late, worn.key, 422)) == "Bundle.entry[1].resource.valueQuantity.value"
    never_asked = task(worn, status="cancelled")
    assert blamed(tell("", bundle(flag(worn), never_asked, kind="transaction"), hospital, 404)) == (
        "Bundle.entry[1].resource.identifier"
    )
    assert not Reading.objects.exists()
    assert not Finding.objects.exists()
    assert not Case.objects.exists()
    assert not RejectedReading.objects.exists()


def test_key_that_is_none_is_answered_as_everywhere(worn: Wearing) -> None:
    assert tell("", bundle(heart(worn, 30)), "dure_no-such-key", 401)["field"] == "Authorization"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"type": "collection"}, "Bundle.type"),
        ({"entry": []}, "Bundle.entry"),
        ({"entry": "x"}, "Bundle.entry"),
        ({"entry": [{}] * (bundles.MOST_ENTRIES + 1)}, "Bundle.entry"),
        ({"resourceType": "Flag"}, "resourceType"),
    ],
)
def test_what_is_no_such_bundle_names_its_element(worn: Wearing, changed: dict[str, Any], field: str) -> None:
    assert blamed(tell("", bundle(heart(worn, 30)) | changed, worn.key, 422)) == field


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ("x", "request.method"),
        ({"resource": {}}, "request.method"),
        ({"request": {"method": "PUT", "url": "Flag"}}, "request.method"),
        ({"request": {"method": "POST", "url": "Flag"}}, "resource"),
        ({"request": {"method": "POST", "url": "Flag"}, "resource": {"resourceType": "Task"}}, "request.url"),
        (
            {"request": {"method": "POST", "url": "Flag"}, "resource": {"resourceType": ["Flag"]}},
            "resource.resourceType",
        ),
    ],
)
def test_wrong_entry_names_its_element(worn: Wearing, hospital: str, entry: object, field: str) -> None:
    found = tell("", bundle() | {"entry": [entry]}, hospital, 200)
    assert blamed(found["entry"][0]["response"]["outcome"]) == f"Bundle.entry[0].{field}"


def test_officer_sends_help_in_a_batch_and_names_why(worn: Wearing, city: City) -> None:
    officer = client_of(city.users[Role.WELFARE_OFFICER])
    why: dict[str, Any] = {"client": officer, "query": "?purpose=health_check"}
    assert answers(tell("", bundle(task(worn)), status=200, client=officer)) == ["422"], "no purpose"
    assert answers(tell("", bundle(task(worn)), status=200, **why)) == ["201"]
    refused = tell("", bundle(task(worn), kind="transaction"), status=422, **why)
    assert blamed(refused) == "Bundle.entry[0].resource"


@pytest.mark.parametrize("name", ["series", "finding", "follow-up", "quality"])
def test_codes_of_our_own_are_told_to_everybody(name: str) -> None:
    found = ask(f"CodeSystem/{name}")
    assert found["url"] == f"urn:dure:{name}"
    assert found["count"] == len(found["concept"]) > 0
    if name == "series":
        assert {one["code"] for one in found["concept"]} == set(OBSERVED)
    ask("CodeSystem/none", status=404)


def test_skin_goes_by_our_own_code_and_not_by_the_bodys(worn: Wearing) -> None:
    skin = sent(
        worn,
        code={"coding": [{"system": "urn:dure:series", "code": "skin_temperature"}]},
        valueQuantity={"value": 33.4, "system": "http://unitsofmeasure.org", "code": "Cel"},
    )
    kept = tell("Observation", skin, worn.key)
    assert kept["code"]["coding"] == [{"system": "urn:dure:series", "code": "skin_temperature"}]
    assert "profile" not in kept["meta"]
