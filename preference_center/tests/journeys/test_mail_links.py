"""Mail scanners follow every link of every mail, with and without scripts. Nothing changes, and every link still works for its reader."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts import factors
from accounts.actions import change_contact, change_name, join, put_back
from consents import opting_in
from consents.actions import receive
from consents.decide import decide as may
from consents.states import Verb
from data_requests.actions import ask_for
from data_requests.actions.erasing import tell
from data_requests.mails import mail_officer
from data_requests.models import Request
from guardians import actions
from guardians.tests.families import born
from jobs.actions import run_due
from notifications.actions import begin_reminder
from preference_center.demo import newsletter
from preference_center.demo.story import decide
from preference_center.tests.cast import browser_at
from preference_center.tests.journeys.crawling import Links, rows_of_the_domain
from preference_center.tests.journeys.pages import SECRET
from preference_center.tests.journeys.played import WHO, Played, both_brands, have_a_partner_fail
from preference_center.tests.journeys.walking import OpenPage, newest_code, press
from preference_center.tests.servers import ROOT, Server

# As they name themselves: the preview of Outlook's Safe Links, a gateway that says its name, and one that hides as a browser.
SCANNERS = (
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
    "Mozilla/5.0 (compatible; BarracudaCentral; Barracuda Link Protection)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.136 Safari/537.36 proofpoint",
)
# Each kind of mail by its subject: a new kind is one more line here, and a way to have it sent in `mails`.
KINDS = {
    "address_put_back": "^Your address at .* was replaced by an earlier one$",
    "address_changed": "^Your address at .* was changed$",
    "data_received": "got data about you from somebody else$",
    "colleague": " wrote down what you told us$",
    "code": r"^\d{6} is your code for",
    "new_device": "^Sign-in with another browser at",
    "newsletter": ": news from",
    "opt_in": "^Please confirm: (?!you decide)",
    "partner_failing": " has not taken anything for a day$",
    "policy_change": r"^\w+ changes? to our privacy policy on ",
    "policy_reminder": "^Not decided yet: what changes on ",
    "erased": r"^Your data was deleted: R-[\w-]+$",
    "held_erased": r"^What had to stay is deleted, too: R-[\w-]+$",
    "mandate": r"^We have your request R-[\w-]+$",
    "request_received": r"^We have your request R-[\w-]+: ",
    "requests_due": "requests? (is|are) due soon$",
    "request_moved": "^Your copy is ready: R-",
    "sign_in_changed": "^What opens your account at",
    "family": "^[^:]+ would like: |^From now on you decide for a child: ",
    "guardian_invitation": "^An invitation to decide for a child at ",
    "guardian_confirm": "^Please confirm: you decide for a child at ",
    "guardian_confirmed": "^From now on you decide for a child at ",
}
OF_FAMILIES = {"family", "guardian_invitation", "guardian_confirm", "guardian_confirmed"}  # where the brand has children
OTHERS = {"before@example.com", "later@example.com", "yes@example.com", "invited@example.com", "claims@example.com"}
ADDRESS = re.compile(r"https?://[^\s<>\"')]+")


@dataclass
class Mailed:
    """One mail with its links, wherever they stand in it."""

    kind: str
    mail: EmailMessage

    @property
    def links(self) -> set[str]:
        found = {*ADDRESS.findall(str(self.mail["List-Unsubscribe"] or "")), *ADDRESS.findall(self._part("plain"))}
        html = Links(self._part("html"))
        assert html.fetches == [], "a mail fetches nothing"
        return found | {each for each in html.links if not each.startswith("mailto:")}

    def _part(self, kind: str) -> str:
        part = self.mail.get_body((kind,))
        assert part is not None
        return str(part.get_content())


def kind_of(mail: EmailMessage) -> str:
    found = [kind for kind, words in KINDS.items() if re.search(words, str(mail["Subject"]))]
    assert len(found) == 1, mail["Subject"]
    return found[0]


Mails = Callable[[Played], list[Mailed]]


@pytest.fixture
def mails(mail_folder: Path, work: Callable[[], int], settings: Any, server: Server) -> Mails:
    """Has every kind of mail sent to the reader, through the doors of the product, with links that lead to the test's own server."""
    settings.PORT = str(server.port)

    def send(played: Played) -> list[Mailed]:
        customer, brand = played.customer, played.brand
        story = set(mail_folder.glob("*.eml"))  # sent before there was this server
        decide(customer, *played.letter, Verb.ALLOW)
        topic = brand.topics.first()
        assert topic
        customer.tastes.all().delete()  # the story has had a letter sent a moment ago
        newsletter.send(topic, "of now")
        newest = brand.policies.get(key="privacy").newest
        assert newest
        work()  # whoever is reminded was told
        begin_reminder(newest)
        sign_in_elsewhere(played, mail_folder, work)
        (noted,) = customer.received.all()
        again = noted.received_on - timedelta(days=1)
        receive(customer, source=noted.source, categories=noted.categories, received_on=again, by="system:tests")
        assert customer.person
        Authenticator.objects.filter(user=customer.person).delete()  # the demo's own
        factors.add_authenticator(person=customer.person, customer=customer, brand=brand, secret=SECRET)
        ask_for(
            brand, "copy", {"text": ""}, person="nobody@example.com", agent="Ada", organisation="", address=WHO[brand.key],
            permission_on=date(2026, 11, 2), language="en",
        )  # fmt: skip
        opting_in.ask(brand, address="yes@example.com", purpose=played.letter[0], channel=played.letter[1], language="en")
        have_a_partner_fail(brand)
        other = join(brand=brand, address="before@example.com", language="en")
        change_contact(customer=other, address="after@example.com")
        change_contact(customer=other, address="later@example.com")
        put_back(other.replaced_addresses.latest("pk"))
        mail_officer(brand, Request.objects.filter(customer=customer))
        number = Request.objects.get(customer=customer, kind="copy").number
        tell(brand.key, number, WHO[brand.key], "en", "erased")
        tell(brand.key, number, WHO[brand.key], "en", "held", system="Shop")
        if brand.has_minors:
            have_an_adult_join(played)
        change_name(customer=customer, name=f"{customer.name} Nowak", by="staff:" + "0" * 32)
        work()
        read = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(set(mail_folder.glob("*.eml")) - story)]
        return [Mailed(kind_of(mail), mail) for mail in read if str(mail["To"]) in {WHO[brand.key], brand.privacy_officer_email, *OTHERS}]

    return send


def have_an_adult_join(played: Played) -> None:
    """One is invited; another says that they decide for a child, and confirms it by the two mails."""
    assert played.child
    actions.invite(played.customer, [played.child], name="Ada", address="invited@example.com")
    guardian = join(brand=played.brand, address="claims@example.com", language="en")
    claim = actions.begin_claim(guardian, claim="parent", method="email_plus", name="Tola", birth_date=born(7))
    run_due()
    assert actions.confirm_by_mail(claim)
    run_due(timezone.now() + timedelta(days=1, minutes=1))


def sign_in_elsewhere(played: Played, mail_folder: Path, work: Callable[[], int]) -> None:
    """In a browser that is new to this customer: a code, and the notice afterwards."""
    for agent in ("Firefox/144.0", "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 Safari/537.36"):
        client = browser_at(played.brand, **{"user-agent": agent})
        client.post("/sign-in/", {"email": WHO[played.brand.key]})
        work()
        assert client.post("/sign-in/code/", {"code": newest_code(mail_folder, WHO[played.brand.key])}).status_code == 302


def asked(client: Client, url: str, method: str) -> int:
    parts = urlsplit(url)
    response = getattr(client, method)(f"{parts.path}?{parts.query}", follow=True, headers={"host": parts.netloc})
    return int(response.status_code)


def waiting_code(played: Played, mail_folder: Path, work: Callable[[], int]) -> Client:
    """A browser that has asked for a code, which lies in the mailbox where the scanners come."""
    client = browser_at(played.brand)
    client.post("/sign-in/", {"email": WHO[played.brand.key]})
    work()
    return client


@pytest.mark.parametrize("played", ["kingfisher", pytest.param("linden", marks=pytest.mark.long)], indirect=True)
def test_scanners_change_nothing_and_every_link_still_works(
    played: Played, mails: Mails, mail_folder: Path, work: Callable[[], int], open_page: OpenPage, server: Server, capsys: Any
):
    sent = mails(played)
    assert set(KINDS) == {path.stem for path in (ROOT / "templates/email").glob("*.subject")}
    assert {each.kind for each in sent} == set(KINDS) - (set() if played.brand.has_minors else OF_FAMILIES)
    links = sorted({link for each in sent for link in each.links})
    assert {urlsplit(link).netloc for link in links} == {f"{played.brand.host}:{server.port}"}
    stop = stop_of(sent)
    assert len([link for link in links if "/u/" in link]) == 2, "one of the newsletter, one of the change and its reminder"
    before = rows_of_the_domain()

    asked_for = sum(scanned(played, link) for link in links)
    opened = followed_by_a_browser(open_page(played.brand.key, javascript=True, user_agent=SCANNERS[2]), links)
    assert before.changed(rows_of_the_domain()) == []
    with capsys.disabled():
        said = f"{len(sent)} mails of {len(KINDS)} kinds, {len(links)} links, {asked_for} requests, {opened} pages opened with scripts on"
        sys.stdout.write(f"\n{played.brand.key}: {said}; {len(before.tables)} tables, {before.count} rows, none changed\n")

    assert may(played.customer, *played.letter).allowed
    one_click = browser_at(played.brand).post(urlsplit(stop).path, {"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    assert may(played.customer, *played.letter).reason == "withdrawn"


def stop_of(sent: list[Mailed]) -> str:
    """The link of the newsletter; the mail about a policy change has one of its own."""
    return next(link for each in sent if each.kind == "newsletter" for link in each.links if "/u/" in link)


def scanned(played: Played, link: str) -> int:
    """HEAD once and GET three times by each scanner. How many requests it made, redirects apart."""
    for agent in SCANNERS:
        client = browser_at(played.brand, **{"user-agent": agent})
        answers = [asked(client, link, method) for method in ("head", "get", "get", "get")]
        assert answers == [200] * 4, (agent, link)
    return 4 * len(SCANNERS)


def followed_by_a_browser(page: Any, links: list[str]) -> int:
    """With scripts on, each link, and from the page that it leads to each link of that page. Buttons are not pressed, files not saved."""
    opened = 0
    for link in links:
        page.goto(link)
        onward = page.evaluate("[...document.querySelectorAll('a[href]:not([download])')].map(one => one.href)")
        for each in dict.fromkeys(address for address in onward if address.startswith("http") and urlsplit(address).port):
            page.goto(each)
            opened += 1
        opened += 1
    return opened


@both_brands
def test_a_code_that_scanners_have_read_still_opens_the_browser_that_asked(
    played: Played, mail_folder: Path, work: Callable[[], int], settings: Any
):
    """There is no link in that mail to spend; the pages it belongs to are asked for nevertheless."""
    settings.PORT = "80"
    client = waiting_code(played, mail_folder, work)
    before = rows_of_the_domain()
    for agent in SCANNERS:
        for path in ("/sign-in/code/", "/sign-in/"):
            browser_at(played.brand, **{"user-agent": agent}).get(path)
    assert before.changed(rows_of_the_domain()) == []
    code = newest_code(mail_folder, WHO[played.brand.key])
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    assert client.get("/history/").status_code == 200


@both_brands
def test_the_page_behind_the_link_acts_when_its_button_is_pressed(played: Played, mails: Mails, open_page: OpenPage):
    stop = stop_of(mails(played))
    page = open_page(played.brand.key)
    page.goto(stop)
    press(page.locator("button[value=stop]"))
    assert page.title().startswith("Stopped")
    assert may(played.customer, *played.letter).reason == "withdrawn"
    assert page.locator("button[name=decision]").count() == 0, "a link only reduces"
