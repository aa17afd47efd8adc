# SPDX-License-Identifier: Apache-2.0
"""The chat door as a channel's bot meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from dure.city import cases, clock, devices
from dure.city.models import Role
from dure.services.complaints import messages
from dure.services.complaints.access import access_as_citizen
from dure.services.complaints.actions import sending
from dure.services.complaints.models import Complaint, Door, MessageKind, Outcome, Talk, TalkStep, Waiting
from tests.conftest import StandingClock
from tests.factories import City
from tests.gateways.complaint_desk import make_desk

pytestmark = pytest.mark.django_db
LAMP = "아람공원 앞 가로등이 사흘째 꺼져 있어요"


class Bot:
    """A channel's bot through which citizens write."""

    def __init__(self) -> None:
        self.key = devices.issue_key(devices.register_feed("kakao", "채널", "chat", actor="tests"), actor="tests")

    def say(self, text: str, user: str = "citizen-1", lang: str = "ko") -> tuple[str, list[str]]:
        """What the bot shows: its bubbles in one, and the labels that may be pressed."""
        asked = {"utterance": f"{text}\n", "user": {"id": user, "type": "botUserKey"}, "lang": lang}
        payload = {"intent": {}, "bot": {"id": "b"}, "userRequest": asked, "action": {"params": {}}}
        answered = self.post(payload)
        assert answered[0] == 200, answered
        shown = answered[1]
        assert shown["version"] == "2.0"
        bubbles = [one["simpleText"]["text"] for one in shown["template"]["outputs"]]
        assert 1 <= len(bubbles) <= 3
        assert max(map(len, bubbles)) <= 1000
        return "\n".join(bubbles), [one["messageText"] for one in shown["template"]["quickReplies"]]

    def post(self, payload: dict[str, Any], key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        answered = Client().post(
            "/api/v1/chat/kakao", json.dumps(payload), content_type="application/json", headers=headers
        )
        return answered.status_code, answered.json()


@pytest.fixture
def bot(city: City, standing_clock: StandingClock) -> Bot:
    make_desk(city)
    return Bot()


def complain(bot: Bot) -> Complaint:
    bot.say(LAMP)
    bot.say("아람공원 정문")
    bot.say("동의하고 접수")
    return Complaint.objects.latest("pk")


def test_somebody_complains_and_follows_it_with_number_and_pin(bot: Bot) -> None:
    assert "민원 내기" in bot.say("안녕")[1]
    bot.say("민원 내기")
    assert "어디" in bot.say(LAMP)[0]
    shown, presses = bot.say("아람공원 정문")
    assert LAMP in shown
    assert "아람공원 정문" in shown
    assert "동의" in shown
    assert not Complaint.objects.exists()
    assert bot.say("네네")[1] == presses  # only the button is a consent
    shown, _ = bot.say("동의하고 접수")
    complaint = Complaint.objects.get()
    assert complaint.door == Door.CHAT
    record = access_as_citizen(complaint)
    assert (record.text, record.address) == (LAMP, "아람공원 정문")
    number, pin = (line.split(": ")[1] for line in shown.split("\n")[1:3])
    assert number == complaint.number
    assert "처리하고 있습니다" in bot.say(f"{number} {pin}", user="citizen-2")[0]
    assert "맞지 않습니다" in bot.say(f"{number} 00000000", user="citizen-2")[0]


def test_an_answer_comes_with_the_citizens_next_message_and_once(bot: Bot) -> None:
    complaint = complain(bot)
    messages.say(complaint, MessageKind.ANSWER, "고쳤습니다. " * 300, at=clock.now())
    assert sending.deliver() == 2  # the receipt, which the talk has said already, and the answer
    assert "고쳤습니다" not in bot.say("여보세요", user="citizen-2")[0]
    shown, _ = bot.say("안녕")
    assert f"[{complaint.number}] 고쳤습니다." in shown
    assert "민원을 받았습니다" not in shown
    assert "고쳤습니다" not in bot.say("안녕")[0]
    assert not Waiting.objects.exists()


def test_a_person_is_chosen_and_hears_every_word_until_it_has_ended(bot: Bot, city: City) -> None:
    bot.say("상담사와 이야기")
    assert "동의" in bot.say("직접 설명하고 싶어요")[0]
    bot.say("동의하고 접수")
    assert bot.say("어제도 말씀드렸어요")[0] == "상담사에게 전했습니다."
    assert bot.say("어제도 말씀드렸어요")[0] == "상담사에게 전했습니다."  # said twice is meant twice
    complaint = Complaint.objects.get()
    said = [one.text for one in access_as_citizen(complaint).messages if one.kind == MessageKind.ADDED]
    assert said == ["어제도 말씀드렸어요"] * 2
    assert Talk.objects.get(step=TalkStep.WITH_PERSON).said.open() == "{}"
    cases.close(complaint.case, actor=city.users[Role.CALL_AGENT], outcome=Outcome.EXPLAINED)
    assert "이미 마친" in bot.say("하나 더요")[0]
    assert "어디" in bot.say("새 일이에요, 가로등이 꺼졌어요")[0]


def test_nothing_of_a_talk_that_was_left_or_stopped_comes_into_the_next(
    bot: Bot, standing_clock: StandingClock
) -> None:
    bot.say(LAMP)
    standing_clock.move(minutes=31)
    shown, _ = bot.say("시청 뒤 골목입니다")  # was the answer to "where", and begins anew
    assert LAMP not in shown
    bot.say("그만두기")
    bot.say("길이 패었어요")
    shown, _ = bot.say("자리 없음")
    assert "길이 패었어요" in shown
    assert "골목" not in shown
    assert [talk.said.open() for talk in Talk.objects.filter(step=TalkStep.ENDED)] == ["{}"] * 2


def test_danger_is_told_whom_to_call_at_once(bot: Bot) -> None:
    assert "119" in bot.say("옆집에서 불이야 연기가 나요 살려주세요")[0]


def test_english_is_answered_in_english(bot: Bot) -> None:
    assert "Complain" in bot.say("hi", lang="en")[1]
    bot.say("The street lamp is out", lang="en")
    bot.say("No place", lang="en")
    assert "PIN" in bot.say("Agree and send", lang="en")[0]
    assert Complaint.objects.get().language == "en"


def test_only_the_channel_may_ask_and_only_in_its_shape(bot: Bot) -> None:
    assert bot.post({"userRequest": {"utterance": "x", "user": {"id": "u"}}}, key="guess")[0] == 401
    assert bot.post({"userRequest": {"utterance": "x", "user": {}}})[0] == 422
