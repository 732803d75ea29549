"""A family on its pages, as each of them sees it: scripts off, 320 pixels wide, in both languages, and every page by the rules of axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import Locator, Page

from accounts.models import Customer
from brands.models import Brand
from consents.decide import decide
from guardians.links import token_of
from guardians.tests.families import a_child, adult, born, tied
from jobs.actions import run_due
from notifications.sending.loop import send_all
from preference_center.demo.mailbox import mails
from preference_center.tests.journeys.test_pages_axe import TOO_WIDE
from preference_center.tests.journeys.walking import ComeIn, OpenPage, ask_for_a_code, enter_code, newest_code, press
from preference_center.tests.servers import Server

NARROW = 320
WISH, YES, NO = "Wszyscy tam są.", "Dobrze.", "Jeszcze nie."  # notes of Zosia, Marta and Paweł

in_both_languages = pytest.mark.parametrize("language", ["en", pytest.param("pl", marks=pytest.mark.long)])
Look = Callable[[Page], None]


@pytest.fixture
def look(axe: Callable[[Page], None]) -> Look:
    """Nothing breaks the rules, and nobody scrolls sideways. Afterwards the page stands as it came."""

    def examine(page: Page) -> None:
        assert page.evaluate(TOO_WIDE) <= 0, page.url
        axe(page)
        page.reload()

    return examine


@pytest.fixture
def said(language: str) -> Iterator[Callable[[str], str]]:
    """`said("It is on.")`: how the page says it."""
    with translation.override(language):
        yield gettext


@dataclass
class Family:
    """What each of them has before them, each in a browser of their own."""

    zosia: Customer
    marta: Page
    pawel: Page
    own: Page
    look: Look

    def at_home(self, page: Page) -> Locator:
        """The album on the page of an adult."""
        page.goto("/family/")
        self.look(page)
        return page.locator(f"[id='{self.zosia.code}-album']")

    def on_her_page(self) -> Locator:
        self.own.goto("/me/")
        self.look(self.own)
        return self.own.locator("#use-album")

    def allowed(self) -> bool:
        return decide(self.zosia, "album").allowed


@pytest.fixture
def family(kingfisher: Brand, language: str, come_in: ComeIn, open_page: OpenPage, look: Look) -> Family:
    marta, pawel = adult(kingfisher, "Marta", language), adult(kingfisher, "Pawel", language)
    zosia = a_child(marta)
    tied(pawel, zosia)
    own = open_page("kingfisher", width=NARROW, language=language)
    return Family(zosia, come_in(marta, width=NARROW), come_in(pawel, width=NARROW), own, look)


def answer(card: Locator, decision: str, note: str = "") -> None:
    if note:
        card.locator("form summary").click()
        card.locator("input[name=note]").fill(note)
    press(card.locator(f"button[name=decision][value={decision}]"))


@in_both_languages
def test_zosia_asks_her_parents_decide_and_each_reads_why(family: Family, said: Callable[[str], str], language: str):
    own, marta, pawel = family.own, family.marta, family.pawel
    on, off = said("It is on."), said("It is off.")

    own.goto(f"/me/{token_of(family.zosia)}/")
    assert urlsplit(own.url).path == "/me/", "the address shows nothing of the link"
    card = family.on_her_page()
    assert off in card.inner_text()
    card.locator("summary").click()
    card.locator("input[name=note]").fill(WISH)
    press(card.locator("button[value=ask]"))
    family.look(own)
    assert not family.allowed(), "asking changes nothing"

    family.at_home(marta)
    answer(marta.locator(".ask", has_text=WISH), "allow", YES)
    family.look(marta)
    card = family.on_her_page()
    assert on in card.inner_text()
    assert YES in card.inner_text()
    assert family.allowed()

    answer(family.at_home(pawel), "deny", NO)
    text = family.on_her_page().inner_text()
    assert off in text
    who_and_what = said("%(who)s said no, %(day)s.").partition("%(day)s")[0] % {"who": said("your dad")}
    assert NO in text.partition(who_and_what[1:])[2], "who said no and why"

    answer(family.at_home(marta), "allow")
    assert off in family.on_her_page().inner_text(), "the no of one is enough"
    assert not family.allowed()

    answer(family.at_home(pawel), "allow")
    assert on in family.on_her_page().inner_text()
    assert family.allowed()

    press(family.on_her_page().locator("button[value=off]"))
    assert said("It is off. You turned it off.") in own.locator("#use-album").inner_text()
    assert not family.allowed()
    turned_off = said("%(name)s turned it off, %(day)s. It stays off until %(name)s asks for it again.")
    assert turned_off.partition("%(day)s")[0] % {"name": "Zosia"} in family.at_home(marta).inner_text()


# ── Somebody who is too young, and the adult whom they name ─────────────────────────────────────────────────────────

CHILD, MUM = "tola@example.com", "mama@example.com"
SEND = "main form .btn--primary"


@dataclass
class Outside:
    """Somebody at the club whom nobody knows yet."""

    page: Page
    brand: Brand
    settings: Any
    work: Callable[[], int]

    def sign_in(self, address: str) -> None:
        ask_for_a_code(self.page, address)
        self.prove(address)

    def prove(self, address: str) -> None:
        self.work()
        enter_code(self.page, newest_code(self.settings.MAIL_DIR, address))

    def say_born(self, years: int) -> None:
        self.page.fill("input[name=birth_date]", born(years).isoformat())
        press(self.page.locator(SEND))

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def link(self, below: str) -> str:
        """Of the newest mail to the adult that has one."""
        found = [re.search(rf"https?://\S*{below}\S+", mail.text) for mail in mails(self.brand) if mail.to == MUM]
        return next(each[0] for each in found if each)


@in_both_languages
def test_who_is_too_young_names_an_adult_who_decides_a_day_later(
    kingfisher: Brand,
    open_page: OpenPage,
    look: Look,
    mail_folder: Any,
    settings: Any,
    server: Server,
    work: Callable[[], int],
    language: str,
):
    settings.PORT = str(server.port)
    child = Outside(open_page("kingfisher", width=NARROW, language=language), kingfisher, settings, work)
    name_an_adult(child, look)
    mum = Outside(open_page("kingfisher", width=NARROW, language=language), kingfisher, settings, work)
    join_and_say_who_one_is(mum, look)

    work()
    mum.page.goto(mum.link("/family/confirm/"))
    look(mum.page)
    press(mum.page.locator(SEND))
    assert mum.path == "/family/"
    assert "Tola" not in mum.page.locator("main").inner_text(), "not before the second mail"
    look(mum.page)

    before = len(mails(kingfisher))
    run_due(timezone.now() + timedelta(days=1, minutes=1))
    send_all()
    assert MUM in {mail.to for mail in mails(kingfisher)[: len(mails(kingfisher)) - before]}
    mum.page.goto("/family/")
    assert "Tola" in mum.page.locator("main h2").first.inner_text()
    look(mum.page)


def name_an_adult(child: Outside, look: Look) -> None:
    child.sign_in(CHILD)
    assert child.path == "/age/"
    look(child.page)
    child.say_born(12)
    assert child.path == "/age/adult/"
    look(child.page)
    child.page.fill("input[name=name]", "Tola")
    child.page.fill("input[name=address]", MUM)
    press(child.page.locator(SEND))
    look(child.page)
    child.sign_in("older@example.com")
    assert child.path == "/age/adult/", "the question is not put again today"
    assert not child.brand.customers.exists()


def join_and_say_who_one_is(mum: Outside, look: Look) -> None:
    """From the mail, through the same gate, to the claim."""
    mum.work()
    mum.page.goto(mum.link("/family/invitation/"))
    look(mum.page)
    press(mum.page.locator("main .btn--primary"))
    mum.page.fill("input[type=email]", MUM)
    press(mum.page.locator("main form:has(input[type=email]) button").first)
    mum.prove(MUM)
    assert mum.path == "/age/"
    mum.say_born(40)
    assert mum.path.startswith("/family/invitation/"), mum.page.url
    look(mum.page)
    mum.page.check("input[name=claim][value=mother]")
    mum.page.check("input[name=method][value=email_plus]")
    press(mum.page.locator(SEND))
    assert mum.path == "/family/"
    look(mum.page)
