"""Another address: proven by a code to it, told to the one before, and taken back by whoever reads the mail of that."""

from __future__ import annotations

import json
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from accounts.actions import AddressRetired, AddressTaken, change_contact, join, joining, known, link, meet, put_back
from accounts.factors import add_authenticator
from accounts.holds import held_until
from accounts.models import Challenge, Contact, Customer, OpenIdLink, OpenIdProvider, ReplacedAddress
from accounts.put_back_links import of_link, signature_of
from accounts.tests.conftest import Browser
from brands.models import Brand
from jobs.actions import enqueue, run_due
from jobs.models import Job
from ledger.models import Entry

pytestmark = pytest.mark.django_db
OLD, NEW = "anna@example.com", "new@example.com"


def change(browser: Browser, to: str = NEW) -> Any:
    browser.post("/account/address/", {"email": to})
    return browser.post("/account/address/code/", {"code": browser.newest_code(to)})


@pytest.fixture
def inside(browser: Browser, anna: Customer) -> Browser:
    browser.sign_in(OLD)
    return browser


def link_of(row: ReplacedAddress) -> str:
    return f"/account/address/{row.pk}/{signature_of(row, row.customer.brand)}/"


def test_a_code_to_the_new_one_changes_it_and_this_browser_stays_in(inside: Browser, anna: Customer) -> None:
    assert change(inside).status_code == 303
    assert list(anna.contacts.values_list("address", flat=True)) == [NEW]
    assert NEW in inside.get("/account/").content.decode()
    assert held_until(anna, timezone.now())


def test_other_browsers_are_signed_out(inside: Browser, stranger: Browser) -> None:
    stranger.sign_in(OLD)
    change(inside)
    assert stranger.get("/account/").status_code == 302


def test_the_old_one_is_told_once_and_the_new_one_not_of_it(inside: Browser) -> None:
    change(inside)
    run_due()
    told = [mail for mail in inside.mails() if "was changed" in mail["Subject"]]
    assert [mail["To"] for mail in told] == [OLD]
    text = told[0].get_body(("plain",)).get_content()
    assert NEW not in text
    assert link_of(ReplacedAddress.objects.get()) in text.replace("\r\n", "")


def test_a_wrong_code_or_one_for_something_else_changes_nothing(inside: Browser, anna: Customer) -> None:
    inside.post("/account/address/", {"email": NEW})
    code = inside.newest_code(NEW)
    assert inside.post("/account/address/code/", {"code": f"{(int(code) + 1) % 10**6:06d}"}).status_code == 422
    assert inside.post("/account/confirm/", {"code": code}).status_code in {302, 422}
    assert list(anna.contacts.values_list("address", flat=True)) == [OLD]


def test_what_is_no_address_is_said(inside: Browser) -> None:
    assert inside.post("/account/address/", {"email": "nonsense"}).status_code == 422
    assert inside.get("/account/address/code/").status_code == 302


def test_an_address_of_somebody_else_is_not_taken(inside: Browser, brand: Brand, anna: Customer) -> None:
    join(brand=brand, address=NEW, language="en")
    answer = change(inside)
    assert "belongs to another account" in inside.get(answer.headers["Location"]).content.decode()
    assert list(anna.contacts.values_list("address", flat=True)) == [OLD]
    assert not ReplacedAddress.objects.exists()


def test_an_old_session_proves_itself_first(inside: Browser) -> None:
    session = inside.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= 3600
    session.save()
    for path in ("/account/address/", "/account/address/code/"):
        assert "/account/confirm/" in inside.get(path).headers["Location"]


def test_whoever_reads_the_old_mail_puts_it_back_and_all_that_was_added_is_gone(
    inside: Browser, anna: Customer, brand: Brand, stranger: Browser
) -> None:
    assert anna.person
    add_authenticator(person=anna.person, customer=anna, brand=brand, secret="JBSWY3DPEHPK3PXP")
    change(inside)
    row = ReplacedAddress.objects.get()
    assert "Put my address back" in stranger.get(link_of(row)).content.decode()
    assert list(anna.contacts.values_list("address", flat=True)) == [NEW], "looking changes nothing"
    assert "Your address is back" in stranger.post(link_of(row)).content.decode()
    assert list(anna.contacts.values_list("address", flat=True)) == [OLD]
    assert inside.get("/account/").status_code == 302, "signed out"
    assert not Authenticator.objects.exists()
    held = held_until(anna, timezone.now())
    assert held is not None
    assert held > timezone.now() + settings.HOLD_AFTER_NOT_ME - timedelta(minutes=1)
    assert "This link is over" in stranger.post(link_of(row)).content.decode(), "once"
    stranger.sign_in(OLD)
    assert stranger.get("/account/").status_code == 200
    kinds = Entry.objects.of(anna.subject).filter(kind="contact.changed").order_by("seq")
    assert [entry.act["what"] for entry in kinds] == ["replaced", "put_back"]


def test_a_second_change_does_not_close_the_way_of_the_first_address(anna: Customer) -> None:
    change_contact(customer=anna, address="thief1@example.com")
    change_contact(customer=anna, address="thief2@example.com")
    first, second = ReplacedAddress.objects.order_by("pk")
    assert put_back(second), "the thief's own"
    first.refresh_from_db()
    assert put_back(first)
    assert list(anna.contacts.values_list("address", flat=True)) == [OLD]
    assert not put_back(second), "and closes the later ones"


def test_the_old_one_begins_nothing_new_while_it_can_be_put_back(inside: Browser, anna: Customer, brand: Brand, stranger: Browser) -> None:
    change(inside)
    answer = stranger.sign_in(OLD)
    assert "no longer signs in here" in answer.content.decode()
    with pytest.raises(AddressRetired):
        meet(brand=brand, address=OLD, language="en", country="PL")
    assert Customer.objects.count() == 1
    assert put_back(ReplacedAddress.objects.get())


def test_for_a_job_an_address_that_was_given_up_is_nobodys(anna: Customer, brand: Brand) -> None:
    change_contact(customer=anna, address=NEW)
    assert known(brand, OLD) is None
    assert known(brand, NEW) == anna


def test_two_browsers_that_meet_somebody_at_once_meet_one(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    make, made = joining._new, []

    def slower(*args: Any) -> Customer:
        """The other browser was here first."""
        made.append(make(*args))
        raise IntegrityError

    monkeypatch.setattr(joining, "_new", slower)
    assert meet(brand=brand, address=NEW, language="en", country="PL") == made[0]
    assert Customer.objects.count() == 1


def test_the_one_that_had_to_go_is_told(anna: Customer, stranger: Browser) -> None:
    change_contact(customer=anna, address=NEW)
    put_back(ReplacedAddress.objects.get())
    told = [mail["To"] for mail in stranger.mails() if "replaced by an earlier one" in mail["Subject"]]
    assert told == [NEW]


def test_a_brand_account_that_was_linked_anew_is_gone_too(anna: Customer, brand: Brand) -> None:
    where = {name: f"https://x.example/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    provider = OpenIdProvider.objects.create(brand=brand, label="x", issuer="https://x.example", client_id="x", in_use=True, **where)
    with time_machine.travel(timezone.now() - timedelta(days=60)):
        link(anna, provider, "hers")
    link(anna, provider, "the thief’s")
    change_contact(customer=anna, address=NEW)
    put_back(ReplacedAddress.objects.get())
    assert not OpenIdLink.objects.exists()


def test_a_mailbox_that_is_no_more_is_no_fault(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_args: Any, **_more: Any) -> int:
        raise SMTPRecipientsRefused({OLD: (550, b"no such mailbox")})

    change_contact(customer=anna, address=NEW)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuses)
    run_due()
    assert not Job.objects.filter(handler="accounts.tell_replaced", done_at=None).exists()


def test_an_app_of_long_ago_stays(inside: Browser, anna: Customer, brand: Brand) -> None:
    assert anna.person
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        add_authenticator(person=anna.person, customer=anna, brand=brand, secret="JBSWY3DPEHPK3PXP")
    change_contact(customer=anna, address=NEW)
    assert put_back(ReplacedAddress.objects.get())
    assert Authenticator.objects.filter(type="totp").exists()


def test_after_a_week_the_link_is_over_and_the_address_forgotten(anna: Customer, stranger: Browser) -> None:
    change_contact(customer=anna, address=NEW)
    row = ReplacedAddress.objects.get()
    with time_machine.travel(timezone.now() + settings.PUT_BACK_VALID + timedelta(hours=1)):
        assert "This link is over" in stranger.get(link_of(row)).content.decode()
        assert not put_back(row)
        enqueue("accounts.forget_replaced", {})
        run_due()
    assert not ReplacedAddress.objects.exists()


def test_an_address_that_somebody_else_has_now_is_not_taken_from_them(anna: Customer, brand: Brand, stranger: Browser) -> None:
    change_contact(customer=anna, address=NEW)
    join(brand=brand, address="between@example.com", language="en")
    other = Customer.objects.get(contacts__canonical="between@example.com")
    Contact.objects.filter(customer=other).update(canonical=OLD, address=OLD)
    row = ReplacedAddress.objects.get()
    with pytest.raises(AddressTaken):
        put_back(row)
    assert "Another account has this address now" in stranger.post(link_of(row)).content.decode()
    assert list(anna.contacts.values_list("address", flat=True)) == [NEW]


def test_a_link_that_nobody_signed_is_answered_like_none(anna: Customer, brand: Brand, other_brand: Brand, stranger: Browser) -> None:
    change_contact(customer=anna, address=NEW)
    row = ReplacedAddress.objects.get()
    for path in (f"/account/address/{row.pk}/x/", f"/account/address/{row.pk + 1}/{signature_of(row, brand)}/"):
        assert stranger.get(path).status_code == 404
    assert of_link(other_brand, row.pk, signature_of(row, other_brand)) is None
    assert of_link(brand, row.pk, "ż") is None


def test_if_its_entry_cannot_be_written_nothing_is(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    change_contact(customer=anna, address=NEW)
    row = ReplacedAddress.objects.get()
    monkeypatch.setattr("ledger.turns._insert", lambda entry: (_ for _ in ()).throw(RuntimeError("no room")))
    with pytest.raises(RuntimeError):
        put_back(row)
    assert list(anna.contacts.values_list("address", flat=True)) == [NEW]


def test_no_code_of_another_purpose_changes_an_address(inside: Browser, anna: Customer) -> None:
    inside.post("/account/address/", {"email": NEW})
    inside.post("/account/confirm/", {"send": "1"})
    step_up = inside.newest_code(OLD)
    assert inside.post("/account/address/code/", {"code": step_up}).status_code == 422
    assert Challenge.objects.filter(purpose="address", used_at=None).exists()
    assert json.dumps(list(anna.contacts.values_list("address", flat=True))) == json.dumps([OLD])
