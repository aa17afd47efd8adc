# SPDX-License-Identifier: Apache-2.0
"""What the city may quote, the words that mean the same, and the texts that agents use again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from string import Formatter

from django.db import transaction

from dure.city import audit, clock
from dure.city.errors import Invalid, require_one_of
from dure.city.models import User
from dure.services.complaints.actions.departments import known_department, known_topic
from dure.services.complaints.models import Source, Synonym, Template, Text

LONGEST_TEXT, LONGEST_TEMPLATE, LONGEST_SYNONYMS = 50_000, 4_000, 200
"""Characters."""
LANGUAGES = ("ko", "en")
FILLED_IN = ("name", "number", "department", "due")
"""What a template may have filled in."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._-]{0,119}")
_TEMPLATE_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True)
class TextSpec:
    """As :class:`dure.services.complaints.models.Text`; ``department`` and ``topic`` are codes, or ""."""

    code: str
    source: str
    title: str
    text: str
    link: str = ""
    department: str = ""
    topic: str = ""
    language: str = "ko"
    valid_from: date | None = None
    valid_to: date | None = None
    safe: bool = False


@dataclass(frozen=True)
class TemplateSpec:
    """As :class:`dure.services.complaints.models.Template`; ``department`` is a code, or ""."""

    code: str
    name: dict[str, str]
    text: dict[str, str]
    department: str = ""


def set_text(spec: TextSpec, *, actor: User | str) -> Text:
    """Keep a text; again changes nothing. One that was taken out comes back. Raises Invalid naming the field."""
    _check_text(spec)
    columns = {
        "source": spec.source, "title": spec.title.strip(), "text": spec.text.strip(), "link": spec.link.strip(),
        "department": known_department(spec.department) if spec.department else None,
        "topic": known_topic(spec.topic) if spec.topic else None, "language": spec.language,
        "valid_from": spec.valid_from, "valid_to": spec.valid_to, "safe": spec.safe, "removed_at": None,
    }  # fmt: skip
    with transaction.atomic():
        audit.take_turn()
        text = Text.objects.filter(code=spec.code).first() or Text(code=spec.code)
        changed = [name for name, value in columns.items() if text.pk is None or getattr(text, name) != value]
        if changed:
            for name in changed:
                setattr(text, name, columns[name])
            text.changed_at, text.changed_by = clock.now(), _user(actor)
            text.save()
            audit.record("complaints:text:set", actor=actor, subject=f"text:{spec.code}", detail={"changed": changed})
    return text


@transaction.atomic
def remove_text(text: Text, *, actor: User | str) -> None:
    """It is quoted no more; drafts made from it keep what it said. Again changes nothing."""
    audit.take_turn()
    now = clock.now()
    if Text.objects.filter(pk=text.pk, removed_at=None).update(removed_at=now, changed_at=now, changed_by=_user(actor)):
        audit.record("complaints:text:removed", actor=actor, subject=f"text:{text.code}")


@transaction.atomic
def add_synonym(words: str, *, actor: User | str) -> Synonym:
    """Words that mean the same, with ``=`` between them; again changes nothing. Raises Invalid (``words``)."""
    said = [one.strip() for one in words.split("=")]
    together = " = ".join(dict.fromkeys(said))
    if len(set(said)) < 2 or not all(said):
        raise Invalid("두 낱말을 =로 이어 적으세요", "give two words or more with = between them", field="words")
    if len(together) > LONGEST_SYNONYMS:
        raise Invalid(f"{LONGEST_SYNONYMS}자까지입니다", f"at most {LONGEST_SYNONYMS} characters", field="words")
    audit.take_turn()
    given = {"changed_at": clock.now(), "by": _user(actor)}
    synonym, made = Synonym.objects.get_or_create(words=together, defaults=given)
    if made:
        audit.record(
            "complaints:synonym:added", actor=actor, subject=f"synonym:{synonym.pk}", detail={"words": together}
        )
    return synonym


@transaction.atomic
def remove_synonym(synonym: Synonym, *, actor: User | str) -> None:
    """They do not mean the same after all. Again changes nothing."""
    audit.take_turn()
    if Synonym.objects.filter(pk=synonym.pk).delete()[0]:
        detail = {"words": synonym.words}
        audit.record("complaints:synonym:removed", actor=actor, subject=f"synonym:{synonym.pk}", detail=detail)


def set_template(spec: TemplateSpec, *, actor: User | str) -> Template:
    """Keep a template; again changes nothing. One that was taken out comes back. Raises Invalid naming the field."""
    if not _TEMPLATE_CODE.fullmatch(spec.code):
        raise Invalid("영문자·숫자와 - _ 로 40자까지", "letters, digits, - and _, at most 40", field="code")
    columns = {
        "name": _both(spec.name, "name", 80),
        "text": _both(spec.text, "text", LONGEST_TEMPLATE),
        "department": known_department(spec.department) if spec.department else None,
        "removed_at": None,
    }
    for language, words in spec.text.items():
        _check_filled_in(words, f"text.{language}")
    with transaction.atomic():
        audit.take_turn()
        template = Template.objects.filter(code=spec.code).first() or Template(code=spec.code)
        changed = [name for name, value in columns.items() if template.pk is None or getattr(template, name) != value]
        if changed:
            for name in changed:
                setattr(template, name, columns[name])
            template.changed_at = clock.now()
            template.save()
            detail = {"changed": changed}
            audit.record("complaints:template:set", actor=actor, subject=f"template:{spec.code}", detail=detail)
    return template


@transaction.atomic
def remove_template(template: Template, *, actor: User | str) -> None:
    """It is offered no more. Again changes nothing."""
    audit.take_turn()
    now = clock.now()
    if Template.objects.filter(pk=template.pk, removed_at=None).update(removed_at=now, changed_at=now):
        audit.record("complaints:template:removed", actor=actor, subject=f"template:{template.code}")


def free_code(source: str, topic: str) -> str:
    """A code that no text has yet, for one of that source and topic."""
    base, number = f"{source}/{topic or 'general'}", 1
    taken = set(Text.objects.filter(code__startswith=base).values_list("code", flat=True))
    while (code := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return code


def _check_text(spec: TextSpec) -> None:
    if not _CODE.fullmatch(spec.code):
        raise Invalid("영문자·숫자와 / . _ - 로 120자까지", "letters, digits and / . _ -, at most 120", field="code")
    require_one_of(Source.values, spec.source, "source")
    require_one_of(LANGUAGES, spec.language, "language")
    for name, longest in (("title", 200), ("text", LONGEST_TEXT)):
        if not 0 < len(getattr(spec, name).strip()) <= longest:
            raise Invalid(f"1~{longest}자로 적어 주세요", f"must be 1 to {longest} characters", field=name)
    if len(spec.link) > 400 or (spec.link and not spec.link.startswith(("https://", "http://"))):
        raise Invalid("http(s) 주소를 400자까지 적으세요", "must be an http(s) address of at most 400", field="link")
    if spec.valid_from and spec.valid_to and spec.valid_to < spec.valid_from:
        raise Invalid("시행일보다 앞섭니다", "is before the first day", field="valid_to")


def _check_filled_in(words: str, field: str) -> None:
    try:
        asked = {name for _text, name, _form, _how in Formatter().parse(words) if name is not None}
    except ValueError as error:
        raise Invalid("괄호 { }가 맞지 않습니다", "a brace { } has no partner", field=field) from error
    if unknown := sorted(asked - set(FILLED_IN)):
        known = ", ".join(f"{{{name}}}" for name in FILLED_IN)
        raise Invalid(
            f"채울 수 있는 것은 {known}: {unknown[0]}", f"can fill in {known}, not {unknown[0]!r}", field=field
        )


def _both(words: dict[str, str], field: str, longest: int) -> dict[str, str]:
    kept = {language: str(words.get(language, "")).strip() for language in LANGUAGES}
    for language, text in kept.items():
        if not 0 < len(text) <= longest:
            where = f"{field}.{language}"
            raise Invalid(
                f"한국어와 영어로 1~{longest}자", f"in both languages, 1 to {longest} characters", field=where
            )
    return kept


def _user(actor: User | str) -> User | None:
    return actor if isinstance(actor, User) else None
