# SPDX-License-Identifier: Apache-2.0
"""FHIR R4 over HTTP: what goes out is as HL7 defines it, what comes in names its fault, and nobody gets a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from dure.city import devices, people
from dure.city.errors import DureError
from dure.city.models import (
    AuditEntry,
    Case,
    CaseEvent,
    ConsentPurpose,
    Errand,
    ErrandStatus,
    Finding,
    Quality,
    Reading,
    Role,
)
from dure.gateways.fhir import parse
from dure.gateways.fhir.codes import OBSERVED
from dure.gateways.fhir.export import Observed, observation
from tests.conftest import StandingClock
from tests.factories import City, make_feed, make_user
from tests.gateways.fhir.structure import check
from tests.services.monitoring.wearing import Wearing, judge

BASE = "/api/v1/fhir"


def ask(path: str, key: str = "", status: int = 200, client: Client | None = None) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    answer = (client or Client()).get(f"{BASE}/{path}", headers=headers)
    assert answer.status_code == status, answer.content
    return _read(answer)


def tell(kind: str, resource: object, key: str = "", status: int = 201, **options: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    body = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    client, query = options.get("client") or Client(), options.get("query", "")
    answer = client.post(
        f"{BASE}/{kind}".rstrip("/") + query, body, content_type="application/fhir+json", headers=headers
    )
    assert answer.status_code == status, answer.content
    return _read(answer)


def _read(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.content)
    if "resourceType" in found:
        assert answer.headers["Content-Type"] == "application/fhir+json"
        check(found)
    return found


def blamed(outcome: dict[str, Any]) -> str | None:
    assert outcome["resourceType"] == "OperationOutcome"
    (issue,) = outcome["issue"]
    assert issue["details"]["text"]
    return issue.get("expression", [None])[0]


def sent(worn: Wearing, **changed: Any) -> dict[str, Any]:
    """A heart rate as a partner would send it."""
    whole = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": f"Patient/{worn.person.ref}"},
        "effectiveDateTime": "2026-11-02T09:30:00+09:00",
        "device": {"identifier": {"system": "urn:dure:device", "value": worn.code()}},
        "valueQuantity": {"value": 72, "unit": "bpm", "system": "http://unitsofmeasure.org", "code": "/min"},
    } | changed
    return {name: value for name, value in whole.items() if value is not None}


@pytest.mark.parametrize("name", OBSERVED)
@pytest.mark.parametrize("value", [None, 0.0, 1.0, 37.25])
@pytest.mark.parametrize("quality", Quality)
def test_every_series_goes_out_as_hl7_defines_it(name: str, value: float | None, quality: Quality) -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    quality = Quality.NO_VALUE if value is None else quality
    check(observation(Observed(7, name, "band-1", uuid4(), at, 5, value, quality)))


@pytest.mark.django_db
def test_readings_go_out_newest_first_in_pages_with_codes_units_and_no_name(worn: Wearing, hospital: str) -> None:
    now = datetime(2026, 11, 2, 1, tzinfo=UTC)
    worn.say("heart_rate", 70, 71, 72, until=now)
    worn.say("spo2", None, until=now)
    worn.say("body_temperature", 36.6, until=now, kind="thermometer", quality="suspect")
    worn.say("steps", 40, until=now)
    worn.say("battery", 80, until=now)
    found = ask(f"Observation?patient=Patient/{worn.person.ref}&_count=4", hospital)
    assert (found["total"], len(found["entry"])) == (6, 4)
    after = next(link["url"] for link in found["link"] if link["relation"] == "next")
    rest = ask(after.partition(f"{BASE}/")[2], hospital)
    assert len(rest["entry"]) == 2
    whole = [entry["resource"] for entry in found["entry"] + rest["entry"]]
    by_text = {one["code"]["text"]: one for one in whole}
    assert by_text["Oxygen saturation"]["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert by_text["Body temperature"]["status"] == "preliminary"
    assert by_text["Body temperature"]["valueQuantity"]["code"] == "Cel"
    assert by_text["Number of steps"]["effectivePeriod"]["end"] == "2026-11-02T01:05:00Z"
    hearts = ask(f"Observation?patient={worn.person.ref}&code={quote('http://loinc.org|8867-4')}", hospital)
    assert [one["resource"]["valueQuantity"]["value"] for one in hearts["entry"]] == [72, 71, 70]
    since = ask(f"Observation?patient={worn.person.ref}&code=8867-4&date=gt2026-11-02T00:50:00Z", hospital)
    assert since["total"] == 2
    one = hearts["entry"][0]
    assert ask(one["fullUrl"].partition(f"{BASE}/")[2], hospital) == one["resource"]
    assert "김순자" not in json.dumps([found, rest, hearts], ensure_ascii=False)
    tags = list(AuditEntry.objects.filter(actor="feed:hospital").values_list("tag", flat=True))
    assert tags.count("person:record:read") == tags.count("fhir:observation:exported") == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "patient"),
        ("patient=somebody", "patient"),
        ("patient={ref}&code=1234-5", "code"),
        ("patient={ref}&date=ge2026-11-02", "date"),
        ("patient={ref}&_count=0", "_count"),
        ("patient={ref}&_count=x", "_count"),
        ("patient={ref}&_offset=-1", "_offset"),
    ],
)
def test_wrong_search_names_the_parameter(worn: Wearing, hospital: str, query: str, field: str) -> None:
    assert blamed(ask(f"Observation?{query.format(ref=worn.person.ref)}", hospital, 422)) == field


@pytest.mark.django_db
def test_who_gets_what(worn: Wearing, hospital: str, city: City) -> None:
    """A partner: whoever agrees. A feed and a device: what they said. An officer: for a purpose. Others: nothing."""
    now = datetime(2026, 11, 2, 1, tzinfo=UTC)
    worn.say("heart_rate", 70, until=now)
    worn.say("body_temperature", 36.6, until=now, kind="thermometer")
    path = f"Observation?patient={worn.person.ref}"
    assert ask(path, hospital)["total"] == ask(path, worn.key)["total"] == 2
    own = devices.issue_key(worn.given["thermometer"].device, actor="tests")
    assert ask(path, own)["total"] == 1
    other = devices.issue_key(make_feed("other", "wearables"), actor="tests")
    assert ask(path, other)["total"] == 0
    assert ask(f"Flag?patient={worn.person.ref}", worn.key, 403)
    assert ask(path, "wrong", 401)
    officer = Client()
    officer.force_login(city.users[Role.WELFARE_OFFICER])
    assert blamed(ask(path, "", 422, officer)) == "purpose"
    assert ask(f"{path}&purpose=health_check", "", 200, officer)["total"] == 2
    driver = Client()
    driver.force_login(city.users[Role.DRIVER])
    ask(f"{path}&purpose=health_check", "", 403, driver)
    elsewhere = Client()
    elsewhere.force_login(make_user("elsewhere", Role.WELFARE_OFFICER, area=city.dongs[1]))
    ask(f"{path}&purpose=health_check", "", 404, elsewhere)
    people.withdraw_consent(worn.person, ConsentPurpose.HEALTH_WATCH, actor="tests")
    ask(path, hospital, 403)
    ask(f"{path}&purpose=health_check", "", 403, officer)


@pytest.mark.django_db
def test_reading_comes_in_once_and_is_judged_like_any_other(
    worn: Wearing, hospital: str, standing_clock: StandingClock
) -> None:
    first = tell("Observation", sent(worn), worn.key)
    assert first["valueQuantity"]["value"] == 72
    assert tell("Observation", sent(worn), worn.key, 200) == first
    changed = sent(worn, valueQuantity={"value": 99, "code": "/min"})
    assert blamed(tell("Observation", changed, worn.key, 409)) == "Observation.valueQuantity.value"
    tell("Observation", sent(worn, effectiveDateTime="2026-11-02T09:35:00+09:00", status="preliminary"), worn.key)
    absent = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "error"}]}
    tell(
        "Observation",
        sent(worn, effectiveDateTime="2026-11-02T09:40:00+09:00", valueQuantity=None, dataAbsentReason=absent),
        worn.key,
    )
    rows = list(Reading.objects.order_by("at").values_list("value", "quality"))
    assert rows == [(72.0, Quality.GOOD), (72.0, Quality.SUSPECT), (None, Quality.NO_VALUE)]
    fall = sent(
        worn, code={"coding": [{"system": "urn:dure:series", "code": "fall"}]}, valueQuantity=None, valueBoolean=True
    )
    tell("Observation", fall, worn.key)
    judge()
    assert Case.objects.get().kind == "fall"
    assert AuditEntry.objects.filter(tag="fhir:observation:imported").count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"resourceType": "Patient"}, "resourceType"),
        ({"status": "entered-in-error"}, "Observation.status"),
        ({"code": None}, "Observation.code"),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "1-1"}]}}, "Observation.code"),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]}}, "Observation.valueQuantity.code"),
        ({"effectiveDateTime": "2026-11-02"}, "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-13-02T09:30:00Z"}, "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-11-09T09:30:00Z"}, "Observation.effectiveDateTime"),
        ({"device": None}, "Observation.device.identifier"),
        ({"device": {"identifier": {"system": "urn:dure:device", "value": "x"}}}, "Observation.device.identifier"),
        ({"subject": {"reference": "Patient/1"}}, "Observation.subject"),
        ({"subject": {"reference": f"Patient/{uuid4()}"}}, "Observation.subject"),
        ({"valueQuantity": None}, "Observation.valueQuantity"),
        ({"valueQuantity": {"value": 72, "code": "bpm"}}, "Observation.valueQuantity.code"),
        ({"valueQuantity": {"value": "72", "code": "/min"}}, "Observation.valueQuantity.value"),
        ({"valueQuantity": {"value": 720, "code": "/min"}}, "Observation.valueQuantity.value"),
        ({"dataAbsentReason": {"text": "?"}}, "Observation.dataAbsentReason"),
    ],
)
def test_wrong_observation_names_its_element_and_nothing_is_kept(
    worn: Wearing, changed: dict[str, Any], field: str
) -> None:
    status = 403 if field == "Observation.device.identifier" and changed["device"] else 422
    assert blamed(tell("Observation", sent(worn, **changed), worn.key, status)) == field
    assert not Reading.objects.exists()


@pytest.mark.django_db
def test_series_that_the_device_does_not_have_is_named(worn: Wearing) -> None:
    temperature = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "valueQuantity": {"value": 36.6, "code": "Cel"},
    }
    assert blamed(tell("Observation", sent(worn, **temperature), worn.key, 422)) == "Observation.code"


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'"x"', b"[" * 100_000, b"{" + b" " * 70_000 + b"}"])
def test_what_is_no_resource_is_refused(worn: Wearing, body: bytes) -> None:
    tell("Observation", body, worn.key, 400)


def flag(worn: Wearing, **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Flag",
        "identifier": [{"system": "urn:hospital", "value": "F-1"}],
        "status": "active",
        "code": {"text": "퇴원하셨고 어지러움이 남아 있음"},
        "subject": {"reference": f"Patient/{worn.person.ref}"},
    } | changed


@pytest.mark.django_db
def test_findings_go_out_as_flags_and_flags_come_in_as_findings(
    worn: Wearing, hospital: str, standing_clock: StandingClock
) -> None:
    worn.say("fall", 1, until=standing_clock.now)
    judge()
    (entry,) = ask(f"Flag?patient={worn.person.ref}", hospital)["entry"]
    out = entry["resource"]
    assert (out["status"], out["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]) == ("active", "PH")
    assert "reported a fall" in out["code"]["text"]
    assert "넘어지심" in json.dumps(out["code"]["_text"], ensure_ascii=False)
    kept = tell("Flag", flag(worn), hospital)
    assert tell("Flag", flag(worn), hospital, 200)["id"] == kept["id"]
    finding = Finding.objects.get(pk=kept["id"])
    assert (finding.kind, finding.level) == ("outside", 2)
    case = Case.objects.get(kind="outside")
    assert kept["code"]["text"] == "퇴원하셨고 어지러움이 남아 있음"
    assert ask(f"Flag/{kept['id']}", hospital) == kept
    assert "퇴원" not in json.dumps(finding.reason | finding.evidence, ensure_ascii=False), "sealed, not in the finding"
    assert [one.text.open() for one in CaseEvent.objects.filter(case=case, kind="note") if one.text] == [
        kept["code"]["text"]
    ]
    assert tell("Flag", flag(worn, status="inactive"), hospital, 200)["status"] == "inactive"
    tell("Flag", flag(worn), worn.key, 403)
    assert ask(f"Flag?patient={worn.person.ref}", hospital)["total"] == 2
    for wrong in ("0", "nine", "9" * 30, "-1"):
        ask(f"Flag/{wrong}", hospital, 404)
    ask(f"Flag/{kept['id']}", worn.key, 403)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"status": "on"}, "Flag.status"),
        ({"identifier": []}, "Flag.identifier"),
        ({"subject": {}}, "Flag.subject"),
        ({"code": {}}, "Flag.code.text"),
        ({"code": "fall"}, "Flag.code"),
    ],
)
def test_wrong_flag_names_its_element(worn: Wearing, hospital: str, changed: dict[str, Any], field: str) -> None:
    assert blamed(tell("Flag", flag(worn, **changed), hospital, 422)) == field
    assert not Finding.objects.exists()


def task(worn: Wearing, **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "identifier": [{"system": "urn:hospital", "value": "T-1"}],
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": "urn:dure:follow-up", "code": "ramp"}]},
        "for": {"reference": f"Patient/{worn.person.ref}"},
    } | changed


@pytest.mark.django_db
def test_help_is_asked_for_and_taken_back_as_tasks(worn: Wearing, hospital: str) -> None:
    kept = tell("Task", task(worn), hospital)
    assert tell("Task", task(worn), hospital, 200)["id"] == kept["id"]
    errand = Errand.objects.get()
    assert (errand.kind, str(errand.pk)) == ("ramp", kept["id"])
    assert errand.case is not None
    assert errand.case.household == worn.person.household
    (entry,) = ask(f"Task?patient={worn.person.ref}", hospital)["entry"]
    assert entry["resource"]["code"]["text"] == "Ramp"
    assert ask(f"Task/{kept['id']}", hospital) == entry["resource"]
    ask(f"Task/{kept['id']}", worn.key, 403)
    ask("Task/0", hospital, 404)
    assert tell("Task", task(worn, status="cancelled"), hospital, 200)["status"] == "cancelled"
    errand.refresh_from_db()
    assert errand.status == ErrandStatus.CANCELLED
    unknown = task(worn, status="cancelled", identifier=[{"system": "urn:hospital", "value": "T-9"}])
    assert blamed(tell("Task", unknown, hospital, 404)) == "Task.identifier"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"status": "done"}, "Task.status"),
        ({"intent": "wish"}, "Task.intent"),
        ({"code": {"coding": [{"system": "urn:dure:follow-up", "code": "party"}]}}, "Task.code"),
        ({"code": {"coding": 5}}, "Task.code.coding"),
        ({"for": None}, "Task.for"),
        ({"identifier": "T-1"}, "Task.identifier"),
    ],
)
def test_wrong_task_names_its_element(worn: Wearing, hospital: str, changed: dict[str, Any], field: str) -> None:
    assert blamed(tell("Task", task(worn, **changed), hospital, 422)) == field
    assert not Errand.objects.exists()


@pytest.mark.django_db
def test_officer_sends_for_a_purpose(worn: Wearing, city: City) -> None:
    officer = Client()
    officer.force_login(city.users[Role.WELFARE_OFFICER])
    assert blamed(tell("Task", task(worn), "", 422, client=officer)) == "purpose"
    tell("Task", task(worn), "", 201, client=officer, query="?purpose=health_check")
    tell("Observation", sent(worn), "", 201, client=officer, query="?purpose=health_check")
    read = AuditEntry.objects.filter(tag="person:record:read", actor="user:welfare_officer")
    assert set(read.values_list("purpose", flat=True)) >= {"health_check"}


@pytest.mark.django_db
def test_capabilities_say_what_is_there() -> None:
    found = ask("metadata")
    assert found["fhirVersion"] == "4.0.1"
    assert [one["type"] for one in found["rest"][0]["resource"]] == ["Observation", "Flag", "Task", "CodeSystem"]


JSONS = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("status", "intent", "code", "subject", "for", "device", "effectiveDateTime", "effectivePeriod", "valueQuantity")


@given(st.dictionaries(st.sampled_from((*KEYS, "dataAbsentReason", "identifier", "extension", "meta")), JSONS))
def test_no_resource_makes_the_parser_fail_otherwise_than_by_naming_an_element(found: dict[str, Any]) -> None:
    readers: tuple[Callable[[dict[str, Any]], object], ...] = (parse.observation, parse.flag, parse.task)
    for read in readers:
        whole = {
            "status": "final" if read is parse.observation else "requested" if read is parse.task else "active",
            "intent": "order",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "x"},
            "device": {"identifier": {"system": "urn:dure:device", "value": "band-1"}},
            "effectiveDateTime": "2026-11-02T09:30:00Z",
            "valueQuantity": {"value": 70, "code": "/min"},
        } | found
        assert _fault_of(read, whole) != ""


def _fault_of(read: Callable[[dict[str, Any]], object], whole: dict[str, Any]) -> str | None:
    """The element that is to blame, "" where none is named, None where all is well; any other error is the test's."""
    try:
        read(whole)
    except DureError as refused:
        return refused.field or ""
    return None
