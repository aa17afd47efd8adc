# SPDX-License-Identifier: Apache-2.0
"""Photos that people send: made anew, so that nothing but the picture itself stays (a phone writes where and when)."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from dure.city.errors import Invalid

MOST_BYTES = 1_000_000
MOST_PIXELS = 25_000_000
"""More is no phone's camera but an attempt to fill our memory."""
EDGE = 1280
"""Pixels of the longer edge that are kept: enough to see a lock or a parked car."""
QUALITY = 75


def made_anew(picture: bytes, *, most_bytes: int = MOST_BYTES) -> bytes:
    """The same pixels as a JPEG of ours, upright, no larger than EDGE; nothing else that was in the file.

    Raises Invalid (``picture``) for anything but a JPEG or PNG, or more than ``most_bytes`` or MOST_PIXELS.
    """
    if len(picture) > most_bytes:
        raise Invalid("사진이 너무 큽니다", f"must be at most {most_bytes} bytes", field="picture")
    try:
        with Image.open(BytesIO(picture), formats=("JPEG", "PNG")) as read:
            if read.width * read.height > MOST_PIXELS:
                raise Invalid("사진이 너무 큽니다", f"must be at most {MOST_PIXELS} pixels", field="picture")
            upright = ImageOps.exif_transpose(read).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Invalid("JPEG나 PNG 사진이 아닙니다", "is no JPEG or PNG that can be read", field="picture") from error
    upright.thumbnail((EDGE, EDGE))
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    made = BytesIO()
    clean.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()
