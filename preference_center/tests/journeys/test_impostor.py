"""What somebody else sees: nothing, and what they try changes nothing."""

from __future__ import annotations

import re
import uuid

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Page

from accounts.actions import join
from accounts.models import Customer
from ledger.models import Entry
from preference_center.tests.journeys.walking import answer, ask_for_a_code, enter_code, newest_code, press, pressed

ADS = "/choices/ads/"
ANNA, CAROL = "anna.kowalczyk@example.com", "carol.novak@example.com"


@pytest.fixture
def receipt(come_in, anna) -> str:
    """The public id of Anna's newest decision: she allows the ads."""
    page = come_in(anna)
    page.goto("/choices/")
    press(answer(page, ADS, "allow"))
    assert pressed(page, ADS) == "allow"
    return str(anna.choices.get().receipt)


def what_is_said(page: Page) -> str:
    """The page without what differs from one to the next on purpose: the proof of origin of its forms, and its own address."""
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.content())
    return re.sub("[0-9a-f]{8}-[0-9a-f-]{27}", "…", html)


def test_carol_cannot_tell_annas_receipt_from_one_that_never_was(come_in, carol, receipt):
    page = come_in(carol)
    for suffix in ("/", ".json", ".jsonld"):
        said = []
        for number in (receipt, uuid.uuid4()):
            assert page.goto(f"/history/{number}{suffix}").status == 404
            said.append(what_is_said(page))
        assert said[0] == said[1]
        assert "We can’t find that page" in said[0]


def test_carol_cannot_undo_annas_choice(come_in, anna, carol, receipt):
    page = come_in(carol)
    page.goto("/choices/")
    press(answer(page, "/choices/makers/", "allow"))
    undo = page.locator("main .notice form[action='/choices/undo/']")
    before = Entry.objects.count()
    undo.locator("input[name=receipt]").evaluate("(field, value) => { field.value = value }", receipt)
    press(undo.locator("button"))
    assert "This can’t be undone any more" in page.locator("main .notice").first.inner_text()
    assert Entry.objects.count() == before
    assert anna.choices.get().state == "granted"


def test_annas_session_counts_for_nothing_at_the_other_brand(come_in, open_page, server, anna, kingfisher):
    """Even though she is a customer there as well."""
    join(brand=kingfisher, address=ANNA, language="en")
    here = come_in(anna)
    here.goto("/choices/")
    assert here.url.endswith("/choices/")
    cookies = {cookie["name"]: cookie["value"] for cookie in here.context.cookies()}
    there = open_page("kingfisher")
    there.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookies[settings.SESSION_COOKIE_NAME], "url": server.url("kingfisher")}]
    )
    for path in ("/", "/history/", "/account/"):
        there.goto(path)
        assert "/sign-in/" in there.url, path
    here.goto("/choices/")  # and at home it is still hers
    assert here.url.endswith("/choices/")


def test_a_session_that_ends_while_a_page_is_open_loses_nothing_and_says_so(come_in, anna, mail_folder, work):
    page = come_in(anna)
    page.goto("/choices/")
    before = Entry.objects.of(anna.subject).count()
    Session.objects.all().delete()
    press(answer(page, ADS, "deny"))
    assert "/sign-in/?next=/choices/" in page.url
    assert "Nothing was saved." in page.locator("main .notice").first.inner_text()
    assert Entry.objects.of(anna.subject).count() == before

    page.fill("input[type=email]", ANNA)
    press(page.locator("main form:has(input[type=email]) button").first)
    work()
    enter_code(page, newest_code(mail_folder, ANNA))
    assert page.url.endswith("/choices/")
    press(answer(page, ADS, "deny"))
    assert anna.choices.get().state == "refused"


def test_a_code_opens_only_the_browser_that_asked_for_it(open_page, anna, carol, mail_folder, work):
    hers, theirs, idle = open_page("linden"), open_page("linden"), open_page("linden")
    ask_for_a_code(hers, ANNA)
    ask_for_a_code(theirs, CAROL)
    work()
    stolen = newest_code(mail_folder, ANNA)
    enter_code(theirs, stolen)
    assert "That code doesn’t match." in theirs.locator("main").inner_text()
    theirs.goto("/history/")
    assert "/sign-in/" in theirs.url
    idle.goto("/sign-in/code/")  # who has asked for no code has nowhere to enter one
    assert idle.locator("input[name=code]").count() == 0
    enter_code(hers, stolen)  # the guess elsewhere has cost Anna nothing
    hers.goto("/choices/")
    assert hers.url.endswith("/choices/")
    assert Customer.objects.count() == 2


def test_nobody_sees_anything_without_signing_in(open_page, linden, receipt):
    page = open_page("linden")
    for path in ("/", "/history/", f"/history/{receipt}/", f"/history/{receipt}.json", "/account/", "/account/authenticator/"):
        page.goto(path)
        assert "/sign-in/" in page.url, path
