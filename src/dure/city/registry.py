# SPDX-License-Identifier: Apache-2.0
"""What a process remembers of series and keys, so that a reading costs no look-up.

The memory is as good as the database's stamp: triggers renew the stamp with every change to feeds, devices, series or
keys (migration 0005), and :meth:`Registry.refresh` forgets everything when the stamp is another. Call it before each
group of readings: one short query. Not for several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dure.city.database import in_parts
from dure.city.devices import CODE, Holder, holder_of_digest
from dure.city.models import RegistryStamp, Series

UNKNOWN = 0
"""The row of what is not registered: its ids are no one's."""
_NEVER = np.iinfo(np.int64).max

Name = tuple[str, str]
"""(device code, series name)."""


class Registry:
    """Rows of known series, as parallel arrays: ``series``, ``device``, ``feed`` (ids), ``lowest``, ``highest`` (the
    range of a true value, ±inf for no limit), ``retired`` (µs since 1970, UTC); and the lists ``units``,
    ``feed_codes``. Row 0 is UNKNOWN."""

    def __init__(self) -> None:
        self._stamp: str | None = None
        self._forget()

    def refresh(self) -> None:
        """Forget what may be old. Raises what the database raises."""
        stamp = RegistryStamp.objects.values_list("stamp", flat=True).first()
        if stamp is None or stamp != self._stamp:
            self._forget()
            self._stamp = stamp

    def _forget(self) -> None:
        self._rows: dict[Name, int] = {}
        self._holders: dict[str, Holder | None] = {}
        self.units: list[str] = [""]
        self.feed_codes: list[str] = [""]
        self._devices: set[str] = set()
        self.ids: NDArray[np.int64] = np.array([[-1], [-1], [-1], [_NEVER]], np.int64)
        self.limits: NDArray[np.float64] = np.array([[-np.inf], [np.inf]])

    @property
    def series(self) -> NDArray[np.int64]:
        return self.ids[0]

    @property
    def device(self) -> NDArray[np.int64]:
        return self.ids[1]

    @property
    def feed(self) -> NDArray[np.int64]:
        return self.ids[2]

    @property
    def retired(self) -> NDArray[np.int64]:
        return self.ids[3]

    @property
    def lowest(self) -> NDArray[np.float64]:
        return self.limits[0]

    @property
    def highest(self) -> NDArray[np.float64]:
        return self.limits[1]

    def holder(self, digest: str) -> Holder | None:
        """The holder of the key with this digest. Unknown keys are asked for again: guessing must not fill memory."""
        known = self._holders.get(digest)
        if known is None:
            known = holder_of_digest(digest)
            if known is not None:
                self._holders[digest] = known
        return known

    def rows(self, devices: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
        """The row of each (device, series), UNKNOWN where there is none. The two sequences are of one length."""
        found = self._rows.get
        rows = [found(name, UNKNOWN) for name in zip(devices, names, strict=True)]
        if UNKNOWN in rows:
            self._learn({device for device, row in zip(devices, rows, strict=True) if row == UNKNOWN})
            rows = [found(name, UNKNOWN) for name in zip(devices, names, strict=True)]
        return np.array(rows, np.int64)

    def knows_device(self, code: str) -> bool:
        """Whether a device that :meth:`rows` was asked for has any series, to say which of the two names was wrong."""
        return code in self._devices

    def _learn(self, codes: Iterable[str]) -> None:
        remaining = (code for code in codes if CODE.fullmatch(code))
        ids: list[tuple[int, int, int, int]] = []
        limits: list[tuple[float, float]] = []
        for chunk in in_parts(remaining):
            for one in Series.objects.filter(device__code__in=chunk).select_related("device__feed"):
                name = (one.device.code, one.name)
                if name in self._rows:
                    continue
                self._rows[name] = len(self.units)
                self.units.append(one.unit)
                self.feed_codes.append(one.device.feed.code)
                self._devices.add(one.device.code)
                retired = one.device.retired_at
                ids.append(
                    (one.pk, one.device_id, one.device.feed_id, round(retired.timestamp() * 1e6) if retired else _NEVER)
                )
                limits.append(
                    (
                        -np.inf if one.min_value is None else one.min_value,
                        np.inf if one.max_value is None else one.max_value,
                    )
                )
        if ids:
            self.ids = np.concatenate([self.ids, np.array(ids, np.int64).T], axis=1)
            self.limits = np.concatenate([self.limits, np.array(limits, np.float64).T], axis=1)
