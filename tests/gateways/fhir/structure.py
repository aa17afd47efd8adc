# SPDX-License-Identifier: Apache-2.0
"""Resources against HL7's published structure definitions.

``fhir.resources`` holds the definitions of R4B (4.3.0) as classes made from HL7's own files; there are none of R4
(4.0.1) in it. Of Observation, Flag, Task, Bundle, OperationOutcome and CapabilityStatement R4B changed nothing that is
used here (hl7.org/fhir/R4B/diff.html names the changes; they lie with medicines, evidence and subscriptions). The
classes do not check required codes, so :func:`check` does from the same definitions; the profiles of the vital signs
page are not in the package and stand below by hand.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pydantic import BaseModel

PROFILES = {
    "heartrate": ("8867-4", "/min"),
    "resprate": ("9279-1", "/min"),
    "oxygensat": ("2708-6", "%"),
    "bodytemp": ("8310-5", "Cel"),
}
"""Profile → the LOINC code and UCUM unit that it fixes (hl7.org/fhir/R4/observation-vitalsigns.html)."""

TASK_STATUS = ["draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress"]
TASK_STATUS += ["on-hold", "failed", "completed", "entered-in-error"]
"""hl7.org/fhir/R4/valueset-task-status.html; the definition's own short list ends with a "+"."""


def check(resource: dict[str, Any]) -> None:
    """Raise unless the resource, and all within it, is as its definition says."""
    kind = resource["resourceType"]
    model: type[BaseModel] = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    read = model.model_validate(resource)
    _check_codes(read, kind)
    if kind == "Observation":
        _check_vital_sign(resource)
    for entry in resource.get("entry", []):
        for within in (entry.get("resource"), entry.get("response", {}).get("outcome")):
            if within is not None:
                check(within)


def _check_codes(read: BaseModel, where: str) -> None:
    for name, field in type(read).model_fields.items():
        value = getattr(read, name)
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        allowed: object = TASK_STATUS if f"{where}.{name}" == "Task.status" else extra.get("enum_values")
        if isinstance(allowed, list) and value is not None:
            values = value if isinstance(value, list) else [value]
            assert set(values) <= set(allowed), f"{where}.{name}: {values}"
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, BaseModel):
                _check_codes(one, f"{where}.{name}")


def _check_vital_sign(resource: dict[str, Any]) -> None:
    """The vital signs profile and, of it, the one for the sign."""
    assert ("dataAbsentReason" in resource) != any(name.startswith("value") for name in resource), "obs-6, vs-2"
    named = [url.rpartition("/")[2] for url in resource["meta"].get("profile", [])]
    categories = {coding["code"] for one in resource["category"] for coding in one["coding"]}
    assert ("vital-signs" in categories) == bool(named)
    for profile in named:
        code, unit = PROFILES[profile]
        loinc = [one["code"] for one in resource["code"]["coding"] if one["system"] == "http://loinc.org"]
        assert code in loinc
        assert resource["subject"]["reference"].startswith("Patient/")
        assert "effectiveDateTime" in resource
        if "valueQuantity" in resource:
            quantity = resource["valueQuantity"]
            assert (quantity["system"], quantity["code"]) == ("http://unitsofmeasure.org", unit)
            assert quantity["unit"]
