# SPDX-License-Identifier: Apache-2.0
"""What ``dure demo`` says while it works: one line a step, Korean and English."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

T = TypeVar("T")
BAR = 30
"""Width of the bar, characters."""


def show(text: str, end: str = "\n") -> None:
    """Print at once. A terminal that was closed is no reason to stop before everything is stopped."""
    _write(sys.stdout, text + end)


def step(ko: str, en: str) -> None:
    """Say what begins now."""
    show(f"{_dim('·')} {ko} · {_dim(en)}")


def problem(ko: str, en: str) -> None:
    """Say what is wrong, where errors go."""
    _write(sys.stderr, f"{ko}\n{en}\n")


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except OSError:  # nobody reads it: nor the rest, which Python would try to write once more at its end, and fail
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class Bar:
    """A bar on a terminal; elsewhere (a log) a line at each quarter."""

    def __init__(self) -> None:
        self._quarter = 0

    def show(self, share: float) -> None:
        """``share``: how much is done, 0 to 1. Showing 1 ends the bar."""
        share = min(max(share, 0.0), 1.0)
        if sys.stdout.isatty():
            full = round(share * BAR)
            show(f"\r  {'█' * full}{'░' * (BAR - full)} {share:4.0%}", end="\n" if share == 1 else "")
        elif int(share * 4) > self._quarter:
            self._quarter = int(share * 4)
            show(f"  {share:.0%}")


def counted(things: Iterable[T], total: int) -> Iterator[T]:
    """Pass ``things`` on and show how many of ``total`` have passed."""
    bar = Bar()
    for number, thing in enumerate(things, start=1):
        yield thing
        if number % max(1, total // 100) == 0 or number == total:
            bar.show(number / total)


def _dim(text: str) -> str:
    return f"\033[2m{text}\033[0m" if sys.stdout.isatty() else text
