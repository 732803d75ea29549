"""A signed form on its way in: small, of a kind that people can look at, and encrypted before it is stored."""

from __future__ import annotations

import base64
from io import BytesIO

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from accounts.adapters import encryption

LARGEST = 4 * 1024 * 1024  # bytes
MOST_PIXELS = 40_000_000
PDF = b"%PDF-"


class NotAPicture(ValueError):
    """The message is for whoever sent it."""


def looked_through(file: UploadedFile[bytes]) -> bytes:
    """The bytes of a PDF, or of a picture written anew, so that nothing rides along. Raises NotAPicture."""
    if not file.size or file.size > LARGEST:
        raise NotAPicture(_("The file must not be empty, and at most 4 MB."))
    content: bytes = file.read()
    if content.startswith(PDF):
        return content
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPicture(_("The picture has too many pixels. Take a smaller one."))
            picture.load()
            written = BytesIO()
            picture.convert("RGB").save(written, "JPEG", quality=85)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise NotAPicture(_("We can read JPEG, PNG and PDF. This file is something else.")) from None
    return written.getvalue()


def sealed(content: bytes) -> str:
    return encryption().encrypt(base64.b64encode(content)).decode()


def opened(token: str) -> tuple[bytes, str]:
    """The bytes and their media type."""
    content = base64.b64decode(encryption().decrypt(token.encode()))
    return content, "application/pdf" if content.startswith(PDF) else "image/jpeg"
