"""From the mail about a policy change to the use being blocked: two presses, no sign-in, no script. A yes asks who it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page

from consents.decide import decide
from consents.models import Choice
from consents.states import Reason
from jobs.actions import run_due
from ledger.models import Entry
from ledger.proving import prove
from notifications.models import ChangeSeen
from notifications.sending.loop import send_all
from preference_center.demo.mailbox import mails
from preference_center.tests.journeys.played import WHO, Played, both_brands
from preference_center.tests.journeys.walking import OpenPage, answer, enter_code, newest_code, press, pressed
from preference_center.tests.servers import Server

USE = {"linden": "room-photos", "kingfisher": "stroke-video"}
AT_MOST = 2  # interactions between opening the mail and the use being blocked


@dataclass
class Hand:
    """Presses, and counts what it pressed."""

    count: int = 0

    def press(self, button: Locator) -> None:
        self.count += 1
        press(button)


@pytest.fixture
def mail(played: Played, settings: Any, server: Server, open_page: OpenPage) -> Page:
    """The mail as a mail program shows it, opened from the demo's mailbox, in a browser that has never been here."""
    settings.PORT = str(server.port)
    prove()
    run_due()
    send_all()
    mine = [each for each in mails(played.brand) if each.to == WHO[played.brand.key] and "privacy policy" in each.subject]
    name = next(each.name for each in mine if "/u/" in each.text)  # those about the children have nothing to decide
    page = open_page(played.brand.key)
    page.goto("/demo/mailbox/")
    press(page.locator(f"main a[href='/demo/mailbox/{name}/']").first)
    press(page.locator("main .btns a").first)
    page.context.clear_cookies()  # a mail program has none of ours
    return page


@both_brands
def test_two_presses_block_the_use_without_a_sign_in(played: Played, mail: Page, capsys: Any) -> None:
    use, hand = USE[played.brand.key], Hand()
    hand.press(mail.get_by_role("link", name="Don’t allow"))
    assert not Choice.objects.filter(customer=played.customer, purpose=use).exists(), "the link alone says nothing"
    hand.press(mail.locator("button[value=deny]"))
    assert mail.title().startswith("Saved: ")
    choice = Choice.objects.get(customer=played.customer, purpose=use)
    entry = Entry.objects.of(played.customer.subject).filter(kind="choice.decided").latest("seq")
    assert (choice.state, entry.act["how"], entry.act["assurance"]) == ("refused", "link", "IV1")
    begins = played.brand.purposes.get(key=use).newest
    assert begins
    assert begins.in_force_from
    assert decide(played.customer, use, "", begins.in_force_from).reason is Reason.REFUSED
    assert entry.number in mail.locator("main").inner_text()
    with capsys.disabled():
        sys.stdout.write(f"\n{played.brand.key}: {hand.count} interactions from the open mail to the blocked use\n")
    assert hand.count <= AT_MOST


@both_brands
def test_allow_asks_to_sign_in_and_then_shows_the_change(played: Played, mail: Page, mail_folder: Path, work: Callable[[], int]) -> None:
    use = USE[played.brand.key]
    press(mail.get_by_role("link", name="Allow", exact=True))
    press(mail.locator("button[value=allow]"))
    assert urlsplit(mail.url).path == "/sign-in/"
    assert not Choice.objects.filter(customer=played.customer, purpose=use).exists()
    mail.fill("input[type=email]", WHO[played.brand.key])
    press(mail.locator("main form:has(input[type=email]) button").first)
    work()
    enter_code(mail, newest_code(mail_folder, WHO[played.brand.key]))
    assert urlsplit(mail.url).path.startswith("/changes/")
    assert ChangeSeen.objects.filter(customer=played.customer).count() == 1
    assert not Choice.objects.filter(customer=played.customer, purpose=use).exists(), "a sign-in is no yes"
    press(answer(mail, f"/choices/{use}/", "allow"))
    assert urlsplit(mail.url).path.startswith("/changes/")
    assert mail.title().startswith("Saved: ")
    assert pressed(mail, f"/choices/{use}/") == "allow"
    begins = played.brand.purposes.get(key=use).newest
    assert begins
    assert begins.in_force_from
    assert not decide(played.customer, use).allowed, "not before its day"
    assert decide(played.customer, use, "", begins.in_force_from).allowed


LOOK = """one => { const style = getComputedStyle(one), box = one.getBoundingClientRect()
    return [box.width, box.height, style.fontSize, style.fontWeight, style.color, style.backgroundColor].join() }"""
CELL = """one => { const cell = one.parentElement, style = getComputedStyle(cell), box = cell.getBoundingClientRect()
    return [box.width, box.height, style.border, style.borderRadius].join() }"""


@both_brands
def test_the_two_answers_look_the_same_in_the_mail_and_on_its_page(played: Played, mail: Page) -> None:
    for width in (1280, 390):
        mail.set_viewport_size({"width": width, "height": 900})
        both = [mail.get_by_role("link", name=name, exact=True) for name in ("Allow", "Don’t allow")]
        for measure in (LOOK, CELL):
            allow, deny = (each.evaluate(measure) for each in both)
            assert allow == deny, width
    press(mail.get_by_role("link", name="Allow", exact=True))
    allow, deny = (mail.locator(f"button[value={value}]").evaluate(LOOK) for value in ("allow", "deny"))
    assert allow == deny
