"""Readers go along with the chains: each is given every act of its kinds, subject after subject, wherever a page ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.canonical import commitment
from ledger.checking import Fault, Report, chains, register_projection, register_reader, rows, verify
from ledger.models import Entry, Head
from ledger.tests.acts import act, happened, sql
from ledger.tests.world import World, faults, name, set_columns, set_payload, tampering

Read = tuple[str, int, int, dict[str, Any]]


class Everything:
    """What a reader was given, and one fault in the end."""

    kinds = ("thing.happened", "note.made")

    def __init__(self) -> None:
        self.given: list[Read] = []

    def read(self, subject: str, seq: int, number: int, act: dict[str, Any]) -> None:
        self.given.append((subject, seq, number, act))

    def faults(self) -> Iterator[Fault]:
        yield Fault("reader", f"{len(self.given)} acts")


@pytest.fixture
def made() -> list[Everything]:
    """The readers that a verification made."""
    made: list[Everything] = []

    def make() -> Everything:
        made.append(Everything())
        return made[-1]

    register_reader("everything", make)
    return made


def there() -> list[Read]:
    entries = Entry.objects.readable().filter(kind__in=Everything.kinds).order_by("subject", "seq")
    return [(entry.subject, entry.seq, entry.id, entry.act) for entry in entries]


@pytest.mark.parametrize("after", [0, 4, 9])
@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 9, 2000])
def test_it_is_given_all_acts_once_wherever_a_page_ends(
    world: World, made: list[Everything], monkeypatch: pytest.MonkeyPatch, at_once: int, after: int
):
    monkeypatch.setattr(rows, "AT_ONCE", at_once)
    assert [fault.where for fault in verify(after=after)] == ["reader"]
    assert made[-1].given == there()
    assert len(made[-1].given) == 7


def test_it_is_given_what_no_seal_covers_yet(world: World, made: list[Everything]):
    happened(world.anna, "waits")
    list(verify())
    assert made[-1].given == there()
    assert len(made[-1].given) == 8


def test_it_is_given_no_payload_that_has_gone_and_an_empty_one_for_what_is_no_payload(world: World, made: list[Everything]):
    entry = world.entry(world.ben, 2)
    for after in (0, 9):
        for payload in ("[]", "{", "{} {}", "[" * 5000):
            with tampering():
                set_columns(entry, payload=payload, commitment=commitment(bytes(entry.salt or b""), payload.encode()))
            list(verify(after=after))
            assert [each[3] for each in made[-1].given if each[2] == entry.id] == [{}]
        assert world.gone not in {each[0] for each in made[-1].given}


def test_what_it_found_comes_after_what_is_wrong_in_the_ledger(world: World, made: list[Everything]):
    register_projection("shown", lambda: iter([Fault("projection", "it says otherwise")]))
    with tampering():
        set_payload(world.entry(world.gone, 2), True, count=2)
        set_payload(world.entry(world.ben, 1), False, what="granted")
    found = [fault.where for fault in verify()]
    assert found.index(name(world.entry(world.ben, 1))) < found.index("reader")
    assert found.index(name(world.entry(world.gone, 2))) < found.index("reader")
    assert found[-2:] == ["reader", "projection"]


def test_the_head_of_a_chain_that_ends_with_a_page_is_compared(world: World, monkeypatch: pytest.MonkeyPatch):
    with tampering():
        for subject in (world.anna, world.ben, world.gone):
            sql("UPDATE ledger_head SET commitment = %s WHERE subject = %s", "0" * 64, subject)
    for at_once in range(1, 11):
        monkeypatch.setattr(rows, "AT_ONCE", at_once)
        assert set(faults()) == {f"subject {subject}" for subject in (world.anna, world.ben, world.gone)}


def test_heads_are_asked_for_once_a_page(world: World, monkeypatch: pytest.MonkeyPatch):
    with CaptureQueriesContext(
        connection,
    ) as few:
        list(chains.faults(Report()))
    for _ in range(20):
        act(Head.objects.create(subject=f"{Head.objects.count():032x}").subject, "thing.happened", what="it")
    with CaptureQueriesContext(connection) as many:
        list(chains.faults(Report()))
    assert len(many) == len(few)


# ── The order ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("read", [lambda: list(rows.pages()), lambda: list(rows.acts(["thing.happened"]))], ids=["pages", "acts"])
def test_the_index_gives_the_order(world: World, read: Any):
    """Nothing is sorted: the cost of a page does not grow with the ledger."""
    with CaptureQueriesContext(connection) as asked:
        read()
    query = asked.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for other in ("seqscan", "bitmapscan", "sort"):  # a test's table is small enough to be sorted
                cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + query)
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "entry_subject_seq" in plan or "sqlite_autoindex_ledger_entry" in plan, plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("after", [0, 4])
def test_the_order_of_subjects_may_be_that_of_any_language(world: World, monkeypatch: pytest.MonkeyPatch, after: int):
    """In Danish "aa" comes after "z": the database's order is not Python's, and nothing here relies on either."""
    pages = rows.pages

    def backwards(after: int) -> Iterator[list[rows.Columns]]:
        each = sorted((row for page in pages(after) for row in page), key=lambda row: row[0], reverse=True)
        return (each[start : start + 2] for start in range(0, len(each), 2))

    monkeypatch.setattr(chains, "pages", backwards)
    assert faults(after=after) == {}
    with tampering():
        set_payload(world.entry(world.anna, 4), False, what="granted")
    assert list(faults(after=after)) == [name(world.entry(world.anna, 4))]
