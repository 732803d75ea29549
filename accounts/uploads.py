"""A document on its way in: small, of a kind that people can look at, with nothing in it that runs, and encrypted before it is stored."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
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
        return _plain(content)
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


# What a PDF can do besides being looked at (ISO 32000-1, 12.6 and 7.11), and encryption, which would hide it.
ACTIVE = re.compile(
    rb"/(JavaScript|JS|OpenAction|AA|Launch|SubmitForm|ImportData|GoToR|GoToE|URI|EmbeddedFile|EmbeddedFiles|RichMedia|XFA|Encrypt)\b"
)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")  # a name may spell its letters: /J#53 is /JS
LARGEST_STREAM = 16 * 1024 * 1024  # bytes, once unpacked


def _plain(content: bytes) -> bytes:
    """A PDF that only shows pages. Objects may be packed, so what is packed is looked through, too. Raises NotAPicture."""
    for part in _parts(content):
        if ACTIVE.search(ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)):
            raise NotAPicture(_("This PDF does more than show pages: it links, runs or holds something. Print it anew, or send a picture."))
    return content


def _parts(content: bytes) -> Iterator[bytes]:
    """All that stands outside streams, then each packed stream: pictures are none, and are left."""
    yield STREAM.sub(b"", content)
    for found in STREAM.finditer(content):
        unpacking = zlib.decompressobj()
        try:
            yield unpacking.decompress(found[1], LARGEST_STREAM)
        except zlib.error:
            continue


def sealed(content: bytes) -> str:
    return encryption().encrypt(base64.b64encode(content)).decode()


def opened(token: str) -> tuple[bytes, str]:
    """The bytes and their media type."""
    content = base64.b64decode(encryption().decrypt(token.encode()))
    return content, "application/pdf" if content.startswith(PDF) else "image/jpeg"
