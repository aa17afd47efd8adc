# SPDX-License-Identifier: Apache-2.0
"""The embedded voice really speaks: measured on the sound it makes."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import wave

import numpy as np
import pytest
from numpy.typing import NDArray

from dure.engines.speech import CommandVoice, EspeakVoice, VoiceError, korean

GREETING = "안녕하세요, 좋은 아침입니다. 08:30에 혈압약 2알 드실 시간입니다."
needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng here: run 'make set-up'")


def heard(wav: bytes) -> tuple[NDArray[np.float64], int]:
    """Samples from -1 to 1, and how many a second."""
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        frames = file.readframes(file.getnframes())
        assert len(frames) == 2 * file.getnframes()
        return np.frombuffer(frames, np.int16) / 32768, file.getframerate()


def seconds(wav: bytes) -> float:
    sound, rate = heard(wav)
    return len(sound) / rate


def pitch_hz(wav: bytes) -> float:
    """Median fundamental of the loud parts: the strongest autocorrelation between 60 and 400 Hz."""
    sound, rate = heard(wav)
    size = int(rate * 0.04)
    found = []
    for start in range(0, len(sound) - size, size):
        part = sound[start : start + size]
        if np.sqrt(np.mean(part**2)) < 0.05:
            continue
        alike = np.correlate(part, part, "full")[size - 1 :]
        low, high = rate // 400, rate // 60
        found.append(rate / (low + int(alike[low:high].argmax())))
    return float(np.median(found))


@needs_espeak
def test_a_sentence_is_sound_of_a_sentences_length() -> None:
    sound, rate = heard(EspeakVoice().speak(GREETING, "ko"))
    assert rate >= 16_000
    assert np.abs(sound).max() > 0.1
    assert 3 < len(sound) / rate < 20


@needs_espeak
def test_slower_is_longer_and_lower_is_lower() -> None:
    slow, fast = (EspeakVoice(words_per_minute=wpm).speak(GREETING, "ko") for wpm in (90, 200))
    assert seconds(slow) > 1.5 * seconds(fast)
    low, high = (EspeakVoice(pitch=pitch).speak(GREETING, "ko") for pitch in (10, 90))
    assert pitch_hz(high) > 1.2 * pitch_hz(low)


@needs_espeak
def test_figures_are_said_as_people_say_them() -> None:
    """The synthesiser alone reads 8시 as 팔시; what we send it sounds like 여덟 시."""

    def phonemes(text: str) -> str:
        command = ["espeak-ng", "-v", "ko", "-q", "-x", text]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()

    assert phonemes("8시") != phonemes("여덟 시")
    assert phonemes(korean.readable("08:00")) == phonemes("오전 여덟 시")


@needs_espeak
def test_english_is_spoken_too() -> None:
    assert seconds(EspeakVoice().speak("Good morning. Are you well?", "en")) > 0.8


@pytest.mark.parametrize(("field", "value"), [("words_per_minute", 20), ("pitch", 100)])
def test_speed_and_pitch_have_bounds(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=field):
        EspeakVoice(**{field: value})


def program(code: str) -> CommandVoice:
    """A voice's program of our own."""
    return CommandVoice((sys.executable, "-c", code), timeout_seconds=20)


@pytest.mark.parametrize(
    ("voice", "said"),
    [
        (CommandVoice(("no-such-voice",)), "there is no program"),
        (program("import sys; sys.exit('no model')"), "no model"),
        (program("print('hello')"), "answered no WAV"),
        (program("pass"), "answered no WAV"),
        (
            CommandVoice((sys.executable, "-c", "import time; time.sleep(60)"), timeout_seconds=0.5),
            "took more than 0.5 s",
        ),
    ],
)
def test_voice_that_fails_says_how(voice: CommandVoice, said: str) -> None:
    with pytest.raises(VoiceError, match=said):
        voice.speak("안녕하세요", "ko")
