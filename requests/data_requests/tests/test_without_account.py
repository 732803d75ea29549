"""Somebody without an account: an address that answers, something they know that two people compare, and a wait. Never knowledge alone."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import change_contact
from accounts.assurance import BY_ADDRESS, BY_CLAIM, NOTHING
from accounts.holds import halt
from accounts.models import Challenge, Contact, Customer
from brands.models import Brand
from data_requests import actions, links
from data_requests.models import Claim, Package, Request
from data_requests.states import NotPossible, State
from data_requests.tests.conftest import Guest, SignedIn, archive, asked, by, nonce, work
from ledger.models import Entry
from ledger.subjects import new_subject
from ledger.turns import turn

pytestmark = pytest.mark.django_db
SAM, OLA = "staff:" + "1" * 32, "staff:" + "2" * 32


def one(guest: Guest) -> Request:
    """What the guest asked for, after the code."""
    guest.asks()
    assert guest.enters(guest.code()).status_code == 303
    return Request.objects.select_related("customer__brand", "brand").get()


def matches(request: Request, by: str = SAM) -> Claim:
    return actions.compare(request, "matches", ["order", "amount"], carries_address=True, by=by)


def test_it_takes_an_address_two_people_and_a_wait(guest: Guest) -> None:
    request = one(guest)
    assert request.state == State.IDENTITY_PENDING
    assert request.customer is not None
    assert request.customer.person is None, "no account was made"
    matches(request)
    work()
    assert not Package.objects.exists()
    actions.agree(request, by=OLA)
    request.refresh_from_db()
    assert (request.state, request.assurance, request.method) == (State.VERIFIED, "IV4", "claim")
    assert request.not_before is not None
    work()
    assert not Package.objects.exists(), "it waits"
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        work()
        follow = f"/requests/{request.number}/follow/{links.signature('linden', request.number, links.FOLLOW)}/"
        later = Guest(guest.brand)
        assert "Download" not in later.get(follow).content.decode()
        assert later.get(f"/requests/{request.number}/").status_code == 302, "the number opens nothing"
        later.post(follow)
        assert later.enters(later.code()).status_code == 303
        page = later.get(f"/requests/{request.number}/")
        got = later.post(f"/requests/{request.number}/file/", {"nonce": nonce(page)})
        assert b"nora@example.com" in archive(got).read("data.json")


def test_what_they_know_is_gone_with_the_decision(guest: Guest) -> None:
    request = one(guest)
    assert "4711" in Claim.objects.get().shown
    matches(request)
    assert Claim.objects.get().shown, "the second person looks at it, too"
    actions.agree(request, by=OLA)
    assert Claim.objects.get().shown == ""


@pytest.mark.parametrize("end", ["withdraw", "refuse", "expire"])
def test_and_with_every_other_end(guest: Guest, end: str) -> None:
    request = one(guest)
    if end == "withdraw":
        actions.withdraw(request, by="self")
    elif end == "refuse":
        actions.compare(request, "differs", ["order"], carries_address=False, by=SAM)
        actions.refuse(request, "identity_unproven", "We could not find this order.", by=SAM)
    else:
        actions.expire(request)
    assert Claim.objects.get().shown == ""


def test_what_somebody_knows_is_nothing_without_the_address_in_the_record(guest: Guest) -> None:
    request = one(guest)
    with pytest.raises(NotPossible):
        actions.compare(request, "matches", ["order", "amount"], carries_address=False, by=SAM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.update(finding="matches", found_by=SAM, found_at=timezone.now())
    assert Claim.objects.get().finding == ""


@pytest.mark.parametrize(("finding", "compared"), [("perhaps", ["order"]), ("", ["order"]), ("matches", []), ("matches", ["a passport"])])
def test_a_look_says_what_was_compared_and_what_came_of_it(guest: Guest, finding: str, compared: list[str]) -> None:
    with pytest.raises(NotPossible):
        actions.compare(one(guest), finding, compared, carries_address=True, by=SAM)


def test_one_person_alone_lets_nobody_in(guest: Guest) -> None:
    request = one(guest)
    with pytest.raises(NotPossible):
        actions.agree(request, by=SAM)  # to nothing
    matches(request)
    with pytest.raises(NotPossible):
        actions.agree(request, by=SAM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.update(agreed_by=SAM, agreed_at=timezone.now(), shown="")
    actions.compare(request, "differs", ["order"], carries_address=False, by=OLA)
    with pytest.raises(NotPossible):
        actions.agree(request, by=SAM)
    assert Request.objects.get().verified_at is None


def test_who_agreed_once_does_it_not_again(guest: Guest) -> None:
    request = one(guest)
    matches(request)
    actions.agree(request, by=OLA)
    for again in (lambda: matches(request), lambda: actions.agree(request, by=OLA)):
        with pytest.raises(NotPossible):
            again()


def test_a_request_without_a_claim_has_none_to_look_at(anna: Customer) -> None:
    request = asked(anna, proof=NOTHING)
    with pytest.raises(NotPossible):
        matches(request)


def test_somebody_who_said_it_was_not_they_is_not_let_in_by_agreeing(guest: Guest) -> None:
    request = one(guest)
    matches(request)
    assert request.customer is not None
    with turn(request.subject, brand="linden", actor="link:x") as this:
        halt(this, request.customer)
    with pytest.raises(NotPossible):
        actions.agree(request, by=OLA)


def test_if_its_entry_cannot_be_written_nothing_is(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    request = one(guest)
    monkeypatch.setattr("ledger.turns._insert", lambda entry: (_ for _ in ()).throw(RuntimeError("no room")))
    with pytest.raises(RuntimeError):
        matches(request)
    assert Claim.objects.get().finding == ""


@pytest.mark.parametrize("kind", ["object", "complaint"])
def test_what_a_link_is_enough_for_needs_no_comparison(guest: Guest, kind: str) -> None:
    guest.asks(kind=kind, text="Stop this.")
    guest.enters(guest.code())
    request = Request.objects.get()
    assert request.state == State.IN_PROGRESS
    assert not Claim.objects.exists()


@pytest.mark.parametrize("kind", ["correct", "restrict", "review"])
def test_what_changes_something_waits_for_the_comparison_and_no_longer(guest: Guest, kind: str) -> None:
    guest.asks(kind=kind, text="My street is wrong.")
    guest.enters(guest.code())
    request = Request.objects.get()
    assert request.state == State.IDENTITY_PENDING
    matches(request)
    assert actions.agree(request, by=OLA).state == State.IN_PROGRESS


def test_a_limit_asks_for_no_proof_at_all(guest: Guest, anna: Customer) -> None:
    sent = len(Challenge.objects.all())
    for address in ("anna.kowalczyk@example.com", "nobody@example.com"):
        assert guest.asks(kind="limit", email=address).headers["Location"] == "/requests/limited/"
    assert guest.get("/requests/limited/").status_code == 200
    work()
    anna.refresh_from_db()
    assert anna.sensitive_limited_seq is not None
    assert Request.objects.get().customer == anna
    assert Challenge.objects.count() == sent, "no code was asked for"


def test_the_press_that_comes_twice_limits_once(anna: Customer) -> None:
    for press in ("x", "x", "y"):
        actions.limit_by_address(anna.brand, "anna.kowalczyk@example.com", {"text": ""}, nonce=press, by="system:tests")
    assert Request.objects.count() == 1, "nor does anybody bury her in them"


def test_a_limit_reaches_everybody_whom_the_records_have_by_the_address(guest: Guest, linden: Brand) -> None:
    for _two in range(2):
        imported = Customer.objects.create(brand=linden, subject=new_subject(), language="pl", country="PL")
        Contact.objects.create(customer=imported, brand=linden, channel="email", address="nora@example.com", canonical="nora@example.com")
    guest.asks(kind="limit")
    work()
    assert Customer.objects.filter(sensitive_limited_seq__isnull=False).count() == 2


def test_a_claim_that_waits_for_us_does_not_run_out_and_is_not_late_in_silence(guest: Guest) -> None:
    request = one(guest)
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        assert list(Request.objects.late(timezone.now())) == [request]
        assert not Request.objects.unverified_since(timezone.now() - settings.UNVERIFIED_KEPT).exists()
        assert actions.note_missed(request, by=SAM)
    actions.compare(request, "differs", ["order"], carries_address=False, by=SAM)
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        assert not Request.objects.late(timezone.now()).exists(), "now it waits for the person"
        assert Request.objects.unverified_since(timezone.now() - settings.UNVERIFIED_KEPT).exists()


def test_every_address_of_the_records_is_told(guest: Guest, linden: Brand) -> None:
    imported = Customer.objects.create(brand=linden, subject=new_subject(), language="en", country="PL")
    for address in ("nora@example.com", "nora.new@example.com"):
        Contact.objects.create(customer=imported, brand=linden, channel="email", address=address, canonical=address)
    request = one(guest)
    assert request.customer == imported
    assert imported.contacts.proven().count() == 1


def test_answers_whose_key_has_gone_are_asked_anew(guest: Guest, settings: Any) -> None:
    guest.asks()
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert guest.get("/requests/without-account/").status_code == 200
    assert guest.get("/requests/without-account/check/").status_code == 302
    assert guest.get("/requests/code/").status_code == 302


def test_a_code_opens_a_request_also_where_somebody_else_is_signed_in(signed_in: SignedIn, anna: Customer, carol: Customer) -> None:
    request = asked(anna, "object", NOTHING, asked={"text": "x"})
    browser = signed_in(carol)
    assert browser.get(f"/requests/{request.number}/").status_code == 404
    session = browser.session
    session["opened_requests"] = {request.number: {"at": time.time(), "brand": "linden"}}
    session.save()
    assert browser.get(f"/requests/{request.number}/").status_code == 200


def test_an_address_of_the_brands_records_is_met_and_no_second_customer_made(guest: Guest, linden: Brand) -> None:
    imported = Customer.objects.create(brand=linden, subject=new_subject(), language="pl", country="PL")
    Contact.objects.create(customer=imported, brand=linden, channel="email", address="nora@example.com", canonical="nora@example.com")
    request = one(guest)
    assert request.customer == imported
    assert imported.contacts.proven().count() == 1
    assert Entry.objects.of(imported.subject).filter(kind="person.met").count() == 1
    guest.asks(kind="complaint", text="Too slow.")
    guest.enters(guest.code())
    assert Entry.objects.of(imported.subject).filter(kind="person.met").count() == 1, "met once"


def test_a_claim_opens_a_copy_by_a_fresh_code_alone_and_never_at_once() -> None:
    assert BY_CLAIM.opens("copy")
    assert BY_CLAIM.waits("copy")
    assert not BY_ADDRESS.opens("copy")
    assert not BY_ADDRESS.opens_slowly("copy")
    assert not BY_CLAIM.waits("correct")


# ── The pages ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_going_back_loses_nothing_and_the_session_holds_no_address(guest: Guest) -> None:
    guest.post("/requests/without-account/", {"kind": "correct", "text": "My street."})
    guest.post("/requests/without-account/who/", {"name": "Nora", "email": "nora@example.com", "shown": "4711", "country": "PL"})
    assert "My street." in guest.get("/requests/without-account/").content.decode()
    assert "nora@example.com" in guest.get("/requests/without-account/who/").content.decode()
    assert "nora" not in str(dict(guest.session)).lower()


def test_steps_cannot_be_left_out(guest: Guest) -> None:
    for path in ("who/", "check/"):
        assert guest.get(f"/requests/without-account/{path}").status_code == 302
    assert guest.get("/requests/code/").status_code == 302
    assert guest.get("/requests/no-account-at-all/").status_code in {302, 404}


@pytest.mark.parametrize(
    ("page", "answers", "words"),
    [
        ("", {}, "Choose what it is about"),
        ("", {"kind": "correct"}, "Write a few words"),
        ("who/", {"name": "", "email": "x"}, "Write the name"),
        ("check/", {}, "Without this we cannot go on"),
    ],
)
def test_what_is_missing_is_said_and_nothing_lost(guest: Guest, page: str, answers: dict[str, str], words: str) -> None:
    guest.asks()
    answer = guest.post(f"/requests/without-account/{page}", answers)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_wrong_code_is_refused_and_a_new_one_can_be_asked_for(guest: Guest) -> None:
    guest.asks()
    code = guest.code()
    assert guest.enters(f"{(int(code) + 1) % 10**6:06d}").status_code == 422
    assert guest.post("/requests/code/").status_code == 302
    assert guest.enters(guest.code()).status_code == 303
    assert Request.objects.count() == 1


def test_a_code_of_another_purpose_opens_no_request(guest: Guest) -> None:
    guest.asks()
    guest.code()
    guest.post("/sign-in/", {"email": "nora@example.com"})
    sign_in = guest.code()
    assert guest.enters(sign_in).status_code == 422
    assert not Request.objects.exists()


def test_answers_that_were_changed_after_the_code_was_asked_for_are_not_sent_with_it(guest: Guest) -> None:
    guest.asks()
    code = guest.code()
    guest.post("/requests/without-account/who/", {"name": "Eve", "email": "eve@example.com", "shown": "", "country": "PL"})
    answer = guest.enters(code)
    assert answer.status_code == 303
    assert not Request.objects.exists()
    assert "Nothing was sent" in guest.get(answer.headers["Location"]).content.decode()


def test_an_address_that_can_still_be_put_back_begins_nothing_and_loses_no_answers(guest: Guest, anna: Customer) -> None:
    change_contact(customer=anna, address="anna.new@example.com")
    guest.asks(email="anna.kowalczyk@example.com", kind="complaint", text="Slow.")
    page = guest.get(guest.enters(guest.code()).headers["Location"]).content.decode()
    assert "no longer in use here" in page
    assert "Nora Nowak" in page
    assert not Request.objects.exists()


def test_a_closed_request_is_not_said_to_be_worked_on(guest: Guest, anna: Customer) -> None:
    request = asked(anna, "object", NOTHING, asked={"text": "x"})
    actions.withdraw(request, by=by(anna))
    follow = f"/requests/{request.number}/follow/{links.signature('linden', request.number, links.FOLLOW)}/"
    page = guest.get(guest.post(follow, {"confirm": "yes"}).headers["Location"]).content.decode()
    assert "Confirmed." not in page
    assert "That is not enough yet" not in page


def test_the_page_closes_again_and_says_how_it_opens(guest: Guest) -> None:
    request = one(guest)
    assert guest.get(f"/requests/{request.number}/").status_code == 200
    with time_machine.travel(timezone.now() + settings.STEP_UP_FRESH + timedelta(seconds=1)):
        answer = guest.get(f"/requests/{request.number}/")
        assert answer.status_code == 303
        assert "/follow/" in answer.headers["Location"]


def test_the_page_of_one_opens_none_of_another(guest: Guest, anna: Customer) -> None:
    one(guest)
    hers = asked(anna)
    assert guest.get(f"/requests/{hers.number}/").status_code == 302
    assert guest.post(f"/requests/{hers.number}/withdraw/").status_code == 302
    hers.refresh_from_db()
    assert hers.is_open


def test_a_guest_writes_and_withdraws(guest: Guest) -> None:
    request = one(guest)
    assert guest.post(f"/requests/{request.number}/message/", {"text": "It was in May."}).status_code == 303
    assert "It was in May." in guest.get(f"/requests/{request.number}/").content.decode()
    guest.post(f"/requests/{request.number}/withdraw/")
    request.refresh_from_db()
    assert request.state == State.WITHDRAWN


def test_a_link_that_nobody_signed_is_answered_like_none(guest: Guest, anna: Customer) -> None:
    request = asked(anna, proof=NOTHING)
    not_me = links.signature("linden", request.number)
    for signature in ("x", not_me, links.signature("kingfisher", request.number, links.FOLLOW)):
        assert guest.get(f"/requests/{request.number}/follow/{signature}/").status_code == 404
    gone = links.signature("linden", "R-2222-2222", links.FOLLOW)
    assert guest.get(f"/requests/R-2222-2222/follow/{gone}/").status_code == 404


def test_a_link_confirms_what_a_link_is_enough_for(guest: Guest, anna: Customer) -> None:
    for kind, state in (("object", State.IN_PROGRESS), ("copy", State.IDENTITY_PENDING)):
        request = asked(anna, kind, NOTHING, asked={"text": "x"})
        follow = f"/requests/{request.number}/follow/{links.signature('linden', request.number, links.FOLLOW)}/"
        assert guest.post(follow, {"confirm": "yes"}).status_code == 303
        request.refresh_from_db()
        assert request.state == state
        assert anna.contacts.get().address not in guest.get(follow).content.decode()


def test_an_old_link_says_so_and_does_nothing(guest: Guest, anna: Customer) -> None:
    request = asked(anna, "object", NOTHING, asked={"text": "x"})
    actions.withdraw(request, by=by(anna))
    follow = f"/requests/{request.number}/follow/{links.signature('linden', request.number, links.FOLLOW)}/"
    with time_machine.travel(timezone.now() + settings.FOLLOW_LINK_KEPT + timedelta(days=1)):
        assert "closed some time ago" in guest.get(follow).content.decode()
        guest.post(follow)
    assert not Challenge.objects.exists()


def test_the_code_to_a_followed_request_shows_no_address(guest: Guest, anna: Customer) -> None:
    request = asked(anna, "object", NOTHING, asked={"text": "x"})
    guest.post(f"/requests/{request.number}/follow/{links.signature('linden', request.number, links.FOLLOW)}/")
    page = guest.get("/requests/code/").content.decode()
    assert "anna.kowalczyk" not in page
    assert "a•••@e•••.com" in page


def test_somebody_without_an_address_that_answers_cannot_be_sent_a_code(guest: Guest, anna: Customer) -> None:
    request = asked(anna, "object", NOTHING, asked={"text": "x"})
    anna.contacts.update(proven_at=None)
    answer: Any = guest.post(f"/requests/{request.number}/follow/{links.signature('linden', request.number, links.FOLLOW)}/")
    assert answer.status_code == 404
