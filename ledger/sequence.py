"""Positions and seals: the order of committed entries, and a signature over all of them.

Each batch extends one SHA-256 over the raw commitments in position order and signs where it stands. The seal is also a line of a
file outside the database, so that a tail cut off in the database shows.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ledger.canonical import timestamp
from ledger.keys import KeySet, encoded, key_set
from ledger.models import Entry, Log, Position, Seal, Waiting

logger = logging.getLogger(__name__)

BATCH = 1000


def sequence() -> int:
    """Gives positions to at most BATCH waiting entries and seals them; returns how many. One at a time: the row is locked."""
    keys = key_set()
    with transaction.atomic():
        log = Log.objects.select_for_update().get(pk=1)
        waiting = list(Waiting.objects.order_by("entry").values_list("entry", flat=True)[:BATCH])
        if not waiting:
            return 0
        if log.position == 0:
            _begin_seal_file()
        commitments = dict(Entry.objects.filter(id__in=waiting).values_list("id", "commitment"))
        Position.objects.bulk_create(Position(position=log.position + n, entry=entry) for n, entry in enumerate(waiting, 1))
        Waiting.objects.filter(entry__in=waiting).delete()
        log.position += len(waiting)
        log.hash = extended(log.hash, (commitments[entry] for entry in waiting))
        log.save(update_fields=["position", "hash"])
        sealed(log.epoch, log.position, log.hash, keys, timezone.now()).save(force_insert=True)
    return len(waiting)


def extended(hash_before: str, commitments: Iterable[str]) -> str:
    digest = bytes.fromhex(hash_before)
    for commitment in commitments:
        digest = hashlib.sha256(digest + bytes.fromhex(commitment)).digest()
    return digest.hex()


def sealed(epoch: int, position: int, hash_: str, keys: KeySet, at: datetime) -> Seal:
    seal = Seal(epoch=epoch, position=position, hash=hash_, signed_at=timestamp(at), key=keys.signing_id)
    seal.signature = encoded(keys.signing.sign(signed_bytes(seal)))
    return seal


def signed_bytes(seal: Seal) -> bytes:
    return "\n".join(["pc-seal-v1", str(seal.epoch), str(seal.position), seal.hash, seal.signed_at]).encode()


# ── The file of seals ───────────────────────────────────────────────────────────────────────────────────────────────


def seal_file() -> Path:
    return Path(settings.PROOF_DIR) / "seals.jsonl"


def as_line(seal: Seal) -> str:
    fields = ("epoch", "position", "hash", "signed_at", "key", "signature")
    return json.dumps({name: getattr(seal, name) for name in fields}, sort_keys=True, separators=(",", ":"))


def lines() -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(line number, seal); None for a line that is no seal. A torn last line (a crash while writing) is not yet a line."""
    with seal_file().open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                yield number, _as_seal(line)


def _as_seal(line: bytes) -> dict[str, Any] | None:
    try:
        seal: dict[str, Any] = json.loads(line)
        return seal if type(seal["position"]) is int else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def last_filed() -> dict[str, Any] | None:
    """The seal of the last whole line of the file; None without any."""
    path = seal_file()
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
        tail = file.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    return _as_seal(whole[:-1].rsplit(b"\n", 1)[-1]) if whole else None


def _begin_seal_file() -> None:
    path = seal_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)


def write_seal_file() -> int:
    """Adds the seals that the file lacks, after their commit; returns how many. Run by one worker (queue `proof`).

    The file begins with the first seal. One that went missing later stays missing, which /healthz/ and verify_ledger report: made
    anew from the table it would agree with whatever is there now. Whoever has looked makes it an empty file, which is completed.
    """
    path = seal_file()
    if not path.exists():
        if Seal.objects.exists():
            logger.error("the file of seals is missing: %s", path)
        return 0
    epoch, position = _newest_in(path)
    count = 0
    with path.open("ab") as file:
        # A later epoch may have begun at an earlier position.
        later = Seal.objects.filter(Q(epoch__gt=epoch) | Q(epoch=epoch, position__gt=position))
        for seal in later.order_by("position").iterator():
            file.write(as_line(seal).encode() + b"\n")
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def _newest_in(path: Path) -> tuple[int, int]:
    """The newest epoch and position of the file, read from its end; a torn last line is cut off first."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - 4096)
        file.seek(start)
        tail = file.read()
        if tail and not tail.endswith(b"\n"):
            whole = tail.rfind(b"\n") + 1
            file.truncate(start + whole)
            tail = tail[:whole]
    last = _as_seal(tail[:-1].rsplit(b"\n", 1)[-1])
    if last is None:  # empty, or ends in what is no seal: verify_ledger names that line, the others are not written twice
        return max((place_of(seal) for _, seal in lines() if seal), default=(0, 0))
    return place_of(last)


def place_of(seal: dict[str, Any]) -> tuple[int, int]:
    """Epoch and position of a line. Whoever wrote one without an epoch, or with none that is a number, wrote it in no epoch: 0."""
    epoch = seal.get("epoch")
    return (epoch if type(epoch) is int else 0), int(seal["position"])


def seal_age(now: datetime) -> float | None:
    """Seconds since the newest seal was signed; None without any."""
    newest = Seal.objects.order_by("-position").first()
    if newest is None:
        return None
    return (now - datetime.fromisoformat(newest.signed_at).astimezone(UTC)).total_seconds()
