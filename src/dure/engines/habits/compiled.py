# SPDX-License-Identifier: Apache-2.0
"""Compiling the inner loop, and keeping the code between runs where there is a place to write to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar, cast

from dure.engines.machine_code import MachineCode

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function as machine code: the same bits on every call, whatever it is called together with.

    No fast-math, no threads. The code is kept in ``NUMBA_CACHE_DIR``, else beside the source, else in the user's
    cache; where none of them can be written it is compiled anew in every process (some ten seconds).
    """
    return cast("Function", MachineCode(function, _compile))


def _compile(function: Callable[..., object]) -> Any:
    import numba  # noqa: PLC0415 - half a second, and most processes compile nothing

    config: Any = numba.config
    given = config.CACHE_DIR
    place = _place(given)
    if place is None:
        return numba.njit(error_model="numpy")(function)
    config.CACHE_DIR = str(place)
    try:
        return numba.njit(cache=True, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = given


@cache
def _place(given: str) -> Path | None:
    """A writable folder for exactly this source: numba itself would keep code whose tables have changed elsewhere."""
    here = Path(__file__).parent
    source = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))).hexdigest()[:16]
    chosen = [Path(given)] if given else []
    for base in (*chosen, here / "__pycache__", Path("~/.cache/dure").expanduser()):
        place = base / f"habits-{source}"
        try:
            place.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=place):
                return place
        except OSError:
            continue
    return None
