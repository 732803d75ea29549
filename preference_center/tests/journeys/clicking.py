"""Counts in the browser what giving and taking back cost, from wherever somebody stands: clicks, and fields to fill.

The way is the shortest there is: a scout reads the links that can be seen on each page, and then the way is really walked.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import Locator, Page

from accounts import links
from accounts.actions import join
from accounts.models import Customer
from brands.models import Brand
from consents.decide import decide
from consents.screens import decide_url, offered_now
from consents.standing import basis_here
from consents.states import Verb
from ledger.models import Entry
from preference_center.demo import story
from preference_center.tests.journeys.walking import newest_code

FARTHEST = 3  # links: nothing of the center lies farther


@dataclass(frozen=True)
class Control:
    """One thing that somebody may allow: a purpose, or one channel of it."""

    purpose: str
    channel: str
    basis: str

    def button(self, verb: Verb) -> str:
        return f"form[action='{decide_url(self.purpose, self.channel)}'] button[name=decision][value={verb.value}]"

    def allowed_to(self, customer: Customer) -> bool:
        return decide(customer, self.purpose, self.channel).allowed


def controls(brand: Brand) -> list[Control]:
    """Every purpose and channel of the brand that is an adult customer's own to switch."""
    nobody = Customer(brand=brand, country=brand.country)
    return [
        Control(purpose.key, channel, basis)
        for purpose in offered_now(nobody)
        if (basis := basis_here(nobody, purpose)) in {"consent", "opt_out", "legitimate_interest"}
        for channel in purpose.channels or ("",)
    ]


@dataclass(frozen=True)
class Cost:
    clicks: int
    fields: int = 0


@dataclass(frozen=True)
class Start:
    """Where somebody stands. `path` may need to know who and what it is about."""

    name: str
    path: Callable[[Customer, Control], str]
    signed_in: bool = True


def at(path: str) -> Callable[[Customer, Control], str]:
    return lambda customer, control: path


def _receipt(customer: Customer, control: Control) -> str:
    newest = Entry.objects.of(customer.subject).filter(kind="choice.decided").latest("seq")
    return f"/history/{newest.public_id}/"


def _link(customer: Customer, control: Control) -> str:
    return f"/u/{links.make(customer, links.Scope(control.purpose, control.channel))}/"


MAIL = Start("a link in a mail", _link, signed_in=False)
STARTS = (
    Start("overview", at("/")),
    Start("choices", at("/choices/")),
    Start("data map by purpose", at("/how-we-use-data/")),
    Start("data map by company", at("/how-we-use-data/?by=company")),
    Start("history", at("/history/")),
    Start("receipt", _receipt),
    Start("privacy policy", at("/policy/")),
    Start("privacy choices", at("/privacy-choices/")),
    Start("account", at("/account/")),
    Start("contact", at("/contact/")),
    Start("choices, signed out", at("/choices/"), signed_in=False),
    Start("data map, signed out", at("/how-we-use-data/"), signed_in=False),
    Start("privacy policy, signed out", at("/policy/"), signed_in=False),
    Start("privacy choices, signed out", at("/privacy-choices/"), signed_in=False),
    MAIL,
)


# ── The scout ───────────────────────────────────────────────────────────────────────────────────────────────────────

VISIBLE_LINKS = """[...document.querySelectorAll('a[href]:not([download])')]
    .filter(one => one.checkVisibility()).map(one => one.getAttribute('href'))"""
Found = Callable[[Page], bool]


@dataclass
class Scout:
    """Finds the links to follow from a page to the nearest one that fits. Reads each page once."""

    page: Page
    read: dict[str, list[str]] = field(default_factory=dict)
    fitting: dict[tuple[str, str], bool] = field(default_factory=dict)

    def way(self, start: str, what: str) -> list[str]:
        """The href of each link to follow, in order, to the nearest page where the selector finds something that can be seen."""
        ways: list[tuple[str, list[str]]] = [(start, [])]
        known = {start}
        for path, way in ways:
            if self._fits(path, what):
                return way
            if len(way) == FARTHEST:
                continue
            for href, onward in self._onward(path):
                if onward not in known:
                    known.add(onward)
                    ways.append((onward, [*way, href]))
        raise AssertionError(f"no way from {start} to {what}")

    def _fits(self, path: str, what: str) -> bool:
        if (path, what) not in self.fitting:
            self._go(path)
            self.fitting[path, what] = any(one.is_visible() for one in self.page.locator(what).all())
        return self.fitting[path, what]

    def _onward(self, path: str) -> Iterator[tuple[str, str]]:
        if path not in self.read:
            self._go(path)
            self.read[path] = self.page.evaluate(VISIBLE_LINKS)
        for href in self.read[path]:
            whole = urlsplit(urldefrag(urljoin(f"http://here{path}", href))[0])
            if whole.hostname == "here" and whole.path.endswith("/"):
                yield href, f"{whole.path}{f'?{whole.query}' if whole.query else ''}"

    def _go(self, path: str) -> None:
        here = urlsplit(self.page.url)
        if f"{here.path}{f'?{here.query}' if here.query else ''}" != path:
            self.page.goto(path)


# ── The walk ────────────────────────────────────────────────────────────────────────────────────────────────────────

SIGN_IN = "main form:has(input[name=next][value^='/choices/']):has(input[type=email])"
ASKS_ADDRESS = "main form:has(input[type=email])"
ASKS_CODE = "main form:has(input[name=code])"
ASKS_BIRTH_DATE = "main form:has(input[name=birth_date])"


@dataclass
class Walk:
    """One person on one page, who wants one answer to stand. Counts what they do."""

    page: Page
    scout: Scout
    mail_folder: Path
    work: Callable[[], int]
    clicks: int = 0
    fields: int = 0

    @property
    def cost(self) -> Cost:
        return Cost(self.clicks, self.fields)

    def go(self, start: str, what: str) -> None:
        for href in self.scout.way(start, what):
            self.press(self.page.locator(f'a[href="{href}"]:visible').first)

    def press(self, one: Locator) -> None:
        self.clicks += 1
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            one.click()

    def fill(self, form: str, words: str) -> None:
        self.fields += 1
        self.page.locator(form).locator("input:not([type=hidden])").first.fill(words)
        self.press(self.page.locator(form).locator("button").first)

    def prove(self, form: str, address: str) -> None:
        """The address, then the code from the mailbox; and from somebody new where there are children, the birth date."""
        self.fill(form, address)
        self.work()
        self.fill(ASKS_CODE, newest_code(self.mail_folder, address))
        if self.page.locator(ASKS_BIRTH_DATE).count():
            self.fill(ASKS_BIRTH_DATE, "1990-05-05")


def signed_in(walk: Walk, start: str, control: Control, verb: Verb) -> None:
    walk.page.goto(start)
    button = control.button(verb)
    walk.go(start, button)
    walk.press(walk.page.locator(button))


def taking_back_signed_out(walk: Walk, start: str, control: Control, address: str) -> None:
    walk.page.goto(start)
    stop = walk.page.locator("button[name=do][value=stop]")
    if stop.count():  # the page of a link: it knows who and what
        walk.press(stop)
    else:
        walk.go(start, SIGN_IN)
        walk.prove(SIGN_IN, address)
        walk.press(walk.page.locator(control.button(Verb.DENY)))


def giving_signed_out(walk: Walk, start: str, control: Control, address: str) -> None:
    walk.page.goto(start)
    button = control.button(Verb.ALLOW)
    walk.go(start, button)
    walk.press(walk.page.locator(button))
    walk.prove(ASKS_ADDRESS, address)


def giving_from_a_link(walk: Walk, start: str, control: Control, address: str) -> None:
    """The page of a link only reduces: whoever wants to give signs in."""
    walk.page.goto(start)
    walk.go(start, SIGN_IN)
    walk.prove(SIGN_IN, address)
    walk.press(walk.page.locator(control.button(Verb.ALLOW)))


# ── Both ways ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Pair:
    """What both ways cost from one start, for one control."""

    start: str
    control: Control
    giving: Cost
    taking_back: Cost

    @property
    def fair(self) -> bool:
        return self.taking_back.clicks <= self.giving.clicks and self.taking_back.fields <= self.giving.fields


@dataclass
class Measuring:
    """`page_of(customer)`: a page of a fresh browser profile, signed in or (None) not."""

    brand: Brand
    page_of: Callable[[Customer | None], Page]
    mail_folder: Path
    work: Callable[[], int]
    scouts: dict[bool, tuple[Page, Scout]] = field(default_factory=dict)
    member: Customer | None = None

    def both(self, start: Start, control: Control) -> Pair:
        return self._inside(start, control) if start.signed_in else self._outside(start, control)

    def _inside(self, start: Start, control: Control) -> Pair:
        """By one member for all: what runs until somebody objects is stopped first, everything else is given first."""
        customer = self.member = self.member or self._join()
        page, scout = self._scouted(customer)
        order = [Verb.DENY, Verb.ALLOW] if control.basis == "legitimate_interest" else [Verb.ALLOW, Verb.DENY]
        costs = {}
        if not Entry.objects.of(customer.subject).filter(kind="choice.decided").exists():
            signed_in(self._walk(page, scout), "/choices/", control, order[1])  # a record to stand on
        for verb in order:
            walk = self._walk(page, scout)
            signed_in(walk, start.path(customer, control), control, verb)
            assert control.allowed_to(customer) is (verb is Verb.ALLOW), (start.name, control, verb)
            costs[verb] = walk.cost
        return Pair(start.name, control, costs[Verb.ALLOW], costs[Verb.DENY])

    def _outside(self, start: Start, control: Control) -> Pair:
        """Each time by somebody new, for a mailbox gets only so many codes."""
        customer, newcomer = self._join(), _address()
        address = str(customer.person.email) if customer.person else ""
        story.decide(customer, control.purpose, control.channel, Verb.ALLOW)
        back = self._outsider()
        taking_back_signed_out(back, start.path(customer, control), control, address)
        back.page.context.close()
        assert not control.allowed_to(customer), (start.name, control)
        give = self._outsider()
        if start is MAIL:
            giving_from_a_link(give, start.path(customer, control), control, address)
        else:
            giving_signed_out(give, start.path(customer, control), control, newcomer)
            customer = self.brand.customers.select_related("brand").get(person__email=newcomer)
        give.page.context.close()
        assert control.allowed_to(customer), (start.name, control)
        return Pair(start.name, control, give.cost, back.cost)

    def _outsider(self) -> Walk:
        _, scout = self._scouted(None)
        return self._walk(self.page_of(None), scout)

    def _scouted(self, customer: Customer | None) -> tuple[Page, Scout]:
        known = customer is not None
        if known not in self.scouts:
            page = self.page_of(customer)
            self.scouts[known] = page, Scout(page.context.new_page())
        return self.scouts[known]

    def _walk(self, page: Page, scout: Scout) -> Walk:
        return Walk(page, scout, self.mail_folder, self.work)

    def _join(self) -> Customer:
        return join(brand=self.brand, address=_address(), language="en")


def _address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"
