# SPDX-License-Identifier: Apache-2.0
"""House rules about the files themselves."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
SOURCE = {".py", ".js", ".mjs", ".ts", ".css", ".sh"}
LONGEST = 500
BANNED = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)$")
HOST = re.compile(r"[a-z]+://|\bwww\.|registry\.|pypi|npmjs", re.IGNORECASE)


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _source() -> list[Path]:
    """What somebody wrote: migrations are generated."""
    written = (path for path in _tracked() if path.parent.name != "migrations")
    return [path for path in written if path.suffix in SOURCE or _is_script(path)]


def _is_script(path: Path) -> bool:
    return not path.suffix and path.read_bytes()[:2] == b"#!"


def _named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_every_source_file_names_its_licence_first() -> None:
    def has_licence(path: Path) -> bool:
        lines = [line for line in path.read_text().splitlines()[:2] if not line.startswith("#!")]
        return bool(lines) and "SPDX-License-Identifier: Apache-2.0" in lines[0]

    assert _named([path for path in _source() if not has_licence(path)]) == []


def test_every_source_file_can_be_read_in_one_sitting() -> None:
    def is_long(path: Path) -> bool:
        return len(path.read_text().splitlines()) > LONGEST

    assert _named([path for path in _source() if is_long(path)]) == []


def test_every_module_is_named_for_what_it_does() -> None:
    assert _named([path for path in _source() if BANNED.search(path.stem)]) == []


@pytest.mark.parametrize("name", ["base", "dev", "bench"])
def test_every_python_package_is_locked_by_hash_and_by_no_registry(name: str) -> None:
    lock = (ROOT / f"requirements/{name}.lock").read_text()
    packages = [line for line in lock.splitlines() if re.match(r"[a-z0-9]", line)]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+( ;[^\\]*)? \\$", package), package
    blocks = re.split(r"\n(?=[a-z0-9])", lock)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert HOST.findall(lock) == []


def test_every_npm_package_is_locked_by_hash_and_by_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text()
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry and not entry.get("link")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_no_file_of_ours_names_a_registry() -> None:
    settings = [ROOT / name for name in ("Makefile", ".npmrc", "pyproject.toml", "package.json")]
    scripts = [path for path in _tracked() if path.parent.name in {"scripts", ".ci", "requirements"}]
    named = [path for path in [*settings, *scripts] if re.search(r"registry=|index-url|npmjs|pypi", path.read_text())]
    assert _named([path for path in named if "--no-emit-index-url" not in path.read_text()]) == []
