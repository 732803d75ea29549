"""Each subject's entries in order: gap-free, each over the one before, the payload what was committed to and what the columns say, the
head where the chain ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from ledger.canonical import commitment, timestamp
from ledger.checking.projections import Reader
from ledger.checking.report import Fault, Report
from ledger.checking.rows import COPIES, Columns, Row, pages, parsed, said
from ledger.kinds import Payload
from ledger.models import Entry, Head

Stand = tuple[int, str | None]  # seq and commitment


@dataclass(slots=True)
class Link:
    """The end of a subject's chain as far as it was read, and where its head stands."""

    subject: str = ""
    seq: int = 0
    commitment: str | None = None
    recorded_at: str = ""
    head: Stand | None = None


def faults(report: Report, *, after: int = 0, readers: list[Reader] | None = None) -> Iterator[Fault]:
    """The readers go along: each is given what is readable of its kinds."""
    given = _by_kind(readers or [])
    link = Link()
    for page in pages(after):
        heads = _heads({row[0] for row in page})
        link.head = heads.get(link.subject, link.head)
        for row in page:
            subject, seq, _, kind, _, _, _, recorded_at, number, payload, _, made = row
            if subject != link.subject:
                yield from _ends(link)
                link = _before(subject, seq) if after else Link(subject)
                link.head = heads.get(subject)
                report.subjects += 1
            act = parsed(payload)
            if not _goes_on(row, link, act):
                yield from _what_is_wrong(Row._make(row), link, act)
            if payload is not None and kind in given:
                for reader in given[kind]:
                    reader.read(subject, seq, number, act)
            link.seq, link.commitment, link.recorded_at = seq, made, recorded_at
        report.entries += len(page)
        report.read += len(page)
    yield from _ends(link)
    if not after:
        yield from _heads_without_entries()


def _by_kind(readers: list[Reader]) -> dict[str, list[Reader]]:
    return {kind: [each for each in readers if kind in each.kinds] for reader in readers for kind in reader.kinds}


def _before(subject: str, seq: int) -> Link:
    """The end of the part that was verified before."""
    earlier = Entry.objects.filter(subject=subject, seq=seq - 1).first()
    if earlier is None:
        return Link(subject)
    return Link(subject, earlier.seq, earlier.commitment, timestamp(earlier.recorded_at))


# ── One entry ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _goes_on(row: Columns, link: Link, act: Payload) -> bool:
    """Whether nothing is wrong, at the least cost: so it is with nearly every entry."""
    _, seq, previous, _, _, _, _, recorded_at, _, payload, salt, made = row
    if payload is None or salt is None:
        return False
    try:
        fits: bool = (
            said(act) == row[:COPIES]
            and commitment(salt, payload.encode()) == made
            and previous == link.commitment
            and seq == link.seq + 1
            and recorded_at > link.recorded_at
        )
    except KeyError:
        return False
    return fits


def _what_is_wrong(row: Row, link: Link, act: Payload) -> Iterator[Fault]:
    if row.seq != link.seq + 1:
        yield Fault(row.where, f"seq {row.seq} follows {link.seq}: an entry of subject {row.subject} is missing or renumbered")
    if row.previous != link.commitment:
        yield Fault(row.where, "it does not follow the entry before it")
    if row.recorded_at <= link.recorded_at:
        yield Fault(row.where, "it is dated before the entry it follows")
    if row.payload is None or row.salt is None:
        return  # tombstones() says whether it may be empty
    if commitment(row.salt, row.payload.encode()) != row.commitment:
        yield Fault(row.where, "its payload is not the one that was committed to")
        return
    for name in ("subject", "seq", "previous", "kind", "brand", "actor"):
        if act.get(name) != getattr(row, name):
            yield Fault(row.where, f"its column {name} is not what its payload says")
    if (act.get("id"), act.get("recorded_at")) != (row.id, row.recorded_at):
        yield Fault(row.where, "its id or time is not what its payload says")


# ── Heads ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _heads(subjects: set[str]) -> dict[str, Stand]:
    """Where they stand, read after the entries: a head may have gone on since, and never back."""
    heads = Head.objects.filter(subject__in=subjects).values_list("subject", "seq", "commitment")
    return {subject: (seq, made) for subject, seq, made in heads}


def _ends(link: Link) -> Iterator[Fault]:
    if not link.subject or link.head == (link.seq, link.commitment):
        return
    if link.head is None:
        yield Fault(f"subject {link.subject}", "its head is gone")
    elif not _went_on(link.head, link):
        yield Fault(f"subject {link.subject}", f"its head stands at entry {link.head[0]}, its chain ends at {link.seq}")


def _went_on(head: Stand, link: Link) -> bool:
    """Whether acts came after those that were read, or have no position yet: their entries are there, up to the head."""
    seq, made = head
    newer = Entry.objects.filter(subject=link.subject, seq__gt=link.seq, seq__lte=seq)
    return newer.filter(seq=seq, commitment=made).exists() and newer.count() == seq - link.seq


def _heads_without_entries() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.subject, h.seq FROM ledger_head h WHERE h.seq > 0"
            " AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.subject = h.subject)"
        )
        for subject, seq in cursor.fetchall():
            yield Fault(f"subject {subject}", f"all its {seq} entries are gone")
