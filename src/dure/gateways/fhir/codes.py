# SPDX-License-Identifier: Apache-2.0
"""Our series, findings and errands in the codes that others know: LOINC, UCUM and HL7's own tables.

LOINC codes and profiles are those of the FHIR R4 vital signs page (hl7.org/fhir/R4/observation-vitalsigns.html):
its oxygen saturation profile asks for 2708-6, to which 59408-5 (by pulse oximetry) may be added. What has no code that
we could verify goes by our own system and its words; no code is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

from dure.city.models import ErrandStatus

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
FLAG_CATEGORY = "http://terminology.hl7.org/CodeSystem/flag-category"
PROFILE = "http://hl7.org/fhir/StructureDefinition/"
FLAG_PRIORITY = f"{PROFILE}flag-priority"
"""HL7's extension of Flag; its codes are PN (none), PL (low), PM (medium), PH (high)."""
PRIORITIES = "http://hl7.org/fhir/flag-priority-code"

SERIES = "urn:dure:series"
FINDING = "urn:dure:finding"
FOLLOW_UP = "urn:dure:follow-up"
DEVICE = "urn:dure:device"
QUALITY = "urn:dure:quality"

EVENT = "event"
"""Unit of what happened or did not: a boolean, no quantity."""


@dataclass(frozen=True)
class Coded:
    """A series in others' codes. ``loinc``: the first is what the profile asks for; ``span``: it speaks of an interval,
    not of a moment."""

    words: str
    ucum: str
    unit: str
    loinc: tuple[tuple[str, str], ...] = ()
    category: str = "activity"
    profile: str = ""
    span: bool = False


OBSERVED: dict[str, Coded] = {
    "heart_rate": Coded("Heart rate", "/min", "beats/minute", (("8867-4", "Heart rate"),), "vital-signs", "heartrate"),
    "breathing": Coded(
        "Respiratory rate", "/min", "breaths/minute", (("9279-1", "Respiratory rate"),), "vital-signs", "resprate"
    ),
    "spo2": Coded(
        "Oxygen saturation",
        "%",
        "%",
        (
            ("2708-6", "Oxygen saturation in Arterial blood"),
            ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
        ),
        "vital-signs",
        "oxygensat",
    ),
    "body_temperature": Coded(
        "Body temperature", "Cel", "°C", (("8310-5", "Body temperature"),), "vital-signs", "bodytemp"
    ),
    # Neither LOINC's 39106-0 (Temperature of Skin, as an examiner feels it: cold, warm) nor 8310-5 (the body's).
    "skin_temperature": Coded("Skin temperature", "Cel", "°C", category="exam"),
    "steps": Coded(
        "Number of steps",
        "{steps}",
        "steps",
        (("55423-8", "Number of steps in unspecified time Pedometer"),),
        span=True,
    ),
    "screen": Coded("Screen use", "min", "min", span=True),
    "fall": Coded("A fall was detected", "", EVENT, category="survey"),
    "sos": Coded("The button for help was pressed", "", EVENT, category="survey"),
}
"""By the name of the series. What is not here (a battery, a plug) is a thing's, not a person's, and does not go out."""

BY_CODE: dict[tuple[str, str], str] = {
    (LOINC, code): name for name, one in OBSERVED.items() for code, _ in one.loinc
} | {(SERIES, name): name for name in OBSERVED}

FOUND = {
    "vitals": "Vital signs unlike the person's own",
    "fall": "A fall was detected",
    "sos": "The button for help was pressed",
    "outside": "Reported by another organisation",
}
QUALITIES = {
    "good": "A value that can be believed",
    "estimated": "Not measured but estimated",
    "suspect": "The device doubts it",
    "no_value": "The device reported and had no value",
}

TASK_STATUS: dict[ErrandStatus, str] = {
    ErrandStatus.ORDERED: "requested",
    ErrandStatus.PLANNED: "accepted",
    ErrandStatus.DONE: "completed",
    ErrandStatus.COULD_NOT: "failed",
    ErrandStatus.CANCELLED: "cancelled",
}
PRIORITY_OF_LEVEL = {1: "PL", 2: "PM", 3: "PH", 4: "PH"}
LEVEL_OF_PRIORITY = {"PN": 1, "PL": 1, "PM": 2, "PH": 3}
"""Nobody outside makes a case of ours 심각: that is for a fall, a call for help, or a person of ours."""
