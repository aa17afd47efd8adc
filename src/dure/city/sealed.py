# SPDX-License-Identifier: Apache-2.0
"""Columns that are encrypted at rest: names, phones, addresses, notes about people.

Fernet (AES-128-CBC + HMAC-SHA-256) through ``cryptography``'s MultiFernet: the first key of ``DURE_KEYS`` seals,
every key opens, so keys rotate by putting a new one in front and running ``dure secrets rotate``
(dure.city.resealing, docs/adr/0003-sealed-columns.md).
A loaded value is a :class:`Sealed`; only the ``access_…`` functions of :mod:`dure.city.people` and
:mod:`dure.city.cases` call :meth:`Sealed.open`, and a test keeps it so.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from dure.city.errors import DureError

if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class CannotOpen(DureError):
    """None of the configured keys opens this value."""

    status = 500


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> tuple[str, ...]:
    return tuple(settings.DURE_KEYS)


class Sealed:
    """A value that was read encrypted and stays so until somebody with the right opens it."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    @classmethod
    def seal(cls, text: str) -> Sealed:
        """Encrypt ``text`` with the first key."""
        return cls(_ring(_keys()).encrypt(text.encode()).decode())

    def open(self) -> str:
        """Decrypt. Raises CannotOpen when no key fits."""
        try:
            return _ring(_keys()).decrypt(self.token.encode()).decode()
        except InvalidToken as error:
            raise CannotOpen("암호 키가 맞지 않습니다", "no configured key opens this value") from error

    def is_current(self) -> bool:
        """Whether the first key sealed this value."""
        try:
            _ring(_keys()[:1]).decrypt(self.token.encode())
        except InvalidToken:
            return False
        return True

    def rotated(self) -> Sealed:
        """The same value under the first key. Raises CannotOpen when no key fits."""
        try:
            return Sealed(_ring(_keys()).rotate(self.token.encode()).decode())
        except InvalidToken as error:
            raise CannotOpen("암호 키가 맞지 않습니다", "no configured key opens this value") from error

    def __repr__(self) -> str:
        return "•••"

    __str__ = __repr__


class SealedTextField(_TextField):
    """Text that is ciphertext in the database and :class:`Sealed` in Python; assign ``str`` to seal it."""

    def from_db_value(self, value: str | None, *_: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Sealed | None:
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed.seal(str(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> str | None:
        sealed = self.to_python(value)
        return None if sealed is None else sealed.token


def seal_now(row: models.Model) -> None:
    """Seal the row's texts before it is saved: for many rows at once, so that no lock is held meanwhile."""
    for field in row._meta.concrete_fields:
        if isinstance(field, SealedTextField):
            field.pre_save(row, add=True)


def blind_index(text: str) -> str:
    """A keyed digest by which an equal value is found without opening any (phone look-up).

    Uses ``DURE_INDEX_KEY``, which does not rotate with the sealing keys: rotating it rebuilds the index.
    """
    return hmac.new(settings.DURE_INDEX_KEY.encode(), text.encode(), sha256).hexdigest()
