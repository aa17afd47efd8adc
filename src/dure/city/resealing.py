# SPDX-License-Identifier: Apache-2.0
"""Rotation of the sealing keys: every sealed value of every model under the first key.

It goes chunk by chunk, each a transaction of its own, and passes over what the first key sealed already: stopped
at any moment, it is simply started again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models, transaction

from dure.city.audit import Tag, record
from dure.city.database import triggers_lifted
from dure.city.models import User
from dure.city.sealed import CannotOpen, Sealed, SealedTextField

AT_ONCE = 100
"""Rows a transaction: on an append-only table nobody else writes meanwhile."""


@dataclass
class Resealing:
    """How many values were sealed anew, how many needed it not, and which no key opens (``table.column id``)."""

    resealed: int = 0
    current: int = 0
    cannot_open: list[str] = field(default_factory=list)


def reseal(*, actor: User | str = "command:secrets-rotate") -> Resealing:
    """Seal every value anew that the first key did not seal. Values that no key opens are left as they are."""
    done = Resealing()
    for model, columns in sealed_columns():
        last: object = None
        while (last := _reseal_chunk(model, columns, last, done)) is not None:
            pass
    record(
        Tag.Secrets.ROTATED,
        actor=actor,
        subject="secrets:sealing",
        detail={"resealed": done.resealed, "current": done.current, "cannot_open": len(done.cannot_open)},
    )
    return done


def count_old() -> int:
    """How many values the first key alone does not open."""
    return sum(
        not value.is_current()
        for model, columns in sealed_columns()
        for row in model._base_manager.values_list(*columns).iterator()
        for value in row
        if value is not None
    )


def sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model that has sealed columns, with their names."""
    for model in apps.get_models():
        columns = [one.attname for one in model._meta.concrete_fields if isinstance(one, SealedTextField)]
        if columns and not model._meta.proxy:
            yield model, columns


@transaction.atomic
def _reseal_chunk(model: type[models.Model], columns: list[str], last: object, done: Resealing) -> object | None:
    """Seal the rows after the key ``last`` anew; returns the last key seen, None at the end."""
    with triggers_lifted(model._meta.db_table):
        rows = model._base_manager.select_for_update().only(*columns).order_by("pk")
        chunk = list((rows if last is None else rows.filter(pk__gt=last))[:AT_ONCE])
        for row in chunk:
            if changed := _reseal_row(row, columns, done):
                model._base_manager.filter(pk=row.pk).update(**changed)
    return chunk[-1].pk if chunk else None


def _reseal_row(row: models.Model, columns: list[str], done: Resealing) -> dict[str, Sealed]:
    changed = {}
    for column in columns:
        value: Sealed | None = getattr(row, column)
        if value is None:
            continue
        if value.is_current():
            done.current += 1
            continue
        try:
            changed[column] = value.rotated()
            done.resealed += 1
        except CannotOpen:
            done.cannot_open.append(f"{row._meta.db_table}.{column} {row.pk}")
    return changed
