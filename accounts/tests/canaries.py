"""Words that stand for one person and one place, and a search that finds them in whatever form they were left: as they are, in base64 or
hex, compressed, in a session, or under the installation's own key."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.fernet import InvalidToken

from accounts.adapters import encryption

Found = set[tuple[str, str]]  # whose, and which word of theirs
WORD = re.compile(rb"canary([0-9]{4}|h[0-9]{3})([a-z]*)")
HEX = re.compile(b"canary".hex().encode() + rb"[0-9a-f]{8,60}", re.IGNORECASE)
SIGNED = re.compile(rb"(?:\.eJ|eyJ)[A-Za-z0-9_-]{16,}")  # as django.core.signing writes it, compressed or not
TOKEN = re.compile(rb"gAAAA[A-Za-z0-9_-]{50,}={0,2}")
SPACE = re.compile(rb"\s")
SPAN = 64  # characters after the beginning of a word in which the rest of it stands


def word(number: int, place: str) -> str:
    return f"canary{number:04d}{place}"


def shared_word(household: int, place: str) -> str:
    return f"canaryh{household:03d}{place}"


def search(content: bytes) -> Found:
    """Every canary in it."""
    words = (match for piece in _readings(content) for match in WORD.finditer(piece.lower()))
    return {(match[1].decode(), match[2].decode()) for match in words}


def _readings(content: bytes) -> Iterator[bytes]:
    yield content
    for match in HEX.finditer(content):
        yield bytes.fromhex(match[0][: len(match[0]) // 2 * 2].decode())
    for core in CORES:
        yield from core.readings(content)
    for read in (_unpacked, _decrypted):
        for hidden in read(content):
            yield from _readings(hidden)


@dataclass(frozen=True)
class Core:
    """What base64 makes of "canary" where so many bytes stand before it in its group of three. `lead`: the characters that those have a
    part in, as they would be without them; `text`: those that no neighbour changes."""

    lead: bytes
    text: re.Pattern[bytes]

    @classmethod
    def of(cls, before: int) -> Core:
        encoded, first = base64.b64encode(b"\0" * before + b"canary"), -(-before * 8 // 6)
        return cls(encoded[:first], re.compile(re.escape(encoded[first : (before + 6) * 8 // 6])))

    def readings(self, content: bytes) -> Iterator[bytes]:
        for match in self.text.finditer(content):
            run = SPACE.sub(b"", content[match.start() : match.start() + SPAN]).translate(bytes.maketrans(b"-_", b"+/"))
            run = self.lead + re.split(rb"[^A-Za-z0-9+/]", run)[0]
            yield base64.b64decode(run[: len(run) // 4 * 4])


CORES = [Core.of(before) for before in range(3)]


def _unpacked(content: bytes) -> Iterator[bytes]:
    for match in SIGNED.finditer(content):
        text = match[0].lstrip(b".")
        try:
            packed = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
            yield zlib.decompress(packed) if match[0].startswith(b".") else packed
        except (zlib.error, binascii.Error):
            continue


def _decrypted(content: bytes) -> Iterator[bytes]:
    decrypt: Callable[[bytes], bytes] = encryption().decrypt
    for match in TOKEN.finditer(content):
        try:
            yield decrypt(match[0])
        except InvalidToken:
            continue
