# SPDX-License-Identifier: Apache-2.0
"""Every string that people see is there in Korean and in English."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "dure"
OURS = [Path(app.path) for app in apps.get_app_configs() if app.name.startswith("dure.")]


def _run(*command: str | Path, cwd: Path) -> str:
    """What the command printed; it must succeed."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All English catalogues in one, as Django merges them."""
    merged = tmp_path_factory.mktemp("catalogue") / "all.po"
    catalogues = sorted(SOURCE.glob("**/locale/en/LC_MESSAGES/django.po"))
    assert catalogues
    _run("msgcat", "--use-first", "-o", merged, *catalogues, cwd=ROOT)
    return merged


@pytest.mark.parametrize("app", OURS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_string_has_its_english(app: Path, english: Path, tmp_path: Path) -> None:
    copy = tmp_path / app.name
    shutil.copytree(app, copy, ignore=shutil.ignore_patterns("static", "locale", "__pycache__", "migrations"))
    (copy / "locale").mkdir()
    _run(sys.executable, ROOT / "manage.py", "makemessages", "--locale=en", "--no-location", "--keep-pot", cwd=copy)
    found = copy / "locale" / "django.pot"
    if found.exists():
        merged = tmp_path / "merged.po"
        _run("msgmerge", "--quiet", "--no-fuzzy-matching", "-o", merged, english, found, cwd=ROOT)
        missing = _run("msgattrib", "--untranslated", "--no-obsolete", "--no-wrap", merged, cwd=ROOT)
        assert [line for line in missing.splitlines() if line.startswith("msgid ") and line != 'msgid ""'] == []


def test_one_string_has_one_english_wherever_it_is_said(tmp_path: Path) -> None:
    """Django keeps one of two, and which one is an accident."""
    merged = tmp_path / "merged.po"
    _run("msgcat", "-o", merged, *sorted(SOURCE.glob("**/locale/en/LC_MESSAGES/django.po")), cwd=ROOT)
    twice = _run("msgattrib", "--only-fuzzy", "--no-wrap", merged, cwd=ROOT)
    assert [line for line in twice.splitlines() if line.startswith("msgid ") and line != 'msgid ""'] == []


def test_no_english_is_a_guess(english: Path) -> None:
    assert _run("msgattrib", "--only-fuzzy", "--no-obsolete", english, cwd=ROOT) == ""
