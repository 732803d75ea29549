"""Who had to hear of a choice confirms it: the first answer counts, and only of what they were to hear."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Customer
from consents.actions import note_confirmed, note_passed_on, note_passing
from consents.models import Passing
from consents.tests.acting import allow, deny
from ledger.models import Entry

BY = "partner:adfield"


@pytest.fixture
def stopped(anna: Customer) -> Passing:
    allow(anna, "ads")
    deny(anna, "ads")
    entry = Entry.objects.of(anna.subject).latest("pk")
    row = Passing(
        customer=anna, entry=entry.pk, purpose="ads", channel="", recipient="adfield", name="Adfield", change=Passing.Change.STOPPED,
        by_machine=True, recorded_at=entry.recorded_at, confirm_by=timezone.now(),
    )  # fmt: skip
    note_passing([row])
    note_passing([row])
    return Passing.objects.get(entry=entry.pk)


def test_the_first_answer_counts(stopped: Passing, anna: Customer) -> None:
    told_at = timezone.now()
    assert note_passed_on(stopped.entry, "adfield", told_at) == 1
    assert note_passed_on(stopped.entry, "adfield", timezone.now()) == 0
    entry = note_confirmed(stopped.entry, "adfield", "done", by=BY, note="List deleted.", evidence="a" * 64)
    assert entry is not None
    assert (entry.kind, entry.actor, entry.act["outcome"]) == ("recipient.confirmed", BY, "done")
    assert note_confirmed(stopped.entry, "adfield", "kept", by=BY, note="Not yet.") is None
    stopped.refresh_from_db()
    assert (stopped.told_at, stopped.outcome, stopped.note) == (told_at, "done", "List deleted.")
    assert stopped.confirmed_at == entry.recorded_at
    assert Entry.objects.of(anna.subject).filter(kind="recipient.confirmed").count() == 1


def test_who_was_told_by_telephone_has_been_told(stopped: Passing) -> None:
    assert note_confirmed(stopped.entry, "adfield", "done", by="staff:1")
    stopped.refresh_from_db()
    assert stopped.told_at is not None


def test_who_was_to_hear_of_nothing_confirms_nothing(stopped: Passing) -> None:
    before = Entry.objects.count()
    assert note_confirmed(stopped.entry, "lumera", "done", by="partner:lumera") is None
    assert note_confirmed(stopped.entry + 1_000_000, "adfield", "done", by=BY) is None
    assert Entry.objects.count() == before
