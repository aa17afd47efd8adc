# SPDX-License-Identifier: Apache-2.0
"""What the published JSON schemas of GeoReport v2 (open311/schema-validation) ask of each answer, and no more fields
than the specification has: a foreign one may be one that should not go out."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

TEXT: dict[str, Any] = {"type": ["string", "null"]}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}


def _object(required: list[str], /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


SERVICES = _array(
    _object(
        ["service_code", "service_name", "metadata", "type"],
        service_code={"type": "string"},
        service_name={"type": "string"},
        description=TEXT,
        metadata={"type": "boolean"},
        type={"enum": ["realtime", "batch", "blackbox"]},
        keywords=TEXT,
        group=TEXT,
    )
)
DEFINITION = _object(
    ["service_code", "attributes"],
    service_code={"type": "string"},
    attributes=_array(
        _object(
            ["variable", "code", "datatype", "required"],
            variable={"type": "boolean"},
            code={"type": "string"},
            datatype={"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
            required={"type": "boolean"},
            datatype_description=TEXT,
            order={"type": ["integer", "null"]},
            description=TEXT,
            values=_array(_object(["key", "name"], key={"type": "string"}, name={"type": "string"})),
        )
    ),
)
REQUESTS = _array(
    _object(
        ["service_request_id", "status", "service_code", "requested_datetime"],
        service_request_id={"type": "string"},
        status={"enum": ["open", "closed"]},
        status_notes=TEXT,
        service_name=TEXT,
        service_code={"type": "string"},
        description={"type": ["string", "null"], "maxLength": 4000},
        agency_responsible=TEXT,
        service_notice=TEXT,
        requested_datetime=TIME,
        updated_datetime=TIME,
        expected_datetime=TIME,
        address=TEXT,
        address_id=TEXT,
        zipcode=TEXT,
        lat={"type": ["number", "null"]},
        long={"type": ["number", "null"]},
        media_url={"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]},
    )
)
CREATED = _array(
    _object(
        ["service_request_id"], service_request_id={"type": "string"}, service_notice=TEXT, account_id={"type": "null"}
    )
)
ERRORS = _array(_object(["code", "description"], code={"type": "integer"}, description={"type": "string"}))
DISCOVERY = _object(
    ["changeset", "contact", "key_service", "endpoints"],
    changeset={"type": "string"},
    contact={"type": "string"},
    key_service={"type": "string"},
    endpoints=_array(
        _object(
            ["specification", "url", "changeset", "type", "formats"],
            specification={"const": "http://wiki.open311.org/GeoReport_v2"},
            url={"type": "string", "format": "uri"},
            changeset={"type": "string"},
            type={"enum": ["production", "test"]},
            formats=_array({"enum": ["text/xml", "application/json"]}),
        )
    ),
)


def check(schema: dict[str, Any], content: Any) -> None:
    """Raise what is wrong with ``content``."""
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(content)
