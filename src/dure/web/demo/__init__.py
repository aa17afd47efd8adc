# SPDX-License-Identifier: Apache-2.0
"""``dure demo``: a whole made city on one machine, in one folder, from one command.

The folder holds all there is of the city: its database, keys, clock and logs. Stopped, it stands still; started again,
it goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """``home``: the city's folder. ``speed``: city seconds per real second, None for
    what suits the city's size. ``homes``, ``bins`` (None: by the homes) and
    ``readings`` (real homes instead of made ones) shape a new city only. ``fresh``: forget the one that is there."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    speed: float | None = None
    homes: int = 200
    bins: int | None = None
    readings: Path | None = None
    fresh: bool = False
