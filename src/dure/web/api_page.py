# SPDX-License-Identifier: Apache-2.0
"""The API's documentation: a page of this house made from the OpenAPI document, in place of Swagger UI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from dure.web.api_words import KOREAN

Schema = dict[str, Any]
SHAPES = "#/components/schemas/"
JSON = "application/json"
EXAMPLES = {
    "date-time": "2026-11-02T09:00:00+09:00",
    "date": "2026-11-02",
    "uuid": "6f1c2a9e-0b7d-4c3a-9f52-1d8e4b7a6c05",
}
PLAIN: dict[str, Any] = {"string": "…", "integer": 1, "number": 0.12, "boolean": False, "null": None}


@dataclass(frozen=True)
class Text:
    """Words of the document in the reader's language, or in English (``lang``) where there are no others."""

    text: str
    lang: str


@dataclass(frozen=True)
class Value:
    """A field, a parameter or a header: its type in words, the shapes that the type names, what it is."""

    name: str
    type: str
    shapes: tuple[str, ...]
    needed: bool
    about: Text | None


@dataclass(frozen=True)
class Shape:
    """An object and its fields, or (without fields) something else that ``type`` tells."""

    name: str
    type: str
    about: Text | None
    fields: tuple[Value, ...]


@dataclass(frozen=True)
class Answer:
    """What comes back with a status."""

    status: str
    about: Text | None
    shapes: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    id: str
    method: str
    path: str
    summary: Text | None
    about: Text | None
    with_key: bool
    parameters: tuple[Value, ...]
    bodies: tuple[tuple[str, tuple[Shape, ...]], ...]
    answers: tuple[Answer, ...]
    asked: str
    """The request as a command line."""
    answered: str
    """An answer, as JSON."""


class ApiPage(DocsBase):
    """What ninja shows at ``/docs``."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **path: Any) -> HttpResponse:
        """Every operation by its tag, then the shapes that they name."""
        document = Document(api.get_openapi_schema(path_params=path), request.build_absolute_uri("/")[:-1])
        tags: dict[str, list[Operation]] = {}
        for tag, operation in document.operations():
            tags.setdefault(tag, []).append(operation)
        context = {
            "about": document.text(document.all["info"].get("description")),
            "tags": tags.items(),
            "shapes": document.shapes(),
            "document": reverse(f"{api.urls_namespace}:openapi-json"),
        }
        return render(request, "api.html", context)


class Document:
    """An OpenAPI document, read for one reader; ``server``: scheme and host of the examples."""

    def __init__(self, document: Schema, server: str) -> None:
        self.all: Schema = json.loads(json.dumps(document, default=str))
        self.server = server
        self.korean = (get_language() or "ko").startswith("ko")

    def text(self, english: str | None) -> Text | None:
        """``english`` in the reader's language."""
        said = " ".join((english or "").replace("``", "").replace("`", "").split())
        if not said:
            return None
        return Text(KOREAN[said], "ko") if self.korean and said in KOREAN else Text(said, "en")

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """Every operation with its tag, in the document's order."""
        for path, methods in self.all["paths"].items():
            for method, told in methods.items():
                yield (told.get("tags") or [""])[0], self._operation(method, path, told)

    def shapes(self) -> list[Shape]:
        """The named shapes, by name."""
        return [self._shape(known, name) for name, known in sorted(self.all["components"]["schemas"].items())]

    def _operation(self, method: str, path: str, told: Schema) -> Operation:
        contents: Schema = told.get("requestBody", {}).get("content", {})
        parameters = [one for one in told.get("parameters", []) if one["in"] != "path"]
        asked = [f"curl {self.server}{path}{self._query(parameters)}"]
        if told.get("security"):
            asked.append("-H 'Authorization: Bearer KEY'")
        if JSON in contents:
            body = json.dumps(self._example(contents[JSON]["schema"]), ensure_ascii=False)
            asked += [f"-H 'Content-Type: {JSON}'", f"-d '{body}'"]
        answer = told["responses"].get("200", {}).get("content", {}).get(JSON)
        return Operation(
            id=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
            method=method.upper(),
            path=path,
            summary=self.text(told.get("summary")),
            about=self.text(told.get("description")),
            with_key=bool(told.get("security")),
            parameters=tuple(
                self._value(one["name"], one["schema"], bool(one.get("required")), one.get("description"))
                for one in told.get("parameters", [])
            ),
            bodies=tuple((kind, tuple(self._bodies(content["schema"]))) for kind, content in contents.items()),
            answers=tuple(
                Answer(status, self.text(one["description"]), self._named(one.get("content", {})))
                for status, one in sorted(told["responses"].items())
            ),
            asked=" \\\n  ".join(asked),
            answered=json.dumps(self._example(answer["schema"]), ensure_ascii=False, indent=2) if answer else "",
        )

    def _query(self, parameters: list[Schema]) -> str:
        asked = [one for one in parameters if one["in"] == "query" and one.get("required")]
        pairs = (f"{one['name']}={str(self._example(one['schema'])).replace('+', '%2B')}" for one in asked)
        return f"?{'&'.join(pairs)}" if asked else ""

    def _bodies(self, schema: Schema) -> Iterator[Shape]:
        """The ways in which a body may be written."""
        for one in schema.get("oneOf") or schema.get("anyOf") or [schema]:
            yield self._shape(self._at(one), one.get("$ref", "").removeprefix(SHAPES))

    def _shape(self, schema: Schema, name: str = "") -> Shape:
        fields = schema.get("properties", {})
        needed = schema.get("required", [])
        return Shape(
            name=name,
            type=self._type(schema),
            about=self.text(schema.get("description")),
            fields=tuple(self._value(key, one, key in needed, one.get("description")) for key, one in fields.items()),
        )

    def _value(self, name: str, schema: Schema, needed: bool, about: str | None) -> Value:
        return Value(name, self._type(schema), self._named(schema), needed, self.text(about))

    def _named(self, part: Any) -> tuple[str, ...]:
        """The named shapes that a part of the document speaks of itself."""
        if isinstance(part, list):
            return tuple(name for one in part for name in self._named(one))
        if not isinstance(part, dict):
            return ()
        own = (part["$ref"].removeprefix(SHAPES),) if "$ref" in part else ()
        return own + tuple(name for one in part.values() for name in self._named(one))

    def _at(self, schema: Schema) -> Schema:
        """The schema itself where another is named."""
        known: Schema = self.all["components"]["schemas"].get(schema.get("$ref", "").removeprefix(SHAPES), schema)
        return known

    def _type(self, schema: Schema) -> str:
        if "$ref" in schema:
            return str(schema["$ref"]).removeprefix(SHAPES)
        for both in ("anyOf", "oneOf"):
            if both in schema:
                return _(" 또는 ").join(dict.fromkeys(self._type(one) for one in schema[both]))
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            return _(" 또는 ").join("null" if value is None else f"“{value}”" for value in values)
        if schema.get("type") == "array":
            return _("%s의 목록") % self._type(schema.get("items", {}))
        kinds = schema.get("type", "object")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        said = _(" 또는 ").join(_kind(kind, schema.get("format", "")) for kind in kinds)
        return f"{said}{self._limits(schema)}"

    def _limits(self, schema: Schema) -> str:
        if "maxLength" in schema:
            return _(", %s자까지") % schema["maxLength"]
        low, high = schema.get("minimum"), schema.get("maximum")
        return "" if low is None and high is None else f", {'' if low is None else low}~{'' if high is None else high}"

    def _example(self, schema: Schema) -> Any:
        """A value of that shape, for reading."""
        schema = self._at(schema)
        for known in ("examples", "oneOf", "anyOf", "enum"):
            if schema.get(known):
                return schema[known][0] if known in ("examples", "enum") else self._example(schema[known][0])
        for known in ("const", "default"):
            if known in schema:
                return schema[known]
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "array":
            return [self._example(schema.get("items", {}))]
        if kind == "object":
            fields = {name: self._example(one) for name, one in schema.get("properties", {}).items()}
            return fields or {"…": "…"}
        return EXAMPLES.get(schema.get("format", ""), PLAIN[kind])


def _kind(kind: str, form: str) -> str:
    words = {
        "date-time": _("시각 (RFC 3339, 시간대와 함께)"),
        "date": _("날짜"),
        "uuid": "UUID",
        "binary": _("이진 자료"),
    }
    kinds = {
        "string": _("글자"),
        "number": _("숫자"),
        "integer": _("정수"),
        "boolean": _("참·거짓"),
        "object": _("묶음"),
        "null": "null",
    }
    return words.get(form, kinds.get(kind, kind)) if kind == "string" else kinds.get(kind, kind)
