"""Epochs: after a restored backup the ledger goes on from an earlier position, and says so. Seals of before lie in the file outside the
database; an entry of each brand says from which position the new epoch counts (docs/adr/0012)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.models import Entry, Log, Seal
from ledger.sequence import last_filed, lines, place_of, seal_file


@dataclass(frozen=True)
class Restart:
    """From this position on, what seals of earlier epochs say is of a ledger that was lost."""

    epoch: int
    position: int


def restarts() -> list[Restart]:
    """As the ledger itself says, in an entry that nobody can take out unseen."""
    said = Entry.objects.filter(kind="epoch.started").readable()
    return sorted({Restart(entry.act["epoch"], entry.act["position"]) for entry in said}, key=lambda each: each.epoch)


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
    return Restart(log.epoch, log.position)
