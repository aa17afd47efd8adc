# SPDX-License-Identifier: Apache-2.0
"""The keys of an installation: read from one file, made on first use, readable by its owner alone."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class Secrets:
    """``web`` signs sessions; ``sealing`` encrypts columns (first seals, all open); ``index`` finds phones;
    ``audit`` seals the audit chain's end."""

    web: str
    sealing: list[str]
    index: str
    audit: str


def load_secrets(path: Path) -> Secrets:
    """Read the keys, or make them. Raises ValueError naming the file when it is not what we wrote."""
    try:
        return Secrets(**json.loads(path.read_text()))
    except FileNotFoundError:
        made = Secrets(
            web=secrets.token_urlsafe(48),
            sealing=[Fernet.generate_key().decode()],
            index=secrets.token_urlsafe(32),
            audit=secrets.token_urlsafe(32),
        )
        return _write_once(path, made)
    except (TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: not a file of keys that Dure wrote") from error


def _write_once(path: Path, made: Secrets) -> Secrets:
    """Two processes that start together must end with the same keys: link() lets only one of them win."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    _write(draft, made)
    try:
        os.link(draft, path)
    except FileExistsError:
        return load_secrets(path)
    finally:
        draft.unlink()
    return made


def add_sealing_key(path: Path) -> Secrets:
    """Put a new sealing key in front of the others. Restart every process, then run ``dure secrets rotate``."""
    known = load_secrets(path)
    return _replace(path, replace(known, sealing=[Fernet.generate_key().decode(), *known.sealing]))


def drop_old_sealing_keys(path: Path) -> Secrets:
    """Keep the first sealing key alone. What only another opens can never be read again: look first."""
    known = load_secrets(path)
    return _replace(path, replace(known, sealing=known.sealing[:1]))


def _replace(path: Path, made: Secrets) -> Secrets:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    _write(draft, made)
    draft.replace(path)
    return made


def _write(path: Path, made: Secrets) -> None:
    """A new file, on disk before this returns: what a lost key sealed is lost."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(made), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
