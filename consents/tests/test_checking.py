"""verify_ledger over choices and wide words: silent after any honest history, and it names what somebody changed by hand."""

from __future__ import annotations

import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from brands.models import Brand
from consents import actions
from consents.checking import Choices, WideWords, choices, erased, scopes, wide_words
from consents.models import Choice
from consents.states import Scope
from consents.tests.acting import allow, deny, head, own, page
from ledger import triggers
from ledger.checking import rows, verify
from ledger.checking.projections import Reader
from ledger.emptying import Reason, empty
from ledger.models import Entry, Seal
from ledger.proving import prove
from ledger.subjects import new_subject
from ledger.turns import turn


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
        {"entry": 0}, {"version": 9}, {"how": "paper"}, {"recorded_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2020-01-01T00:00:00Z", "state": "granted"},
    ],
)  # fmt: skip
def test_a_row_that_somebody_changed_is_named(history: Customer, change: dict[str, object]) -> None:
    choice = Choice.objects.get(customer=history, purpose="recs")
    Choice.objects.filter(pk=choice.pk).update(**change)
    faults = list(choices())
    assert any(fault.where == f"entry {choice.receipt}" for fault in faults)


def test_a_row_that_names_the_receipt_of_another_decision_is_named(history: Customer) -> None:
    one, other = Choice.objects.filter(customer=history)[:2]
    Choice.objects.filter(pk=one.pk).update(receipt=other.receipt)
    assert [fault.where for fault in choices()] == [f"entry {other.receipt}"]


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
    said = {name: older.act[name] for name in ("seen", "state", "version", "how", "recorded_at")}
    Choice.objects.filter(pk=choice.pk).update(entry=older.id, seq=older.seq, receipt=older.public_id, **said)
    assert [fault.where for fault in choices()] == [f"entry {choice.receipt}"]


@pytest.mark.parametrize("column", ["marketing_stopped_seq", "sale_stopped_seq", "sensitive_limited_seq"])
def test_a_wide_word_that_somebody_changed_is_named(history: Customer, column: str) -> None:
    before = getattr(Customer.objects.get(pk=history.pk), column)
    Customer.objects.filter(pk=history.pk).update(**{column: None if before else 3})
    assert [fault.where for fault in scopes()] == [f"subject {history.subject}"]


def test_who_is_erased(history: Customer) -> None:
    assert erased({history.subject, "0" * 32}) == {"0" * 32}


# ── With the chains, and after them ─────────────────────────────────────────────────────────────────────────────────


def found(after: int = 0) -> set[str]:
    return {fault.where for fault in verify(after=after)}


def newest_seal() -> int:
    prove()
    return Seal.objects.order_by("-position").values_list("position", flat=True)[0]


@pytest.mark.parametrize("at_once", [1, 2, 3, 5])
def test_it_does_not_matter_where_a_page_ends(history: Customer, bea: Customer, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    for module in (rows, sys.modules[Choices.__module__], wide_words):
        monkeypatch.setattr(module, "AT_ONCE", at_once)
    actions.stop(bea, Scope.SENSITIVE, own(bea))
    changed = []
    newest_seal()
    assert found() == set()
    for customer in (history, bea):
        for choice in Choice.objects.filter(customer=customer):
            Choice.objects.filter(pk=choice.pk).update(seen=99)
            changed.append(f"entry {choice.receipt}")
    assert found() == set(changed)
    assert {fault.where for fault in choices()} == set(changed)


@pytest.mark.parametrize("newer", [True, False])
def test_a_row_of_the_older_part_is_named_when_only_the_newer_is_verified(history: Customer, bea: Customer, newer: bool) -> None:
    after = newest_seal()
    if newer:
        allow(bea, "recs")
        newest_seal()
    assert found(after) == set()
    choice = Choice.objects.get(customer=history, purpose="recs")
    Choice.objects.filter(pk=choice.pk).update(state="refused", expires_at=None)
    Customer.objects.filter(pk=history.pk).update(sale_stopped_seq=3)
    assert found(after) == found() == {f"entry {choice.receipt}", f"subject {history.subject}"}
    Choice.objects.filter(pk=choice.pk).delete()
    assert f"entry {choice.receipt}" in found(after)


def test_rows_of_somebody_without_entries_are_named(history: Customer, linden: Brand) -> None:
    stranger = Customer.objects.create(brand=linden, subject=new_subject(), language="en", country="PL", sale_stopped_seq=2)
    choice = Choice.objects.filter(customer=history).first()
    assert choice is not None
    choice.pk, choice.customer, choice.party = None, stranger, stranger.subject
    choice.save(force_insert=True)
    newest_seal()
    assert found() == {f"entry {choice.receipt}", f"subject {stranger.subject}"}


def test_entries_of_somebody_without_rows_are_named(history: Customer) -> None:
    shown = {f"entry {receipt}" for receipt in Choice.objects.filter(customer=history).values_list("receipt", flat=True)}
    assert len(shown) > 1
    Choice.objects.filter(customer=history).delete()
    newest_seal()
    assert found() == shown


def test_rows_whose_entries_are_emptied_are_named(history: Customer) -> None:
    """While the person is here. Once they are not, there is nothing that could show anything."""
    receipts = {f"entry {receipt}" for receipt in Choice.objects.filter(customer=history).values_list("receipt", flat=True)}
    decided = Entry.objects.of(history.subject).filter(kind__in=["choice.decided", "scope.changed"])
    with turn(history.subject, brand="linden", actor="system:test") as this:
        tombstone = empty(this, history.subject, decided.values_list("seq", flat=True), Reason.ERASURE)
    assert tombstone is not None
    newest_seal()
    assert found() == {*receipts, f"subject {history.subject}", f"entry {tombstone.public_id}"}
    Customer.objects.filter(pk=history.pk).delete()
    assert found() == set()


def test_somebody_erased_is_not_missed(history: Customer) -> None:
    """Their proof stays for its period, and no row shows it."""
    Customer.objects.filter(pk=history.pk).delete()
    newest_seal()
    assert found() == set()


def read(reader: Reader) -> None:
    for act in rows.acts(reader.kinds):
        reader.read(*act)


def test_what_people_do_meanwhile_is_no_fault(history: Customer, bea: Customer) -> None:
    of_choices, of_words = Choices(), WideWords()
    read(of_choices)
    read(of_words)
    deny(history, "recs")
    allow(bea, "news", "email")
    actions.stop(history, Scope.SALE, own(history))
    actions.stop(bea, Scope.SENSITIVE, own(bea))
    actions.lift(history, Scope.MARKETING, own(history, seen=head(history)))
    assert [*of_choices.faults(), *of_words.faults()] == []


def test_a_change_by_hand_meanwhile_is_named(history: Customer) -> None:
    reader = Choices()
    read(reader)
    now = deny(history, "recs").entry
    assert now is not None
    Choice.objects.filter(customer=history, purpose="recs").update(state="granted")
    assert [fault.where for fault in reader.faults()] == [f"entry {now.public_id}"]


@pytest.mark.parametrize(
    "payload", ["{}", "[]", "{", '{"outcome":"applied"}', '{"outcome":"applied","purpose":[],"channel":{},"party":1}', '{"scope":[]}']
)
def test_a_payload_of_another_form_is_named_and_stops_nothing(history: Customer, payload: str) -> None:
    choice = Choice.objects.get(customer=history, purpose="recs")
    word = Entry.objects.of(history.subject).filter(kind="scope.changed").order_by("seq").last()
    assert word is not None
    connection.check_constraints()  # those that were put off: a table that waits for one cannot be altered
    with triggers.suspended(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET payload = %s WHERE id IN (%s, %s)", [payload, choice.entry, word.id])
    newest_seal()
    assert found() >= {f"entry {choice.receipt}", f"entry {word.public_id}"}
    assert f"entry {choice.receipt}" in {fault.where for fault in choices()}


def test_a_row_that_goes_with_its_person_meanwhile_is_no_fault(history: Customer) -> None:
    """Between the statement that reads rows and the closer look at one of them."""
    of = sys.modules[Choices.__module__]
    gone = Choice.objects.get(customer=history, purpose="recs").pk
    Choice.objects.filter(pk=gone).delete()
    assert list(of._closer(gone, 1)) == []


def test_the_number_of_questions_does_not_grow_with_people_or_choices(history: Customer, linden: Brand) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert [*choices(), *scopes()] == []
        return len(queries)

    few = asked()
    for _ in range(3):
        somebody = Customer.objects.create(brand=linden, subject=new_subject(), language="en", country="PL")
        actions.deny_all(somebody, own(somebody))
        actions.stop(somebody, Scope.SALE, own(somebody))
    assert asked() == few


def test_an_act_that_lacks_a_member_is_looked_at_again_and_is_no_fault_of_the_row(history: Customer) -> None:
    choice = Choice.objects.get(customer=history, purpose="recs")
    reader = Choices()
    reader.read(history.subject, choice.seq, choice.entry, {"purpose": "recs", "channel": "", "party": choice.party, "outcome": "applied"})
    assert [fault for fault in reader.faults() if "recs" in fault.what] == []
