# SPDX-License-Identifier: Apache-2.0
"""How far the simulator has sent the city's history, read from what it says in its log (one JSON object a line)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class History:
    """Follows a log that is being written, from its end at the time this was made."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = log.stat().st_size if log.exists() else 0
        self._shares: dict[str, float] = {}

    def share(self) -> float | None:
        """How much of the history the slowest feed has sent, 0 to 1; None before the first word of it."""
        for event in self._new_events():
            if event.get("event") == "history":
                self._shares[event["feed"]] = event["done"] / event["total"]
            elif event.get("event") == "live":
                self._shares[event["feed"]] = 1.0
        return min(self._shares.values(), default=None)

    def _new_events(self) -> list[dict[str, Any]]:
        if not self._log.exists():
            return []
        with self._log.open("rb") as log:
            log.seek(self._read)
            lines = log.read().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        self._read += sum(len(line) for line in whole)
        return [json.loads(line) for line in whole if line.startswith(b"{")]
