# SPDX-License-Identifier: Apache-2.0
"""Text to sound: a program reads the text and answers with a WAV.

The embedded voice is eSpeak NG, which speaks Korean everywhere and needs no model. A city with a neural voice names
its program instead (Piper: ``CommandVoice(("piper", "--model", "ko.onnx", "--output_file", "-"))``).
"""

from __future__ import annotations

import io
import subprocess
import wave
from dataclasses import dataclass
from typing import Protocol

from . import korean
from .korean import Language


class VoiceError(RuntimeError):
    """The voice's program is missing, failed, took too long or answered no sound."""


class Voice(Protocol):
    """Anything that speaks."""

    def speak(self, text: str, language: Language) -> bytes:
        """``text`` as a WAV file (16 bit PCM, mono). Raises VoiceError."""


@dataclass(frozen=True)
class CommandVoice:
    """A program that reads UTF-8 text on its standard input and writes a WAV to its standard output."""

    command: tuple[str, ...]
    timeout_seconds: float = 30.0

    def speak(self, text: str, language: Language) -> bytes:
        """See ``Voice``; Korean figures are written out before (``korean.readable``)."""
        said = korean.readable(text) if language == "ko" else text
        try:
            done = subprocess.run(
                self.command, input=said.encode(), capture_output=True, check=True, timeout=self.timeout_seconds
            )
        except FileNotFoundError as error:
            raise VoiceError(f"there is no program {self.command[0]!r}") from error
        except subprocess.CalledProcessError as error:
            raise VoiceError(f"{self.command[0]} failed: {error.stderr.decode(errors='replace').strip()}") from error
        except subprocess.TimeoutExpired as error:
            raise VoiceError(f"{self.command[0]} took more than {self.timeout_seconds:g} s") from error
        return _whole_wav(done.stdout)


@dataclass(frozen=True)
class EspeakVoice:
    """eSpeak NG at a speed and pitch that a listener asked for."""

    words_per_minute: int = 130
    """80 to 300. eSpeak's own default is 175; slower is the wish we start from, and each person's to set."""
    pitch: int = 40
    """0 to 99. eSpeak's own default is 50; high tones are the first that ageing ears lose, so we start lower."""
    pause_between_words: int = 1
    """In units of 10 ms."""

    def __post_init__(self) -> None:
        if not 80 <= self.words_per_minute <= 300:
            raise ValueError("words_per_minute must be 80 to 300")
        if not 0 <= self.pitch <= 99:
            raise ValueError("pitch must be 0 to 99")

    def speak(self, text: str, language: Language) -> bytes:
        """See ``Voice``."""
        options = ("-s", str(self.words_per_minute), "-p", str(self.pitch), "-g", str(self.pause_between_words))
        return CommandVoice(("espeak-ng", "-v", language, *options, "--stdin", "--stdout")).speak(text, language)


def _whole_wav(data: bytes) -> bytes:
    """The same sound with true lengths in its header: a program that writes to a pipe does not know them."""
    try:
        with wave.open(io.BytesIO(data)) as source:
            frames, form = source.readframes(source.getnframes()), source.getparams()
    except (wave.Error, EOFError) as error:
        raise VoiceError(f"the voice answered no WAV: {error}") from error
    if not frames:
        raise VoiceError("the voice answered an empty sound")
    whole = io.BytesIO()
    with wave.open(whole, "wb") as target:
        target.setnchannels(form.nchannels)
        target.setsampwidth(form.sampwidth)
        target.setframerate(form.framerate)
        target.writeframes(frames)
    return whole.getvalue()
