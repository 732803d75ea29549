"""The desk in a real browser: readable by WCAG by day and by night, within the content security policy, and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page

from accounts import factors
from accounts.actions import join
from accounts.tests.conftest import Browser
from brands.actions import reword
from brands.models import Brand, Wording
from catalogue.actions import load_policy, revise, revise_policy
from catalogue.models import PolicyVersion, Purpose
from catalogue.pack import FOLDER
from catalogue.policy_content import PolicyContent
from catalogue.proposals import for_draft
from jobs.actions import enqueue, run, run_due
from ledger.proving import prove
from notifications.models import Campaign
from preference_center.tests.test_desk import BREAKS, DESK, SECRET, employ, number

pytestmark = pytest.mark.django_db(transaction=True)

OpenPage = Callable[..., Page]


@pytest.fixture
def ola(linden: Brand, settings: Any) -> str:
    """The session of an officer and editor who has shown her authenticator, with something on every list."""
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    person = employ(linden, "ola@linden.example", "officer", "editor")
    factors.add_authenticator(person=person, customer=None, brand=linden, secret=SECRET)
    browser = Browser(linden, settings.MAIL_DIR)
    browser.sign_in(person.email)
    browser.post("/account/second-factor/", {"token": number(SECRET), "next": DESK})
    assert not run(enqueue(BREAKS, {}).pk)
    prove()
    return browser.cookies[django_settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def at_desk(open_page: OpenPage, ola: str) -> OpenPage:
    def opened(**options: Any) -> Page:
        page = open_page("linden", **options)
        cookie: Any = {"name": django_settings.SESSION_COOKIE_NAME, "value": ola, "domain": "linden.localhost", "path": "/"}
        page.context.add_cookies([cookie])
        return page

    return opened


def pages(linden: Brand) -> list[str]:
    draft = revise(Purpose.objects.get(brand=linden, key="news"))
    published = draft.purpose.newest
    reword(linden, language="en", key="history.lede", text="All that happened here.", by="system:tests")
    wording = Wording.objects.get(brand=linden, key="history.lede")
    assert published
    told, rewritten = policies(linden)
    models = [
        "catalogue/purpose", "catalogue/purposeversion", "catalogue/recipient", "brands/wording", "brands/logo",
        "ledger/entry", "ledger/seal", "ledger/cursor", "jobs/job",
    ]  # fmt: skip
    forms = [
        f"catalogue/purposeversion/{draft.pk}/change", f"catalogue/purposeversion/{published.pk}/change",
        f"brands/theme/{linden.theme.pk}/change", f"brands/brand/{linden.pk}/change", f"brands/wording/{wording.pk}/change",
        f"brands/wording/{wording.pk}/delete", "brands/wording/add", "brands/logo/add", "catalogue/purpose/add", "catalogue/recipient/add",
        f"catalogue/policyversion/{told.pk}/change", f"catalogue/policyversion/{rewritten.pk}/change",
    ]  # fmt: skip
    campaign = Campaign.objects.get(version=told)
    campaigns = [f"notifications/campaign{path}" for path in ("", f"/{campaign.pk}", f"/preview/{told.pk}")]
    return [DESK, *(f"{DESK}{path}/" for path in models + forms + campaigns)]


def policies(linden: Brand) -> tuple[PolicyVersion, PolicyVersion]:
    """A published version with its changes, and a draft that takes them all back, with what is proposed to be said of it."""
    join(brand=linden, address="reader@example.com", language="en")
    first, second = load_policy(linden, FOLDER / "policy-shop.yaml", by="system:tests")
    prove()
    run_due()
    content = PolicyContent(PolicyContent.of(first).texts)
    draft = revise_policy(second.policy, content=replace(content, changes=for_draft(second.policy, content)))
    assert draft.changes.count() > 5
    return second, draft


NIGHT = pytest.param(True, True, id="night with scripts", marks=pytest.mark.long)


@pytest.mark.parametrize(("dark", "javascript"), [pytest.param(False, False, id="day"), NIGHT])
def test_nothing_stands_in_anybodys_way(
    at_desk: OpenPage, axe: Callable[[Page], None], linden: Brand, dark: bool, javascript: bool
) -> None:
    page = at_desk(dark=dark, javascript=javascript)
    found = []
    for path in pages(linden):
        answer = page.goto(path)
        assert answer
        assert answer.status == 200, path
        try:
            axe(page)
        except AssertionError as report:
            found.append(f"{path}\n{report}")
    assert not found, "\n".join(found)


def test_a_theme_is_changed_by_keyboard_alone(at_desk: OpenPage, linden: Brand) -> None:
    page = at_desk()
    page.goto(f"{DESK}brands/theme/{linden.theme.pk}/change/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-to-content-link"
    page.keyboard.press("Enter")
    page.locator("#id_radius").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("6px")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DESK}brands/theme/*")
    linden.theme.refresh_from_db()
    assert linden.theme.radius == "6px"


def test_a_narrow_window_needs_no_sideways_scrolling(at_desk: OpenPage, linden: Brand) -> None:
    page = at_desk(width=390)
    for path in pages(linden):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
