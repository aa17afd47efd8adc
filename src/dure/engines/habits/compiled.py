# SPDX-License-Identifier: Apache-2.0
"""Compiling the inner loop, and keeping the code between runs where there is a place to write to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])
_config: Any = numba.config


def compiled(function: Function) -> Function:
    """The function as machine code: the same bits on every call, whatever it is called together with.

    No fast-math, no threads. The code is kept in ``NUMBA_CACHE_DIR``, else beside the source, else in the user's
    cache; where none of them can be written it is compiled anew in every process (some ten seconds).
    """
    place = _place()
    if place is None:
        return cast("Function", numba.njit(error_model="numpy")(function))
    before, _config.CACHE_DIR = _config.CACHE_DIR, str(place)
    try:
        return cast("Function", numba.njit(cache=True, error_model="numpy")(function))
    finally:
        _config.CACHE_DIR = before


@cache
def _place() -> Path | None:
    """A writable folder for exactly this source: numba itself would keep code whose tables have changed elsewhere."""
    here = Path(__file__).parent
    source = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))).hexdigest()[:16]
    given = [Path(_config.CACHE_DIR)] if _config.CACHE_DIR else []
    for base in (*given, here / "__pycache__", Path("~/.cache/dure").expanduser()):
        place = base / f"habits-{source}"
        try:
            place.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=place):
                return place
        except OSError:
            continue
    return None
