# SPDX-License-Identifier: Apache-2.0
"""Text and sound, and the script of a call.

``korean`` makes Korean text ready to be said; ``meaning`` says what an answer means; ``script`` is a call as data,
checked so that nobody silent, in pain or asking for help is ever called well; ``dialogue`` follows a script without
any sound in it; ``voice`` turns text into a WAV. Values in, values out: a voice's program is the only thing outside::

    script = Script.parse(tomllib.loads(text))
    call = Dialogue(script, "ko", {"name": "김두레"})
    wav = EspeakVoice(words_per_minute=120).speak(call.says, "ko")
    call.hear("네, 잘 있어요")
    call.outcome, call.is_well
"""

from .dialogue import Dialogue, Turn
from .korean import Language
from .meaning import Meaning, understand
from .script import Script, ScriptError, State
from .vocabulary import Vocabulary
from .voice import CommandVoice, EspeakVoice, Voice, VoiceError

__all__ = [
    "CommandVoice",
    "Dialogue",
    "EspeakVoice",
    "Language",
    "Meaning",
    "Script",
    "ScriptError",
    "State",
    "Turn",
    "Vocabulary",
    "Voice",
    "VoiceError",
    "understand",
]
