# SPDX-License-Identifier: Apache-2.0
"""A photo carries nothing but its picture, is opened by few, each time on the chain, and goes in time."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from dure.city import clock, teams
from dure.city.errors import Invalid, NotFound
from dure.city.models import AuditEntry, Role
from dure.services.waste import tasks
from dure.services.waste.actions import collecting, photos
from dure.services.waste.models import Photo
from tests.conftest import StandingClock
from tests.factories import City, make_user
from tests.services.waste.made_rounds import Given
from tests.services.waste.test_pages import client_of

pytestmark = pytest.mark.django_db
GPS, ORIENTATION = 0x8825, 0x0112


@pytest.fixture
def given(city: City, standing_clock: StandingClock) -> Given:
    teams.set_team("청소팀", [city.users[Role.DISPATCHER]], service="waste", actor="tests")
    return Given(city, bins=1)


def picture(kind: str = "JPEG", size: tuple[int, int] = (1600, 400)) -> bytes:
    """Red on the left, with a place, a comment and a turn to the right in its metadata."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    made = BytesIO()
    image.save(made, kind, exif=exif, comment=b"secret place")
    return made.getvalue()


def keep(given: Given, data: bytes) -> Photo:
    return photos.keep_photo(given.errands[0], given.driver, data, at=given.at(0), client_id=uuid4())


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_only_the_picture_itself_is_kept(given: Given, city: City, kind: str) -> None:
    kept = keep(given, picture(kind))
    assert b"secret" not in Photo.objects.get(pk=kept.pk).picture.token.encode()
    data = photos.access_photo(city.users[Role.DISPATCHER], kept.pk)
    with Image.open(BytesIO(data)) as read:
        assert (read.format, read.size, len(read.getexif())) == ("JPEG", (320, 1280), 0)
        assert "comment" not in read.info
        red, green, _blue = read.getpixel((160, 300))  # type: ignore[misc]
        assert (red > 200, green < 60) == (True, True), "upright, as the phone meant it"


def test_staff_of_the_area_and_who_took_it_open_it_and_each_time_is_on_the_chain(given: Given, city: City) -> None:
    kept = keep(given, picture())
    for reader in (city.users[Role.DISPATCHER], given.driver):
        assert photos.access_photo(reader, kept.pk)[:2] == b"\xff\xd8"
    for stranger in (given.other, make_user("elsewhere", Role.DISPATCHER, area=city.dongs[1])):
        with pytest.raises(NotFound):
            photos.access_photo(stranger, kept.pk)
    tags = list(AuditEntry.objects.filter(tag__startswith="waste:photo:").order_by("seq").values_list("tag", flat=True))
    assert tags == ["waste:photo:kept", *["waste:photo:opened"] * 2, *["waste:photo:denied"] * 2]


@pytest.mark.parametrize("data", [b"", b"GIF89a", picture()[:400], b"\xff\xd8\xff" + bytes(1_000_001)])
def test_what_is_no_picture_is_refused(given: Given, data: bytes) -> None:
    with pytest.raises(Invalid) as wrong:
        keep(given, data)
    assert wrong.value.field == "picture"


def test_photos_go_when_their_time_is_over(given: Given, standing_clock: StandingClock) -> None:
    keep(given, picture())
    standing_clock.move(days=30)
    tasks.remove_old_photos()
    assert Photo.objects.count() == 1
    standing_clock.move(minutes=1)
    tasks.remove_old_photos()
    tasks.remove_old_photos()
    assert Photo.objects.count() == 0
    assert AuditEntry.objects.filter(tag="waste:photo:removed").count() == 1


def test_what_a_driver_wrote_is_sealed(given: Given, city: City) -> None:
    said = {"reason": "other", "note": "흰 트럭 12가3456", "at": clock.now() - timedelta(minutes=1)}
    press = collecting.could_not(given.errands[0], given.driver, client_id=uuid4(), **said)  # type: ignore[arg-type]
    press.refresh_from_db()
    assert "3456" not in press.note.token
    keep(given, picture())
    ((said_, note),), pictures = photos.told_of(city.users[Role.DISPATCHER], press.errand_id)
    assert (said_, note, len(pictures)) == (press, "흰 트럭 12가3456", 1)
    page = client_of(city.users[Role.DISPATCHER]).get(f"/waste/stops/{press.errand_id}/").content.decode()
    assert "흰 트럭 12가3456" in page
    assert f"/waste/photos/{pictures[0].pk}/" in page
    with pytest.raises(NotFound):
        photos.told_of(given.other, press.errand_id)
