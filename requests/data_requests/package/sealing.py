"""Files that are encrypted while they are written, each with a key of its own, which is stored encrypted in the row.

Format `PCS1`: pieces of 64 KiB of plain text, each sealed by AES-256-GCM; the nonce counts them, and the last is marked, so that a piece
left out, moved or cut off is refused (the STREAM construction, Hoang and others, CRYPTO 2015).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from accounts.adapters import encryption

MAGIC = b"PCS1"
PIECE = 64 * 1024
TAG = 16


class Broken(ValueError):
    """The file is not what was written."""


@dataclass(frozen=True)
class Sealed:
    """`key`: of this file, encrypted by the installation's; `size` and `sha256`: of the plain text."""

    name: str
    key: str
    size: int
    sha256: str


def path_of(name: str) -> Path:
    return Path(settings.PACKAGES_DIR) / name


class Sealing:
    """A file to write to, like open(…, "wb"); it cannot be read and not be wound back. After the `with`, `sealed` says what it was.
    `path`: where, instead of among the packages."""

    def __init__(self, path: Path | None = None) -> None:
        self._name = path.name if path else f"{secrets.token_hex(16)}.pcs"
        self._path = path or path_of(self._name)
        self._key = AESGCM.generate_key(256)
        self._cipher = AESGCM(self._key)
        self._waiting = bytearray()
        self._hash = hashlib.sha256()
        self._number = 0
        self._size = 0

    def __enter__(self) -> Sealing:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(MAGIC)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._file.close()
            self._path.unlink()
            return
        self._put(bytes(self._waiting), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self._size += len(data)
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def flush(self) -> None:
        """An archive asks for it after each of its files; pieces are written whole."""

    def tell(self) -> int:
        return self._size

    def seekable(self) -> bool:
        return False

    @property
    def sealed(self) -> Sealed:
        key = encryption().encrypt(self._key).decode()
        return Sealed(self._name, key, self._size, self._hash.hexdigest())

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last), piece, MAGIC))
        self._number += 1


def opened(name: str, key: str) -> Iterator[bytes]:
    """The plain text, piece by piece. Raises FileNotFoundError at once, Broken at the first piece that is not as it was."""
    return opened_at(path_of(name), key)


def opened_at(path: Path, key: str) -> Iterator[bytes]:
    """The same, of a file that lies elsewhere."""
    path.stat()
    return _pieces(path, AESGCM(encryption().decrypt(key.encode())))


def _pieces(path: Path, cipher: AESGCM) -> Iterator[bytes]:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise Broken("no file of ours")
        number, piece = 0, file.read(PIECE + TAG)
        while piece:
            following = file.read(PIECE + TAG)
            try:
                yield cipher.decrypt(_nonce(number, not following), piece, MAGIC)
            except InvalidTag as error:
                raise Broken(f"piece {number}") from error
            number, piece = number + 1, following


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def remove_after_commit(names: Iterable[str]) -> None:
    """The files of rows that go in this transaction. One that a crash leaves has lost its key, and goes within a day (forget_files)."""
    paths = [path_of(name) for name in names]

    def remove() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(remove)
