from __future__ import annotations

import hashlib

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import emptying
from ledger.canonical import MOST_BYTES, canonical
from ledger.checking import verify
from ledger.emptying import Reason, empty, ranges
from ledger.models import Emptied, Entry
from ledger.proving import prove
from ledger.tests.acts import act, happened
from ledger.turns import TurnError, turn


def emptied(subject: str, *seqs: int, reason: Reason = Reason.ERASURE) -> Entry | None:
    with turn(subject, brand="linden", actor="system:erase") as t:
        return empty(t, subject, seqs, reason)


@settings(deadline=None)
@given(st.sets(st.integers(1, 60)))
def test_ranges_name_each_seq_once_in_as_few_as_will_do(seqs: set[int]):
    found = ranges(sorted(seqs))
    assert [seq for first, last in found for seq in range(first, last + 1)] == sorted(seqs)
    assert all(after[0] > before[1] + 1 for before, after in zip(found, found[1:], strict=False))


def test_payload_salt_and_key_go_and_the_rest_stays(anna: str):
    for n in range(1, 6):
        act(anna, "note.made", key=f"{n:064x}", what=f"secret {n}")
    before = {entry.seq: entry for entry in Entry.objects.all()}
    tombstone = emptied(anna, 1, 2, 3, 5)
    assert tombstone is not None
    for seq in (1, 2, 3, 5):
        entry = Entry.objects.get(seq=seq)
        assert (entry.payload, entry.salt, entry.idempotency_key, entry.act) == (None, None, None, {})
        for column in ("id", "public_id", "subject", "seq", "kind", "brand", "actor", "commitment", "previous", "recorded_at"):
            assert getattr(entry, column) == getattr(before[seq], column)
    assert Entry.objects.get(seq=4).payload == before[4].payload
    commitments = "\n".join(before[seq].commitment for seq in (1, 2, 3, 5))
    said = tombstone.act
    assert (tombstone.seq, tombstone.kind, tombstone.actor) == (6, "tombstone", "system:erase")
    assert (said["reason"], said["ranges"], said["count"]) == ("erasure", [[1, 3], [5, 5]], 4)
    assert said["sha256"] == hashlib.sha256(commitments.encode()).hexdigest()
    assert dict(Emptied.objects.values_list("entry", "tombstone")) == {before[seq].id: tombstone.id for seq in (1, 2, 3, 5)}
    assert list(Entry.objects.readable().values_list("seq", flat=True).order_by("seq")) == [4, 6]
    prove()
    assert list(verify()) == []


def test_what_one_tombstone_cannot_hold_is_covered_by_several(anna: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(emptying, "AT_MOST", 2)
    happened(anna, *range(1, 8))
    last = emptied(anna, 1, 3, 5, 7)
    assert last is not None
    assert [entry.act["ranges"] for entry in Entry.objects.filter(kind="tombstone").order_by("seq")] == [[[1, 1], [3, 3]], [[5, 5], [7, 7]]]
    prove()
    assert list(verify()) == []


def test_the_most_that_stands_under_one_tombstone_fits_into_a_payload():
    far = 10**9
    act = {"reason": "erasure", "ranges": [[far + 2 * n, far + 2 * n] for n in range(emptying.AT_MOST)], "count": 1, "sha256": "0" * 64}
    assert len(canonical(act)) < MOST_BYTES - 1000


def test_twice_is_once(anna: str):
    happened(anna, 1, 2)
    emptied(anna, 1)
    assert emptied(anna, 1) is None
    second = emptied(anna, 1, 2)
    assert second is not None
    assert second.act["ranges"] == [[2, 2]]
    prove()
    assert list(verify()) == []


def test_a_tombstone_stays_and_what_is_not_there_is_passed_over(anna: str, ben: str):
    happened(anna)
    happened(ben)
    assert emptied(anna) is None
    assert emptied(anna, 99) is None
    emptied(anna, 1)
    assert emptied(anna, 2) is None
    assert Entry.objects.get(subject=ben).payload is not None


def test_more_than_one_statement_takes(anna: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(emptying, "IN_ONE_STATEMENT", 2)
    happened(anna, *range(5))
    tombstone = emptied(anna, *range(1, 6), reason=Reason.PERIOD)
    assert tombstone is not None
    assert (tombstone.act["ranges"], tombstone.act["reason"]) == ([[1, 5]], "period")
    assert Entry.objects.filter(payload=None).count() == 5


def test_what_is_public_is_refused_and_nothing_goes(anna: str):
    happened(anna)
    act(anna, "thing.published", what="the policy")
    with pytest.raises(ValueError, match="public for ever: \\['thing.published'\\]"):
        emptied(anna, 1, 2)
    assert Entry.objects.readable().count() == 2


def test_it_needs_a_turn_of_that_subject(anna: str, ben: str):
    happened(anna)
    with turn(ben, brand="linden", actor="system:erase") as t, pytest.raises(TurnError):
        empty(t, anna, [1], Reason.ERASURE)
    with pytest.raises(TurnError):
        empty(t, anna, [1], Reason.ERASURE)
    assert Entry.objects.readable().count() == 1


def test_if_its_rows_cannot_be_written_nothing_goes(anna: str):
    (entry,) = happened(anna)
    Emptied(entry=entry.id, tombstone=1).save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        emptied(anna, 1)
    assert Entry.objects.get().payload is not None
