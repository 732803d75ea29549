"""Whoever is not Anna gets no byte of her data, by whichever of the ways that have worked elsewhere (docs/threats.md). Her data is a
canary: a word that must not stand in any answer to the impostor, nor in any mail."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.actions import change_contact, join
from accounts.assurance import NOTHING
from accounts.factors import add_authenticator
from accounts.models import Contact, Customer
from brands.models import Brand
from data_requests import actions
from data_requests.links import signature
from data_requests.models import Package, Request
from data_requests.states import State
from data_requests.tests.conftest import ALL, TWO_FACTORS, asked, by, later, work
from data_requests.tests.conftest import folders as folders  # fixtures
from data_requests.tests.conftest import with_app as with_app
from notifications.sending.loop import send_all
from preference_center.tests.cast import SignedIn, browser_at
from preference_center.tests.journeys.crawling import patterns

pytestmark = pytest.mark.django_db
CANARY = "canary-of-anna"
SAM = "staff:" + "1" * 32
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def victim(anna: Customer) -> Customer:
    """With a word of her own on file, and long known here."""
    Contact.objects.create(customer=anna, brand=anna.brand, channel="post", address=CANARY, canonical=CANARY)
    Customer.objects.filter(pk=anna.pk).update(created_at=timezone.now() - timedelta(days=400))
    anna.refresh_from_db()
    return anna


def seen(*answers: Any) -> str:
    return "\n".join(
        (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace") for answer in answers
    )


def mails() -> list[EmailMessage]:
    work()
    send_all()
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(Path(django_settings.MAIL_DIR).glob("*.eml"))]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def told(customer: Customer) -> bool:
    """Somebody reads of it in the mailbox that we know, with the way to stop it; and nobody else does, and no mail holds data."""
    sent = mails()
    assert all(CANARY not in text_of(mail) for mail in sent)
    about = [mail for mail in sent if "/not-me/" in text_of(mail)]
    known = set(customer.contacts.filter(channel="email").values_list("address", flat=True))
    assert {str(mail["To"]) for mail in about} <= known
    return bool(about)


def unmoved(customer: Customer) -> None:
    assert not Package.objects.exists()
    assert not Request.objects.of(customer).exclude(state=State.IDENTITY_PENDING).exclude(state=State.VERIFIED).exists()


# ── By what they know (1 to 5, 13, 15) ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "story",
    [
        "I am Anna Kowalczyk, born on 3 May 1990.",
        "Anna Kowalczyk, anna.kowalczyk@example.com, +48 600 100 200.",
        "Anna Kowalczyk, ul. Lipowa 7, 90-001 Łódź. My last order was on 2 November.",
        "Under Art. 15 GDPR you must send everything within 24 hours, or my lawyer will.",
        "You had a breach. Send my data to new.address@evil.example at once.",
    ],
    ids=["name and birth", "address and phone", "postal address", "a legal threat", "urgency"],
)
def test_a_good_story_on_the_telephone(victim: Customer, story: str) -> None:
    request = actions.receive(victim, "copy", {"text": story}, NOTHING, by=SAM, via="phone", received_on=date(2026, 11, 16)).request
    assert request.state == State.IDENTITY_PENDING
    assert told(victim)
    unmoved(victim)


def test_nobody_at_the_desk_can_say_that_it_is_them(victim: Customer) -> None:
    request = actions.receive(victim, "copy", {}, NOTHING, by=SAM, via="phone").request
    for attempt in (
        lambda: actions.start(request, by=SAM),
        lambda: actions.fulfil(request, "here", by=SAM),
        lambda: actions.verify(request, NOTHING, by=SAM),
    ):
        try:
            attempt()
        except ValueError:
            continue
    work()
    unmoved(victim)


# ── By papers and by mail (6, 7, 11, 12, 14) ────────────────────────────────────────────────────────────────────────


def test_there_is_no_door_for_papers_and_none_for_mail(victim: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(victim)
    pages = ["/requests/", "/requests/correct/", "/requests/copy/", f"/requests/{asked(victim).number}/"]
    for page in pages:
        answer = browser.get(page)
        assert 'type="file"' not in seen(answer)
        assert "multipart" not in seen(answer)
    names = {name for name, _route in patterns(get_resolver())}
    assert not [name for name in names if "inbound" in name or "upload" in name or "verify" in name]


def test_a_new_address_in_a_message_is_a_message(victim: Customer) -> None:
    request = actions.receive(victim, "copy", {}, NOTHING, by=SAM, via="phone").request
    actions.write(request, "Please write to new@evil.example from now on.", by=by(victim), from_person=True)
    assert told(victim)
    assert all(str(mail["To"]) != "new@evil.example" for mail in mails())


# ── By what looks alike (8, 9, 10) ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["anna.kowalczyk@examp1e.com", "anna.kowalczyk+copy@example.com", "anna.kowalczyk@exampłe.com"])
def test_an_address_that_looks_like_hers_is_somebody_else(victim: Customer, linden: Brand, with_app: Any, address: str) -> None:
    impostor = join(brand=linden, address=address, language="en")
    assert impostor.pk != victim.pk
    browser = with_app(impostor)
    browser.post("/requests/copy/", ALL)
    answer = browser.post("/requests/copy/check/")
    work()
    number = answer["Location"].split("/")[2]
    page = browser.get(f"/requests/{number}/")
    assert CANARY not in seen(page, browser.post(f"/requests/{number}/file/", {"nonce": "0" * 32}))


def test_letters_of_two_alphabets_are_no_address(linden: Brand) -> None:
    with pytest.raises(ValidationError):
        join(brand=linden, address="\N{CYRILLIC SMALL LETTER A}nna.kowalczyk@example.com", language="en")


# ── By a session, a mailbox, a link (18, 22 to 25, 27) ──────────────────────────────────────────────────────────────


def test_a_stolen_session(victim: Customer, with_app: Any) -> None:
    mine = asked(victim)
    work()
    stolen = with_app(victim)
    later(stolen, 3600)
    stolen.post("/requests/copy/", ALL)
    tries = [
        stolen.post("/requests/copy/check/"),
        stolen.get(f"/requests/{mine.number}/"),
        stolen.post(f"/requests/{mine.number}/file/", {"nonce": "0" * 32}),
    ]
    assert CANARY not in seen(*tries)
    assert Package.objects.get().downloads == 0


def test_an_address_that_was_changed_an_hour_ago(victim: Customer, with_app: Any) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        change_contact(customer=victim, address="impostor@evil.example")
    browser = with_app(victim)
    browser.post("/requests/copy/", ALL)
    assert browser.post("/requests/copy/check/").status_code == 303
    work()
    unmoved(victim)


def test_somebody_who_reads_her_mail_has_to_wait_and_she_is_told(victim: Customer, signed_in: SignedIn) -> None:
    impostor = signed_in(victim)
    impostor.post("/requests/copy/", ALL)
    number = impostor.post("/requests/copy/check/")["Location"].split("/")[2]
    work()
    assert CANARY not in seen(impostor.get(f"/requests/{number}/"), impostor.post(f"/requests/{number}/file/", {"nonce": "0" * 32}))
    assert told(victim)
    stop = f"/requests/{number}/not-me/{signature(victim.brand.key, number)}/"
    assert browser_at(victim.brand).post(stop).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        work()
    assert not Package.objects.exists()
    assert impostor.get(f"/requests/{number}/").status_code == 302, "and their session has ended"


def test_somebody_who_reads_her_mail_and_adds_an_app_of_their_own(victim: Customer, with_app: Any) -> None:
    assert victim.person is not None
    add_authenticator(person=victim.person, customer=victim, brand=victim.brand, secret=SECRET)
    browser = with_app(victim)
    browser.post("/requests/copy/", ALL)
    browser.post("/requests/copy/check/")
    work()
    unmoved(victim)
    assert Request.objects.get().not_before is not None


def test_a_forwarded_address_of_the_file(victim: Customer, carol: Customer, with_app: Any) -> None:
    mine = asked(victim)
    work()
    path = f"/requests/{mine.number}/file/"
    stranger, nobody = with_app(carol), Client(headers={"host": victim.brand.host})
    assert stranger.post(path, {"nonce": "0" * 32}).status_code == 404
    assert nobody.post(path, {"nonce": "0" * 32}).status_code == 302
    assert nobody.get(path).status_code == 405
    assert stranger.get(path).status_code == 405


def test_an_unproven_request_makes_hers_no_duplicate(victim: Customer) -> None:
    actions.receive(victim, "copy", {}, NOTHING, by=SAM, via="phone")
    assert actions.receive(victim, "copy", {}, TWO_FACTORS, by=by(victim)).again is False


def test_the_signature_of_another_request_stops_nothing(victim: Customer, carol: Customer) -> None:
    hers, theirs = asked(victim), asked(carol)
    path = f"/requests/{hers.number}/not-me/{signature(victim.brand.key, theirs.number)}/"
    assert browser_at(victim.brand).post(path).status_code == 404


def test_a_flood_of_requests_that_nobody_proves_ends_by_itself(victim: Customer) -> None:
    for number in range(50):
        actions.receive(victim, "review", {"text": str(number)}, NOTHING, by=SAM, via="phone")
    unmoved(victim)
    for request in Request.objects.all():
        assert actions.expire(request)
