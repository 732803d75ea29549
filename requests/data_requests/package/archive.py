"""An archive written from front to back, with a manifest of the SHA-256 of each of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MANIFEST = "manifest.sha256"
LEVEL = 3  # of 9: a copy is fetched three times at most, and made while somebody waits


class Archive:
    """Names of files are ours: nothing that a person typed becomes a path."""

    def __init__(self, file: Any, made_at: datetime) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=LEVEL)
        self._made_at = made_at
        self._hashes: list[tuple[str, str]] = []

    def add(self, name: str, content: str | bytes) -> None:
        with self.file(name) as file:
            file.write(content.encode() if isinstance(content, str) else content)

    def add_lines(self, name: str, lines: Iterable[str]) -> int:
        """How many there were."""
        count = 0
        with self.file(name) as file:
            for line in lines:
                file.write(line.encode())
                count += 1
        return count

    @contextmanager
    def file(self, name: str) -> Iterator[Hashed]:
        """Open for writing, one at a time."""
        info = ZipInfo(name, self._made_at.timetuple()[:6])
        info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as entry:
            hashed = Hashed(entry)
            yield hashed
            hashed.flush()
        self._hashes.append((name, hashed.sha256))

    def close(self) -> None:
        """The manifest last, in the form that `sha256sum --check` reads."""
        lines = "".join(f"{sha256}  {name}\n" for name, sha256 in self._hashes)
        with self._zip.open(MANIFEST, "w") as entry:
            entry.write(lines.encode())
        self._zip.close()


class Hashed:
    """Gathers what is written into pieces: a row at a time, compressing and sealing would cost more than reading."""

    GATHERED = 64 * 1024

    def __init__(self, entry: IO[bytes]) -> None:
        self._entry = entry
        self._hash = hashlib.sha256()
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= self.GATHERED:
            self.flush()

    def flush(self) -> None:
        self._hash.update(self._waiting)
        self._entry.write(bytes(self._waiting))
        self._waiting.clear()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()
