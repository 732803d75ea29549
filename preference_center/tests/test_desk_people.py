"""Customers at the desk: found by the whole of something, opened with a reason that they read, helped by what they could do themselves."""

from __future__ import annotations

import secrets
import zlib
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.actions import join, tie
from accounts.actions.colleagues import appoint, suspend
from accounts.actions.looking import NoReason, look
from accounts.models import Contact, Customer, Person
from brands.models import Brand
from consents.decide import decide
from consents.models import Evidence
from consents.tests.acting import allow, deny
from data_requests.models import Request
from data_requests.tests.conftest import SESSION, asked
from ledger.models import Entry
from notifications.actions import undeliverable
from notifications.models import Message
from notifications.tests.conftest import mails, text_of, work
from preference_center.tests.test_desk import DESK, AtDesk, errors, told
from preference_center.tests.test_desk import at_desk as at_desk  # fixtures
from preference_center.tests.test_desk import mailbox as mailbox

pytestmark = pytest.mark.django_db
PEOPLE = f"{DESK}people/"
WHY = {"act": "look", "reason": "called", "note": ""}
ACTIVE = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"
FORM = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>"


@pytest.fixture
def sam(at_desk: AtDesk) -> Any:
    browser = at_desk("agent")
    Person.objects.filter(email="agent@linden.example").update(known_as="Sam")
    return browser


def page_of(customer: Customer) -> str:
    return f"{PEOPLE}{customer.code}/"


@pytest.fixture
def opened(sam: Any, anna: Customer) -> Any:
    """Sam's browser, in which Anna's record is open."""
    assert sam.post(page_of(anna), WHY).status_code == 303
    return sam


def found(browser: Any, typed: str) -> list[str]:
    response = browser.post(PEOPLE, {"typed": typed})
    assert response.status_code == 200, errors(response)
    return [each.code for each in response.context["found"].people]


def entries(customer: Customer, kind: str) -> int:
    return Entry.objects.of(customer.subject).filter(kind=kind).count()


# ── Finding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_by_the_whole_of_a_mark_in_any_case(sam: Any, anna: Customer, linden: Brand) -> None:
    Customer.objects.filter(pk=anna.pk).update(name="Anna Kowalczyk")
    tie(brand=linden, value="C-1001", email="anna.kowalczyk@example.com", phone="+48600100100", language="en", country="PL", by="x:y")
    number = asked(anna, "review", SESSION, asked={"text": "Why?"}).number
    for typed in (
        " Anna.Kowalczyk@EXAMPLE.com", "+48 600 100 100", "0048600100100", "anna  kowalczyk", anna.code.lower(), "C-1001", number.lower(),
    ):  # fmt: skip
        assert found(sam, typed) == [anna.code], typed


@pytest.mark.parametrize("typed", ["anna.kowalczyk@example.co", "Kowalczyk", "Anna", "C-100", "+4860010010", "R-2222-2222"])
def test_parts_find_nobody_and_it_says_so(sam: Any, anna: Customer, linden: Brand, typed: str) -> None:
    Customer.objects.filter(pk=anna.pk).update(name="Anna Kowalczyk")
    tie(brand=linden, value="C-1001", email="anna.kowalczyk@example.com", phone="+48600100100", language="en", country="PL", by="x:y")
    assert found(sam, typed) == []
    assert "parts find nobody" in sam.post(PEOPLE, {"typed": typed}).content.decode()


@pytest.mark.parametrize("typed", ["", "an", "%", "Kowal*", "a@", "@example.com", "anna@example.com\u200b", "k" * 300, "\x00\x00\x00\x00"])
def test_what_is_no_mark_is_refused_in_words(sam: Any, anna: Customer, typed: str) -> None:
    before = Entry.objects.count()
    response = sam.post(PEOPLE, {"typed": typed})
    assert response.status_code == 422
    assert response.context["form"].errors["typed"]
    assert Entry.objects.count() == before


def test_nobody_of_another_brand_is_found_or_opened(sam: Any, marta: Customer) -> None:
    for typed in ("marta.zielinska@example.com", marta.code):
        assert found(sam, typed) == []
    assert sam.get(page_of(marta)).status_code == 404
    assert sam.post(page_of(marta), WHY).status_code == 404
    assert entries(marta, "record.looked_at") == 0


def test_what_is_found_is_masked_and_the_search_is_written_down_without_what_was_typed(sam: Any, anna: Customer, linden: Brand) -> None:
    Customer.objects.filter(pk=anna.pk).update(name="Anna Kowalczyk")
    page = sam.post(PEOPLE, {"typed": "anna.kowalczyk@example.com"}).content.decode().partition("Who it may be")[2]
    assert "A. K." in page
    assert "a…@e….com" in page
    assert "Kowalczyk" not in page
    entry = Entry.objects.of(linden.subject).filter(kind="desk.searched").get()
    assert entry.act["by"] == "email"
    assert entry.act["found"] == 1
    assert "anna" not in entry.payload
    assert entry.actor == f"staff:{Person.objects.get(email='agent@linden.example').reference}"


# ── Opening ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_shown_before_a_reason_and_all_looks_are_in_the_customers_history(sam: Any, anna: Customer, signed_in: Any) -> None:
    Customer.objects.filter(pk=anna.pk).update(name="Anna Kowalczyk")
    closed = sam.get(page_of(anna)).content.decode()
    assert "Kowalczyk" not in closed
    assert "example.com" not in closed.replace("agent@linden.example", "")
    for wrong in ({"act": "look"}, {**WHY, "reason": "bored"}, {**WHY, "reason": "other"}, {**WHY, "note": "x" * 201}):
        assert sam.post(page_of(anna), wrong).status_code == 422
    assert entries(anna, "record.looked_at") == 0
    for _time in range(2):
        assert sam.post(page_of(anna), {**WHY, "note": "A parcel got lost."}).status_code == 303
    assert entries(anna, "record.looked_at") == 1
    page = sam.get(page_of(anna)).content.decode()
    assert "Anna Kowalczyk" in page
    assert "anna.kowalczyk@example.com" in page
    history = signed_in(anna).get("/history/").content.decode()
    assert "We looked at your data" in history
    assert "Our colleague Sam. Because: you called or wrote to us. “A parcel got lost.”" in history


def test_it_closes_by_itself_and_by_a_press(opened: Any, anna: Customer) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert "Anna" not in opened.get(page_of(anna)).content.decode()
        assert opened.post(page_of(anna), {"act": "halt"}).status_code == 200
        assert entries(anna, "account.halted") == 0
    assert "anna.kowalczyk" in opened.get(page_of(anna)).content.decode()
    assert opened.post(page_of(anna), {"act": "close"})["Location"] == PEOPLE
    assert "anna.kowalczyk" not in opened.get(page_of(anna)).content.decode()


def test_the_record_of_one_is_not_the_record_of_another_nor_of_another_session(
    opened: Any, at_desk: AtDesk, carol: Customer, anna: Customer
) -> None:
    assert "carol.novak" not in opened.get(page_of(carol)).content.decode()
    assert "anna.kowalczyk" not in at_desk("officer").get(page_of(anna)).content.decode()


def test_an_entry_that_fails_opens_nothing(sam: Any, anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.turns.Turn.append", fails)
        with pytest.raises(OSError, match="disk"):
            sam.post(page_of(anna), WHY)
    assert "anna.kowalczyk" not in sam.get(page_of(anna)).content.decode()


@pytest.mark.parametrize("role", ["editor", "auditor"])
def test_who_does_not_help_people_finds_and_opens_nobody(at_desk: AtDesk, anna: Customer, role: str) -> None:
    browser = at_desk(role)
    for path in (PEOPLE, page_of(anna)):
        assert browser.get(path).status_code == 403
        assert browser.post(path, WHY).status_code == 403
    assert entries(anna, "record.looked_at") == 0


def test_a_demoted_or_suspended_agent_is_out_with_the_next_click(opened: Any, anna: Customer) -> None:
    person = Person.objects.get(email="agent@linden.example")
    appoint(anna.brand, person.email, ["editor"], by="system:tests")
    assert opened.get(page_of(anna)).status_code == 403
    assert opened.post(page_of(anna), {"act": "halt"}).status_code == 403
    appoint(anna.brand, person.email, ["agent"], by="system:tests")
    assert opened.get(page_of(anna)).status_code == 200
    suspend(anna.brand, person, by="system:tests")
    assert opened.get(page_of(anna)).status_code == 302
    assert opened.post(page_of(anna), {"act": "halt"}).status_code == 302
    assert entries(anna, "account.halted") == 0


def test_a_look_needs_a_reason_wherever_it_is_called_from(anna: Customer) -> None:
    for reason, note in (("", ""), ("bored", ""), ("other", "  "), ("called", "x" * 201)):
        with pytest.raises(NoReason):
            look(anna, by="staff:" + "a" * 32, reason=reason, note=note)
    assert entries(anna, "record.looked_at") == 0


# ── Helping ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_no_told_by_phone_counts_at_once_and_the_customer_is_told_by_whom(opened: Any, anna: Customer, signed_in: Any) -> None:
    allow(anna, "news", "email")
    fields = {"act": "no", "what": ["news/email", "ads/"], "how": "phone"}
    assert "2 noes were recorded." in told(opened, opened.post(page_of(anna), fields))
    assert decide(anna, "news", "email").reason == "withdrawn"
    assert decide(anna, "ads").reason == "refused"
    assert "It stood so already." in told(opened, opened.post(page_of(anna), fields))
    history = signed_in(anna).get("/history/").content.decode()
    assert "Our colleague Sam. By phone, recorded by our team." in history
    work()
    (written,) = [text_of(mail) for mail in mails() if "wrote down" in mail["Subject"]]
    assert "Our colleague Sam wrote this down in your name" in written
    lines = written.partition(":\r\n\r\n")[2].partition("Is it right?")[0].split("\r\n\r\n")
    assert [line.startswith("You stopped: News") for line in lines if line] == [True, False]


def test_a_stop_of_all_marketing(opened: Any, anna: Customer) -> None:
    allow(anna, "news", "email")
    assert "Recorded." in told(opened, opened.post(page_of(anna), {"act": "stop", "scope": "marketing", "how": "paper"}))
    assert decide(anna, "news", "email").reason == "marketing_stopped"
    assert "already" in told(opened, opened.post(page_of(anna), {"act": "stop", "scope": "marketing", "how": "paper"}))


def yes(**more: Any) -> dict[str, Any]:
    return {
        "act": "yes", "row": "news/email", "how": "paper", "wording": "May we send you news by email?", "nonce": secrets.token_hex(16),
        "said_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"), "document": SimpleUploadedFile("form.pdf", FORM), **more,
    }  # fmt: skip


def test_a_yes_takes_a_document_and_the_customer_can_turn_it_off_from_the_mail(opened: Any, anna: Customer, signed_in: Any) -> None:
    assert "confirmed address" in told(opened, opened.post(page_of(anna), yes()))
    assert decide(anna, "news", "email").allowed
    evidence = Evidence.objects.get(customer=anna)
    assert Entry.objects.get(pk=evidence.entry).act["evidence"] == evidence.sha256
    assert "PDF" not in evidence.document
    work()
    (mail,) = [mail for mail in mails() if "wrote down" in mail["Subject"]]
    link = "/u/" + text_of(mail).partition("/u/")[2].split()[0]
    stranger = signed_in(anna).__class__(headers={"host": "linden.localhost"})
    assert stranger.get(link).status_code == 200
    assert decide(anna, "news", "email").allowed
    stranger.post(link)
    assert not decide(anna, "news", "email").allowed


def test_twice_is_once_and_a_later_no_stands(opened: Any, anna: Customer) -> None:
    form = yes()
    opened.post(page_of(anna), form)
    form["document"].seek(0)
    assert "already" in told(opened, opened.post(page_of(anna), form))
    assert Evidence.objects.filter(customer=anna).count() == 1
    deny(anna, "news", "email")
    earlier = (timezone.localtime() - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    assert "a later no stands" in told(opened, opened.post(page_of(anna), yes(said_at=earlier)))
    assert not decide(anna, "news", "email").allowed
    assert Evidence.objects.filter(customer=anna).count() == 2, "its entry names it"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document", None), ("document", SimpleUploadedFile("a.pdf", b"")), ("document", SimpleUploadedFile("a.pdf", b"MZ\x90\x00")),
        ("document", SimpleUploadedFile("a.svg", b"<svg onload='x()'/>")), ("document", SimpleUploadedFile("a.pdf", ACTIVE)),
        ("document", SimpleUploadedFile("a.pdf", ACTIVE.replace(b"/OpenAction", b"/Open#41ction").replace(b"/JS", b"/J#53"))),
        ("document", SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * 4 * 1024 * 1024)),
        ("document", SimpleUploadedFile("a.pdf", FORM + b"%stream\n" + ACTIVE[9:] + b"\n%endstream\n")),
        ("document", SimpleUploadedFile("a.pdf", FORM + b"\nstream\n" + zlib.compress(ACTIVE) + b"\nendstream")),
        ("document", SimpleUploadedFile("a.pdf", FORM + b"\nstream\r\n" + zlib.compress(zlib.compress(ACTIVE)) + b"\nendstream")),
        ("document", SimpleUploadedFile("a.pdf", FORM + b"<</Type/ObjStm/Filter[/ASCII#48exDecode]>>stream\n41>\nendstream")),
        ("document", SimpleUploadedFile("a.pdf", FORM + b"\nstream\n" + zlib.compress(b" " * 70_000_000) + b"\nendstream")),
        ("wording", ""), ("said_at", "2999-01-01T10:00"), ("said_at", "soon"), ("row", "unknown/"), ("row", "order/"), ("how", "button"),
        ("nonce", "x"),
    ],
)  # fmt: skip
def test_a_yes_without_what_shows_it_is_refused(opened: Any, anna: Customer, field: str, value: Any) -> None:
    form = {name: given for name, given in yes(**{field: value}).items() if given is not None}
    if hasattr(value, "seek"):
        value.seek(0)
    response = opened.post(page_of(anna), form)
    assert response.status_code == 422
    assert field in dict(response.context["forms"])["yes"].errors
    assert not decide(anna, "news", "email").allowed
    assert not Evidence.objects.exists()


def test_a_request_with_the_day_it_came_is_due_from_that_day(opened: Any, anna: Customer, signed_in: Any) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    fields = {"act": "open", "kind": "delete", "via": "phone", "received_on": yesterday.isoformat(), "text": "Delete me."}
    said = told(opened, opened.post(page_of(anna), fields))
    request = Request.objects.get(customer=anna)
    assert request.number in said
    assert request.received_on == yesterday
    assert request.due is not None
    assert request.verified_at is None
    page = opened.get(page_of(anna)).content.decode()
    assert request.number in page
    assert request.number in signed_in(anna).get("/requests/").content.decode()
    late = {**fields, "received_on": (timezone.localdate() + timedelta(days=1)).isoformat()}
    assert opened.post(page_of(anna), late).status_code == 422


def test_a_correction_says_what_it_changes(opened: Any, anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(name="Ana")
    assert "Name: Ana → Anna" in told(opened, opened.post(page_of(anna), {"act": "correct", "name": "Anna", "language": "en"}))
    anna.refresh_from_db()
    assert anna.name == "Anna"
    assert '<option value="pl">Polski</option>' in opened.get(page_of(anna)).content.decode()
    assert "Language: English → Polski" in told(opened, opened.post(page_of(anna), {"act": "correct", "name": "Anna", "language": "pl"}))
    opened.post(page_of(anna), {"act": "correct", "name": "Anna", "language": "en"})
    assert "Nothing was different." in told(opened, opened.post(page_of(anna), {"act": "correct", "name": "Anna", "language": "en"}))
    assert opened.post(page_of(anna), {"act": "correct", "name": "Anna\u202e", "language": "en"}).status_code == 422
    assert opened.post(page_of(anna), {"act": "correct", "name": "Anna", "language": "xx"}).status_code == 422


def test_a_form_that_shows_pages_is_taken_whatever_its_pictures_hold(opened: Any, anna: Customer) -> None:
    """A link, a picture that no zlib packed, and pages packed as usual."""
    pages = FORM + b"<</URI(https://linden.example)>>" + b"\nstream\n" + zlib.compress(b"BT (Yes) Tj ET") + b"\nendstream"
    scanned = pages + b"\nstream\n" + bytes(range(256)) * 4000 + b"\nendstream"
    assert "confirmed address" in told(opened, opened.post(page_of(anna), yes(document=SimpleUploadedFile("a.pdf", scanned))))


def test_it_is_not_halted_for_longer_by_pressing_again(opened: Any, anna: Customer) -> None:
    opened.post(page_of(anna), {"act": "halt"})
    assert "not made longer" in told(opened, opened.post(page_of(anna), {"act": "halt"}))
    assert entries(anna, "account.halted") == 1


def test_sign_ins_end_and_an_account_is_halted(opened: Any, anna: Customer, signed_in: Any) -> None:
    hers = signed_in(anna)
    assert hers.get("/choices/").status_code == 200
    assert "1 sign-in was ended." in told(opened, opened.post(page_of(anna), {"act": "sessions"}))
    assert hers.get("/history/").status_code == 302
    again = signed_in(anna)
    assert "seven days" in told(opened, opened.post(page_of(anna), {"act": "halt"}))
    assert again.get("/history/").status_code == 302
    assert "Halted: until" in opened.get(page_of(anna)).content.decode()


def test_a_mail_that_did_not_arrive_goes_once_more_and_the_customer_reads_so(opened: Any, anna: Customer, signed_in: Any) -> None:
    assert "act-again" not in opened.get(page_of(anna)).content.decode()  # nothing has gone out
    asked(anna, "review", SESSION, asked={"text": "Why?"})
    work()
    before = len(mails())
    notice = Message.objects.get(customer=anna, kind="request_received", state="sent")
    fields = {"act": "again", "message": notice.pk}
    assert "It goes out now." in told(opened, opened.post(page_of(anna), fields))
    assert "on its way already" in told(opened, opened.post(page_of(anna), fields))
    work()
    assert [mail["To"] for mail in mails()[before:]] == ["anna.kowalczyk@example.com"]
    assert "We sent you a mail once more" in signed_in(anna).get("/history/").content.decode()
    undeliverable(anna.contacts.get(channel="email"), "hard")
    Contact.objects.filter(customer=anna).update(proven_at=None)
    assert "in vain" in opened.post(page_of(anna), fields).content.decode()


def test_no_mail_of_somebody_else_goes_once_more(opened: Any, anna: Customer, linden: Brand) -> None:
    ola = join(brand=linden, address="ola@example.com", language="en")
    for customer in (anna, ola):
        asked(customer, "review", SESSION, asked={"text": "Why?"})
    work()
    theirs = Message.objects.filter(customer=ola, state="sent").get()
    assert opened.post(page_of(anna), {"act": "again", "message": theirs.pk}).status_code == 422
    assert not Message.objects.exclude(again=0).exists()


def test_answers_are_hidden_until_a_reason_of_their_own(opened: Any, anna: Customer) -> None:
    assert "Nothing." in opened.get(page_of(anna)).content.decode()
    assert opened.post(page_of(anna), {"act": "answers", "reason": ""}).status_code == 303
    assert entries(anna, "record.looked_at") == 1
    assert opened.post(page_of(anna), {"act": "answers", "reason": "fault"}).status_code == 303
    assert [entry.act["what"] for entry in Entry.objects.of(anna.subject).filter(kind="record.looked_at").order_by("seq")] == [
        "record", "answers",
    ]  # fmt: skip


def test_what_is_no_act_is_not_there_and_fields_that_are_none_change_nothing(opened: Any, anna: Customer) -> None:
    for act in ("", "verify", "delete", "__class__"):
        assert opened.post(page_of(anna), {"act": act, "verified_at": "2026-01-01", "subject": "0" * 32}).status_code == 404
    before = Customer.objects.filter(pk=anna.pk).values().get()
    forged = {"act": "sessions", "name": "Forged", "restricted_seq": "1", "minor_until": "2030-01-01", "code": "AAAAAAAAAA"}
    opened.post(page_of(anna), forged)
    assert Customer.objects.filter(pk=anna.pk).values().get() == before


def test_the_page_costs_the_same_with_much_of_everything(
    opened: Any, anna: Customer, linden: Brand, django_assert_max_num_queries: Any
) -> None:
    opened.get(page_of(anna))
    with django_assert_max_num_queries(25) as few:
        opened.get(page_of(anna))
    for number in range(12):
        allow(anna, "news", "email")
        deny(anna, "news", "email")
        asked(anna, "review", SESSION, asked={"text": f"Why {number}?"})
        join(brand=linden, address=f"other{number}@example.com", language="en")
    work()
    with django_assert_max_num_queries(len(few) + 1):  # whom of the desk to name
        opened.get(page_of(anna))


# ── What goes wrong at the foot of a long page ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("act", ["no", "open", "stop"])
def test_a_form_that_was_refused_is_told_of_at_the_top_with_a_way_down(opened: Any, anna: Customer, act: str) -> None:
    page = opened.post(page_of(anna), {"act": act})
    assert page.status_code == 422
    assert "Nothing was recorded." in told(opened, page)
    assert f'<a href="#act-{act}">' in page.content.decode()
    assert f'id="act-{act}" open' in page.content.decode()


def test_a_day_of_another_year_is_asked_about_and_a_second_deletion_is_the_first(opened: Any, anna: Customer) -> None:
    deletion = {"act": "open", "kind": "delete", "via": "phone", "text": "Delete me.", "received_on": "1999-01-01"}
    assert "Is the year right?" in opened.post(page_of(anna), deletion).content.decode()
    deletion["received_on"] = timezone.localdate().isoformat()
    assert "Noted: R-" in told(opened, opened.post(page_of(anna), deletion))
    first = Request.objects.get()
    assert f"There is an open one already: {first.number}." in unescape(opened.post(page_of(anna), deletion).content.decode())
    assert Request.objects.get() == first


def test_a_page_of_another_role_says_so_and_leads_back(opened: Any) -> None:
    page = opened.get("/desk/figures/")
    assert page.status_code == 403
    assert "Your role does not include this page" in page.content.decode()
    assert 'href="/desk/"' in page.content.decode()
