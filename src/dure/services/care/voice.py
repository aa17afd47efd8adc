# SPDX-License-Identifier: Apache-2.0
"""The voice of the calls, at the speed and pitch of the person who listens."""

from __future__ import annotations

from django.conf import settings

from dure.city import rules
from dure.city.models import Person
from dure.engines.speech import CommandVoice, EspeakVoice, Voice
from dure.services.care.models import Enrolment
from dure.services.care.rules import CareRules


def voice_for(person: Person) -> Voice:
    """eSpeak NG as the person asked for, else as the city chose; the city's own program where DURE_VOICE names one."""
    if settings.DURE_VOICE:
        return CommandVoice(tuple(settings.DURE_VOICE))
    chosen = rules.load(CareRules, "care", person.household.area)
    own = Enrolment.objects.filter(person=person).first()
    speed, pitch = (own.voice_words_per_minute, own.voice_pitch) if own else (None, None)
    return EspeakVoice(
        words_per_minute=chosen.voice_words_per_minute if speed is None else speed,
        pitch=chosen.voice_pitch if pitch is None else pitch,
    )
