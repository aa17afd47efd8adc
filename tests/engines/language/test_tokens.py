# SPDX-License-Identifier: Apache-2.0
"""Text becomes the tokens it is searched and judged by."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

from dure.engines.language.tokens import Tokenizer, all_morphemes, bigrams, kiwi, words


def test_particles_and_endings_are_left_out() -> None:
    assert Tokenizer().content("쓰레기를 버렸어요") == Tokenizer().content("쓰레기 버리는") == ["쓰레기", "버리다"]


def test_a_citys_own_word_is_a_token_beside_its_parts() -> None:
    plain, own = Tokenizer().content("동탄대로에서"), Tokenizer(["동탄대로"]).content("동탄대로에서")
    assert own == [*plain, "동탄대로"]


def test_words_are_the_same_however_their_syllables_are_written() -> None:
    text = "주차 단속, CCTV"
    assert words(unicodedata.normalize("NFD", text)) == words(text) == ["주차", "단속", "cctv"]


def test_a_mark_in_the_place_of_personal_data_is_no_word() -> None:
    assert words("⟦ADDRESS_1⟧ 앞 등") == ["앞", "등"]


def test_bigrams_stay_within_words() -> None:
    assert bigrams("주차장 앞") == ["주차", "차장", "앞"]


def test_all_morphemes_keep_how_a_thing_is_said() -> None:
    assert "나요/EF" in all_morphemes(["단속하나요?"])[0]


def test_one_analyser_serves_the_whole_process() -> None:
    assert kiwi() is kiwi()


def test_other_commands_do_not_wait_for_the_analyser() -> None:
    shown = "import sys, dure.engines.language.tokens; print('kiwipiepy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
