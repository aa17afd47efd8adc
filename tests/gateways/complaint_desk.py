# SPDX-License-Identifier: Apache-2.0
"""A desk with two departments and their topics, for tests of its doors."""

from __future__ import annotations

from dure.city import teams
from dure.city.models import Role, Team
from dure.services.complaints.actions.departments import DepartmentSpec, TopicSpec, set_department, set_topic
from tests.factories import City

TYPE = {
    "code": "type",
    "name": {"ko": "무엇이", "en": "What"},
    "type": "one",
    "required": True,
    "values": [
        {"key": "off", "name": {"ko": "꺼짐", "en": "Off"}},
        {"key": "blinks", "name": {"ko": "깜박임", "en": "Blinks"}},
    ],
}


def make_desk(city: City) -> Team:
    """The desk's team; ``lamp`` is a public place's topic that asks which way, ``welfare`` is not public."""
    team = teams.set_team("민원실", [city.users[Role.CALL_AGENT]], service="complaints", actor="tests")
    set_department(
        DepartmentSpec(
            "road", {"ko": "도로과", "en": "Roads"}, "031-000-0001", duties=["가로등 고장 수리", "도로 파손 보수"]
        ),
        actor="tests",
    )
    set_department(
        DepartmentSpec(
            "welfare", {"ko": "복지과", "en": "Welfare"}, "031-000-0002", duties=["기초생활 급여 신청 안내"]
        ),
        actor="tests",
    )
    lamp = TopicSpec(
        "lamp", {"ko": "가로등", "en": "Street lamp"}, "road", group={"ko": "도로", "en": "Roads"}, keywords=["보안등"],
        placed=True, metres=30, fields=[TYPE],
    )  # fmt: skip
    set_topic(lamp, actor="tests")
    set_topic(TopicSpec("question", {"ko": "그 밖의 질문", "en": "A question"}, "road"), actor="tests")
    set_topic(TopicSpec("poverty", {"ko": "생활이 어려움", "en": "Hardship"}, "welfare", public=False), actor="tests")
    return team
