"""verify_ledger over choices and wide words: silent after any honest history, and it names what somebody changed by hand."""

from __future__ import annotations

import pytest

from accounts.models import Customer
from consents import actions
from consents.checking import choices, erased, scopes
from consents.models import Choice
from consents.states import Scope
from consents.tests.acting import allow, deny, head, own, page
from ledger.models import Entry


@pytest.fixture
def history(anna: Customer, bea: Customer) -> Customer:
    allow(anna, "recs")
    no = deny(anna, "recs")
    assert no.entry is not None
    actions.undo(anna, str(no.entry.public_id), own(anna))
    actions.ask_to_confirm(anna, "news", "email", page(anna, "news", "email"))
    actions.confirm(anna, "news", "email", own(anna))
    actions.stop(anna, Scope.MARKETING, own(anna))
    actions.stop(anna, Scope.SALE, own(anna))
    actions.lift(anna, Scope.SALE, own(anna, seen=head(anna)))
    actions.deny_all(bea, own(bea))
    return anna


def test_an_honest_history_has_no_fault(history: Customer) -> None:
    assert [*choices(), *scopes()] == []


@pytest.mark.parametrize(
    "change",
    [
        {"state": "refused"}, {"seq": 99}, {"seen": 99}, {"channel": "sms"}, {"purpose": "ads"}, {"party": "0" * 32}, {"entry": 1},
        {"entry": 0},
    ],
)  # fmt: skip
def test_a_row_that_somebody_changed_is_named(history: Customer, change: dict[str, object]) -> None:
    choice = Choice.objects.get(customer=history, purpose="recs")
    Choice.objects.filter(pk=choice.pk).update(**change)
    faults = list(choices())
    assert any(fault.where == f"entry {choice.receipt}" for fault in faults)


def test_a_row_that_somebody_deleted_is_missed(history: Customer, bea: Customer) -> None:
    for customer in (history, bea):
        choice = Choice.objects.filter(customer=customer, purpose="recs").get()
        Choice.objects.filter(pk=choice.pk).delete()
        assert [fault.where for fault in choices()] == [f"entry {choice.receipt}"]
        choice.save(force_insert=True)


def test_a_row_put_back_to_an_older_entry_is_named(history: Customer) -> None:
    choice = Choice.objects.get(customer=history, purpose="recs")
    older = Entry.objects.of(history.subject).filter(kind="choice.decided").order_by("seq").first()
    assert older is not None
    Choice.objects.filter(pk=choice.pk).update(entry=older.id, seq=older.seq, seen=older.act["seen"], state=older.act["state"])
    assert [fault.where for fault in choices()] == [f"entry {choice.receipt}"]


@pytest.mark.parametrize("column", ["marketing_stopped_seq", "sale_stopped_seq", "sensitive_limited_seq"])
def test_a_wide_word_that_somebody_changed_is_named(history: Customer, column: str) -> None:
    before = getattr(Customer.objects.get(pk=history.pk), column)
    Customer.objects.filter(pk=history.pk).update(**{column: None if before else 3})
    assert [fault.where for fault in scopes()] == [f"subject {history.subject}"]


def test_who_is_erased(history: Customer) -> None:
    assert erased({history.subject, "0" * 32}) == {"0" * 32}
