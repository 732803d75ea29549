"""A deletion where things do not go straight: cancelled half way, widened, asked by telephone, kept by hand, looked at again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.assurance import NOTHING
from accounts.models import Customer
from brands.models import Brand
from consents.decide import decide
from data_requests import actions
from data_requests.actions import appealing
from data_requests.actions.answering import refusal_mark, reopen
from data_requests.actions.erasing import close_restored
from data_requests.connectors.base import Table
from data_requests.desk_forms import forms_for
from data_requests.erasing import asking
from data_requests.erasing.scope import Deletion
from data_requests.models import Held, Item, Request, System
from data_requests.retention import carry_out
from data_requests.states import NotPossible
from data_requests.tests.conftest import SESSION, TWO_FACTORS, asked, by, work
from data_requests.tests.test_deletion import AFTER_THE_WAIT, answered, carried_out, mails
from jobs.actions import run_due
from ledger.models import Entry
from ledger.turns import turn

pytestmark = pytest.mark.django_db
SAM, OLA = "staff:" + "5" * 32, "staff:" + "6" * 32


@pytest.fixture
def shop(linden: Brand) -> System:
    """A system that a person looks into."""
    return actions.name_system(System(key="shop", name="Shop"), brand=linden, by=OLA)


def kept_by_hand(request: Request) -> None:
    item = request.items.get(system="Shop")
    said = {"outcome": "kept", "count": "2", "note": "Invoices", "until": "2031-12-31", "law": "Art. 112 VAT Act"}
    form: Any = forms_for(request, {"act": "item", "item": "Shop", **said}, "item")["item"]
    assert form.is_valid(), form.errors
    form.act(request, SAM)
    item.refresh_from_db()
    assert item.outcome == Item.Outcome.KEPT


def started(customer: Customer, **more: Any) -> Request:
    request = asked(customer, "delete", **more)
    return actions.start(request, by="system:test", now=timezone.now() + AFTER_THE_WAIT)


# ── Kept ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_colleague_says_is_kept_is_held_and_certified_with_its_law_and_day(shop: System, anna: Customer) -> None:
    request = started(anna)
    kept_by_hand(request)
    carried_out(request)
    (kept,) = Entry.objects.get(kind="erasure.certified").act["kept"]
    assert (kept["system"], kept["count"], kept["law"], kept["until"]) == ("Shop", 2, "Art. 112 VAT Act", "2031-12-31")
    assert Held.objects.get(ended_at=None).until.isoformat() == "2031-12-31"


def test_at_the_desk_what_is_kept_has_a_law_and_a_day(shop: System, anna: Customer) -> None:
    request = started(anna)
    form: Any = forms_for(request, {"act": "item", "item": "Shop", "outcome": "kept", "count": "2", "note": "Invoices"}, "item")["item"]
    assert not form.is_valid()
    assert {"until", "law"} <= set(form.errors)
    assert "held" not in form.fields


@pytest.mark.parametrize("end", ["keep", "withdraw", "not_me"])
def test_whoever_cancels_leaves_nothing_behind_that_would_delete_later(shop: System, anna: Customer, end: str) -> None:
    request = started(anna)
    kept_by_hand(request)
    assert Held.objects.exists()
    {
        "keep": lambda: actions.keep(request, by=f"link:{anna.subject}"),
        "withdraw": lambda: actions.withdraw(request, by=by(anna)),
        "not_me": lambda: actions.not_me(anna, by=f"link:{anna.subject}"),
    }[end]()
    assert not Held.objects.exists()


# ── Some of it, and everything ──────────────────────────────────────────────────────────────────────────────────────


def test_everything_is_never_less_than_what_was_asked_before(anna: Customer, shop: System) -> None:
    some = asked(anna, "delete", asked={"only": ["messages"]})
    everything = actions.receive(anna, "delete", {}, TWO_FACTORS, by=by(anna))
    assert not everything.again
    some.refresh_from_db()
    assert (some.state, everything.request.state) == ("withdrawn", "verified")
    assert decide(anna, "delivery").reason == "restricted"
    again = actions.receive(anna, "delete", {"only": ["messages"]}, TWO_FACTORS, by=by(anna))
    assert again.again, "it is in there already"


def test_some_and_some_more_become_both(anna: Customer, shop: System) -> None:
    asked(anna, "delete", asked={"only": ["messages"]})
    both = asked(anna, "delete", asked={"only": ["system:shop"]})
    assert both.asked == {"only": ["messages", "system:shop"]}
    assert Request.objects.open().get(kind="delete") == both


def test_what_covers_what() -> None:
    everything, some, other = Deletion(), Deletion(frozenset({"messages"})), Deletion(frozenset({"system:shop"}))
    assert everything.covers(some)
    assert everything.covers(everything)
    assert some.covers(some)
    assert not some.covers(everything)
    assert not some.covers(other)


def test_one_that_waited_for_proof_takes_a_smaller_one_over(anna: Customer) -> None:
    waits = actions.receive(anna, "delete", {}, NOTHING, by=SAM, via="phone").request
    some = asked(anna, "delete", asked={"only": ["messages"]})
    actions.verify(waits, TWO_FACTORS, by=by(anna))
    some.refresh_from_db()
    waits.refresh_from_db()
    assert (some.state, waits.state) == ("withdrawn", "verified")


# ── By telephone ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_are_read_by_a_person_before_anything_goes(anna: Customer) -> None:
    request = actions.receive(anna, "delete", {"text": "only the mails, please"}, TWO_FACTORS, by=SAM, via="phone").request
    for item in request.items.exclude(system__in=("center", "person")):
        actions.item_done(item, Item.Outcome.DONE, by=SAM)
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert Customer.objects.filter(pk=anna.pk).exists()
    request.refresh_from_db()
    field: Any = forms_for(request)["item"].fields["item"]
    assert "person" in field.queryset.values_list("system", flat=True)


def test_whoever_asked_by_telephone_reads_the_plan_before_they_prove_it(anna: Customer, signed_in: Any) -> None:
    request = actions.receive(anna, "delete", {"text": ""}, NOTHING, by=SAM, via="phone").request
    page = signed_in(anna).get(f"/requests/{request.number}/").content.decode()
    assert 'aria-labelledby="stays"' in page
    assert "Everything we can delete" in page


def test_the_mail_that_starts_the_wait_can_cancel_it(anna: Customer) -> None:
    request = actions.receive(anna, "delete", {}, NOTHING, by=SAM, via="phone").request
    work()
    actions.verify(request, TWO_FACTORS, by=by(anna))
    work()
    told = [mail for mail in mails() if request.number in mail]
    assert told or anna.messages.filter(facts__request=request.number, facts__happened="verified").exists()


# ── Half way ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_begun_is_not_refused_any_more(anna: Customer, shop: System) -> None:
    request = started(anna)
    actions.item_done(request.items.get(system="Shop"), Item.Outcome.DONE, by=SAM, count=1)
    with pytest.raises(NotPossible):
        actions.refuse(request, "legal_duty", "We must keep it.", by=SAM)
    page = actions.withdraw(request, by=by(anna))
    assert page


def test_that_it_is_right_is_no_answer_to_a_deletion(anna: Customer) -> None:
    request = started(anna)
    with pytest.raises(NotPossible):
        actions.refuse(request, "accurate", "It is right.", by=SAM)
    field: Any = forms_for(request)["refuse"].fields["ground"]
    offered = dict(field.choices)
    assert "accurate" not in offered
    assert "legal_duty" in offered


def test_the_second_signature_comes_too_late_as_well(anna: Customer, shop: System) -> None:
    request = started(anna)
    actions.propose_refusal(request, "excessive", "Again.", by=SAM)
    actions.item_done(request.items.get(system="Shop"), Item.Outcome.DONE, by=SAM, count=1)
    request.refresh_from_db()
    with pytest.raises(NotPossible):
        actions.approve_refusal(request, read=refusal_mark(request), by=OLA)


class Connected:
    """A system that has something again after it has answered."""

    def __init__(self) -> None:
        self.rows, self.asked = 0, 0

    def plan(self, keys: Any, today: Any) -> list[Table]:
        return [Table("orders", {"en": "Orders"}, self.rows)]


def test_what_a_system_holds_again_is_asked_for_once_more(shop: System, anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    request = started(anna)
    answered(request)
    connected = Connected()
    monkeypatch.setattr(asking, "connector_for", lambda system: connected if system == shop else None)
    assert asking.look_again(request, today=timezone.localdate()) == []
    connected.rows = 2
    assert asking.look_again(request, today=timezone.localdate()) == ["Shop"]
    item = request.items.get(system="Shop")
    assert (item.outcome, item.answered_at, item.count) == ("open", None, 0)
    assert Entry.objects.filter(kind="request.system_answered", payload__contains='"outcome":"open"').exists()


def test_nothing_is_asked_again_of_a_request_that_has_ended(shop: System, anna: Customer) -> None:
    request = started(anna)
    answered(request)
    actions.withdraw(request, by=by(anna))
    with pytest.raises(NotPossible):
        reopen(request.items.get(system="Shop"), by=SAM)


# ── Appeals and pauses ──────────────────────────────────────────────────────────────────────────────────────────────


def test_who_proposed_a_refusal_has_no_part_in_its_appeal(anna: Customer) -> None:
    request = asked(anna, "correct", SESSION, asked={"text": "my street"})
    actions.propose_refusal(request, "excessive", "Again.", by=SAM)
    request.refresh_from_db()
    request.customer, request.brand = anna, anna.brand
    actions.approve_refusal(request, read=refusal_mark(request), by=OLA)
    request.refresh_from_db()
    request.customer, request.brand = anna, anna.brand
    appeal = actions.appeal(request, "No.", SESSION, by=by(anna), nonce="n").request
    for colleague in (SAM, OLA):
        with pytest.raises(NotPossible):
            actions.fulfil(appeal, "You are right.", by=colleague)
    actions.fulfil(appeal, "You are right.", by="staff:" + "7" * 32)


def test_a_pause_that_somebody_else_asked_for_can_be_ended(anna: Customer) -> None:
    request = asked(anna, "restrict", SESSION, asked={"text": "please check"})
    actions.not_me(anna, by=f"link:{anna.subject}")
    assert decide(anna, "delivery").reason == "restricted"
    request.refresh_from_db()
    assert actions.end_own_pause(request, by=by(anna))
    assert decide(anna, "delivery").allowed


def test_a_live_pause_outlives_the_log(anna: Customer) -> None:
    request = asked(anna, "restrict", SESSION, asked={"text": "please check"})
    actions.fulfil(request, "We agree.", by=SAM)
    carry_out(timezone.now() + timedelta(days=740))
    assert Request.objects.filter(pk=request.pk).exists()


# ── After a restore, and at the end of periods ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("began", [False, True])
def test_a_deletion_that_was_answered_before_the_loss_is_answered_again(anna: Customer, began: bool) -> None:
    request = started(anna) if began else asked(anna, "delete")
    close_restored(request, by="system:restore")
    request.refresh_from_db()
    assert request.state == "fulfilled"


def test_one_that_nobody_had_proven_is_left_as_it_is(anna: Customer) -> None:
    request = asked(anna, "delete", SESSION)
    close_restored(request, by="system:restore")
    request.refresh_from_db()
    assert request.state == "identity_pending"


def test_a_request_is_not_forgotten_while_an_entry_of_it_is_young(anna: Customer) -> None:
    request = asked(anna, "correct", SESSION, asked={"text": "my street"})
    actions.fulfil(request, "Done.", by=SAM)
    request.refresh_from_db()
    with time_machine.travel(timezone.now() + timedelta(days=7), tick=True):
        with turn(anna.subject, brand=anna.brand.key, actor=SAM) as this:
            this.append(anna.subject, "request.file_gone", {"request": request.number})
    with time_machine.travel(timezone.now() + timedelta(days=735), tick=True):
        assert actions.forget_request(request, by="system:test") == 0
    with time_machine.travel(timezone.now() + timedelta(days=745), tick=True):
        assert actions.forget_request(request, by="system:test") == 1


def test_proof_stays_while_something_is_held(shop: System, anna: Customer) -> None:
    request = started(anna)
    kept_by_hand(request)
    carried_out(request)
    erased = Entry.objects.get(kind="person.erased")
    assert actions.forget_proof(erased, by="system:test") == 0, "its entries are young"
    with time_machine.travel(timezone.now() + timedelta(days=366 * 7), tick=True):
        assert actions.forget_proof(erased, by="system:test") == 0
        Held.objects.update(ended_at=timezone.now(), sealed="")
        assert actions.forget_proof(erased, by="system:test") > 0


def test_the_slower_of_two_tabs_is_answered_with_the_appeal_of_the_faster(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(anna, "correct", SESSION, asked={"text": "my street"})
    actions.refuse(request, "accurate", "It is right.", by=SAM)
    request.refresh_from_db()
    request.customer, request.brand = anna, anna.brand
    made = actions.appeal(request, "No.", SESSION, by=by(anna), nonce="one").request
    seen = iter([None, None, made])
    monkeypatch.setattr(appealing, "appeal_of", lambda of: next(seen))
    with transaction.atomic():
        again = actions.appeal(request, "No!", SESSION, by=by(anna), nonce="two")
    assert again.again
    assert again.request == made
    monkeypatch.setattr(appealing, "appeal_of", lambda of: None)
    with pytest.raises(IntegrityError):
        actions.appeal(request, "No!!", SESSION, by=by(anna), nonce="three")
