"""Epochs: after a restored backup the ledger goes on from an earlier position, and says so. Seals of before lie in the file outside the
database; an entry of each brand says from which position the new epoch counts, and so does a signed line of a file beside that of the
seals: whoever can write to the database alone begins no epoch, and hides no tail that was cut off (docs/adr/0012)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.utils import timezone

from ledger.canonical import timestamp
from ledger.keys import decoded, encoded, key_set
from ledger.models import Entry, Log, Seal
from ledger.sequence import last_filed, lines, place_of, seal_file


@dataclass(frozen=True)
class Restart:
    """From this position on, what seals of earlier epochs say is of a ledger that was lost."""

    epoch: int
    position: int


def restarts() -> list[Restart]:
    """As the ledger says in an entry, and the file of epochs in a line with our signature: both, and the same."""
    said = Entry.objects.filter(kind="epoch.started").readable()
    begun = {Restart(entry.act["epoch"], entry.act["position"]) for entry in said}
    return sorted(begun & _signed(), key=lambda each: each.epoch)


def epoch_file() -> Path:
    return Path(settings.PROOF_DIR) / "epochs.jsonl"


def _signed() -> set[Restart]:
    if not epoch_file().exists():
        return set()
    keys, found = key_set(), set[Restart]()
    for line in epoch_file().read_bytes().splitlines():
        try:
            said = json.loads(line)
            restart, verifier = Restart(said["epoch"], said["position"]), keys.verifier(said["key"])
            if verifier is not None:
                verifier.verify(decoded(said["signature"]), _signed_bytes(restart, said["signed_at"]))
                found.add(restart)
        except (ValueError, KeyError, TypeError, InvalidSignature):
            continue  # no line of ours
    return found


def _signed_bytes(restart: Restart, signed_at: str) -> bytes:
    return "\n".join(["pc-epoch-v1", str(restart.epoch), str(restart.position), signed_at]).encode()


def _write_down(restart: Restart) -> None:
    """Before the entry is committed: a line without its entry says nothing."""
    keys, signed_at = key_set(), timestamp(timezone.now())
    line = {
        "epoch": restart.epoch, "position": restart.position, "signed_at": signed_at, "key": keys.signing_id,
        "signature": encoded(keys.signing.sign(_signed_bytes(restart, signed_at))),
    }  # fmt: skip
    epoch_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with epoch_file().open("ab") as file:
        file.write(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def is_overtaken(seal: dict[str, Any], known: list[Restart]) -> bool:
    """Whether a later epoch began before the position that it seals."""
    epoch, position = place_of(seal)
    return epoch > 0 and any(each.epoch > epoch and each.position < position for each in known)


def newest_filed() -> dict[str, Any] | None:
    """The last seal of the file: the newest state that anybody could have been shown."""
    found = None
    if seal_file().exists():
        for _number, seal in lines():
            if seal is not None and (found is None or place_of(seal) > place_of(found)):
                found = seal
    return found


def is_behind() -> bool:
    """Whether this database is older than the file of seals: a backup that was put in place, and not taken up yet. Reads the end of the
    file alone."""
    filed = last_filed()
    if filed is None:
        return False
    log, (epoch, position) = Log.objects.get(pk=1), place_of(filed)
    return epoch >= log.epoch and position > log.position and not Seal.objects.filter(position=position).exists()


def begin() -> Restart:
    """A new epoch, from where the database stands. The caller appends the entries that say so, in the same transaction."""
    filed, log = newest_filed(), Log.objects.select_for_update().get(pk=1)
    log.epoch = max(log.epoch, place_of(filed)[0] if filed else 0) + 1
    log.save(update_fields=["epoch"])
    restart = Restart(log.epoch, log.position)
    _write_down(restart)
    return restart
