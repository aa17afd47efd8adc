# SPDX-License-Identifier: Apache-2.0
"""Where people can go. A service adds its pages in its ``AppConfig.ready``; the page shell shows each reader theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from dure.city.models import Role


@dataclass(frozen=True)
class Entry:
    """One way to go: lazy ``label`` and one-line ``about``, the page's ``url_name``, who may go there, and the
    name of an icon of ``static/img/icons.svg``. Lower ``position`` comes first; a role's first entry is its home."""

    label: str | Promise
    url_name: str
    roles: frozenset[Role]
    icon: str = "list"
    about: str | Promise = ""
    position: int = 50


_entries: dict[str, Entry] = {}


def add(
    label: str | Promise,
    url_name: str,
    roles: Iterable[Role],
    *,
    icon: str = "list",
    about: str | Promise = "",
    position: int = 50,
) -> None:
    """Put a page into the navigation; adding the same ``url_name`` again replaces it."""
    _entries[url_name] = Entry(label, url_name, frozenset(roles), icon, about, position)


def entries_for(roles: Iterable[Role]) -> list[Entry]:
    """The entries that a reader with ``roles`` may open, in their order."""
    held = frozenset(roles)
    return sorted((entry for entry in _entries.values() if entry.roles & held), key=lambda entry: entry.position)


_person_pages: dict[str, tuple[Entry, Callable[[UUID], bool]]] = {}


def add_person_page(
    label: str | Promise,
    url_name: str,
    roles: Iterable[Role],
    *,
    icon: str = "list",
    position: int = 50,
    there: Callable[[UUID], bool] = lambda ref: True,
) -> None:
    """Put a page about one person (its address takes their ``ref``) among the ways from other pages about them;
    ``there``: whether there is one about this person. Adding the same ``url_name`` again replaces it."""
    _person_pages[url_name] = Entry(label, url_name, frozenset(roles), icon, position=position), there


def person_pages_for(roles: Iterable[Role], ref: UUID) -> list[Entry]:
    """The pages there are about the person ``ref`` that a reader with ``roles`` may open, in their order."""
    held = frozenset(roles)
    found = [entry for entry, there in _person_pages.values() if entry.roles & held and there(ref)]
    return sorted(found, key=lambda entry: entry.position)
