"""A brand's picture, drawn anew: what a customer's browser gets is our PNG, never a byte that somebody uploaded."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

MOST_BYTES = 512 * 1024
MOST_SIDE = 2000  # pixels a side of what is uploaded
HEIGHT = 128  # pixels of what is kept: four times the height on the page
FORMATS = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True)
class Picture:
    png: bytes
    sha256: str
    width: int
    height: int


def draw(upload: bytes) -> Picture:
    """The upload decoded, scaled down to HEIGHT and written as PNG with nothing but its pixels."""
    if len(upload) > MOST_BYTES:
        raise ValidationError(_("The file is larger than %(most)d kB."), code="size", params={"most": MOST_BYTES // 1024})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=FORMATS) as image:  # reads the header alone
                if max(image.size) > MOST_SIDE:
                    raise ValidationError(
                        _("The picture is larger than %(most)d by %(most)d pixels."), code="size", params={"most": MOST_SIDE}
                    )
                pixels = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(_("This is not a picture we can read. Send a PNG, JPEG or WebP file."), code="format") from None
    if pixels.height > HEIGHT:
        pixels = pixels.resize((max(1, round(pixels.width * HEIGHT / pixels.height)), HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    Image.frombytes("RGBA", pixels.size, pixels.tobytes()).save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), hashlib.sha256(out.getvalue()).hexdigest(), *pixels.size)
