"""Whoever would like to decide for a child, or read of one, and may not: by what they know, what they were once, what they have kept, what
they forge, and by being quick."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import gates, uploads
from accounts.actions import NoBirthDate, correct_birth_date, freeze, join
from accounts.gates import Frozen, NotYours
from accounts.models import Customer, Guardianship
from accounts.tests.conftest import Browser
from brands.models import Brand
from catalogue.published import forget
from consents.models import Choice
from consents.saying import Result
from consents.states import Verb
from data_requests import actions as requests
from guardians import actions
from guardians.actions import NotOpen
from guardians.actions.becoming import BY_MAIL, NotNow
from guardians.claim_links import link_of
from guardians.links import COOKIE, child_of, token, token_of
from guardians.models import ChildPage, Dispute, GuardianClaim, Invitation, Note, Told, Wish
from guardians.tests import conftest as at_hand
from guardians.tests.families import (
    OTHER_STAFF,
    STAFF,
    a_child,
    adult,
    answer,
    born,
    decides,
    said_by,
    tied,
    turns_off,
    wishes,
)
from guardians.urls import urlpatterns
from jobs.actions import run_due
from jobs.models import Job
from ledger.models import Entry
from preference_center.tests.cast import SignedIn, browser_at, open_brand
from preference_center.tests.family_world import TWO_FACTORS, allow_form, of_hers, picture, seen, wish_form
from regimes import law
from regimes.actions import SHIPPED, load

pytestmark = pytest.mark.django_db
marta, pawel, zosia, both = at_hand.marta, at_hand.pawel, at_hand.zosia, at_hand.both
mail_to_files = at_hand.mail_to_files
USE, OTHER = "album", "photos"
CANARY = "kanarek-of-zosia"
A_CLAIM: dict[str, Any] = {"claim": "mother", "method": "in_person"}
FORGED = "A" * 22


@pytest.fixture
def ewa(kingfisher: Brand) -> Customer:
    """A stranger to the family."""
    return adult(kingfisher, "Ewa")


@pytest.fixture
def linden_too(linden: Brand) -> Brand:
    """Another brand that has customers who are children."""
    Brand.objects.filter(pk=linden.pk).update(has_minors=True)
    linden.refresh_from_db()
    return linden


@pytest.fixture
def words(both: Customer, marta: Customer) -> Customer:
    """Zosia, with a wish and a note that nobody else may read."""
    wishes(both, USE, CANARY)
    decides(marta, both, OTHER, "allow", note=CANARY)
    return both


def hers(child: Customer, page: str = "") -> str:
    return f"/family/{child.code}/{page}"


def child_browser(child: Customer) -> Client:
    client = browser_at(child.brand)
    client.cookies[COOKIE] = token_of(child)
    return client


def inviting(guardian: Customer, child: Customer) -> tuple[Invitation, str]:
    return actions.invite(guardian, [child], name="Somebody", address="")


def claims(of: Customer) -> int:
    return of.guardian_claims.count()


def closed(browser: Client, child: Customer) -> None:
    """Nothing of the child is read, at any of the addresses that are about them."""
    before = of_hers(child)
    for each in EVERY_PAGE:
        for answered in (browser.get(hers(child, each)), browser.post(hers(child, each), {"decision": "allow", "name": "X"})):
            assert answered.status_code in {302, 404, 405}, f"{each} {answered.status_code}"
            assert CANARY not in seen(answered)
            assert "Zosia" not in seen(answered)
    assert "Zosia" not in seen(browser.get("/family/"))
    assert of_hers(child) == before


EVERY_PAGE = (
    "", "page/", "link/", "history/", "details/", "resign/", "requests/", "requests/copy/", "requests/delete/", f"choices/{USE}/",
    "deny-all/", "wishes/1/", "address/",
)  # fmt: skip

# ── By what they know ───────────────────────────────────────────────────────────────────────────────────────────────


def test_name_and_birth_date_of_a_known_child_make_another_child(words: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    browser, before = signed_in(ewa), of_hers(words)
    assert words.birth_date is not None
    begun = browser.post("/family/begin/", {"name": "Zosia", "birth_date": words.birth_date.isoformat(), **A_CLAIM})
    assert begun.status_code == 303
    assert CANARY not in seen(browser.get("/family/"))
    assert gates.wards_of(ewa) == []
    (tie,) = actions.accept(ewa.guardian_claims.get(), by=STAFF)
    assert tie.child_id != words.pk
    assert CANARY not in seen(browser.get("/family/"))
    assert browser.get(hers(words)).status_code == 404
    assert words.code not in seen(browser.get("/family/"))
    assert of_hers(words) == before


def test_a_verified_guardian_of_another_child_adds_hers_as_a_new_one(words: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    a_child(ewa, name="Olek")
    before = of_hers(words)
    assert words.birth_date is not None
    signed_in(ewa).post("/family/begin/", {"name": "Zosia", "birth_date": words.birth_date.isoformat(), "claim": "mother"})
    assert {ward.child.name for ward in gates.wards_of(ewa)} == {"Olek", "Zosia"}
    assert words.pk not in {ward.child.pk for ward in gates.wards_of(ewa)}
    assert of_hers(words) == before


def test_her_code_alone_opens_nothing(words: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    closed(signed_in(ewa), words)
    closed(browser_at(words.brand), words)


def test_a_guardian_of_another_child_is_a_stranger_to_this_one(words: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    olek = a_child(ewa, name="Olek")
    closed(signed_in(ewa), words)
    closed(child_browser(olek), words)
    assert CANARY not in seen(child_browser(olek).get("/me/"))


def test_her_wish_and_receipt_are_not_found_under_another_childs_code(words: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    olek, browser = a_child(ewa, name="Olek"), signed_in(ewa)
    wish = actions.make_wish(words, "delete")
    before = of_hers(words)
    receipt = Choice.objects.get(customer=words, purpose=OTHER).receipt
    assert browser.post(hers(olek, f"wishes/{wish.pk}/")).status_code == 404
    assert browser.get(hers(olek, f"receipts/{receipt}.json")).status_code == 404
    assert of_hers(words) == before


# ── By a code ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_guessed_or_forged_code_opens_nothing(both: Customer, marta: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    _row, code = inviting(marta, both)
    browser = signed_in(ewa)
    other = "3" if code[-1] == "2" else "2"
    for guess in ("2222-2222-2222", code[:-1] + other, code[::-1], "-" * 12, code[:-1] + "-"):
        assert browser.get(f"/family/invitation/{guess}/").status_code == 404
        assert browser.post(f"/family/invitation/{guess}/", A_CLAIM).status_code == 404
        assert browser.post("/family/invitation/", {"code": guess}).status_code == 422
    assert browser.post("/family/invitation/", {"code": "' OR 1=1 --"}).status_code == 422
    assert claims(ewa) == 0


def test_an_invitation_is_taken_up_once(both: Customer, marta: Customer, ewa: Customer, kingfisher: Brand, signed_in: SignedIn) -> None:
    row, code = inviting(marta, both)
    adam = adult(kingfisher, "Adam")
    assert signed_in(adam).post(f"/family/invitation/{code}/", A_CLAIM).status_code == 303
    browser = signed_in(ewa)
    assert browser.get(f"/family/invitation/{code}/").status_code == 404
    assert browser.post(f"/family/invitation/{code}/", A_CLAIM).status_code == 404
    assert browser.post("/family/invitation/", {"code": code}).status_code == 422
    with pytest.raises(NotOpen):
        actions.begin_claim(ewa, invitation=row, **A_CLAIM)
    assert (claims(adam), claims(ewa)) == (1, 0)


def test_an_invitation_that_was_taken_back_opens_nothing(both: Customer, marta: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    row, code = inviting(marta, both)
    assert signed_in(marta).post(f"/family/invite/{row.pk}/take-back/").status_code == 303
    browser = signed_in(ewa)
    assert browser.get(f"/family/invitation/{code}/").status_code == 404
    assert browser.post(f"/family/invitation/{code}/", A_CLAIM).status_code == 404
    assert claims(ewa) == 0


def test_nobody_takes_back_the_invitation_of_somebody_else(both: Customer, marta: Customer, pawel: Customer, signed_in: SignedIn) -> None:
    row, _code = inviting(marta, both)
    assert signed_in(pawel).post(f"/family/invite/{row.pk}/take-back/").status_code == 404
    assert Invitation.objects.open(timezone.now()).filter(pk=row.pk).exists()


def test_nobody_invites_to_a_child_who_is_not_theirs(both: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    a_child(ewa, name="Olek")
    form = {"name": "Adam", "address": "", "children": [both.code]}
    assert signed_in(ewa).post("/family/invite/", form).status_code == 422
    with pytest.raises(NotYours):
        inviting(ewa, both)
    assert not Invitation.objects.exists()


def test_an_invitation_of_another_brand(both: Customer, marta: Customer, linden_too: Brand, signed_in: SignedIn) -> None:
    row, code = inviting(marta, both)
    lidia = adult(linden_too, "Lidia")
    browser = signed_in(lidia)
    assert browser.get(f"/family/invitation/{code}/").status_code == 404
    assert browser.post(f"/family/invitation/{code}/", A_CLAIM).status_code == 404
    assert claims(lidia) == 0
    claim = lidia.guardian_claims.create(invitation=row, children=row.children, **A_CLAIM)
    with pytest.raises(NotNow):  # not even where such a claim had come to be
        actions.accept(claim, by=STAFF)
    assert gates.wards_of(lidia) == []


def test_an_invitation_whose_inviter_has_lost_the_guardianship(both: Customer, marta: Customer, pawel: Customer, ewa: Customer) -> None:
    row, _code = inviting(pawel, both)
    claim = actions.begin_claim(ewa, invitation=row, **A_CLAIM)
    actions.end(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    before = of_hers(both)
    with pytest.raises(NotYours):
        actions.accept(claim, by=STAFF)
    assert of_hers(both) == before
    assert gates.wards_of(ewa) == []


def test_and_the_same_by_two_mails_ends_without_a_guardian_and_without_a_failed_job(both: Customer, pawel: Customer, ewa: Customer) -> None:
    row, _code = inviting(pawel, both)
    actions.confirm_by_mail(actions.begin_claim(ewa, claim="mother", method="email_plus", invitation=row))
    actions.end(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    run_due()
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        run_due()
        assert gates.wards_of(ewa) == []
        job = Job.objects.get(handler="guardians.confirm_again")
        assert (job.error, job.done_at is not None) == ("", True), "what is refused is done, and not tried for a day and a half"


def test_a_frozen_guardian_invites_nobody_and_their_invitation_waits(both: Customer, marta: Customer, ewa: Customer) -> None:
    row, _code = inviting(marta, both)
    claim = actions.begin_claim(ewa, invitation=row, **A_CLAIM)
    freeze(both, by=STAFF)
    with pytest.raises(NotYours):
        actions.accept(claim, by=STAFF)
    with pytest.raises(Frozen):
        inviting(marta, both)


def test_an_invitation_from_the_gate_leads_to_a_child(kingfisher: Brand, marta: Customer, signed_in: SignedIn) -> None:
    """By the pages, as the adult takes them: who was named at the gate is the child."""
    _row, code = actions.invite_from_gate(kingfisher, name="Ola", birth_date=born(9), address="", language="en")
    assert signed_in(marta).post(f"/family/invitation/{code}/", A_CLAIM).status_code == 303
    actions.accept(marta.guardian_claims.get(), by=STAFF)
    (ward,) = gates.wards_of(marta)
    assert (ward.child.name, ward.child.birth_date) == ("Ola", born(9))


# ── By what they were once ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_former_guardian_is_shut_out_in_the_next_request(words: Customer, pawel: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(pawel)
    assert CANARY in seen(browser.get("/family/"))
    actions.end(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    closed(browser, words)


def test_the_forms_of_pages_from_before_the_end(words: Customer, marta: Customer, pawel: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(pawel)
    allow, deny = (allow_form(pawel, words, USE, decision) for decision in ("allow", "deny"))
    wish = actions.make_wish(words, "delete")
    actions.end(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    before = of_hers(words)
    posts = [
        (f"choices/{USE}/", allow), (f"choices/{USE}/", deny), ("deny-all/", {}), (f"wishes/{wish.pk}/", {"note": "No."}), ("link/", {}),
        ("resign/", {}), ("details/", {"name": "Eve", "birth_date": born(10).isoformat()}), ("address/", {"decision": "agree"}),
        ("requests/delete/", {"nonce": "0" * 32}), ("requests/copy/", {"nonce": "0" * 32}),
    ]  # fmt: skip
    for path, data in posts:
        assert browser.post(hers(words, path), data).status_code == 404, path
    assert of_hers(words) == before


def test_the_link_that_a_former_guardian_has_kept(words: Customer, pawel: Customer) -> None:
    kept = token_of(words)
    browser = child_browser(words)
    assert CANARY in seen(browser.get("/me/"))
    actions.end(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    assert child_of(words.brand, kept) is None
    before = of_hers(words)
    for answered in (
        browser.get("/me/"), browser.post(f"/me/choices/{OTHER}/", {"act": "off"}), browser.post("/me/wishes/", {"what": "copy"}),
        browser_at(words.brand).get(f"/me/{kept}/"),
    ):  # fmt: skip
        assert answered.status_code == 404
        assert CANARY not in seen(answered)
    assert of_hers(words) == before


def test_a_request_that_a_former_guardian_has_begun(words: Customer, pawel: Customer, signed_in: SignedIn) -> None:
    by = f"guardian:{pawel.subject}"
    found = requests.receive(words, "correct", {"text": CANARY}, TWO_FACTORS, by=by).request
    browser = signed_in(pawel)
    assert CANARY in seen(browser.get(f"/requests/{found.number}/"))
    actions.end(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    before = of_hers(words)
    for answered in (
        browser.get(f"/requests/{found.number}/"), browser.post(f"/requests/{found.number}/withdraw/"),
        browser.post(f"/requests/{found.number}/message/", {"text": "Me."}), browser.post(f"/requests/{found.number}/file/"),
    ):  # fmt: skip
        assert answered.status_code == 404
        assert CANARY not in seen(answered)
    assert of_hers(words) == before


def test_a_former_guardian_comes_back_by_no_invitation_of_their_own(both: Customer, pawel: Customer, ewa: Customer) -> None:
    row, _code = inviting(pawel, both)
    actions.end(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    for who in (pawel, ewa):
        claim = who.guardian_claims.create(invitation=row, children=row.children, **A_CLAIM)
        with pytest.raises(NotYours):
            actions.accept(claim, by=STAFF)
        assert gates.wards_of(who) == []


def test_who_resigned_is_a_stranger(words: Customer, pawel: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(pawel)
    assert browser.post(hers(words, "resign/")).status_code == 303
    browser.get("/family/")  # the page that says so
    closed(browser, words)


# ── Of another brand ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_guardian_of_another_brand(words: Customer, marta: Customer, linden_too: Brand, signed_in: SignedIn) -> None:
    """The same mailbox, the same person: a guardianship at one brand is none at another."""
    again = join(brand=linden_too, address="marta@example.com", language="en")
    again.brand = linden_too
    browser = signed_in(again)
    closed(browser, words)
    at_the_club = browser_at(words.brand)
    at_the_club.cookies = browser.cookies
    closed(at_the_club, words)
    with pytest.raises(NotYours):
        gates.ward(again, words.code)


def test_her_link_at_another_brand(words: Customer, linden_too: Brand) -> None:
    there = browser_at(linden_too)
    assert there.get(f"/me/{token_of(words)}/").status_code == 404
    there.cookies[COOKIE] = token_of(words)
    assert there.get("/me/").status_code == 404
    assert CANARY not in seen(there.get("/me/"))


# ── A child who would be a guardian, and more than a child may ──────────────────────────────────────────────────────


def test_a_minor_with_a_sign_in_is_no_guardian(both: Customer, marta: Customer, kingfisher: Brand, signed_in: SignedIn) -> None:
    teen = join(brand=kingfisher, address="teen@example.com", language="en", birth_date=born(16))
    teen.brand = kingfisher
    browser = signed_in(teen)
    _row, code = inviting(marta, both)
    assert browser.post("/family/begin/", {"name": "Zosia", "birth_date": born(11).isoformat(), **A_CLAIM}).status_code == 422
    assert browser.post(f"/family/invitation/{code}/", A_CLAIM).status_code == 422
    assert claims(teen) == 0


def test_a_minor_whose_claim_came_to_be_is_not_accepted(kingfisher: Brand) -> None:
    """The guard stands where the guardianship begins, too: somebody may have said the birth date afterwards."""
    teen = join(brand=kingfisher, address="teen@example.com", language="en")
    teen.brand = kingfisher
    claim = actions.begin_claim(teen, name="Ola", birth_date=born(5), **A_CLAIM)
    Customer.objects.filter(pk=teen.pk).update(birth_date=born(16))
    with pytest.raises(NotYours):
        actions.accept(claim, by=STAFF)


def test_a_child_turns_on_nothing_by_any_field(words: Customer) -> None:
    browser = child_browser(words)
    decides_before = answer(words, USE)
    for data in (
        {"act": "allow"}, {"act": "on"}, {"decision": "allow"}, {"act": ""}, {"act": "deny"}, wish_form(words, USE, "allow"),
        wish_form(words, USE, "off", decision="allow"), wish_form(words, USE, "ask", decision="allow", state="allowed", party="x"),
        wish_form(words, USE, "remind"),
    ):  # fmt: skip
        assert browser.post(f"/me/choices/{USE}/", data).status_code in {303, 404}
        assert answer(words, USE)[0] is False
    assert decides_before[0] is False
    assert browser.post("/me/wishes/", {"what": "allow"}).status_code == 404
    assert browser.post("/me/wishes/", {"what": "delete", "state": "allowed"}).status_code == 303
    assert set(words.wishes.filter(what="delete").values_list("state", flat=True)) == {"open"}


def test_a_child_sends_the_form_of_a_guardian(words: Customer, marta: Customer) -> None:
    browser, form = child_browser(words), allow_form(marta, words, USE)
    before = of_hers(words)
    assert browser.post(hers(words, f"choices/{USE}/"), form)["Location"].startswith("/sign-in/")
    assert browser.post(hers(words, "address/"), {"decision": "agree"})["Location"].startswith("/sign-in/")
    assert of_hers(words) == before


@pytest.mark.parametrize("act", ["off", "ask", "back", "remind"])
@pytest.mark.parametrize("purpose", ["recs", "nosuch", "album/email"])
def test_a_child_asks_for_what_the_brand_does_not_have(words: Customer, linden: Brand, act: str, purpose: str) -> None:
    before = of_hers(words)
    child_browser(words).post(f"/me/choices/{purpose}/", {"act": act})
    assert of_hers(words) == before


@pytest.mark.parametrize("purpose", ["letter", "sponsors", "groups", "emergency"])
def test_a_child_wishes_for_what_is_not_put_to_children(words: Customer, purpose: str) -> None:
    """A use for adults, or one that nobody decides on: there is no such button, and a form without one makes no wish."""
    before = words.wishes.count()
    child_browser(words).post(f"/me/choices/{purpose}/", {"act": "ask"})
    assert words.wishes.count() == before


def test_a_child_takes_back_and_turns_off_only_what_is_theirs(words: Customer, marta: Customer) -> None:
    kuba = a_child(marta, name="Kuba")
    before = of_hers(words)
    browser = child_browser(kuba)
    browser.post(f"/me/choices/{USE}/", {"act": "back"})
    browser.post(f"/me/choices/{OTHER}/", {"act": "off"})
    assert of_hers(words) == before
    assert words.wishes.open().filter(purpose=USE).exists()


def test_below_the_age_a_page_is_not_claimed(words: Customer) -> None:
    browser = child_browser(words)
    assert browser.get("/me/claim/").status_code == 404
    assert browser.post("/me/claim/", {"address": "zosia@example.com"}).status_code == 404
    assert browser.post("/me/claim/code/", {"code": "123456"}).status_code in {404, 422}
    assert not ChildPage.objects.filter(child=words, asked_at__isnull=False).exists()


def test_an_address_that_waits_is_agreed_to_by_a_guardian_of_hers_alone(marta: Customer, ewa: Customer, signed_in: SignedIn) -> None:
    kuba = a_child(marta, years=16, name="Kuba")
    actions.ask_for_page(kuba, "kuba@example.com")
    assert signed_in(ewa).post(hers(kuba, "address/"), {"decision": "agree"}).status_code == 404
    for guardian, by in ((ewa, f"guardian:{ewa.subject}"), (None, f"self:{kuba.subject}"), (None, "system:tests")):
        with pytest.raises(NotYours):
            actions.agree_to_address(kuba, guardian=guardian, by=by)
    kuba.refresh_from_db()
    assert kuba.person_id is None


@pytest.mark.parametrize("change", ["version", "code", "signature", "brand", "short", "longer"])
def test_a_forged_link_of_a_child(words: Customer, marta: Customer, linden: Brand, change: str) -> None:
    kuba, good = a_child(marta, name="Kuba"), token_of(words)
    code, version, signature = good.split(".")
    forged = {
        "version": f"{code}.{int(version) + 1}.{signature}", "code": f"{kuba.code}.{version}.{signature}",
        "signature": f"{code}.{version}.{FORGED}", "short": good[:-1], "longer": good + "A", "brand": "",
    }  # fmt: skip
    if change == "brand":
        elsewhere = Customer(code=words.code, brand=linden)
        forged["brand"] = token(elsewhere, int(version))
    browser = browser_at(words.brand)
    assert browser.get(f"/me/{forged[change]}/").status_code == 404
    browser.cookies[COOKIE] = forged[change]
    assert browser.get("/me/").status_code == 404
    assert browser.post(f"/me/choices/{OTHER}/", {"act": "off"}).status_code == 404
    assert answer(words, OTHER)[0]


# ── Forged fields ───────────────────────────────────────────────────────────────────────────────────────────────────


def forged_pages(guardian: Customer, child: Customer) -> Iterator[str]:
    said, other = said_by(guardian, child, USE), said_by(guardian, child, OTHER)
    good = (f"{'0' * 32}", f"{said.seen}", f"{said.version}", f"{said.language}", f"{said.shown}")
    yield ""
    yield "x"
    yield ".".join(good)[:-1]
    yield ".".join((*good[:2], "999", *good[3:]))  # of a version that there is not
    yield ".".join((*good[:3], "de", good[4]))  # in a language that the brand has not
    yield ".".join((*good[:3], "pl", good[4]))  # in another language than what was shown
    yield ".".join((*good[:4], str(other.shown)))  # of another use
    yield ".".join((*good[:4], "f" * 64))
    yield "../../etc/passwd"
    yield ".".join(good) + "\n"


def test_a_forged_page_is_no_yes(both: Customer, marta: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(marta)
    for page in forged_pages(marta, both):
        assert browser.post(hers(both, f"choices/{USE}/"), {"decision": "allow", "page": page}).status_code == 303
        assert answer(both, USE) == (False, "guardian_missing"), page


def test_a_page_that_claims_to_have_seen_everything_overrules_nobody(
    both: Customer, marta: Customer, pawel: Customer, signed_in: SignedIn
) -> None:
    decides(pawel, both, USE, "deny")
    turns_off(both, OTHER)
    browser = signed_in(marta)
    for purpose in (USE, OTHER):
        form = allow_form(marta, both, purpose)
        parts = form["page"].split(".")
        form["page"] = ".".join((parts[0], "999999999", *parts[2:]))
        browser.post(hers(both, f"choices/{purpose}/"), form)
        assert answer(both, purpose)[0] is False


def test_the_same_form_twice_is_one_entry(both: Customer, marta: Customer, signed_in: SignedIn) -> None:
    browser, form = signed_in(marta), allow_form(marta, both, USE)
    for _unused in range(3):
        browser.post(hers(both, f"choices/{USE}/"), form)
    assert Entry.objects.of(both.subject).filter(kind="choice.decided").count() == 1


@pytest.mark.parametrize("decision", ["", "ALLOW", "granted", "yes", "1"])
def test_what_is_neither_allow_nor_deny(both: Customer, marta: Customer, signed_in: SignedIn, decision: str) -> None:
    before = of_hers(both)
    assert signed_in(marta).post(hers(both, f"choices/{USE}/"), {"decision": decision}).status_code == 400
    assert of_hers(both) == before


def test_fields_that_no_form_has(both: Customer, marta: Customer, pawel: Customer, signed_in: SignedIn) -> None:
    """The party is whoever is signed in, the child whoever the address names."""
    form = allow_form(marta, both, USE, party=pawel.subject, guardian=str(pawel.pk), actor="staff:1", state="granted", assurance="IV4")
    signed_in(marta).post(hers(both, f"choices/{USE}/"), form)
    entry = Entry.objects.of(both.subject).filter(kind="choice.decided").get()
    assert (entry.act["party"], entry.actor, entry.act["assurance"]) == (marta.subject, f"guardian:{marta.subject}", "IV2")


def test_a_note_that_is_too_long(both: Customer, marta: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(marta)
    browser.post(hers(both, f"choices/{USE}/"), allow_form(marta, both, USE, note="n" * 301))
    assert answer(both, USE)[0] is False, "nothing was saved, and the page says so"
    browser.post(hers(both, f"choices/{USE}/"), allow_form(marta, both, USE, note="n" * 300))
    assert answer(both, USE)[0]
    wish = actions.make_wish(both, "delete")
    browser.post(hers(both, f"wishes/{wish.pk}/"), {"note": "n" * 5000})
    child_browser(both).post("/me/wishes/", {"what": "copy", "note": "n" * 5000})
    child_browser(both).post("/me/choices/videos/", wish_form(both, "videos", note="n" * 5000))
    actions.make_wish(both, "correct", note="n" * 5000)
    longest = [len(each) for pair in both.wishes.values_list("note", "answer") for each in pair]
    assert max(longest, default=0) <= 300
    assert max((len(text) for text in Note.objects.values_list("text", flat=True)), default=0) <= 300


def test_a_note_of_markup_is_words(both: Customer, marta: Customer, signed_in: SignedIn) -> None:
    script = "<script>alert(1)</script>"
    signed_in(marta).post(hers(both, f"choices/{USE}/"), allow_form(marta, both, USE, note=script))
    wishes(both, OTHER, script)
    for page in (child_browser(both).get("/me/"), signed_in(marta).get("/family/"), signed_in(marta).get(hers(both, "history/"))):
        assert script not in seen(page)
        assert "&lt;script&gt;" in seen(page)


# ── The two mails ───────────────────────────────────────────────────────────────────────────────────────────────────


def by_mail(guardian: Customer) -> GuardianClaim:
    return actions.begin_claim(guardian, claim="mother", method="email_plus", name="Ola", birth_date=born(8))


def test_forged_links_of_the_two_mails(both: Customer, ewa: Customer, marta: Customer, linden_too: Brand, signed_in: SignedIn) -> None:
    hers_, mine = by_mail(ewa), by_mail(marta)
    number, signature = link_of(hers_).split("-", 1)
    lidia = adult(linden_too, "Lidia")
    elsewhere = link_of(by_mail(lidia)).split("-", 1)[1]
    browser = signed_in(ewa)
    for link in (
        f"{number}-{FORGED}", f"{mine.pk}-{signature}", f"{number}-{elsewhere}", f"{number}-{signature[:-1]}", f"{number}-", number,
        f"0{number}-{signature}x", "9" * 13 + f"-{signature}",
    ):  # fmt: skip
        for page in ("confirm", "revoke"):
            for answered in (browser.get(f"/family/{page}/{link}/"), browser.post(f"/family/{page}/{link}/")):
                assert answered.status_code == 404, (page, link)
    assert set(GuardianClaim.objects.values_list("state", flat=True)) == {GuardianClaim.State.OPEN}


def test_a_link_of_another_brand_is_none(ewa: Customer, linden_too: Brand) -> None:
    claim = by_mail(ewa)
    assert browser_at(linden_too).post(f"/family/revoke/{link_of(claim)}/").status_code == 404
    claim.refresh_from_db()
    assert claim.state == GuardianClaim.State.OPEN


def test_the_link_to_confirm_in_somebody_elses_session(ewa: Customer, marta: Customer, signed_in: SignedIn) -> None:
    claim = by_mail(ewa)
    path = f"/family/confirm/{link_of(claim)}/"
    stranger, nobody = signed_in(marta), browser_at(ewa.brand)
    assert (stranger.get(path).status_code, stranger.post(path).status_code) == (404, 404)
    assert nobody.get(path)["Location"].startswith("/sign-in/")
    assert nobody.post(path)["Location"].startswith("/sign-in/")
    claim.refresh_from_db()
    assert claim.state == GuardianClaim.State.OPEN


def test_a_mail_scanner_confirms_and_revokes_nothing(ewa: Customer, signed_in: SignedIn) -> None:
    claim, browser = by_mail(ewa), signed_in(ewa)
    for page in ("confirm", "revoke"):
        path = f"/family/{page}/{link_of(claim)}/"
        assert (browser.get(path).status_code, browser.head(path).status_code) == (200, 200)
    claim.refresh_from_db()
    assert claim.state == GuardianClaim.State.OPEN


def test_two_mails_are_two_and_no_hand_of_staff_makes_them_one(ewa: Customer) -> None:
    claim = by_mail(ewa)
    everybody = (BY_MAIL, STAFF, f"self:{ewa.subject}", "system:tests", f"guardian:{ewa.subject}", "staff:", "")
    for by in everybody:
        with pytest.raises((NotNow, ValueError)):
            actions.accept(claim, by=by)
    assert actions.confirm_by_mail(claim)
    assert not actions.confirm_by_mail(claim), "twice is once"
    for by in everybody[1:]:
        with pytest.raises((NotNow, ValueError)):
            actions.accept(claim, by=by)
    run_due()
    assert gates.wards_of(ewa) == [], "a day lies between the two"
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=True):
        run_due()
        assert gates.wards_of(ewa) == []
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        run_due()
        assert [ward.child.name for ward in gates.wards_of(ewa)] == ["Ola"]


def test_a_second_mail_without_the_first_begins_nothing(ewa: Customer) -> None:
    from jobs.actions import enqueue

    claim = by_mail(ewa)
    enqueue("guardians.confirm_again", {"claim": claim.pk})
    run_due()
    assert gates.wards_of(ewa) == []


def test_a_way_that_was_not_chosen_is_not_taken(ewa: Customer) -> None:
    claim = actions.begin_claim(ewa, claim="mother", method="in_person", name="Ola", birth_date=born(8))
    assert actions.confirm_by_mail(claim) is False
    with pytest.raises(NotNow):
        actions.hand_in(claim, uploads.sealed(b"%PDF-"), b"%PDF-")
    for by in (BY_MAIL, f"self:{ewa.subject}", "system:tests"):
        with pytest.raises(NotNow):
            actions.accept(claim, by=by)


# ── The signed form ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def on_paper(ewa: Customer) -> GuardianClaim:
    claim = actions.begin_claim(ewa, claim="mother", method="signed_form", name="Ola", birth_date=born(8))
    actions.hand_in(claim, uploads.sealed(b"%PDF-1"), b"%PDF-1")
    return claim


def test_one_person_alone_does_not_accept_a_form(on_paper: GuardianClaim, ewa: Customer) -> None:
    with pytest.raises(NotNow):
        actions.accept(on_paper, by=STAFF)
    actions.first_look(on_paper, by=STAFF)
    for act in (actions.first_look, actions.second_look, actions.accept):
        with pytest.raises(NotNow):
            act(on_paper, by=STAFF)
    assert gates.wards_of(ewa) == []
    actions.second_look(on_paper, by=OTHER_STAFF)
    assert len(gates.wards_of(ewa)) == 1


def test_the_first_look_is_not_that_of_the_adult(on_paper: GuardianClaim, ewa: Customer) -> None:
    """Two of us look at it: nobody else, and no job, counts as one of the two."""
    for by in (f"self:{ewa.subject}", f"guardian:{ewa.subject}", "system:tests"):
        with pytest.raises(NotNow):
            actions.first_look(on_paper, by=by)


def test_another_form_after_the_first_look(on_paper: GuardianClaim, ewa: Customer, signed_in: SignedIn) -> None:
    actions.first_look(on_paper, by=STAFF)
    before = GuardianClaim.objects.values().get(pk=on_paper.pk)
    with pytest.raises(NotNow):
        actions.hand_in(on_paper, uploads.sealed(b"%PDF-2"), b"%PDF-2")
    signed_in(ewa).post("/family/form/", {"paper": picture()})
    assert GuardianClaim.objects.values().get(pk=on_paper.pk) == before


@pytest.mark.parametrize("looked", ["", STAFF])
def test_the_database_refuses_a_form_that_one_has_accepted(on_paper: GuardianClaim, looked: str) -> None:
    made = {"state": "accepted", "looked_by": looked, "decided_by": STAFF, "decided_at": timezone.now(), "evidence": "", "sealed": ""}
    with pytest.raises(IntegrityError, match="claim_form_takes_two"), transaction.atomic():
        GuardianClaim.objects.filter(pk=on_paper.pk).update(**made)


def test_the_database_keeps_no_evidence_after_the_decision(on_paper: GuardianClaim) -> None:
    made = {"state": "over", "decided_by": STAFF, "decided_at": timezone.now()}
    with pytest.raises(IntegrityError, match="claim_keeps_no_evidence"), transaction.atomic():
        GuardianClaim.objects.filter(pk=on_paper.pk).update(**made)


def test_a_form_of_somebody_else_is_nobodys_page(on_paper: GuardianClaim, marta: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(marta)
    assert (browser.get("/family/form/").status_code, browser.post("/family/form/", {"paper": picture()}).status_code) == (404, 404)


# ── Birth dates, and the gate ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["in the future", "older by a year", "of age", "long ago", "no date"])
def test_a_birth_date_that_a_guardian_may_not_say(both: Customer, marta: Customer, signed_in: SignedIn, how: str) -> None:
    said = {
        "in the future": (timezone.localdate() + timedelta(days=1)).isoformat(), "older by a year": born(12).isoformat(),
        "of age": born(18).isoformat(), "long ago": "1066-10-14", "no date": "soon",
    }[how]  # fmt: skip
    before = of_hers(both)
    assert signed_in(marta).post(hers(both, "details/"), {"name": "Eve", "birth_date": said}).status_code == 422
    assert of_hers(both) == before


def test_the_actions_refuse_them_too(both: Customer, marta: Customer) -> None:
    with pytest.raises(NoBirthDate):
        correct_birth_date(both, timezone.localdate() + timedelta(days=1), by=f"guardian:{marta.subject}")
    with pytest.raises(NotYours):
        correct_birth_date(both, born(15), by=f"guardian:{marta.subject}")
    with pytest.raises(NoBirthDate):
        actions.begin_claim(marta, name="Ola", birth_date=date(2999, 1, 1), **A_CLAIM)


def test_a_child_does_not_say_how_old_they_are(words: Customer) -> None:
    before = of_hers(words)
    browser = child_browser(words)
    assert browser.post(hers(words, "details/"), {"name": "Zosia", "birth_date": born(17).isoformat()})["Location"].startswith("/sign-in/")
    browser.post("/age/", {"birth_date": born(40).isoformat()})
    browser.post("/account/name/", {"name": "Eve"})
    assert of_hers(words) == before


@pytest.fixture
def refused(kingfisher: Brand, settings: Any) -> Browser:
    """A browser in which somebody who is twelve has just said so."""
    browser = Browser(kingfisher, settings.MAIL_DIR)
    browser.sign_in("nowe@example.com")
    assert browser.post("/age/", {"birth_date": born(12).isoformat()})["Location"] == "/age/adult/"
    return browser


def test_no_second_birth_date_in_the_same_browser(refused: Browser, kingfisher: Brand) -> None:
    for address in ("nowe@example.com", "inne@example.com"):
        assert refused.sign_in(address)["Location"] == "/age/adult/"
        assert refused.get("/age/")["Location"] == "/age/adult/"
        assert refused.post("/age/", {"birth_date": born(40).isoformat()})["Location"] == "/age/adult/"
    with time_machine.travel(timezone.now() + timedelta(hours=23), tick=True):
        assert refused.sign_in("nowe@example.com")["Location"] == "/age/adult/"
    assert not kingfisher.customers.exists()


def test_without_the_cookie_one_has_to_start_over(refused: Browser, kingfisher: Brand) -> None:
    del refused.cookies["age"]
    assert refused.get("/age/")["Location"] == "/sign-in/"
    assert refused.post("/age/", {"birth_date": born(40).isoformat()})["Location"] == "/sign-in/"
    assert refused.post("/sign-in/code/", {"code": "123456"}).status_code in {302, 422}
    assert refused.get("/")["Location"].startswith("/sign-in/")
    assert not kingfisher.customers.exists()


def test_a_cookie_of_the_gate_that_nobody_signed(refused: Browser) -> None:
    good = refused.cookies["age"].value
    refused.cookies["age"] = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert refused.get("/age/adult/")["Location"] == "/sign-in/", "and it opens nothing: the proof of the address is gone"
    assert refused.get("/age/")["Location"] == "/sign-in/"


def test_nobody_joins_past_the_gate(kingfisher: Brand, settings: Any) -> None:
    browser = Browser(kingfisher, settings.MAIL_DIR)
    browser.sign_in("nowe@example.com")
    for path in ("/", "/family/", "/account/", "/choices/"):
        browser.get(path)
    browser.post("/family/begin/", {"name": "Ola", "birth_date": born(5).isoformat(), **A_CLAIM})
    assert not kingfisher.customers.exists()


# ── A frozen family, and a child who decides alone ──────────────────────────────────────────────────────────────────


def test_in_a_dispute_nothing_is_read_and_nothing_turned_on(words: Customer, marta: Customer, signed_in: SignedIn) -> None:
    browser, form = signed_in(marta), allow_form(marta, words, USE)
    freeze(words, by=STAFF)
    assert CANARY not in seen(browser.get("/family/"))
    browser.post(hers(words, f"choices/{USE}/"), form)
    assert answer(words, USE)[0] is False
    for page in ("", "history/", "details/", "requests/", "requests/copy/", "requests/delete/"):
        answered = browser.get(hers(words, page))
        assert CANARY not in seen(answered), page
    before = of_hers(words)
    for page, data in (
        ("details/", {"name": "Eve", "birth_date": born(10).isoformat()}), ("requests/copy/", {"nonce": "0" * 32}),
        ("requests/delete/", {"nonce": "0" * 32}), ("address/", {"decision": "agree"}),
    ):  # fmt: skip
        assert browser.post(hers(words, page), data)["Location"] == "/family/"
    assert of_hers(words) == before
    assert answer(words, OTHER)[0]
    browser.post(hers(words, "deny-all/"))
    assert answer(words, OTHER)[0] is False, "what is on can be stopped"


def test_in_a_dispute_the_childs_page_is_not_read_over_their_shoulder(words: Customer, marta: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(marta)
    freeze(words, by=STAFF)
    for page in ("page/", "page/?words=older"):
        assert CANARY not in seen(browser.get(hers(words, page))), page
    assert token_of(words) not in seen(browser.get(hers(words, "link/"))), "the link opens all that is hidden"


def test_a_child_who_decides_alone_is_not_read_any_more(marta: Customer, signed_in: SignedIn) -> None:
    kuba = a_child(marta, years=15, name="Kuba")
    wishes(kuba, USE, CANARY)
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=True):
        browser = signed_in(marta)
        for page in ("history/", "details/", "requests/", "requests/copy/"):
            assert browser.get(hers(kuba, page)).status_code == 404, page
        for page in ("", "page/"):
            assert CANARY not in seen(browser.get(hers(kuba, page))), page
        assert CANARY not in seen(browser.get("/family/"))


def test_nor_is_the_link_of_a_child_who_decides_alone_handed_out(marta: Customer, signed_in: SignedIn) -> None:
    """Whoever holds it sees all that is hidden from a guardian by now, and acts in the child's name."""
    kuba = a_child(marta, years=15, name="Kuba")
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=True):
        assert token_of(kuba) not in seen(signed_in(marta).get(hers(kuba, "link/")))


def test_of_age_there_is_no_guardian(marta: Customer, signed_in: SignedIn) -> None:
    kuba = a_child(marta, years=17, name="Zosia")
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=True):
        closed(signed_in(marta), kuba)


# ── By reading, and by the wrong verb ───────────────────────────────────────────────────────────────────────────────


def of_all() -> dict[str, Any]:
    tables = (Wish, Note, ChildPage, Told, Dispute, GuardianClaim, Invitation, Guardianship, Choice, Customer)
    rows = {each.__name__: list(each.objects.order_by("pk").values()) for each in tables}
    return rows | {"entries": Entry.objects.count()}


def places(child: Customer, guardian: Customer) -> dict[str, list[Any]]:
    """The arguments of each address of this app."""
    row, code = inviting(guardian, child)
    claim = actions.begin_claim(guardian, claim="mother", method="signed_form", name="Ola", birth_date=born(8))
    wish = actions.make_wish(child, "delete")
    made = decides(guardian, child, "results", "allow")
    assert made.entry is not None
    hers_ = [child.code]
    return {
        "confirm": [link_of(claim)], "revoke": [link_of(claim)], "invitation_back": [row.pk], "invitation": [code],
        "decide": [*hers_, USE], "decide_channel": [*hers_, "letter", "email"], "answer": [*hers_, wish.pk],
        "receipt": [*hers_, made.entry.public_id], "request": [*hers_, "copy"], "own_use": [USE], "own_channel": ["letter", "email"],
        "open": [token_of(child)],
        **dict.fromkeys(("child", "deny_all", "preview", "link", "history", "details", "resign", "address", "requests"), hers_),
    }  # fmt: skip


def paths(child: Customer, guardian: Customer) -> dict[str, str]:
    args = places(child, guardian)
    names = [each.name for each in urlpatterns if each.name]
    return {name: reverse(f"guardians:{name}", args=args.get(name, [])) for name in names}


POST_ONLY = {
    "take_back",
    "invitation_back",
    "decide",
    "decide_channel",
    "deny_all",
    "answer",
    "address",
    "leave",
    "own_wish",
    "own_use",
    "own_channel",
}
GET_ONLY = {"family", "child", "preview", "history", "receipt", "requests", "own", "open"}


def test_a_look_changes_nothing(words: Customer, marta: Customer, signed_in: SignedIn) -> None:
    found, browsers = paths(words, marta), [signed_in(marta), child_browser(words), browser_at(words.brand)]
    before = of_all()
    for name, path in found.items():
        for browser in browsers:
            for look in (browser.get, browser.head, browser.options):
                look(path)
                look(path, {"decision": "allow", "act": "off", "what": "delete", "words": "older", "before": "1"})
        assert of_all() == before, name


def test_other_verbs_are_not_allowed(words: Customer, marta: Customer, signed_in: SignedIn) -> None:
    found, guardian, child = paths(words, marta), signed_in(marta), child_browser(words)
    before = of_all()
    for name, path in found.items():
        browser = child if path.startswith("/me/") else guardian
        if name in POST_ONLY:
            assert (browser.get(path).status_code, browser.head(path).status_code) == (405, 405), name
        if name in GET_ONLY:
            assert browser.post(path).status_code == 405, name
        for verb in (browser.put, browser.patch, browser.delete):
            assert verb(path).status_code == 405, name
    assert of_all() == before
    assert POST_ONLY | GET_ONLY <= set(found)


def test_every_form_needs_the_proof_of_its_origin(words: Customer, marta: Customer, signed_in: SignedIn) -> None:
    found = paths(words, marta)
    guardian, child = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    for browser, model in ((guardian, signed_in(marta)), (child, child_browser(words))):
        browser.defaults.update(model.defaults)
        browser.cookies = model.cookies
    before = of_all()
    for name, path in found.items():
        if name not in GET_ONLY:
            browser = child if path.startswith("/me/") else guardian
            assert browser.post(path, {"decision": "deny", "act": "off", "what": "copy"}).status_code == 403, name
    assert of_all() == before


# ── By being quick ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def club(transactional_db: None) -> Iterator[Brand]:
    """The club for tests with several connections: everything committed, emptied afterwards."""
    law.reload()
    load(path=SHIPPED, by="system:tests")
    brand = open_brand("kingfisher", "club.yaml")
    yield brand
    forget(brand)
    law.reload()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Each in a thread and on a connection of its own, let go at the same time; an exception is what came of it."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return act()
        except Exception as error:  # what it was refused with
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_a_no_and_an_end_in_the_same_second(club: Brand) -> None:
    """Two guardians, one yes and one no: it is a no. A yes and the end of whoever says it: it counts no more."""
    marta, pawel = adult(club, "Marta"), adult(club, "Pawel")
    for number in range(6):
        child = a_child(marta, name=f"Child {number}")
        tie = tied(pawel, child)
        _a_yes_and_a_no(marta, pawel, child)
        _a_yes_and_an_end(pawel, child, tie)


def _a_yes_and_a_no(marta: Customer, pawel: Customer, child: Customer) -> None:
    for use in (USE, OTHER, "videos"):
        yes, no = said_by(marta, child, use), said_by(pawel, child, use)
        allowed, denied = together(
            partial(actions.decide, child, marta, use, "", Verb.ALLOW, yes),
            partial(actions.decide, child, pawel, use, "", Verb.DENY, no),
        )
        assert denied.saved
        assert allowed.result in {Result.SAVED, Result.STALE}
        assert answer(child, use)[0] is False


def _a_yes_and_an_end(pawel: Customer, child: Customer, tie: Guardianship) -> None:
    yes = said_by(pawel, child, "results")
    allowed, ended = together(
        lambda: actions.decide(child, pawel, "results", "", Verb.ALLOW, yes), lambda: actions.end(tie, why="lost", by=STAFF)
    )
    assert ended is True
    assert isinstance(allowed, NotYours) or allowed.saved
    assert answer(child, "results")[0] is False


@pytest.mark.django_db(transaction=True)
def test_two_who_take_up_one_invitation_in_the_same_second(club: Brand) -> None:
    marta = adult(club, "Marta")
    for number in range(6):
        row, _code = inviting(marta, a_child(marta, name=f"Guest {number}"))
        both = [adult(club, f"{name}-{number}") for name in ("adam", "beata")]
        came = together(*(lambda each=each, row=row: actions.begin_claim(each, invitation=row, **A_CLAIM) for each in both))
        assert sorted(type(each).__name__ for each in came) == ["GuardianClaim", "NotOpen"]
        assert GuardianClaim.objects.filter(invitation=row).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_desk_accept_one_claim_in_the_same_second(club: Brand) -> None:
    for number in range(4):
        who = adult(club, f"eve-{number}")
        claim = actions.begin_claim(who, name="Ola", birth_date=born(8), **A_CLAIM)
        came = together(partial(actions.accept, claim, by=STAFF), partial(actions.accept, claim, by=OTHER_STAFF))
        assert sorted(type(each).__name__ for each in came) == ["NotNow", "list"]
        assert len(gates.wards_of(who)) == 1
