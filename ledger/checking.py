"""verify_ledger: recomputes everything that the ledger claims and names the first entry or seal that does not fit.

Two reads: the chains in (subject, seq) order, and the running hash in position order against the seals, in the table and in the
file outside the database. Then the tombstones, and the projections that apps have registered. Memory does not grow with the
number of entries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.db import connection
from django.utils import timezone

from ledger import emptying
from ledger.canonical import commitment, timestamp
from ledger.keys import KeySet, decoded, key_set
from ledger.kinds import Period
from ledger.models import Emptied, Entry, Head, Log, Position, Seal, Waiting
from ledger.sequence import as_line, extended, lines, seal_file, signed_bytes
from ledger.times import as_moment

AT_ONCE = 2000
LINE_WRITTEN_WITHIN = timedelta(minutes=1)
COPIES = ("subject", "seq", "previous", "kind", "brand", "actor")


@dataclass(frozen=True)
class Fault:
    """Where something does not fit, and what. `where`: "entry <public id>", "seal <position>", "subject <reference>", ..."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Report:
    entries: int = 0
    subjects: int = 0
    seals: int = 0
    emptied: int = 0


Projection = Callable[[], Iterator[Fault]]
Erased = Callable[[set[str]], set[str]]
_projections: dict[str, Projection] = {}
# Which of these subjects have nobody behind them any more: the app that knows people says so.
_erased: list[Erased] = []


def register_projection(name: str, check: Projection) -> None:
    """A check that what an app shows is what the ledger says; called in AppConfig.ready."""
    _projections[name] = check


def register_erased(erased: Erased) -> None:
    _erased[:] = [erased]


def verify(report: Report | None = None, *, after: int = 0) -> Iterator[Fault]:
    """Every fault, lazily: the first is what an operator needs. `after`: a position up to which all was verified before."""
    report = report or Report()
    yield from seals(report, after=after)
    yield from chains(report, after=after)
    yield from tombstones(report)
    for check in _projections.values():
        yield from check()


# ── Chains ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Link:
    """The end of a subject's chain as far as it was read."""

    subject: str = ""
    seq: int = 0
    commitment: str | None = None
    recorded_at: datetime | None = None


def chains(report: Report, *, after: int = 0) -> Iterator[Fault]:
    """Each subject's entries in order: gap-free, each over the one before, the payload what was committed to and what the
    columns say, the head where the chain ends."""
    link = Link()
    for row in _rows(after):
        entry = _Row(*row)
        report.entries += 1
        if entry.subject != link.subject:
            if fault := _ends(link):
                yield fault
            report.subjects += 1
            link = Link(entry.subject) if not after else _before(entry)
        yield from _fits(entry, link)
        link.seq, link.commitment, link.recorded_at = entry.seq, entry.commitment, as_moment(entry.recorded_at)
    if fault := _ends(link):
        yield fault
    if not after:
        yield from _heads_without_entries()


@dataclass(slots=True)
class _Row:
    id: int
    public_id: Any
    subject: str
    seq: int
    kind: str
    brand: str
    actor: str
    payload: str | None
    salt: bytes | None
    commitment: str
    previous: str | None
    recorded_at: Any

    @property
    def name(self) -> str:
        text = str(self.public_id)
        return text if "-" in text else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _rows(after: int) -> Iterator[tuple[Any, ...]]:
    """By hand and by keyset: model instances would cost more than the hashing, and a cursor held open would pin old rows."""
    columns = "e.id,e.public_id,e.subject,e.seq,e.kind,e.brand,e.actor,e.payload,e.salt,e.commitment,e.previous,e.recorded_at"
    only_new = "JOIN ledger_position p ON p.entry = e.id AND p.position > %s" if after else ""
    query = f"SELECT {columns} FROM ledger_entry e {only_new} WHERE (e.subject, e.seq) > (%s, %s) ORDER BY e.subject, e.seq LIMIT {AT_ONCE}"
    subject, seq = "", 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, ([after] if after else []) + [subject, seq])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        subject, seq = rows[-1][2], rows[-1][3]


def _before(entry: _Row) -> Link:
    """The end of the part that was verified before."""
    earlier = Entry.objects.filter(subject=entry.subject, seq=entry.seq - 1).first()
    return Link(entry.subject, earlier.seq, earlier.commitment, earlier.recorded_at) if earlier else Link(entry.subject)


def _fits(entry: _Row, link: Link) -> Iterator[Fault]:
    where = f"entry {entry.name}"
    if entry.seq != link.seq + 1:
        yield Fault(where, f"seq {entry.seq} follows {link.seq}: an entry of subject {entry.subject} is missing or renumbered")
    if entry.previous != link.commitment:
        yield Fault(where, "it does not follow the entry before it")
    moment = as_moment(entry.recorded_at)
    if link.recorded_at and moment and moment <= link.recorded_at:
        yield Fault(where, "it is dated before the entry it follows")
    if entry.payload is None or entry.salt is None:
        return  # tombstones() says whether it may be empty
    if commitment(bytes(entry.salt), entry.payload.encode()) != entry.commitment:
        yield Fault(where, "its payload is not the one that was committed to")
        return
    payload = _parsed(entry.payload)
    for name in COPIES:
        if payload.get(name) != getattr(entry, name):
            yield Fault(where, f"its column {name} is not what its payload says")
    if payload.get("id") != entry.name or (moment and payload.get("recorded_at") != timestamp(moment)):
        yield Fault(where, "its id or time is not what its payload says")


def _parsed(payload: str | None) -> dict[str, Any]:
    """Empty for a payload that has gone, and for one that somebody wrote who did not know the form."""
    try:
        parsed = json.loads(payload or "{}")
    except (ValueError, RecursionError):
        return {}
    return parsed if type(parsed) is dict else {}


def _ends(link: Link) -> Fault | None:
    if not link.subject:
        return None
    head = Head.objects.filter(subject=link.subject).first()
    if head is None:
        return Fault(f"subject {link.subject}", "its head is gone")
    if (head.seq, head.commitment) != (link.seq, link.commitment) and not _went_on(head, link):
        return Fault(f"subject {link.subject}", f"its head stands at entry {head.seq}, its chain ends at {link.seq}")
    return None


def _went_on(head: Head, link: Link) -> bool:
    """Whether acts came after those that were read, or have no position yet: their entries are there, up to the head."""
    newer = Entry.objects.filter(subject=link.subject, seq__gt=link.seq, seq__lte=head.seq)
    return newer.filter(seq=head.seq, commitment=head.commitment).exists() and newer.count() == head.seq - link.seq


def _heads_without_entries() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.subject, h.seq FROM ledger_head h WHERE h.seq > 0"
            " AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.subject = h.subject)"
        )
        for subject, seq in cursor.fetchall():
            yield Fault(f"subject {subject}", f"all its {seq} entries are gone")


# ── Positions and seals ─────────────────────────────────────────────────────────────────────────────────────────────


def seals(report: Report, *, after: int = 0) -> Iterator[Fault]:
    """The running hash over the commitments in position order against every seal, of the table and of the file."""
    keys = key_set()
    newest = Seal.objects.order_by("-position").values_list("position", flat=True).first() or 0  # what comes meanwhile is not judged
    start = Seal.objects.filter(position=after).first() if after else None
    running, position = (start.hash, after) if start else ("0" * 64, 0)
    filed = _Filed.read(position)
    yield from filed.faults
    for seal in Seal.objects.filter(position__gt=position, position__lte=newest).order_by("position").iterator(AT_ONCE):
        report.seals += 1
        batch = _commitments(position, seal.position)
        if fault := _gap(batch, position, seal.position):
            yield fault
        running = extended(running, (each for _, each in batch if each))
        position = seal.position
        yield from _seal_fits(seal, running, keys)
        if fault := filed.fits(seal):
            yield fault
    yield from _after_the_last_seal(position, running)
    for number in sorted(filed.seals):
        if not Seal.objects.filter(position=number).exists():
            yield Fault(f"seal {number}", "the file outside the database has it, the database does not: entries were cut off")


@dataclass
class _Filed:
    """The seals of the file outside the database that have not been compared yet, by position. A second line about one hides
    nothing: both must fit."""

    newest: int
    seals: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def read(cls, after: int) -> _Filed:
        filed = cls(after)
        if seal_file().exists():
            for number, seal in lines():
                if seal is None:
                    filed.faults.append(Fault("seal file", f"line {number} is not a seal"))
                elif seal["position"] > after:
                    filed.seals.setdefault(seal["position"], []).append(seal)
            filed.newest = max(filed.seals, default=after)
        elif Seal.objects.exists():
            filed.faults.append(Fault("seal file", "it is missing"))
        return filed

    def fits(self, seal: Seal) -> Fault | None:
        found = self.seals.pop(seal.position, [])
        if any(line != json.loads(as_line(seal)) for line in found):
            return Fault(f"seal {seal.position}", "the file outside the database says otherwise")
        if found or self._on_its_way(seal):
            return None
        return Fault(f"seal {seal.position}", "the file outside the database lacks it")

    def _on_its_way(self, seal: Seal) -> bool:
        """The line is written right after the commit. It may not be there yet if none after it is either."""
        return seal.position > self.newest and timestamp(timezone.now() - LINE_WRITTEN_WITHIN) < seal.signed_at


def _commitments(after: int, up_to: int) -> list[tuple[int, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.position, e.commitment FROM ledger_position p LEFT JOIN ledger_entry e ON e.id = p.entry"
            " WHERE p.position > %s AND p.position <= %s ORDER BY p.position",
            [after, up_to],
        )
        return list(cursor.fetchall())


def _gap(batch: list[tuple[int, str | None]], after: int, up_to: int) -> Fault | None:
    for expected, (position, found) in zip(range(after + 1, up_to + 1), batch, strict=False):
        if position != expected:
            return Fault(f"position {expected}", "it is missing")
        if found is None:
            return Fault(f"position {position}", "its entry is gone")
    if len(batch) != up_to - after:
        return Fault(f"position {after + len(batch) + 1}", "it is missing")
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
    unplaced = Entry.objects.exclude(id__in=Position.objects.values("entry")).exclude(id__in=Waiting.objects.values("entry"))
    for entry in unplaced.order_by("id")[:10]:
        yield Fault(f"entry {entry.public_id}", "it has no position and does not wait for one")


# ── Tombstones ──────────────────────────────────────────────────────────────────────────────────────────────────────


def tombstones(report: Report) -> Iterator[Fault]:
    """Empty payloads, Emptied rows and the ranges of tombstones are the same entries, each once; and each was allowed to go."""
    for entry in Entry.objects.filter(payload=None).exclude(id__in=Emptied.objects.values("entry")).order_by("id").iterator(AT_ONCE):
        yield Fault(f"entry {entry.public_id}", "it is empty and no tombstone covers it")
    for tombstone in Entry.objects.filter(kind="tombstone").order_by("id").iterator(AT_ONCE):
        yield from _covers(tombstone, report)
    known = Entry.objects.filter(kind="tombstone").values("id")
    for row in Emptied.objects.exclude(tombstone__in=known).order_by("entry")[:10]:
        yield Fault(f"entry number {row.entry}", "it was emptied under a tombstone that does not exist")


def _covers(tombstone: Entry, report: Report) -> Iterator[Fault]:
    where = f"entry {tombstone.public_id}"
    act = _parsed(tombstone.payload)
    rows = Emptied.objects.filter(tombstone=tombstone.id)
    covered = list(Entry.objects.filter(id__in=rows.values("entry")).order_by("seq"))
    report.emptied += len(covered)
    if any(entry.subject != tombstone.subject or entry.payload is not None for entry in covered) or rows.count() != len(covered):
        yield Fault(where, "the tombstone covers an entry that is not empty, or not of its subject")
    ranges = [list(pair) for pair in emptying.ranges([entry.seq for entry in covered])]
    if not covered or (act.get("ranges"), act.get("count")) != (ranges, len(covered)):
        yield Fault(where, "the tombstone's ranges are not the entries that were emptied under it")
    elif act.get("sha256") != emptying.covered(entry.commitment for entry in covered):
        yield Fault(where, "the tombstone's hash is not that of the entries it covers")
    yield from _was_allowed(tombstone, act.get("reason"), covered)


def _was_allowed(tombstone: Entry, reason: Any, covered: list[Entry]) -> Iterator[Fault]:
    where = f"entry {tombstone.public_id}"
    if reason == emptying.Reason.ERASURE:
        if _erased and tombstone.subject not in _erased[0]({tombstone.subject}):
            yield Fault(where, "the tombstone says erasure, but the person is still here")
    elif reason != emptying.Reason.PERIOD:
        yield Fault(where, "the tombstone gives no reason")
    # A tombstone dated ahead makes no period pass.
    passed = min(tombstone.recorded_at, timezone.now()) - PROOF_AT_LEAST
    for entry in covered:
        public = emptying.period_of(entry) is Period.PUBLIC
        if public or (reason == emptying.Reason.PERIOD and entry.recorded_at > passed):
            yield Fault(where, f"the tombstone covers {entry.kind} before its period had passed")
            return


# The shortest period after which any proof may go: the request log's 24 months.
PROOF_AT_LEAST = timedelta(days=730)
