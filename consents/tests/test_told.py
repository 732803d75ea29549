"""What somebody tells a colleague: a no counts as it is, a yes takes a document, its words and a time that has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer
from consents.actions import NoEvidence, record_no, record_stop, record_yes
from consents.decide import decide
from consents.models import Evidence
from consents.saying import Result
from consents.standing import UnknownPurpose
from consents.states import How, Scope
from consents.tests.acting import allow, deny
from ledger.models import Entry

pytestmark = pytest.mark.django_db
BY = "staff:" + "a" * 32


def yes(customer: Customer, **more: Any) -> Any:
    said: dict[str, Any] = {
        "how": How.PAPER,
        "wording": "May we?",
        "said_at": timezone.now(),
        "document": b"%PDF-form",
        "key": "form",
        "by": BY,
    }
    return record_yes(customer, "news", "email", **said | more)


def test_a_no_and_a_wide_word_count_at_once(anna: Customer) -> None:
    allow(anna, "news", "email")
    (outcome,) = record_no(anna, [("news", "email")], by=BY, how=How.PHONE)
    assert outcome.entry is not None
    assert (outcome.entry.actor, outcome.entry.act["party"], outcome.entry.act["how"]) == (BY, anna.subject, "phone")
    assert decide(anna, "news", "email").reason == "withdrawn"
    assert record_no(anna, [("news", "email")], by=BY, how=How.PHONE)[0].result is Result.STANDS
    assert record_stop(anna, Scope.MARKETING, by=BY, how=How.PAPER) is not None
    assert record_stop(anna, Scope.MARKETING, by=BY, how=How.PAPER) is None


def test_several_nos_are_one_act(anna: Customer) -> None:
    before = Entry.objects.count()
    with pytest.raises(UnknownPurpose):
        record_no(anna, [("news", "email"), ("nothing", "")], by=BY, how=How.PHONE)
    assert Entry.objects.count() == before
    assert [each.saved for each in record_no(anna, [("news", "email"), ("ads", "")], by=BY, how=How.PHONE)] == [True, True]


def test_a_yes_is_kept_with_its_document(anna: Customer) -> None:
    outcome = yes(anna)
    assert outcome.saved
    evidence = Evidence.objects.get(customer=anna)
    assert Entry.objects.get(pk=evidence.entry).act["evidence"] == evidence.sha256 == str(evidence)
    assert yes(anna).result is Result.STANDS
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize("missing", [{"document": b""}, {"wording": "  "}, {"said_at": timezone.now() + timedelta(days=1)}])
def test_without_what_shows_it_nothing_is_recorded(anna: Customer, missing: dict[str, Any]) -> None:
    before = Entry.objects.count()
    with pytest.raises(NoEvidence):
        yes(anna, **missing)
    assert Entry.objects.count() == before


def test_a_later_no_stands_and_the_document_is_kept_nevertheless(anna: Customer) -> None:
    deny(anna, "news", "email")
    outcome = yes(anna, said_at=timezone.now() - timedelta(hours=1))
    assert outcome.result is Result.SUPERSEDED
    assert not decide(anna, "news", "email").allowed
    assert Evidence.objects.filter(customer=anna).count() == 1


def test_an_entry_that_fails_leaves_no_document(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("ledger.turns.Turn.append", fails)
    with pytest.raises(OSError, match="disk"):
        yes(anna)
    assert not Evidence.objects.exists()
