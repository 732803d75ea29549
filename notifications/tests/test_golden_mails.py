"""Every mail that the product sends, in both brands and both languages: its words as they are kept beside this file, and what must hold
of all of them. UPDATE_GOLDEN=1 writes the kept words anew; read what changed before you commit it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from accounts import factors
from accounts.actions import change_contact, join, put_back
from accounts.assurance import Level, Proof
from accounts.models import Customer, Person, ReplacedAddress
from brands import tokens
from brands.mail import build, look, origin
from brands.models import Brand
from catalogue.models import PolicyVersion
from consents import opting_in
from consents.actions import receive, record_yes
from consents.models import Topic
from consents.states import How
from consents.tests.acting import allow
from consents.tests.forms_of import FIREFOX, browser_at
from data_requests import actions as requests
from data_requests.actions.erasing import tell
from data_requests.mails import mail_officer
from data_requests.models import Request
from notifications import kinds
from notifications.actions import begin_reminder
from notifications.marketing import Marketing, write_to_all
from notifications.models import Message
from notifications.tests.conftest import BY, html_of, mails, publish, text_of, work
from notifications.tests.families import a_child, wish

GOLDEN = Path(__file__).parent / "golden"
MARKETING = {"newsletter"}
TELLING = {"policy_change", "policy_reminder"}
SERVICE = {
    "code", "new_device", "sign_in_changed", "data_received", "request_received", "request_moved", "mandate", "requests_due",
    "address_changed", "address_put_back", "erased", "held_erased", "opt_in", "family", "guardian_invitation", "guardian_confirm",
    "guardian_confirmed", "colleague", *TELLING,
}  # fmt: skip
COMBINATIONS = [(brand, language) for brand in ("linden", "kingfisher") for language in ("en", "pl")]
START = datetime(2026, 11, 14, 9, 0, tzinfo=UTC)
ADDRESS = "anna.kowalczyk@example.com"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of an authenticator app
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PACK = {"linden": "shop", "kingfisher": "club"}
ASKED_FOR = {"linden": "room-photos", "kingfisher": "photos"}
LETTER = {"linden": ("news", "email"), "kingfisher": ("letter", "")}
ON_PAPER = {"linden": "recs", "kingfisher": "cancel"}
FROM_OTHERS = {"linden": ("carrier", "parcel-days"), "kingfisher": ("club", "child-group")}


@dataclass(frozen=True)
class Sent:
    """What Anna got from one brand in one language, by kind."""

    brand: str
    language: str
    origin: str
    stripes: list[tuple[str, int]]
    light_only: bool
    mails: dict[str, EmailMessage]

    def __iter__(self) -> Iterator[tuple[str, EmailMessage]]:
        return iter(self.mails.items())


_sent: dict[tuple[str, str], Sent] = {}


@pytest.fixture(params=COMBINATIONS, ids=["-".join(each) for each in COMBINATIONS])
def sent(request: Any, db: None) -> Sent:
    """Really sent, once a process: the tests only read them."""
    if request.param not in _sent:
        settings = request.getfixturevalue("settings")
        settings.ROOT_URLCONF = "preference_center.tests.journeys.urls"
        monkeypatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setitem(kinds._kinds, "newsletter", Marketing("newsletter", _topic))
        with time_machine.travel(START, tick=False) as clock:
            brand: Brand = request.getfixturevalue(request.param[0])
            _sent[request.param] = _send_all_kinds(brand, request.param[1], clock)
    return _sent[request.param]


def _send_all_kinds(brand: Brand, language: str, clock: Any) -> Sent:
    anna = join(brand=brand, address=ADDRESS, language=language)
    anna.name = "Anna Kowalczyk"
    anna.save(update_fields=["name"])
    found = {
        "code": _one(lambda: _sign_in(anna, language), clock),
        "new_device": _one(lambda: _sign_in(anna, language, agent=CHROME), clock, number=1),
        "sign_in_changed": _one(lambda: _add_authenticator(anna), clock),
        "data_received": _one(lambda: _receive(anna), clock),
        "request_received": _one(lambda: _ask(anna), clock),
        "request_moved": _one(lambda: _withdraw(anna), clock),
        "mandate": _one(lambda: _ask_for_another(brand, language), clock),
        "erased": _one(lambda: _tell(anna, language, "erased"), clock),
        "held_erased": _one(lambda: _tell(anna, language, "held", system="Linden"), clock),
        "requests_due": _one(lambda: _remind(brand, language), clock),
        "newsletter": _one(lambda: _write_news(anna), clock),
        "policy_change": _one(lambda: publish(brand, PACK[brand.key]), clock),
        "policy_reminder": _one(lambda: begin_reminder(_newest(brand)), clock),
    }
    found["address_changed"] = _one(lambda: change_contact(customer=anna, address="anna.new@example.com"), clock)
    found["address_put_back"] = _one(lambda: put_back(ReplacedAddress.objects.get(customer=anna)), clock)
    found["opt_in"] = _one(lambda: _ask_to_opt_in(brand, language), clock)
    found |= {
        "guardian_invitation": _one(lambda: _invite(brand, language), clock),
        "guardian_confirm": _one(lambda: _confirm(anna, "guardian_confirm"), clock),
        "guardian_confirmed": _one(lambda: _confirm(anna, "guardian_confirmed"), clock),
        "family": _one(lambda: wish(a_child(anna), purpose=ASKED_FOR[brand.key]), clock),
        "colleague": _one(lambda: _write_down(anna), clock),
    }
    brand.refresh_from_db()
    style = look(brand)
    return Sent(brand.key, language, origin(brand), style["stripes"], style["light_only"], found)


def _one(cause: Callable[[], Any], clock: Any, number: int = 0) -> EmailMessage:
    """The mail, of those that it brings about. The clock moves on, so that the folder keeps them in order."""
    before = len(mails())
    cause()
    clock.shift(60)
    work()
    clock.shift(60)
    new = mails()[before:]
    assert len(new) == number + 1, [str(mail["Subject"]) for mail in new]
    return new[number]


def _sign_in(anna: Customer, language: str, agent: str = FIREFOX) -> None:
    """Asks for a code and comes in with it. In another browser than the first, the account's owner is told."""
    client = browser_at(anna.brand, **{"accept-language": language, "user-agent": agent})
    client.post("/sign-in/", {"email": ADDRESS})
    work()
    found = re.search(r"^\s*(\d{6})\s*$", text_of(mails()[-1]), re.M)
    assert found
    assert client.post("/sign-in/code/", {"code": found[1]}).status_code == 302


def _add_authenticator(anna: Customer) -> None:
    assert anna.person
    factors.add_authenticator(person=anna.person, customer=anna, brand=anna.brand, secret=SEED)


def _ask_to_opt_in(brand: Brand, language: str) -> None:
    purpose, channel = LETTER[brand.key]
    opting_in.ask(brand, address=ADDRESS, purpose=purpose, channel=channel, language=language)


def _receive(anna: Customer) -> None:
    source, category = FROM_OTHERS[anna.brand.key]
    receive(anna, source=source, categories=[category], received_on=date(2026, 11, 12), by=BY)


def _write_down(anna: Customer) -> None:
    """A yes on paper, as an agent keeps it."""
    sam = Person.objects.create_user("sam@desk.example", known_as="Sam")
    outcome = record_yes(
        anna, ON_PAPER[anna.brand.key], "", by=f"staff:{sam.reference}", how=How.PAPER, wording="May we write?", said_at=timezone.now(),
        document=b"%PDF-form", key="form",
    )  # fmt: skip
    assert outcome.saved


def _ask(anna: Customer) -> None:
    requests.receive(anna, "copy", {}, Proof(Level.IV3W, "code"), by=f"self:{anna.subject}")


def _ask_for_another(brand: Brand, language: str) -> None:
    requests.ask_for(
        brand, "copy", {"text": ""}, person="nobody@example.com", agent="Ada Agent", organisation="", address=ADDRESS,
        permission_on=date(2026, 11, 2), language=language,
    )  # fmt: skip


def _tell(anna: Customer, language: str, what: str, **more: str) -> None:
    number = Request.objects.filter(customer=anna).latest("pk").number
    tell(anna.brand.key, number, ADDRESS, language, what, **more)


def _remind(brand: Brand, language: str) -> None:
    spoken = copy(brand)
    spoken.default_language = language
    mail_officer(spoken, Request.objects.filter(brand=brand))


def _withdraw(anna: Customer) -> None:
    requests.withdraw(Request.objects.get(customer=anna), by=f"self:{anna.subject}")


def _invite(brand: Brand, language: str) -> None:
    """What guardians.invite sends."""
    code = "K7PM-2QXW-9FTD"
    url = f"{origin(brand)}{reverse('guardians:invitation', args=[code])}"
    context = {"url": url, "code": code, "inviter": "Anna Kowalczyk", "child": "", "days": 14}
    build(brand, "guardian_invitation", ADDRESS, language, context).send()


def _confirm(anna: Customer, kind: str) -> None:
    """What guardians.confirm_first and guardians.confirm_again send."""
    urls = {name: f"{origin(anna.brand)}{reverse(f'guardians:{name}', args=['1-TOKEN'])}" for name in ("confirm", "revoke")}
    build(anna.brand, kind, ADDRESS, anna.language, {"name": anna.name, **urls}).send()


def _write_news(anna: Customer) -> None:
    purpose, channel = LETTER[anna.brand.key]
    allow(anna, purpose, channel)
    names = {"en": "Mending", "pl": "Naprawa"}
    write_to_all(Topic.objects.create(brand=anna.brand, key="mending", purpose=purpose, names=names), "newsletter")


def _topic(message: Message, topic: Topic) -> dict[str, Any]:
    return {"topic": topic.names[message.language]}


def _newest(brand: Brand) -> PolicyVersion:
    newest = brand.policies.get(key="privacy").newest
    assert newest
    return newest


# ── The words ───────────────────────────────────────────────────────────────────────────────────────────────────────


def kept(mail: EmailMessage) -> str:
    """Subject and text part, without what is drawn by lot."""
    text = f"{str(mail['Subject']).strip()}\n\n{text_of(mail)}".replace("\r\n", "\n")
    text = re.sub(r"(?m)^\s*\d{6}\s*$|^\d{6}(?= )|\b\d{6}(?=\n\n)", "123456", text)
    text = re.sub(r"R-[0-9A-Z]{4}-[0-9A-Z]{4}", "R-2345-6789", text)
    text = re.sub(r"/account/address/\d+/", "/account/address/1/", text)
    return re.sub(r"/(u|yes|not-me|follow|keep|agent/R-2345-6789|address/\d+)/[\w=-]+/", r"/\1/TOKEN/", text)


def test_every_kind_of_mail_is_here(sent: Sent) -> None:
    kinds = {path.stem for path in (Path(django_settings.BASE_DIR) / "templates" / "email").glob("*.subject")}
    assert kinds - {"partner_failing"} == set(sent.mails) == SERVICE | MARKETING  # that one is shown where partners are told


def test_each_reads_as_it_is_kept(sent: Sent) -> None:
    different = []
    for kind, mail in sent:
        path = GOLDEN / f"{kind}.{sent.brand}.{sent.language}.txt"
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(kept(mail), encoding="utf-8")
        if not path.exists() or path.read_text(encoding="utf-8") != kept(mail):
            different.append(f"{path.name} is not what was sent:\n{kept(mail)}")
    assert not different, "\n".join(different)


def test_the_text_part_is_tidy(sent: Sent) -> None:
    for kind, mail in sent:
        lines = text_of(mail).splitlines()
        assert not [line for line in lines if line != line.strip() and line != "-- "], kind
        assert "\n\n\n\n" not in text_of(mail), kind


def test_no_file_is_kept_of_a_mail_that_is_not_sent() -> None:
    there = {f"{kind}.{brand}.{language}.txt" for kind in SERVICE | MARKETING for brand, language in COMBINATIONS}
    assert {path.name for path in GOLDEN.iterdir()} == there


def test_polish_leaves_the_name_out_and_english_greets_by_it(sent: Sent) -> None:
    for kind in TELLING:
        text = text_of(sent.mails[kind])
        assert ("Dear Anna, " in text) == (sent.language == "en")
        assert ("Dzień dobry, " in text) == (sent.language == "pl")
        assert "Kowalczyk" not in text


# ── What is in the HTML ─────────────────────────────────────────────────────────────────────────────────────────────


class Read(HTMLParser):
    """Tags with their attributes, links with their words, and the words that are seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._hidden = ""
        self._href = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = {name: value or "" for name, value in attrs}
        self.tags.append((tag, here))
        if tag in {"style", "title"} or "display:none" in here.get("style", ""):
            self._hidden = tag
        if tag == "a":
            self._href = here["href"]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        if tag == "a":
            self._href = ""

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.words.append(data)
            if self._href:
                self.links.append((self._href, data.strip()))


REMOTE = {"img", "link", "script", "iframe", "object", "embed", "video", "audio", "source", "picture", "form", "input", "base"}


def test_nothing_is_fetched_and_nobody_is_followed(sent: Sent) -> None:
    for kind, mail in sent:
        html = html_of(mail)
        read = Read(html)
        assert not {tag for tag, _attrs in read.tags} & REMOTE, kind
        assert not [attrs for _tag, attrs in read.tags if attrs.keys() & {"src", "srcset", "background", "poster", "onclick", "onload"}], (
            kind
        )
        assert not re.search(r"url\(|@import|@font-face", html), kind
        assert not re.search(r"utm_|[?&](?:ref|cid|mc_|gclid|fbclid|trk|open|click)", html + text_of(mail)), kind
        assert {part.get_content_type() for part in mail.walk()} == {"multipart/alternative", "text/plain", "text/html"}, kind


def test_every_link_leads_to_our_own_pages_and_stands_in_the_text_as_well(sent: Sent) -> None:
    for kind, mail in sent:
        links = {href for href, _words in Read(html_of(mail)).links}
        assert all(href.startswith(f"{sent.origin}/") for href in links), (kind, links)
        addresses = set(re.findall(r"https?://\S+", text_of(mail)))
        assert links == addresses, kind
        assert {urlsplit(href).query for href in links} <= {"", "by=source"}, kind


def test_the_text_says_whatever_the_html_says(sent: Sent) -> None:
    """Word for word, but for what names a button or a link: there the text has the address."""
    for kind, mail in sent:
        said, text = Read(html_of(mail)), {*words(str(mail["Subject"])), *words(text_of(mail))}
        labels = {word for _href, label in said.links for word in words(label)}
        missing = [word for word in words(" ".join(said.words)) if word not in text | labels | BUTTONS[sent.language]]
        assert not missing, (kind, missing)


BUTTONS = {"en": {"either", "button"}, "pl": {"każdy", "przycisk"}}


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.replace("\N{NO-BREAK SPACE}", " ").lower())


def test_it_can_be_read_in_the_dark_and_wears_the_brands_band(sent: Sent) -> None:
    for kind, mail in sent:
        html = html_of(mail)
        assert ("@media (prefers-color-scheme: dark)" in html) == (not sent.light_only), kind
        assert f'name="color-scheme" content="{"light" if sent.light_only else "light dark"}"' in html
        rows = re.findall(r"height:(\d+)px;line-height:\1px;font-size:0;background:([^;]+);", html)
        assert [int(height) for height, _colour in rows] == [height for _colour, height in sent.stripes], kind
        assert [colour for _height, colour in rows if colour in dict(sent.stripes)] == [
            colour for colour, _height in sent.stripes if colour
        ]
        assert f'lang="{sent.language}"' in html
        coloured = [attrs for tag, attrs in Read(html).tags if tag in {"h1", "h2"} and "color:" in attrs.get("style", "")]
        assert coloured, kind
        assert ".ink h1, .ink h2" in html


def test_allow_and_dont_allow_are_equal_cells(sent: Sent) -> None:
    labels = {"en": ("Allow", "Don’t allow"), "pl": ("Zgoda", "Brak zgody")}[sent.language]
    for kind in TELLING:
        html = html_of(sent.mails[kind])
        cells = re.findall(r'<td width="(\d+%)"[^>]*>(.*?)</table></td>', html, re.S)
        assert [re.sub(r"<[^>]+>", "", inner).strip() for _width, inner in cells] == list(labels)
        assert [width for width, _inner in cells] == ["50%", "50%"]
        bare = [inner.replace(label, "") for (_width, inner), label in zip(cells, labels, strict=True)]
        assert bare[0] == bare[1], "the same table, border, padding, font and address"


def test_the_reminder_is_about_what_is_open_alone(sent: Sent) -> None:
    assert html_of(sent.mails["policy_change"]).count("<h2") == 3
    assert html_of(sent.mails["policy_reminder"]).count("<h2") == 1


# ── Headers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_marketing_can_be_unsubscribed_from_with_one_click(sent: Sent) -> None:
    for kind, mail in sent:
        if kind in MARKETING:
            assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            found = re.fullmatch(r"<(.+)>", str(mail["List-Unsubscribe"]).replace("\n", "").replace(" ", ""))
            assert found
            assert found[1] in text_of(mail)
        else:
            assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is mail["Precedence"] is mail["List-Id"] is None, kind


def test_each_names_who_writes_and_whom_an_answer_reaches(sent: Sent) -> None:
    for kind, mail in sent:
        others = {"requests_due": f"privacy@{sent.brand}.example", "address_put_back": "anna.new@example.com"}
        assert mail["To"] == others.get(kind, ADDRESS), kind
        assert mail["Reply-To"], kind
        assert mail["Auto-Submitted"] == "auto-generated", kind
        assert mail["Message-ID"], kind
        assert text_of(mail).rstrip().splitlines()[-1].count(",") >= 2, "name and postal address end it"


# ── No promotion in what people must get (MAIL-11) ──────────────────────────────────────────────────────────────────

PROMOTION = re.compile(
    r"\b(?:discount|sale|bargain|offers?|coupon|voucher|free|buy|shop now|save \d|deal|limited|hurry|don.t miss|exclusive|% off"
    r"|rabat\w*|zniżk\w*|promocj\w*|wyprzedaż\w*|okazj\w*|gratis\w*|kup|kupon\w*|tylko teraz|nie przegap|ofert\w*)\b|%|!",
    re.IGNORECASE,
)
PAGES = re.compile(
    r"/(?:u/[\w-]+|yes/[\w=-]+|changes/\d{4}-\d\d-\d\d|contact|account(?:/address/\d+/[\w-]+)?|how-we-use-data|desk/requests/request|"
    r"family(?:/invitation/[A-Z0-9-]{14}|/(?:confirm|revoke)/[\w-]+)?|choices|"
    r"requests(?:/R-[0-9A-Z-]{9}(?:/(?:not-me|follow)/[\w-]+)?|/agent/R-[0-9A-Z-]{9}/[\w-]+)?)/(?:\?by=source)?"
)


def test_service_mail_promotes_nothing(sent: Sent) -> None:
    for kind in SERVICE:
        mail = sent.mails[kind]
        text = f"{mail['Subject']}\n{text_of(mail)}"
        if kind != "opt_in":  # it asks about a use by its name, and somebody may call theirs “News and offers”
            assert not PROMOTION.search(text), (kind, PROMOTION.findall(text))
        for address in re.findall(r"https?://\S+", text):
            assert PAGES.fullmatch(address.removeprefix(sent.origin)), (kind, address)


@pytest.mark.parametrize("words_", ["20 % off until Friday", "Hurry!", "Our spring sale", "Wyprzedaż trwa", "Rabat dla Ciebie"])
def test_the_lint_knows_promotion_when_it_sees_it(words_: str) -> None:
    assert PROMOTION.search(words_)


def test_stripes_are_those_of_the_band() -> None:
    assert tokens.stripes("linear-gradient(to bottom, #000 0px 3px, transparent 3px 5px, #fff 5px 6px)", "#123", "6px")


def test_only_what_promotes_nothing_says_so(sent: Sent) -> None:
    words = {"en": "no advertising", "pl": "Nie ma w niej reklam"}[sent.language]
    assert {kind for kind, mail in sent if words in text_of(mail)} == SERVICE
