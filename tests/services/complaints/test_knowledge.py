# SPDX-License-Identifier: Apache-2.0
"""Texts to quote, synonyms and templates: kept by the lead, with their validity, and on the chain."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from dure.city import clock
from dure.city.errors import Invalid
from dure.city.models import AuditEntry, Role
from dure.services.complaints.actions.knowledge import TemplateSpec, TextSpec, set_template, set_text
from dure.services.complaints.enrolment import enrol_knowledge
from dure.services.complaints.models import Synonym, Template, Text
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.complaints.desk import Desk, make_desk


@pytest.fixture
def desk(city: City, standing_clock: StandingClock) -> Desk:
    return make_desk(city)


FILLED = {"title": "눈 치우기", "text": "눈이 그치면 네 시간 안에 치웁니다.", "source": "manual", "language": "ko"}


def test_lead_adds_a_text_changes_it_and_takes_it_out(desk: Desk, city: City, client: Client) -> None:
    client.force_login(city.users[Role.DESK_LEAD])
    assert client.post("/complaints/texts/new/", FILLED | {"department": "roads"}).status_code == 302
    text = Text.objects.get(code="manual/general")
    page = f"/complaints/texts/{text.pk}/"
    seen = text.changed_at.isoformat()
    assert client.post(page, FILLED | {"title": "제설", "seen": seen, "valid_to": "2026-11-01"}).status_code == 302
    text.refresh_from_db()
    assert (text.title, text.changed_by) == ("제설", city.users[Role.DESK_LEAD])
    assert "제설" not in client.get("/complaints/texts/").content.decode()
    assert "제설" in client.get("/complaints/texts/?when=past").content.decode()
    assert client.post(f"{page}remove/").status_code == 302
    text.refresh_from_db()
    assert text.removed_at == clock.now()
    tags = AuditEntry.objects.filter(tag__startswith="complaints:text:").order_by("seq").values_list("tag", flat=True)
    assert list(tags) == ["complaints:text:set", "complaints:text:set", "complaints:text:removed"]


def test_two_who_change_one_text_do_not_undo_each_other(
    desk: Desk, city: City, client: Client, standing_clock: StandingClock
) -> None:
    client.force_login(city.users[Role.DESK_LEAD])
    text = Text.objects.get(code="lamp-1")
    seen = text.changed_at.isoformat()
    standing_clock.move(minutes=1)
    set_text(TextSpec("lamp-1", "manual", "다른 이의 제목", "다른 이의 글"), actor="tests")
    answer = client.post(f"/complaints/texts/{text.pk}/", FILLED | {"seen": seen})
    assert answer.status_code == 422
    assert "그사이 다른 사람이" in answer.content.decode()
    assert Text.objects.get(pk=text.pk).title == "다른 이의 제목"


def test_agents_read_texts_and_say_which_words_mean_the_same(desk: Desk, city: City, client: Client) -> None:
    client.force_login(city.users[Role.CALL_AGENT])
    text = Text.objects.get(code="lamp-1")
    assert text.text in client.get(f"/complaints/texts/{text.pk}/").content.decode()
    assert client.post("/complaints/texts/new/", FILLED).status_code == 403
    assert client.post(f"/complaints/texts/{text.pk}/remove/").status_code == 403
    assert client.post("/complaints/synonyms/", {"words": "쓰레기봉투=종량제봉투"}).status_code == 302
    synonym = Synonym.objects.get(words="쓰레기봉투 = 종량제봉투")
    assert synonym.by == city.users[Role.CALL_AGENT]
    assert client.post("/complaints/synonyms/", {"words": "하나"}).status_code == 422
    assert client.post(f"/complaints/synonyms/{synonym.pk}/remove/").status_code == 302
    assert not Synonym.objects.exists()


def test_template_is_in_both_languages_and_fills_in_only_what_is_known(desk: Desk, city: City, client: Client) -> None:
    client.force_login(city.users[Role.DESK_LEAD])
    filled = {"code": "done", "name_ko": "고침", "name_en": "Repaired", "text_ko": "{name}님", "text_en": "Dear {name}"}
    assert client.post("/complaints/templates/new/", filled | {"text_en": "Dear {who}"}).status_code == 422
    assert client.post("/complaints/templates/new/", filled).status_code == 302
    assert client.post("/complaints/templates/new/", filled).status_code == 422
    template = Template.objects.get(code="done")
    seen = template.changed_at.isoformat()
    page = f"/complaints/templates/{template.pk}/"
    assert client.post(page, filled | {"name_ko": "수리함", "seen": seen}).status_code == 302
    assert "수리함" in client.get("/complaints/templates/").content.decode()
    assert client.post(f"{page}remove/").status_code == 302
    assert Template.objects.get().removed_at is not None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"source": "rumour"}, "source"),
        ({"department": "nobody"}, "department"),
        ({"valid_from": clock.today(), "valid_to": clock.today() - timedelta(days=1)}, "valid_to"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"code": "../x"}, "code"),
    ],
)
def test_wrong_text_is_refused_by_its_field(db: None, wrong: dict[str, object], field: str) -> None:
    right = {"code": "a/b", "source": "faq", "title": "제목", "text": "글"}
    with pytest.raises(Invalid) as refused:
        set_text(TextSpec(**(right | wrong)), actor="tests")  # type: ignore[arg-type]
    assert refused.value.field == field


def test_brace_without_a_partner_is_said(db: None) -> None:
    spec = TemplateSpec("x", {"ko": "가", "en": "a"}, {"ko": "{name", "en": "a"})
    with pytest.raises(Invalid) as refused:
        set_template(spec, actor="tests")
    assert refused.value.field == "text.ko"


def test_file_of_knowledge_refuses_a_bad_line_alone(db: None, tmp_path: Path) -> None:
    file = tmp_path / "knowledge.jsonl"
    file.write_text('{"synonym": {"words": "가=나"}}\n{"text": {"code": 1}}\n{}\n{"synonym": {"words": "다=라"}}\n')
    enrolled, refused = enrol_knowledge(file, actor="tests")
    assert (enrolled, [number for number, _why in refused]) == (2, [2, 3])
