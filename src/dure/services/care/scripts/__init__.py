# SPDX-License-Identifier: Apache-2.0
"""What the automatic calls say, one TOML file a call, in the form of dure.engines.speech.script."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from dure.engines.speech import Script
from dure.services.care.models import CallOutcome

FOLDER = Path(__file__).parent


@cache
def script(name: str) -> Script:
    """The script in ``<name>.toml``. Raises FileNotFoundError, ScriptError, or ValueError for an end that care does
    not know."""
    parsed = Script.parse(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
    unknown = {state.end for state in parsed.states.values() if state.end} - set(CallOutcome.values)
    if unknown:
        raise ValueError(f"{name}.toml: unknown end {min(unknown)!r}; known: {', '.join(CallOutcome.values)}")
    return parsed


def names() -> list[str]:
    """Every script there is."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))
