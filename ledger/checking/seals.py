"""The running hash over the commitments in position order against every seal, of the table and of the file."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from django.db import connection
from django.db.models import Exists, OuterRef

from ledger.checking.filed import Filed
from ledger.checking.report import Fault, Report
from ledger.keys import KeySet, decoded, key_set
from ledger.models import Entry, Log, Position, Seal, Waiting
from ledger.sequence import extended, signed_bytes

AT_ONCE = 2000
Placed = tuple[int, str | None]  # a position, and the commitment of its entry


def faults(report: Report, *, after: int = 0) -> Iterator[Fault]:
    keys = key_set()
    newest = Seal.objects.order_by("-position").values_list("position", flat=True).first() or 0  # what comes meanwhile is not judged
    start = Seal.objects.filter(position=after).first() if after else None
    running, position = (start.hash, after) if start else ("0" * 64, 0)
    filed = Filed(position)
    yield from filed.missing()
    for seal in Seal.objects.filter(position__gt=position, position__lte=newest).order_by("position").iterator(AT_ONCE):
        report.seals += 1
        running, gap = _go_on(running, position, seal.position, report)
        if gap:
            yield gap
        position = seal.position
        yield from _seal_fits(seal, running, keys)
        yield from filed.fits(seal)
    yield from _after_the_last_seal(position, running)
    yield from filed.rest()


def _go_on(running: str, after: int, up_to: int, report: Report) -> tuple[str, Fault | None]:
    """The running hash over these positions, and the first of them that is missing or whose entry is gone."""
    gap, expected = None, after + 1
    for page in _placed(after, up_to):
        gap = gap or _gap(page, expected)
        running = extended(running, (commitment for _, commitment in page if commitment))
        expected += len(page)
        report.read += len(page)
    if gap is None and expected <= up_to:
        gap = Fault(f"position {expected}", "it is missing")
    return running, gap


def _placed(after: int, up_to: int) -> Iterator[list[Placed]]:
    """A page at a time: a seal that somebody deleted leaves as many to its next neighbour as it stood for."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.position, e.commitment FROM ledger_position p LEFT JOIN ledger_entry e ON e.id = p.entry"
                f" WHERE p.position > %s AND p.position <= %s ORDER BY p.position LIMIT {AT_ONCE}",
                [after, up_to],
            )
            page = cursor.fetchall()
        yield page
        if len(page) < AT_ONCE:
            return
        after = page[-1][0]


def _gap(page: list[Placed], first: int) -> Fault | None:
    for expected, (position, commitment) in enumerate(page, first):
        if position != expected:
            return Fault(f"position {expected}", "it is missing")
        if commitment is None:
            return Fault(f"position {position}", "its entry is gone")
    return None


def _seal_fits(seal: Seal, running: str, keys: KeySet) -> Iterator[Fault]:
    where = f"seal {seal.position}"
    if seal.hash != running:
        yield Fault(where, "the entries up to it are not those that were sealed")
    verifier = keys.verifier(seal.key)
    if verifier is None:
        yield Fault(where, "its key is not in the key set")
        return
    try:
        verifier.verify(decoded(seal.signature), signed_bytes(seal))
    except (InvalidSignature, ValueError):
        yield Fault(where, "its signature does not fit")


def _after_the_last_seal(position: int, running: str) -> Iterator[Fault]:
    """The log stands where the last seal does, or at one that was made meanwhile; no position lies beyond, and no entry aside."""
    newest = Position.objects.order_by("-position").values_list("position", flat=True).first() or 0
    log = Log.objects.filter(pk=1).first()
    if log is None or log.position < position or (log.position == position and log.hash != running):
        yield Fault(f"position {position}", "the log does not stand where the last seal does")
    elif newest > log.position or (log.position > position and not Seal.objects.filter(position=log.position).exists()):
        yield Fault(f"position {position + 1}", "positions go on after the last seal")
    for placed in Position.objects.filter(position__lt=1)[:10]:
        yield Fault(f"position {placed.position}", "positions begin at 1")
    # NOT EXISTS: a NOT IN over a table that outgrew the server's memory reads it anew for every entry.
    position_of, wait_of = (model.objects.filter(entry=OuterRef("id")) for model in (Position, Waiting))
    unplaced = Entry.objects.filter(~Exists(position_of), ~Exists(wait_of)).order_by("id")
    for public_id in unplaced.values_list("public_id", flat=True)[:10]:
        yield Fault(f"entry {public_id}", "it has no position and does not wait for one")
