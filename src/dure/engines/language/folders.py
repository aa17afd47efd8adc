# SPDX-License-Identifier: Apache-2.0
"""A folder in which an index or a model lies: what it says of itself, and how a new one takes the place of the old."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple


class About(NamedTuple):
    """``file``: where a folder says what it is: ``kind``, in which ``version``. ``ko``, ``en``: the kind in words."""

    file: str
    kind: str
    version: int
    ko: str
    en: str


class LanguageFileError(ValueError):
    """No index or model where one should be, one of another version, or nothing that one could be made of."""


def begun(folder: Path) -> Path:
    """An empty folder beside ``folder`` to write into; what was left of one that was never ended is thrown away."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def ended(folder: Path, fresh: Path, which: About, about: dict[str, Any]) -> None:
    """Say in ``fresh`` what it is, and put it where ``folder`` is; the old one is gone only when the new one stands."""
    said = {"dure": which.kind, "version": which.version} | about
    (fresh / which.file).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    check_place(folder)
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def about(folder: Path, which: About) -> dict[str, Any]:
    """What a folder says of itself.

    Raises
    ------
    LanguageFileError
        It is no such folder, or one of another version.
    """
    try:
        said: dict[str, Any] = json.loads((folder / which.file).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise LanguageFileError(f"{folder}: {which.ko}이 아닙니다 / no {which.en} ({error})") from error
    if said.get("dure") != which.kind or said.get("version") != which.version:
        en = f"{which.en} of another version, not {which.version}"
        raise LanguageFileError(f"{folder}: 판이 다른 {which.ko}입니다 / {en}")
    return said


def check_place(folder: Path) -> None:
    """Refuse a place where something else is: saving takes the place of all that is there.

    Raises
    ------
    LanguageFileError
        It is a file, or a folder with something in it that is no index and no model.
    """
    ours = any((folder / name).is_file() for name in ("index.json", "model.json"))
    if folder.exists() and not ours and (not folder.is_dir() or any(folder.iterdir())):
        raise LanguageFileError(f"{folder}: 다른 것이 있어 덮어쓰지 않습니다 / something else is there, not replaced")
