# SPDX-License-Identifier: Apache-2.0
"""The stand-in telephone through Django: what is said, words, hanging up, the voice."""

from __future__ import annotations

import io
import shutil
import wave

import pytest
from django.test import Client
from pytest_django import Settings

from dure.city import rules
from dure.city.models import Role
from dure.engines.speech import EspeakVoice
from dure.services.care.actions.calls import ring
from dure.services.care.models import Call, CallOutcome, CallState, Enrolment
from dure.services.care.rules import CareRules
from dure.services.care.voice import voice_for
from tests.conftest import StandingClock
from tests.factories import City
from tests.services.care.living import enrolled

pytestmark = pytest.mark.django_db
needs_voice = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng on this machine")


@pytest.fixture
def enrolment(city: City, standing_clock: StandingClock, settings: Settings) -> Enrolment:
    settings.DURE_SIMULATION = True
    return enrolled(city)


@pytest.fixture
def call(enrolment: Enrolment) -> Call:
    return ring(enrolment.person, "wellbeing")


def test_words_lead_on_and_the_same_form_sent_again_changes_nothing(call: Call) -> None:
    address = f"/care/call/{call.ref}/"
    for _ in range(2):
        answer = Client().post(address, {"said": "안 아파요", "turn": "0"})
        assert answer.status_code == 200
        assert "괜찮으신 거지요" in answer.content.decode()
        assert 'name="turn" value="1"' in answer.content.decode()
    over = Client().post(address, {"said": "네 괜찮아요", "turn": "1"}).content.decode()
    assert "다행입니다" in over
    assert 'name="key"' not in over


def test_hanging_up_says_nothing_about_how_they_are(call: Call) -> None:
    Client().post(f"/care/call/{call.ref}/", {"hang_up": "1"})
    call.refresh_from_db()
    assert (call.state, call.outcome) == (CallState.UNANSWERED, "")


def test_wrong_turn_is_refused_with_its_field(call: Call) -> None:
    assert Client().post(f"/care/call/{call.ref}/", {"key": "1", "turn": "x"}).status_code == 422
    assert Client().post(f"/care/call/{call.ref}/", {"key": "1", "turn": "5"}).status_code == 422
    call.refresh_from_db()
    assert call.outcome == ""


@needs_voice
def test_sound_is_what_is_said_now(call: Call) -> None:
    answer = Client().get(f"/care/call/{call.ref}/sound.wav")
    assert answer.headers["Content-Type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert sound.getnframes() / sound.getframerate() > 5, "the whole question"


def test_page_says_that_there_is_no_voice_where_there_is_none(call: Call, settings: Settings) -> None:
    settings.DURE_VOICE = ["a-program-that-does-not-exist"]
    assert Client().get(f"/care/call/{call.ref}/sound.wav").status_code == 503
    assert Client().post(f"/care/call/{call.ref}/", {"key": "1"}).status_code == 200
    assert Call.objects.get().outcome == CallOutcome.WELL


def test_voice_is_the_citys_unless_a_person_asked_for_another(city: City, enrolment: Enrolment) -> None:
    rules.set_rule(CareRules, "care", "voice_words_per_minute", 110, by=city.users[Role.WELFARE_OFFICER])
    assert voice_for(enrolment.person) == EspeakVoice(words_per_minute=110, pitch=40)
    enrolment.voice_words_per_minute, enrolment.voice_pitch = 90, 0
    enrolment.save()
    assert voice_for(enrolment.person) == EspeakVoice(words_per_minute=90, pitch=0)


def test_sound_is_only_in_a_made_city(call: Call, settings: Settings) -> None:
    settings.DURE_SIMULATION = False
    assert Client().get(f"/care/call/{call.ref}/sound.wav").status_code == 404
