"""Whom the lines of a file are about, and what becomes of them."""

from __future__ import annotations

import pytest

from accounts.actions import record, tie
from accounts.models import Contact, Customer
from accounts.suppression import suppress
from brands.models import Brand
from catalogue import actions as catalogue
from consents import shown
from consents.decide import decide
from consents.tests.acting import acts, allow
from consents.tests.catalogue_of_all_grounds import publish
from consents.tests.family import a_child, tied
from propagation.tests.files import (
    BY,
    carried_out,
    chain,
    faults,
    imported,
    is_here,
    no,
    objects,
    outcomes,
    report,
    stands,
    table,
    who,
    yes,
)

pytestmark = pytest.mark.django_db
ANNA = "anna.kowalczyk@example.com"
NOT_THEIRS = "not for the person to decide, or a guardian decides"


def test_somebody_new_begins_with_a_yes_that_is_proven(linden: Brand) -> None:
    run = imported(linden, table(yes("New.Person@Example.com", language="pl")))
    assert (run.state, run.done, run.counts, report(run)) == ("done", 1, {"applied": 1}, [(2, "applied", "")])
    person = who(linden, "new.person@example.com")
    assert (person.language, person.country, person.country_evidence, person.person) == ("pl", "PL", "import", None)
    contact = Contact.objects.get(customer=person)
    assert (contact.address, contact.proven_at) == ("New.Person@Example.com", None)
    assert chain(linden, "new.person@example.com") == ["person.recorded", "choice.decided"]
    (act,) = acts(person)
    assert (act["how"], act["where"], act["assurance"], act["occurred_at"]) == ("import", "import", "IV0", "2026-01-05T10:00:00.000000Z")
    assert act["evidence"] == run.sha256
    saw = shown.again(act["shown"])
    assert saw
    assert (saw["sentence"], saw["title"]) == ("Show me your ads on other sites.", "checkout form")
    assert decide(person, "ads").allowed
    assert faults() == []


def test_somebody_new_begins_with_a_no_without_any_evidence(linden: Brand) -> None:
    run = imported(linden, table({"email": "a@example.com", "purpose": "news", "channel": "sms", "decision": "deny"}))
    assert outcomes(run) == ["applied"]
    assert stands(linden, "a@example.com") == {("news", "sms"): "refused"}


@pytest.mark.parametrize("missing", ["time", "wording", "source"])
def test_a_yes_without_its_evidence_never_counts(linden: Brand, anna: Customer, missing: str) -> None:
    run = imported(linden, table(yes(ANNA, **{missing: ""}), yes("new@example.com", **{missing: " "})))
    assert report(run) == [
        (2, "unproven", f"lacks {missing}"),
        (3, "unproven", f"lacks {missing}; nobody here is called so"),
    ]
    assert not decide(anna, "ads").allowed
    assert stands(linden, ANNA) == {}
    assert acts(anna, "consent.claimed")[0]["missing"] == [missing]
    assert not is_here(linden, "new@example.com")


def test_somebody_known_is_met_by_each_of_their_names(linden: Brand, anna: Customer) -> None:
    tie(brand=linden, value="C-1", email=ANNA, phone="+48600100100", language="en", country="PL", by=BY)
    lines = [yes("", id="C-1"), yes("", "recs", phone="+48 600 100 100"), yes("Anna.Kowalczyk@example.com", "news", channel="email")]
    run = imported(linden, objects(*lines))
    assert report(run) == [(1, "applied", ""), (2, "applied", ""), (3, "applied", "")]
    assert stands(linden, ANNA) == {("ads", ""): "granted", ("recs", ""): "granted", ("news", "email"): "granted"}
    assert Customer.objects.at(linden).count() == 1


def test_ids_and_numbers_begin_nobody(linden: Brand) -> None:
    run = imported(linden, table(no("", id="C-9"), yes("", phone="+48600999999")))
    assert outcomes(run) == ["refused", "refused"]
    assert not Customer.objects.at(linden).exists()


def test_whoever_was_deleted_stays_away(linden: Brand) -> None:
    suppress(linden, [(Contact.Channel.EMAIL, "gone@example.com")])
    run = imported(linden, table(yes("Gone@example.com"), no("gone@example.com"), yes("here@example.com")))
    assert outcomes(run) == ["suppressed", "suppressed", "applied"]
    assert not is_here(linden, "gone@example.com")
    assert faults() == []


def test_who_is_here_again_by_their_own_act_is_met(linden: Brand, anna: Customer) -> None:
    suppress(linden, [(Contact.Channel.EMAIL, ANNA)])
    assert outcomes(imported(linden, table(no(ANNA)))) == ["applied"]


def two_of_one_address(brand: Brand) -> list[Customer]:
    every = []
    for name in ("C-1", "C-2"):
        customer = record(brand=brand, address=f"{name}@example.com", language="en", country="PL", by=BY)
        Contact.objects.create(
            customer=customer, brand=brand, channel=Contact.Channel.EMAIL, address="both@example.com", canonical="both@example.com"
        )
        customer.brand = brand
        every.append(customer)
    return every


def test_several_people_of_one_address_a_yes_is_of_one_and_a_no_of_all(linden: Brand) -> None:
    both = two_of_one_address(linden)
    for customer in both:
        assert outcomes(imported(linden, table(yes(f"c-{both.index(customer) + 1}@example.com")))) == ["applied"]
    run = imported(linden, table(yes("both@example.com", "recs"), no("both@example.com", "ads"), no("c-1@example.com", "recs")))
    assert report(run) == [(2, "refused", "several people here are called so"), (3, "applied", ""), (4, "applied", "")]
    assert stands(linden, "c-1@example.com") == {("ads", ""): "withdrawn", ("recs", ""): "refused"}
    assert stands(linden, "c-2@example.com") == {("ads", ""): "withdrawn"}
    assert faults() == []


def test_channels_stand_each_for_itself(linden: Brand) -> None:
    lines = [yes("a@example.com", "news", channel="email"), no("a@example.com", "news", channel="sms"), no("a@example.com", "news")]
    run = imported(linden, table(*lines))
    assert outcomes(run) == ["applied", "applied", "refused"]
    assert stands(linden, "a@example.com") == {("news", "email"): "granted", ("news", "sms"): "refused"}


def test_what_is_not_theirs_to_decide_makes_nobody_known(linden: Brand, anna: Customer) -> None:
    lines = [each(email, "delivery") for each in (yes, no) for email in (ANNA, "new@example.com")]
    run = imported(linden, table(*lines))
    assert {(outcome, why) for _, outcome, why in report(run)} == {("refused", NOT_THEIRS)}
    assert not is_here(linden, "new@example.com")
    assert stands(linden, ANNA) == {}


def test_no_yes_is_taken_over_for_what_needs_none(linden: Brand) -> None:
    publish(linden, "letters", "legitimate_interest", ("postal_marketing",))
    run = imported(linden, table(yes("a@example.com", "letters"), no("b@example.com", "letters")))
    assert outcomes(run) == ["refused", "applied"]
    assert not is_here(linden, "a@example.com")
    assert stands(linden, "b@example.com") == {("letters", ""): "objected"}


def test_a_purpose_that_is_over_takes_nothing(linden: Brand) -> None:
    publish(linden, "once", "consent")
    content = table(yes("a@example.com", "once"), yes("b@example.com"))
    look = imported(linden, content, dry=True)
    assert outcomes(look) == ["applied", "applied"]
    catalogue.retire(linden.purposes.get(key="once"), by=BY)
    run = carried_out(look)
    assert report(run) == [(2, "refused", "there is no such purpose, or not on that channel"), (3, "applied", "")]
    assert not is_here(linden, "a@example.com")


def test_of_a_minor_a_no_is_taken_over_and_no_yes(linden: Brand, anna: Customer) -> None:
    tied(anna, a_child(linden, 11))
    run = imported(linden, table(yes("zosia@example.com", "recs"), no("zosia@example.com", "recs")))
    assert outcomes(run) == ["refused", "applied"]
    assert stands(linden, "zosia@example.com") == {("recs", ""): "refused"}


def test_what_stands_is_not_written_again(linden: Brand, anna: Customer) -> None:
    allow(anna, "ads")
    before = chain(linden, ANNA)
    assert report(imported(linden, table(yes(ANNA)))) == [(2, "stands", "it stands so already")]
    assert chain(linden, ANNA) == before


def test_a_brand_knows_nobody_of_another(linden: Brand, kingfisher: Brand, anna: Customer) -> None:
    allow(anna, "recs")
    run = imported(kingfisher, table(no(ANNA, "cancel")))
    assert outcomes(run) == ["applied"]
    assert who(kingfisher, ANNA).pk != anna.pk
    assert stands(linden, ANNA) == {("recs", ""): "granted"}
