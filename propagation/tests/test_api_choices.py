"""A no is taken from anybody who may send one, and holds."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import tie
from accounts.models import Contact, Customer
from accounts.suppression import suppress
from brands.models import Brand
from consents.decide import decide
from consents.models import Choice
from consents.tests.acting import a_word, allow, count, state
from ledger.models import Entry
from propagation.models import Partner, Pseudonym
from propagation.pseudonyms import Pseudonyms
from propagation.tests.calling import Api
from propagation.tests.choosing import ANNA, EVIDENCE, LONG_AGO, problem, said, yes
from propagation.tests.conftest import BY, key_of, partner_of

# ── A no ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_no_ends_a_yes_and_says_where_it_is_written(api: Api, anna: Customer) -> None:
    allow(anna, "ads")
    answer = said(api, ANNA, "deny", occurred_at=LONG_AGO)
    entry = Entry.objects.get(public_id=answer["receipt"])
    assert answer["result"] == "saved"
    assert (entry.actor[:8], entry.act["state"], entry.act["how"]) == ("partner:", "withdrawn", "api")
    assert decide(anna, "ads").reason == "withdrawn"


def test_twice_is_once(api: Api, anna: Customer) -> None:
    said(api, ANNA, "deny")
    before = count(anna)
    assert said(api, ANNA, "deny") == {"result": "stands", "receipt": None}
    assert count(anna) == before
    yes(api, ANNA, "recs")
    assert yes(api, ANNA, "recs")["result"] == "stands"
    assert count(anna) == before + 1


def test_the_no_of_a_stranger_is_kept_and_an_older_yes_does_not_come_past_it(api: Api, linden: Brand) -> None:
    stranger = {"email": "Ben@Example.com"}
    assert said(api, stranger, "deny", "news", channel="email")["result"] == "saved"
    contact = Contact.objects.get()
    assert (contact.canonical, contact.proven_at) == ("ben@example.com", None)
    answer = yes(api, {"email": "ben@example.com"}, "news", channel="email")
    assert answer["result"] == "superseded"
    assert state(contact.customer, "news", "email") == "refused"
    assert not decide(contact.customer, "news", "email").allowed
    assert Customer.objects.count() == 1


def test_the_no_of_a_stranger_has_a_language_of_the_brand(api: Api, linden: Brand) -> None:
    said(api, {"email": "ben@example.com"}, "deny", language="pl")
    said(api, {"email": "eva@example.com"}, "deny", language="xx")
    assert list(Customer.objects.order_by("pk").values_list("language", flat=True)) == ["pl", linden.default_language]


@pytest.mark.parametrize("person", [{"id": "C-9"}, {"phone": "+48600999999"}, {"pairwise": "0" * 32}])
def test_a_no_by_a_name_that_nobody_has_is_refused_aloud(api: Api, linden: Brand, person: dict[str, str]) -> None:
    assert problem(api.post("/choices", {"person": person, "purpose": "ads", "decision": "deny"})) == (404, "unknown-person")
    assert problem(api.post("/scopes", {"person": person, "scope": "marketing"})) == (404, "unknown-person")


def test_a_yes_makes_nobody(api: Api, linden: Brand) -> None:
    body = {"person": {"email": "ben@example.com"}, "purpose": "ads", "decision": "allow", "occurred_at": LONG_AGO, "evidence": EVIDENCE}
    assert problem(api.post("/choices", body)) == (404, "unknown-person")
    assert not Customer.objects.exists()


def test_who_was_deleted_is_not_brought_back(api: Api, linden: Brand) -> None:
    suppress(linden, [("email", "ben@example.com")])
    ben = {"email": "Ben@example.com"}
    assert said(api, ben, "deny") == {"result": "stands", "receipt": None}
    assert api.post("/scopes", {"person": ben, "scope": "sale"}).json() == {"result": "stands", "receipt": None}
    body = {"person": ben, "purpose": "ads", "decision": "allow", "occurred_at": LONG_AGO, "evidence": EVIDENCE}
    assert problem(api.post("/choices", body)) == (404, "unknown-person")
    assert problem(api.post("/people", {"id": "C-1", "email": "ben@example.com"})) == (409, "conflict")
    assert not Customer.objects.exists()
    assert not Contact.objects.exists()


def test_a_no_of_an_address_is_the_no_of_everybody_who_has_it(api: Api, linden: Brand) -> None:
    two = [
        tie(brand=linden, value=f"C-{n}", email=f"c{n}@example.com", phone="+48600100100", language="en", country="PL", by=BY)[0]
        for n in (1, 2)
    ]
    assert yes(api, {"id": "C-2"})["result"] == "saved"
    conflict = {"person": {"phone": "+48 600 100 100"}, "purpose": "ads", "decision": "allow", "occurred_at": LONG_AGO}
    assert problem(api.post("/choices", conflict)) == (409, "conflict")
    assert said(api, {"phone": "+48 600 100 100"}, "deny")["result"] == "saved"
    assert [state(customer, "ads") for customer in two] == ["refused", "withdrawn"]


def test_a_no_of_an_address_reaches_who_signs_in_as_well(api: Api, anna: Customer) -> None:
    shared = "shared@example.com"
    for number, email in (("C-1", ANNA["email"]), ("C-2", shared)):
        assert api.post("/people", {"id": number, "email": email}).status_code == 200
    assert problem(api.post("/people", {"id": "C-1", "email": shared})) == (409, "conflict")  # an address is changed by its person alone
    Contact.objects.create(customer=anna, brand=anna.brand, channel="email", address=shared, canonical=shared)
    assert yes(api, {"id": "C-1"})["result"] == "saved"
    said(api, {"email": "shared@example.com"}, "deny")
    assert [decide(customer, "ads").allowed for customer in Customer.objects.order_by("pk")] == [False, False]


def test_by_each_name_somebody_is_known_by(api: Api, crm: Partner, anna: Customer) -> None:
    tie(brand=anna.brand, value="C-1", email=ANNA["email"], phone="+48600100100", language="en", country="PL", by=BY)
    number = Pseudonyms(crm).keep_one(anna)
    for person in ({"id": "C-1"}, {"phone": "+48600100100"}, {"pairwise": number}):
        yes(api, ANNA, "recs", occurred_at=timezone.now().isoformat())
        assert said(api, person, "deny", "recs")["result"] == "saved", person
        Choice.objects.all().delete()


def test_a_use_with_channels_is_decided_on_by_channel(api: Api, linden: Brand) -> None:
    for purpose, channel in (("news", ""), ("news", "push"), ("ads", "email"), ("nosuch", "")):
        body = {"person": {"email": "ben@example.com"}, "purpose": purpose, "channel": channel, "decision": "deny"}
        assert problem(api.post("/choices", body)) == (422, "unknown-purpose"), (purpose, channel)
    assert not Customer.objects.exists()


def test_what_a_contract_or_a_law_asks_for_is_nobodys_choice(api: Api, anna: Customer) -> None:
    for purpose in ("delivery", "invoices"):
        assert said(api, ANNA, "deny", purpose)["result"] == "no_control"
    assert yes(api, ANNA, "fraud")["result"] == "no_control"
    assert said(api, ANNA, "deny", "fraud")["result"] == "saved"
    assert decide(anna, "fraud").reason == "objected"


# ── Wide words ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scope", "column"),
    [("marketing", "marketing_stopped_seq"), ("sale", "sale_stopped_seq"), ("sensitive", "sensitive_limited_seq")],
)
def test_a_wide_no_is_set_once(api: Api, anna: Customer, scope: str, column: str) -> None:
    first, second = (api.post("/scopes", {"person": ANNA, "scope": scope}).json() for _ in range(2))
    anna.refresh_from_db()
    assert getattr(anna, column) is not None
    assert (first["result"], second) == ("saved", {"result": "stands", "receipt": None})
    assert Entry.objects.get(public_id=first["receipt"]).act["scope"] == scope


def test_the_wide_no_of_a_stranger_is_kept(api: Api, linden: Brand) -> None:
    api.post("/scopes", {"person": {"email": "ben@example.com"}, "scope": "marketing"})
    ben = Customer.objects.get()
    a_word(ben, "news", "granted", channel="email", seq=1)
    assert decide(ben, "news", "email").reason == "marketing_stopped"


# ── Others ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_key_of_another_brand_reaches_nobody_here(api: Api, anna: Customer, kingfisher: Brand) -> None:
    theirs = partner_of(kingfisher, "crm")
    own = Api(Client(headers={"host": kingfisher.host}), key_of(theirs)[1])
    before = count(anna)
    said(own, ANNA, "deny", "letter")
    assert count(anna) == before
    assert [each.brand for each in Customer.objects.order_by("pk")] == [anna.brand, kingfisher]
    number = Pseudonyms(Partner.objects.get(brand=anna.brand)).keep_one(anna)
    assert Pseudonym.objects.get(value=number).customer == anna
    body = {"person": {"pairwise": number}, "purpose": "letter", "decision": "deny"}
    assert problem(own.post("/choices", body)) == (404, "unknown-person")
    assert problem(own.post("/choices", body | {"purpose": "ads"})) == (422, "unknown-purpose")
    here = Api(Client(headers={"host": anna.brand.host}), own.key)
    assert problem(here.post("/choices", {"person": ANNA, "purpose": "ads", "decision": "deny"})) == (401, "bad-key")


def test_each_verb_is_needed_for_its_own(anna: Customer, crm: Partner) -> None:
    deny_body = {"person": ANNA, "purpose": "ads", "decision": "deny"}
    reduce, raise_ = (Api(Client(headers={"host": crm.brand.host}), key_of(crm, verb)[1]) for verb in ("choices:reduce", "choices:raise"))
    assert problem(raise_.post("/choices", deny_body)) == (403, "not-in-scope")
    assert problem(reduce.post("/choices", deny_body | {"decision": "allow"})) == (403, "not-in-scope")
    assert problem(raise_.post("/scopes", {"person": ANNA, "scope": "sale"})) == (403, "not-in-scope")
    news = Api(Client(headers={"host": crm.brand.host}), key_of(crm, purposes=("news",))[1])
    assert problem(news.post("/choices", deny_body)) == (403, "not-in-scope")
