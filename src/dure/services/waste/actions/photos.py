# SPDX-License-Identifier: Apache-2.0
"""Drivers' photos: made anew without metadata (a phone writes where and when), sealed, and kept for a while only."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dure.city import audit, clock, rules
from dure.city.errors import Conflict, NotFound
from dure.city.models import Errand, Role, User
from dure.city.pictures import made_anew
from dure.city.roles import areas_of
from dure.services.waste.actions.collecting import require_stop
from dure.services.waste.models import Photo, Press
from dure.services.waste.rules import CollectingRules

AT_ONCE = 500
ACTOR = "city:retention"


@transaction.atomic
def keep_photo(errand: Errand, driver: User, picture: bytes, *, at: datetime, client_id: UUID) -> Photo:
    """Keep a JPEG or PNG from the stop; the same ``client_id`` again changes nothing.

    Raises Invalid (``picture``) for anything else or what is too large (:mod:`dure.city.pictures`), NotFound when the
    stop is not the driver's.
    """
    jpeg = made_anew(picture)
    audit.take_turn()
    if known := Photo.objects.filter(client_id=client_id).first():
        if known.errand_id != errand.pk:
            raise Conflict(
                "이미 다른 기록에 쓰인 번호입니다", "this number belongs to another entry", field="client_id"
            )
        return known
    require_stop(errand, driver, at)
    made = Photo.objects.create(
        errand=errand, by=driver, at=at, received_at=clock.now(), client_id=client_id,
        picture=base64.b64encode(jpeg).decode(),
    )  # fmt: skip
    audit.record("waste:photo:kept", actor=driver, subject=f"errand:{errand.pk}", detail={"photo": made.pk, "at": at})
    return made


def access_photo(user: User, number: int) -> bytes:
    """The JPEG, for who took it and for dispatchers of the area; the reading, or the refusal, is on the chain before.

    Raises NotFound for anybody else, RuntimeError inside a transaction.
    """
    photo = Photo.objects.select_related("errand").filter(pk=number).first()
    if photo is None:
        raise NotFound("그런 사진이 없습니다", "there is no such photo")
    _require_reader(user, photo.errand, photo.by_id, "photo", photo.pk)
    return base64.b64decode(photo.picture.open())


def told_of(user: User, number: int) -> tuple[list[tuple[Press, str]], list[Photo]]:
    """What was said of the stop, oldest first, each with what was written, and its photos, unopened: for who has said
    something there and for dispatchers of the area, as :func:`access_photo`."""
    words = list(Press.objects.filter(errand=number).select_related("by", "turn__truck").order_by("at", "pk"))
    pictures = list(Photo.objects.filter(errand=number).select_related("by").order_by("at", "pk"))
    errand = Errand.objects.filter(pk=number, service="waste").first()
    if errand is None:
        raise NotFound("그런 수거가 없습니다", "there is no such stop")
    said_by = {*(one.by_id for one in words), *(one.by_id for one in pictures)}
    _require_reader(user, errand, user.pk if user.pk in said_by else None, "note", errand.pk)
    return [(one, str(one.note.open()) if one.note is not None else "") for one in words], pictures


def remove_old_photos() -> int:
    """Remove what is older than the rule; how many. Doing it again removes nothing."""
    days = rules.load(CollectingRules, "waste").photo_days
    removed = 0
    while part := _remove_some(clock.now() - timedelta(days=days)):
        removed += part
    return removed


@transaction.atomic
def _remove_some(before: datetime) -> int:
    audit.take_turn()
    ids = list(Photo.objects.filter(received_at__lt=before).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if ids:
        Photo.objects.filter(pk__in=ids).delete()
        audit.record("waste:photo:removed", actor=ACTOR, subject=audit.about("photo", ids), detail={"photos": ids})
    return len(ids)


def _require_reader(user: User, errand: Errand, taker: int | None, what: str, number: int) -> None:
    allowed = user.is_active and (
        user.pk == taker or areas_of(user, Role.DISPATCHER).filter(pk=errand.area_id).exists()
    )
    with transaction.atomic(durable=True):
        tag = f"waste:{what}:{'opened' if allowed else 'denied'}"
        audit.record(tag, actor=user, subject=f"errand:{errand.pk}", detail={what: number})
    if not allowed:
        raise NotFound("그런 것이 없습니다", "there is no such thing")
