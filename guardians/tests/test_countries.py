"""France, Poland, Spain and the United States: whose yes, until when, and what no yes makes lawful (requirements KID-03 to KID-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from accounts.actions import join
from accounts.models import Customer, Guardianship
from brands.models import Brand
from catalogue.published import published
from consents.actions import say, stop
from consents.asking import may_ask, waiting
from consents.decide import decide as may
from consents.grounds import ground
from consents.saying import Result, Said
from consents.screens import reader_of
from consents.states import How, Scope, Verb
from guardians import actions
from guardians.tests.families import BY_MAIL, a_child, adult, answer, born, decides, turns_off, wishes
from ledger.models import Entry
from regimes.resolver import Place

USE = "album"


# ── France: both, below fifteen (Loi Informatique et Libertés, Art. 45) ─────────────────────────────────────────────


@pytest.fixture
def lea(marta: Customer) -> Customer:
    return a_child(marta, years=13, name="Léa", country="FR")


def test_in_france_the_guardians_yes_alone_is_not_enough(lea: Customer, marta: Customer) -> None:
    assert decides(marta, lea, USE, "allow").saved
    assert answer(lea, USE) == (False, "undecided")


def test_in_france_the_childs_wish_and_the_guardians_yes_are_the_yes_of_both(lea: Customer, marta: Customer) -> None:
    wishes(lea, USE)
    assert answer(lea, USE) == (False, "guardian_missing")
    decides(marta, lea, USE, "allow")
    assert answer(lea, USE) == (True, "granted")
    own = Entry.objects.of(lea.subject).filter(kind="choice.decided").order_by("-seq").first()
    assert own is not None
    assert (own.act["party"], own.act["state"], bool(own.act["shown"])) == (lea.subject, "granted", True)
    turns_off(lea, USE)
    assert answer(lea, USE) == (False, "withdrawn")


def test_in_france_a_wish_after_the_yes_asks_the_guardian_once_more(lea: Customer, marta: Customer) -> None:
    """Who holds a link can only reduce: the page of the child alone starts nothing."""
    decides(marta, lea, USE, "allow")
    wishes(lea, USE)
    assert answer(lea, USE) == (False, "undecided")
    assert decides(marta, lea, USE, "allow").result is Result.STANDS
    assert answer(lea, USE) == (True, "granted")


# ── Poland 16, Spain 14, the United States 13 ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("country", "age"), [("PL", 16), ("ES", 14), ("US", 13), ("FR", 15)])
def test_below_the_age_a_guardian_at_it_they_themselves(marta: Customer, country: str, age: int) -> None:
    younger, older = a_child(marta, years=age - 1, country=country), a_child(marta, years=age, country=country)
    wishes(younger, USE)
    assert decides(marta, younger, USE, "allow").saved
    assert answer(younger, USE) == (True, "granted")
    assert decides(marta, older, USE, "allow").result is Result.NO_CONTROL
    assert answer(older, USE) == (False, "undecided")
    own = Said(f"self:{older.subject}", older.subject, language="en")
    page = actions.make_wish(older, "allow", purpose=USE)
    assert answer(older, USE) == (False, "undecided"), page
    assert say(older, USE, "", Verb.DENY, own).saved


def test_in_the_united_states_two_mails_do_not_cover_passing_on(marta: Customer) -> None:
    child = a_child(marta, years=9, country="US", verified=BY_MAIL)
    assert decides(marta, child, "results", "allow").saved
    assert answer(child, "results") == (True, "granted")
    assert decides(marta, child, "selection", "allow").result is Result.WEAK_PROOF
    assert not may(child, "selection").allowed
    Guardianship.objects.filter(child=child).update(allows_disclosure=True, adulthood_method="in_person")
    assert decides(marta, child, "selection", "allow").saved
    assert answer(child, "selection") == (True, "granted")


def test_allowing_a_use_allows_no_passing_on(zosia: Customer, marta: Customer) -> None:
    """Two decisions, each with its own yes (16 CFR 312.5(a)(2))."""
    decides(marta, zosia, "results", "allow")
    assert answer(zosia, "selection") == (False, "guardian_missing")


# ── Teenagers, and advertising ──────────────────────────────────────────────────────────────────────────────────────

ADS = ("targeted_advertising",)
TEENS = [
    ("CT", 13, "prohibited"), ("CT", 17, "prohibited"), ("MD", 17, "prohibited"), ("OR", 15, "prohibited"), ("OR", 16, "opt_out"),
    ("CA", 14, "consent"), ("CA", 16, "opt_out"), ("DE", 17, "consent"), ("NJ", 16, "consent"), ("NJ", 17, "opt_out"),
    ("MN", 16, "consent"), ("NH", 15, "consent"), ("NH", 16, "opt_out"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "age", "basis"), TEENS)
def test_targeted_advertising_to_a_teenager(kingfisher: Brand, state: str, age: int, basis: str) -> None:
    purpose = replace(published(kingfisher)["sponsors"], basis="opt_out", classes=ADS, audience="everybody", sold=False)

    found = ground(purpose, Place("US", f"US-{state}"), age, date(2026, 11, 29), "")
    assert found.basis == basis


@pytest.mark.parametrize(("country", "age"), [("PL", 15), ("ES", 13), ("US", 12), ("IN", 17), ("BR", 11), ("FR", 14)])
def test_a_known_child_is_advertised_to_in_no_country(kingfisher: Brand, country: str, age: int) -> None:

    purpose = replace(published(kingfisher)["sponsors"], classes=ADS, audience="everybody")
    assert ground(purpose, Place(country), age, date(2027, 6, 1), "").basis == "prohibited"


def test_what_is_offered_to_adults_is_closed_to_a_minor(zosia: Customer, marta: Customer) -> None:
    assert decides(marta, zosia, "letter", "allow").result is Result.NO_CONTROL
    assert answer(zosia, "letter") == (False, "prohibited")
    assert answer(adult(zosia.brand, "Ada"), "letter") == (False, "undecided")


# ── The signal of a browser, and a minor ────────────────────────────────────────────────────────────────────────────


def test_a_minors_signal_is_a_refusal_that_is_not_asked_about(linden: Brand) -> None:
    """Requirements 7.2, the row of the minor: where a yes would be needed, the signal is the no, and nobody is prompted."""
    teen = join(brand=linden, address="teen@example.com", language="en", birth_date=born(17))
    assert teen.minor_until is not None
    assert stop(teen, Scope.SALE, Said("signal:gpc", teen.subject, how=How.SIGNAL)) is not None
    teen.refresh_from_db()
    teen.brand = linden
    assert may(teen, "ads").reason in {"sale_stopped", "prohibited"}
    assert not may_ask(teen, "ads").may
    assert waiting(reader_of(teen, "en")) == []
