# SPDX-License-Identifier: Apache-2.0
"""The folder of a demo's city: who holds it, what is in it, and whether the city was made to its end."""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path
from typing import Any

MARK = "demo.json"
"""Only a folder with this file, or an empty one, is ever cleared."""


class HomeError(Exception):
    """The folder cannot be used; ``ko`` and ``en`` say why."""

    def __init__(self, ko: str, en: str) -> None:
        super().__init__(en)
        self.ko, self.en = ko, en


class Home:
    """A demo's folder, held by this process alone from ``hold`` on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.city = path / "city"
        self.keys = path / "keys.json"
        self.logs = path / "logs"
        self.broker = path / "broker"

    def hold(self) -> None:
        """Take the folder. Raises HomeError when another demo runs in it, or when it is something else's."""
        self.path.mkdir(parents=True, exist_ok=True)
        if any(self.path.iterdir()) and not (self.path / MARK).exists():
            raise HomeError(
                f"{self.path}: 데모의 폴더가 아닙니다. 빈 폴더를 주세요.",
                f"{self.path}: this is not a demo's folder; give an empty one",
            )
        self._mark = (self.path / MARK).open("a+")
        try:
            fcntl.flock(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeError(
                f"{self.path}: 이 도시는 이미 돌고 있습니다. 다른 도시를 하나 더 돌리려면 DIR=과 PORT=를 바꿔 주세요.",
                f"{self.path}: this city runs already; for another one beside it choose another DIR= and PORT=",
            ) from None

    @property
    def made(self) -> dict[str, Any] | None:
        """What the city was made with, None while there is none that was made to its end."""
        self._mark.seek(0)
        text = self._mark.read()
        known: dict[str, Any] | None = json.loads(text) if text.strip() else None
        return known

    def clear(self) -> None:
        """Remove everything of the city but the hold on its folder."""
        self._mark.truncate(0)
        for path in self.path.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != MARK:
                path.unlink()

    def finish(self, made_with: dict[str, Any]) -> None:
        """Write down that the city is complete."""
        self._mark.truncate(0)
        self._mark.write(json.dumps(made_with))
        self._mark.flush()
