"""A document on its way in: small, of a kind that people can look at, with nothing in it that runs, and encrypted before it is stored."""

from __future__ import annotations

import base64
import re
import zlib
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


# What a PDF can do besides being looked at (ISO 32000-1, 12.6, 7.11 and 13), and encryption, which would hide it. The filters named last
# pack what could then not be looked through; pages of text and pictures do without.
ACTIVE = re.compile(
    rb"/(JavaScript|Launch|SubmitForm|ImportData|GoToR|GoToE|EmbeddedFiles?|RichMedia|Rendition|Movie|XFA|Encrypt"
    rb"|ASCIIHexDecode|ASCII85Decode|LZWDecode|RunLengthDecode|Crypt)\b"
)
BODY = re.compile(rb"stream\r?\n")
NAME = re.compile(rb"/[A-Za-z0-9]*#[A-Za-z0-9#]{2,120}")  # a name may spell its letters: /J#61vaScript
SPELT = re.compile(rb"#([0-9A-Fa-f]{2})")
MOST_UNPACKED = 64 * 1024 * 1024  # bytes of all streams together
DEEPEST = 3  # streams packed within streams


def _plain(content: bytes) -> bytes:
    """A PDF that only shows pages. Everything is looked through: the file as it is, and what each stream unpacks to. Raises NotAPicture."""
    left = MOST_UNPACKED
    _look(content)
    for found in BODY.finditer(content):
        packed: bytes | None = content[found.end() :]
        for _depth in range(DEEPEST):
            packed = _unpacked(packed, left) if packed else None
            if packed is None:
                break
            left -= len(packed)
            _look(packed)
    return content


def _look(part: bytes) -> None:
    spelt = NAME.sub(lambda name: SPELT.sub(lambda code: bytes.fromhex(code[1].decode()), name[0]), part) if b"#" in part else part
    if ACTIVE.search(spelt):
        raise NotAPicture(_("This PDF does more than show pages: it runs, holds or hides something. Print it anew, or send a picture."))


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """None for what zlib has not packed: pictures mostly. Raises NotAPicture where it is more than can be looked through."""
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(packed, max(most, 1))
    except zlib.error:
        return None
    if unpacking.unconsumed_tail:
        raise NotAPicture(_("This PDF is too large once it is unpacked. Print it anew, or send a picture."))
    return unpacked


def sealed(content: bytes) -> str:
    return encryption().encrypt(base64.b64encode(content)).decode()


def opened(token: str) -> tuple[bytes, str]:
    """The bytes and their media type."""
    content = base64.b64decode(encryption().decrypt(token.encode()))
    return content, "application/pdf" if content.startswith(PDF) else "image/jpeg"
