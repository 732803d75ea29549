"""Every page of the product by name, with the way a person gets there. A new page is one more line here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page

from accounts import factors, links
from accounts.actions import join
from accounts.models import Person
from accounts.tests.conftest import Browser
from brands.models import Brand
from consents.states import Verb
from preference_center.demo.story import decide
from preference_center.tests.cast import SignedIn
from preference_center.tests.journeys.walking import OpenPage, answer, ask_for_a_code, carry, enter_code
from preference_center.tests.servers import Server, wait_for

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class World:
    """One brand with three people: somebody new, somebody who has decided some things, and somebody at the desk."""

    brand: Brand
    sessions: dict[str, Client]
    settings: Any
    work: Callable[[], int]

    @property
    def uses(self) -> list[str]:
        """Where the two first forms of the choices page post."""
        return ["/choices/recs/", "/choices/ads/"] if self.brand.key == "linden" else ["/choices/cancel/", "/choices/letter/"]

    @contextmanager
    def setting(self, name: str, value: Any) -> Iterator[None]:
        before = getattr(self.settings, name)
        setattr(self.settings, name, value)
        yield
        setattr(self.settings, name, before)


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(signed_in: SignedIn, mail_folder: Any, settings: Any, work: Callable[[], int], db: None) -> MakeWorld:
    settings.ROOT_URLCONF = "preference_center.tests.journeys.urls"

    def make(brand: Brand, language: str = "en") -> World:
        fresh = join(brand=brand, address="nowa@example.com", language=language)
        usual = join(brand=brand, address="stara@example.com", language=language)
        usual.name = "Anna Kowalczyk"
        usual.save(update_fields=["name"])
        for purpose, channel, verb in DECISIONS[brand.key]:
            decide(usual, purpose, channel, verb)
        sessions = {"fresh": signed_in(fresh), "usual": signed_in(usual), "staff": at_the_desk(brand, settings)}
        work()
        return World(brand, sessions, settings, work)

    return make


DECISIONS: dict[str, list[tuple[str, str, Verb]]] = {
    "linden": [("recs", "", Verb.ALLOW), ("news", "email", Verb.ALLOW), ("makers", "", Verb.DENY), ("news", "email", Verb.DENY)],
    "kingfisher": [("cancel", "", Verb.ALLOW), ("sponsors", "", Verb.ALLOW), ("sponsors", "", Verb.DENY)],
}


def at_the_desk(brand: Brand, settings: Any) -> Client:
    """A browser in which somebody with every role has shown an authenticator."""
    person = Person.objects.create_user(f"ola@{brand.key}.example", is_staff=True)
    person.groups.set(Group.objects.all())
    factors.add_authenticator(person=person, customer=None, brand=brand, secret=SECRET)
    browser = Browser(brand, settings.MAIL_DIR)
    browser.sign_in(person.email)
    assert browser.post("/account/second-factor/", {"token": number(SECRET), "next": "/desk/"}).status_code == 302
    return browser


def number(secret: str) -> str:
    """What an authenticator app shows now, and will go on showing for some seconds."""
    wait_for(lambda: time.time() % 30 < 25, "the next number")
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


# ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────

Go = Callable[[Page, World], Any]


@dataclass(frozen=True)
class Place:
    """`who`: nobody, fresh, usual or staff. `mail`: the body of a mail, to which the rules for pages do not apply. `english`: for
    designers, in one language."""

    name: str
    who: str
    go: Go
    status: int = 200
    mail: bool = False
    english: bool = False


def at(path: str) -> Go:
    return lambda page, _: page.goto(path)


def _code_page(page: Page, world: World) -> None:
    ask_for_a_code(page, "someone@example.com")
    world.work()


def _wrong_code(page: Page, world: World) -> None:
    _code_page(page, world)
    enter_code(page, "12345")


def _too_many(page: Page, world: World) -> None:
    with world.setting("CODE_WRONG_PER_DAY", 0):
        ask_for_a_code(page, "someone@example.com")


def _saved(page: Page, world: World) -> None:
    page.goto("/choices/")
    answer(page, world.uses[1], "allow").click()


def _stopped(page: Page, world: World) -> None:
    page.goto("/")
    page.locator("form[action='/choices/marketing/'] button").click()


def _receipt(page: Page, _: World) -> None:
    page.goto("/history/?show=choices")
    page.locator("main .ledger a").first.click()


def _recovery_codes(page: Page, _: World) -> None:
    page.goto("/account/authenticator/")
    secret = page.locator("#scan ~ * code, section code").first.inner_text().replace(" ", "")
    enter_code(page, number(secret))


def _mail(page: Page, world: World) -> None:
    _code_page(page, world)
    page.goto("/demo/mailbox/")
    page.locator("main .rows a").first.click()


def _mail_itself(page: Page, world: World) -> None:
    _mail(page, world)
    page.locator("main .btns a").first.click()


def _stale(page: Page, world: World) -> None:
    page.goto("/choices/")
    page.context.clear_cookies(name="csrf")
    answer(page, world.uses[0], "deny").click()


def _signed_out_yes(page: Page, world: World) -> None:
    page.goto("/choices/")
    answer(page, world.uses[0], "allow").click()


def _link(page: Page, world: World) -> None:
    """From the mail of somebody who allows the newsletter by mail."""
    customer = world.brand.customers.get(person__email="stara@example.com")
    scope = links.Scope("news", "sms") if world.brand.key == "linden" else links.Scope("cancel", "")
    page.goto(f"/u/{links.make(customer, scope)}/")


def _link_stopped(page: Page, world: World) -> None:
    _link(page, world)
    page.locator("button[value=stop]").click()


def _conflict(page: Page, world: World) -> None:
    page.goto("/privacy-choices/")
    page.locator("button[value=sale]").click()
    page.goto("/choices/")
    answer(page, "/choices/ads/" if world.brand.key == "linden" else "/choices/sponsors/", "allow").click()


def _first_change(path: str) -> Go:
    def go(page: Page, _: World) -> None:
        page.goto(path)
        page.locator("#result_list tbody th a").first.click()

    return go


# In this order each finds its people as its name says.
PLACES = (
    Place("sign-in", "nobody", at("/sign-in/")),
    Place("sign-in-error", "nobody", lambda page, _: ask_for_a_code(page, "anna@"), 422),
    Place("sign-in-code", "nobody", _code_page),
    Place("sign-in-code-error", "nobody", _wrong_code, 422),
    Place("sign-in-too-many", "nobody", _too_many, 429),
    Place("overview-first-visit", "fresh", at("/")),
    Place("overview", "usual", at("/")),
    Place("choices-first-visit", "fresh", at("/choices/")),
    Place("choices", "usual", at("/choices/")),
    Place("history", "usual", at("/history/")),
    Place("history-nothing", "fresh", at("/history/?show=choices")),
    Place("choices-saved", "fresh", _saved),
    Place("choices-stopped", "usual", _stopped),
    Place("receipt", "usual", _receipt),
    Place("account", "usual", at("/account/")),
    Place("confirm", "usual", at("/account/confirm/")),
    Place("authenticator", "usual", at("/account/authenticator/")),
    Place("recovery-codes", "fresh", _recovery_codes),
    Place("choices-signed-out", "nobody", at("/choices/")),
    Place("address", "nobody", _signed_out_yes),
    Place("practices", "usual", at("/how-we-use-data/")),
    Place("practices-signed-out", "nobody", at("/how-we-use-data/")),
    Place("practices-company", "usual", at("/how-we-use-data/?by=company")),
    Place("practices-data", "nobody", at("/how-we-use-data/?by=data")),
    Place("practices-source", "nobody", at("/how-we-use-data/?by=source")),
    Place("privacy-choices", "nobody", at("/privacy-choices/")),
    Place("link", "nobody", _link),
    Place("link-stopped", "nobody", _link_stopped),
    Place("link-over", "nobody", at("/u/nothing/"), 410),
    Place("conflict", "fresh", _conflict),
    Place("contact", "nobody", at("/contact/")),
    Place("accessibility", "usual", at("/accessibility/")),
    Place("demo-mailbox", "nobody", at("/demo/mailbox/")),
    Place("demo-mail", "nobody", _mail),
    Place("demo-mail-itself", "nobody", _mail_itself, mail=True),
    Place("not-found", "usual", at("/no-such-page/"), 404),
    Place("stale-form", "usual", _stale, 403),
    Place("second-factor", "staff", at("/account/second-factor/")),
    Place("desk", "staff", at("/desk/")),
    Place("desk-list", "staff", at("/desk/ledger/entry/")),
    Place("desk-form", "staff", _first_change("/desk/brands/brand/")),
    Place("styleguide", "staff", at("/styleguide/"), english=True),
)


@contextmanager
def opened(place: Place, world: World, open_page: OpenPage, server: Server, **options: Any) -> Iterator[Page]:
    """The page of a fresh browser profile that has gone there, closed afterwards."""
    page = open_page(world.brand.key, **options)
    if place.who != "nobody":
        carry(world.sessions[place.who], page, server.url(world.brand.key))
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if answer.request.resource_type == "document" else None)
    place.go(page, world)
    assert statuses[-1] == place.status, f"{place.name}: {page.url} answered {statuses[-1]}"
    yield page
    page.context.close()
