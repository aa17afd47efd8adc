# SPDX-License-Identifier: Apache-2.0
"""Text from outside as a record can hold it."""

from unicodedata import category


def plain(text: str) -> str:
    """``text`` without control and format characters, lone surrogates and NUL (which PostgreSQL refuses); every space
    an ordinary one, lines and tabs as they are."""
    return "".join(map(_plain, text.replace("\r\n", "\n").replace("\r", "\n")))


def _plain(letter: str) -> str:
    if letter in "\n\t":
        return letter
    kind = category(letter)[0]
    return " " if kind == "Z" else "" if kind == "C" else letter
