from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from ledger.canonical import NotCanonical, canonical, commitment, timestamp
from ledger.kinds import UnknownKind
from ledger.models import Entry, EntryParty, Head, Waiting
from ledger.subjects import new_subject
from ledger.tests.acts import act, at_once, happened, rows
from ledger.turns import Turn, TurnError, turn


def nothing_written(subject: str) -> bool:
    head = Head.objects.get(subject=subject)
    return (head.seq, head.commitment, head.recorded_at) == (0, None, None) and not Entry.objects.exists() and not Waiting.objects.exists()


def test_a_subject_is_128_random_bits(anna: str, ben: str):
    assert anna != ben
    assert len(anna) == 32
    assert set(anna) <= set("0123456789abcdef")


def test_the_chain_is_gap_free_and_each_entry_names_the_one_before(anna: str):
    entries = [happened(anna)[0], *happened(anna, "two", "three"), happened(anna)[0]]
    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert [entry.previous for entry in entries] == [None, *(entry.commitment for entry in entries[:-1])]
    assert [entry.id for entry in entries] == sorted(entry.id for entry in entries)
    head = Head.objects.get(subject=anna)
    assert (head.seq, head.commitment, head.recorded_at) == (4, entries[-1].commitment, entries[-1].recorded_at)
    assert list(Waiting.objects.order_by("entry").values_list("entry", flat=True)) == [entry.id for entry in entries]


def test_the_payload_says_what_the_columns_say_and_nothing_else(anna: str):
    happened(anna)
    act(anna, "thing.happened", key="k" * 64, what={"deep": ["ż", 1, None, True]})
    for entry in Entry.objects.all():
        assert entry.payload == canonical(entry.act).decode()
        assert entry.commitment == commitment(bytes(entry.salt or b""), str(entry.payload).encode())
        assert len(bytes(entry.salt or b"")) == 32
        assert entry.act == {
            "v": 1, "id": str(entry.public_id), "subject": entry.subject, "seq": entry.seq, "previous": entry.previous,
            "kind": entry.kind, "brand": entry.brand, "actor": entry.actor, "recorded_at": timestamp(entry.recorded_at),
            "what": entry.act["what"],
        }  # fmt: skip
    assert len({bytes(entry.salt or b"") for entry in Entry.objects.all()}) == 2


def test_what_append_returns_is_what_was_stored(anna: str):
    entry = act(anna, "thing.happened", key="k" * 64, what="it")
    stored = Entry.objects.get(pk=entry.pk)
    for field in Entry._meta.concrete_fields:
        kept, given = getattr(stored, field.attname), getattr(entry, field.attname)
        assert (bytes(kept) if field.name == "salt" else kept) == given, field.name


def test_text_is_composed_before_it_is_committed_to(anna: str):
    assert act(anna, "thing.happened", what="o\u0301").act["what"] == "ó"


# ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_turn_inside_a_turn_raises(anna: str, ben: str):
    with turn(anna, brand="linden", actor="system:test"):
        with pytest.raises(TurnError), turn(ben, brand="linden", actor="system:test"):
            pass
        with pytest.raises(TurnError), turn(anna, brand="linden", actor="system:test"):
            pass
    happened(ben)  # the next one is free again


def test_a_failed_turn_does_not_keep_the_next_from_opening(anna: str):
    with pytest.raises(ZeroDivisionError), turn(anna, brand="linden", actor="system:test"):
        1 / 0  # noqa: B018
    assert happened(anna)[0].seq == 1


def test_append_after_the_end_raises(anna: str):
    with turn(anna, brand="linden", actor="system:test") as t:
        pass
    with pytest.raises(TurnError, match="ended"):
        t.append(anna, "thing.happened", {"what": "late"})
    assert nothing_written(anna)


def test_append_outside_a_turn_raises(anna: str):
    with pytest.raises(TurnError):
        Turn({}, brand="linden", actor="system:test").append(anna, "thing.happened", {"what": "it"})
    assert nothing_written(anna)


def test_append_for_a_subject_that_was_not_named_raises(anna: str, ben: str):
    with turn(anna, brand="linden", actor="system:test") as t:
        with pytest.raises(TurnError, match=ben):
            t.append(ben, "thing.happened", {"what": "it"})
        with pytest.raises(TurnError):
            t.head(ben)
    assert nothing_written(ben)


def test_a_turn_needs_subjects_that_exist(anna: str):
    for subjects in ([], ["f" * 32], [anna, "f" * 32]):
        with pytest.raises(TurnError), turn(*subjects, brand="linden", actor="system:test"):
            pass


@pytest.mark.parametrize("fields", [{}, {"what": "it", "more": 1}, {"whats": "it"}, {"what": "it", "seq": 7}])
def test_a_field_missing_or_unknown_raises(anna: str, fields: dict[str, Any]):
    with pytest.raises(ValueError, match="thing.happened: fields"):
        act(anna, "thing.happened", **fields)
    assert nothing_written(anna)


def test_an_unknown_kind_raises(anna: str):
    with pytest.raises(UnknownKind):
        act(anna, "thing.invented", what="it")
    assert nothing_written(anna)


@pytest.mark.parametrize("what", [1.5, "\ud800", {"Key": 1}, "x" * 17_000])
def test_a_payload_without_canonical_form_writes_nothing(anna: str, what: Any):
    with pytest.raises(NotCanonical):
        act(anna, "thing.happened", what=what)
    assert nothing_written(anna)


def test_the_same_key_twice_fails_for_one_subject_only(anna: str, ben: str):
    act(anna, "thing.happened", key="a" * 64, what="it")
    with pytest.raises(IntegrityError), transaction.atomic():
        act(anna, "thing.happened", key="a" * 64, what="again")
    act(ben, "thing.happened", key="a" * 64, what="it")
    assert happened(anna, "without", "a key")[1].seq == 3


def test_rollback_leaves_nothing(anna: str, ben: str):
    with pytest.raises(ZeroDivisionError), turn(anna, ben, brand="linden", actor="system:test") as t:
        t.append(anna, "thing.happened", {"what": "it"}, parties=((ben, "guardian"),))
        t.append(ben, "thing.happened", {"what": "it"})
        1 / 0  # noqa: B018
    assert nothing_written(anna)
    assert nothing_written(ben)
    assert not EntryParty.objects.exists()


def test_an_entry_undone_within_a_turn_does_not_leave_a_gap(anna: str):
    """A savepoint that is rolled back takes the entry and the head; what the turn remembers must not go on from it."""
    with pytest.raises(TurnError), turn(anna, brand="linden", actor="system:test") as t:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            t.append(anna, "thing.happened", {"what": "undone"})
            1 / 0  # noqa: B018
        t.append(anna, "thing.happened", {"what": "on top of nothing"})
    assert nothing_written(anna)


def test_an_act_concerns_its_parties_too(anna: str, ben: str):
    with turn(anna, brand="linden", actor=f"guardian:{ben}") as t:
        entry = t.append(anna, "thing.happened", {"what": "it"}, parties=((ben, "guardian"), (ben, "payer")))
    assert [row[1:] for row in rows("ledger_entryparty")] == [(entry.id, ben, "guardian"), (entry.id, ben, "payer")]


# ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_recorded_at_grows_when_the_clock_goes_back(anna: str):
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False):
        first, second = happened(anna, "first", "second")
    with time_machine.travel(datetime(2026, 5, 1, 11, tzinfo=UTC), tick=False):
        (third,) = happened(anna)
    with time_machine.travel(datetime(2026, 5, 1, 13, 0, 0, 5, tzinfo=UTC), tick=False):
        (fourth,) = happened(anna)
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    moments = [noon, noon + timedelta(microseconds=1), noon + timedelta(microseconds=2), noon + timedelta(hours=1, microseconds=5)]
    assert [entry.recorded_at for entry in (first, second, third, fourth)] == moments
    assert list(Entry.objects.order_by("seq").values_list("recorded_at", flat=True)) == moments
    assert third.act["recorded_at"] == "2026-05-01T12:00:00.000002Z"


# ── At once ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_two_who_take_two_subjects_in_opposite_order_do_not_lock_one_another_out():
    anna, ben = new_subject(), new_subject()

    def acting(first: str, second: str) -> None:
        for _ in range(15):
            with turn(first, second, brand="linden", actor="system:test") as t:
                t.append(first, "thing.happened", {"what": "it"})
                t.append(second, "thing.happened", {"what": "it"})

    at_once(lambda: acting(anna, ben), lambda: acting(ben, anna))
    for subject in (anna, ben):
        assert list(Entry.objects.of(subject).order_by("id").values_list("seq", flat=True)) == list(range(1, 31))


@pytest.mark.django_db(transaction=True)
def test_the_second_turn_reads_what_the_first_one_wrote():
    anna = new_subject()
    inside = threading.Event()
    seen: list[int] = []

    def first() -> None:
        with turn(anna, brand="linden", actor="system:test") as t:
            inside.set()
            t.append(anna, "thing.happened", {"what": "first"})

    def second() -> None:
        assert inside.wait(10)
        with turn(anna, brand="linden", actor="system:test") as t:
            seen.append(t.head(anna).seq)
            t.append(anna, "thing.happened", {"what": "second"})

    at_once(first, second)
    assert seen == [1]
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
