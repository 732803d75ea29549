"""The dark patterns that a machine can see, each absent: what a screen says, does, shows and looks like.

Others have a file of their own: the maze (test_maze.py), equal answers (test_equal_answers.py), the price of taking back
(test_click_budget.py, test_click_table.py), dead ends (test_crawl.py), the words of purposes (catalogue/copy.py).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts import links
from accounts.models import Customer
from brands import tokens
from catalogue.copy import lint
from consents.decide import decide
from consents.may_send import may_send
from consents.states import SCOPE_COLUMN, Scope
from consents.tests.reading import Form, Page, read
from ledger.models import Entry
from preference_center.demo import newsletter
from preference_center.tests.cast import SignedIn, browser_at
from preference_center.tests.journeys.clicking import controls
from preference_center.tests.journeys.english import translated
from preference_center.tests.journeys.played import WHO, Played, both_brands
from preference_center.tests.journeys.walking import newest_code
from preference_center.tests.servers import ROOT

LANGUAGES = ("en", "pl")
in_both_languages = pytest.mark.parametrize("language", LANGUAGES)
one_language_each = pytest.mark.parametrize(("played", "language"), [("linden", "pl"), ("kingfisher", "en")], indirect=["played"])


@dataclass
class Screens:
    """The screens on which somebody decides, as they stand now."""

    client: Client
    signed_out: Client
    customer: Customer

    def html(self) -> dict[str, str]:
        token = links.make(self.customer, links.Scope(*self.use))
        pages = {path: self.client.get(path) for path in ("/", "/choices/", "/how-we-use-data/", "/privacy-choices/", f"/u/{token}/")}
        pages |= {f"{path}, signed out": self.signed_out.get(path) for path in ("/choices/", "/privacy-choices/", f"/u/{token}/")}
        pages["address"] = self._address()
        pages["conflict"] = self._conflict()
        assert {answer.status_code for answer in pages.values()} == {200}
        return {name: answer.content.decode() for name, answer in pages.items()}

    @property
    def use(self) -> tuple[str, str]:
        return ("news", "email") if self.customer.brand.key == "linden" else ("letter", "")

    def _address(self) -> Any:
        form = next(form for form in read(self.signed_out.get("/choices/")).decisions)
        return self.signed_out.post(form.action, form.post("allow"), follow=True)

    def _conflict(self) -> Any:
        """A yes to what was opted out of."""
        self.client.post("/privacy-choices/", {"scope": "sale"})
        action = "/choices/ads/" if self.customer.brand.key == "linden" else "/choices/sponsors/"
        return self.client.post(action, read(self.client.get("/choices/")).form(action).post("allow"))


@pytest.fixture
def screens(played: Played, signed_in: SignedIn) -> Screens:
    return Screens(signed_in(played.customer), browser_at(played.brand, **{"accept-language": "en"}), played.customer)


def main_of(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]


# ── DECP-03, 05, 12, 16: what stands on a screen where somebody decides ─────────────────────────────────────────────

PROMOTION = re.compile(r"\d+ ?%|\b\d+[,.]\d\d ?(?:zł|€|\$|PLN|EUR)|\b(?:discount|voucher|bonus|gift|rabat|kupon|prezent)", re.IGNORECASE)


@both_brands
def test_no_promotion_and_no_picture_where_somebody_decides(screens: Screens):
    """DECP-05: nothing to look at instead."""
    found = {name: main_of(html) for name, html in screens.html().items()}
    assert len(found) == 10
    assert {
        name for name, main in found.items() if re.search(r"<(?:img|picture|video|audio|iframe|canvas|progress|meter)\b", main)
    } == set()
    assert {name: PROMOTION.findall(re.sub("<[^>]*>", " ", main)) for name, main in found.items()} == dict.fromkeys(found, [])


@both_brands
def test_a_yes_never_stands_without_a_no_and_always_before_it(screens: Screens):
    """DECP-12, DECP-16: two answers, the same two everywhere, in the same order; no “ask me later”, no switch."""
    seen = 0
    for name, html in screens.html().items():
        for form in Page(html).decisions:
            values = [button.value for button in form.buttons if button.name == "decision"]
            alone = len(values) == 1  # an objection, or taking it back
            assert values == ["allow", "deny"] or (alone and values == ["deny"]), (name, form.action, values)
            seen += 1
        assert not re.search(r'role="switch"|type="checkbox" name="decision"', html), name
    assert seen > 10


@both_brands
def test_no_form_that_takes_back_asks_for_a_reason(screens: Screens):
    """DECP-16: nothing to fill, nothing to tick before the no."""
    seen = 0
    for html in screens.html().values():
        for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL):
            if re.search(r'name="(?:decision|scope)"|value="(?:stop|all)"|/choices/(?:deny-all|marketing)/', form):
                assert not re.search(r'<textarea|<select|<input(?![^>]*type="hidden")', form), form
                seen += 1
    assert seen > 20


@both_brands
def test_few_enough_to_be_read_in_one_list(screens: Screens):
    """DECP-03: more than nine need groups."""
    optional = screens.html()["/choices/"].partition('aria-labelledby="fixed"')[0]
    assert 3 <= len(re.findall('<article class="choice', optional)) <= 9


# ── DECP-05: in the sources ─────────────────────────────────────────────────────────────────────────────────────────

MOVES = re.compile(r"@keyframes|\banimation(?:-name)?\s*:|scroll-behavior\s*:\s*smooth")
RUNS = re.compile(r"<marquee|<blink|http-equiv=.?refresh|\bautoplay\b|<dialog|popover", re.IGNORECASE)
COUNTS = re.compile(r"setInterval|setTimeout|requestAnimationFrame|beforeunload|\.animate\(")


@pytest.mark.parametrize(("folder", "ending", "pattern"), [("static", "css", MOVES), ("templates", "html", RUNS), ("static", "js", COUNTS)])
def test_nothing_moves_counts_down_or_pops_up(folder: str, ending: str, pattern: re.Pattern[str]):
    files = list((ROOT / folder).rglob(f"*.{ending}"))
    assert files
    assert [str(file.relative_to(ROOT)) for file in files if pattern.search(file.read_text(encoding="utf-8"))] == []


def test_what_changes_its_colour_does_so_at_once():
    css = (ROOT / "static/css/app.css").read_text(encoding="utf-8")
    times = [float(time) for rule in re.findall(r"transition:[^;}]*", css) for time in re.findall(r"(\d*\.?\d+)s\b", rule)]
    assert times
    assert max(times) <= 0.2


# ── DECP-06, DECP-15: the words of the interface ────────────────────────────────────────────────────────────────────


@in_both_languages
def test_the_interface_presses_nobody(language: str):
    """Every string that pages and mails say, by the same linter that reads the purposes."""
    strings = [english if language == "en" else polish for english, polish in translated()]
    assert len(strings) > 500
    assert [fault for words in strings for fault in lint(words, language, purpose=False)] == []


# ── DECP-10: what the button says is what is recorded ───────────────────────────────────────────────────────────────

SAYS = {
    "en": {"Allow": "granted", "Don’t allow": "withdrawn", "Object": "objected", "Take back the objection": "unset"},
    "pl": {"Zgoda": "granted", "Brak zgody": "withdrawn", "Sprzeciw": "objected", "Cofam sprzeciw": "unset"},
}


def label(form: Form, decision: str) -> str:
    """What can be seen on the button; what only a screen reader says after it begins with a colon."""
    return next(button.text for button in form.buttons if button.value == decision).partition(":")[0].strip()


def newest(customer: Customer, kind: str = "choice.decided") -> dict[str, Any]:
    return Entry.objects.of(customer.subject).filter(kind=kind).latest("seq").act


@both_brands
@in_both_languages
@pytest.mark.parametrize("path", ["/choices/", "/how-we-use-data/"])
def test_a_button_does_what_it_says(played: Played, signed_in: SignedIn, language: str, path: str):
    Customer.objects.filter(pk=played.customer.pk).update(language=language)
    client = signed_in(played.customer)
    actions = [form.action for form in read(client.get(path)).decisions]
    assert len(actions) >= 2
    for action in actions:
        for decision in ("allow", "deny", "allow", "deny"):
            form = read(client.get(path)).form(action)
            if decision not in {button.value for button in form.buttons}:
                continue
            said = label(form, decision)
            before = Entry.objects.of(played.customer.subject).count()
            client.post(action, form.post(decision))
            if Entry.objects.of(played.customer.subject).count() > before:
                recorded = newest(played.customer)["state"].replace("refused", "withdrawn")
                assert SAYS[language][said] == recorded, (action, said)


@pytest.mark.parametrize("played", ["linden"], indirect=True)
@pytest.mark.parametrize("scope", list(Scope))
def test_an_opt_out_records_its_own_word(played: Played, signed_in: SignedIn, scope: Scope):
    client = signed_in(played.customer)
    form = next(form for form in read(client.get("/privacy-choices/")).forms if scope.value in {button.value for button in form.buttons})
    client.post("/privacy-choices/", form.post(scope.value))
    act = newest(played.customer, "scope.changed")
    assert (act["scope"], act["state"]) == (scope.value, "on")
    played.customer.refresh_from_db()
    assert [each for each, column in SCOPE_COLUMN.items() if getattr(played.customer, column) is not None] == [scope]


# ── DECP-13: one language from the notice to the receipt ────────────────────────────────────────────────────────────


def language_of(answer: Any) -> str:
    found = re.search(r'<html lang="(\w+)"', answer.content.decode())
    assert found
    return found[1]


@one_language_each
def test_notice_answer_and_receipt_speak_one_language(played: Played, signed_in: SignedIn, language: str):
    Customer.objects.filter(pk=played.customer.pk).update(language=language)
    client = signed_in(played.customer)
    notice = client.get("/choices/")
    form = read(notice).decisions[0]
    client.post(form.action, form.post("deny"))
    form = read(client.get("/choices/")).form(form.action)
    outcome = client.post(form.action, form.post("allow"), follow=True)
    receipt = client.get(f"/history/{Entry.objects.of(played.customer.subject).latest('seq').public_id}/")
    assert {language_of(answer) for answer in (notice, outcome, receipt)} == {language}
    assert newest(played.customer)["language"] == language
    assert f'<blockquote class="stack stack--tight" lang="{language}">' in receipt.content.decode()


@one_language_each
def test_a_yes_without_an_account_stays_in_its_language(played: Played, language: str, mail_folder: Path, work: Callable[[], int]):
    client = browser_at(played.brand, **{"accept-language": language})
    notice = client.get("/choices/")
    form = read(notice).decisions[0]
    address = client.post(form.action, form.post("allow"), follow=True)
    code = client.post("/choices/address/", {"email": "nowa@example.com"}, follow=True)
    work()
    read_all = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(mail_folder.glob("*.eml")))
    mail = next(each for each in read_all if each["To"] == "nowa@example.com")
    outcome = client.post("/choices/address/code/", {"code": newest_code(mail_folder, "nowa@example.com")}, follow=True)
    if played.brand.has_minors:  # asked of everybody who joins
        code, outcome = outcome, client.post("/age/", {"birth_date": "1990-05-05"}, follow=True)
    assert {language_of(answer) for answer in (notice, address, code, outcome)} == {language}
    html = mail.get_body(("html",))
    assert html
    assert f'<html lang="{language}">' in html.get_content()
    assert newest(Customer.objects.get(person__email="nowa@example.com"))["language"] == language


# ── DECP-14: every surface says what decide() says ──────────────────────────────────────────────────────────────────


@both_brands
@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_pages_and_mails_say_what_decide_says(
    played: Played, signed_in: SignedIn, mail_folder: Path, work: Callable[[], int], decision: str
):
    client, customer = signed_in(played.customer), played.customer
    for each in controls(played.brand):
        action = f"/choices/{each.purpose}/{f'{each.channel}/' if each.channel else ''}"
        for before in ("deny", "allow", "deny")[: 2 + (decision == "deny")]:
            form = read(client.get("/choices/")).form(action)
            if before in {button.value for button in form.buttons}:
                client.post(action, form.post(before))
        allowed = decide(customer, each.purpose, each.channel).allowed
        assert allowed is (decision == "allow"), each
        on_page = {b.value: b.pressed for b in read(client.get("/choices/")).form(action).buttons}
        if each.basis == "consent":
            assert on_page == {"allow": str(allowed).lower(), "deny": str(not allowed).lower()}
        link = browser_at(played.brand).get(f"/u/{links.make(customer, links.Scope(each.purpose, each.channel))}/").content.decode()
        assert ('value="stop"' in link) is allowed, each
    off = re.findall(r'<article class="flow flow--off" id="(\w+)"', client.get("/how-we-use-data/").content.decode())
    mine = {each.purpose for each in controls(played.brand)}  # what is about children is told there, too
    assert mine & set(off) == (set() if decision == "allow" else mine)
    assert letters(played, mail_folder, work) == (1 if decision == "allow" else 0)


def letters(played: Played, mail_folder: Path, work: Callable[[], int]) -> int:
    """How many letters the customer gets when one is sent now; may_send() must have said so."""
    topic = played.brand.topics.first()
    assert topic
    work()  # whatever waits has gone before
    played.customer.tastes.all().delete()
    for path in mail_folder.glob("*.eml"):
        path.unlink()
    may = may_send(played.customer, topic, "email")
    newsletter.send(topic, str(time.monotonic_ns()))
    work()
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mail_folder.glob("*.eml")]
    found = sum(WHO[played.brand.key] in str(mail["To"]) for mail in mails if mail["List-Unsubscribe"])
    assert may.allowed is bool(found)
    return found


# ── DECP-17: a brand cannot dress one answer ────────────────────────────────────────────────────────────────────────

GEOMETRY = {
    "border-start-start-radius",
    "border-end-start-radius",
    "border-start-end-radius",
    "border-end-end-radius",
    "inset-inline-start",
}


def test_no_rule_of_style_tells_the_two_answers_apart():
    """Only the outer corners and the shared edge differ: one stands left, the other right."""
    css = (ROOT / "static/css/app.css").read_text(encoding="utf-8")
    assert not re.search(r"""\[value[~|^$*]?=|\[name=["']?decision""", css)
    apart = re.findall(r"\.decide__btn:(?:first|last|nth|not|only)[^{]*\{([^}]*)\}", css)
    assert len(apart) == 2
    assert {declaration.partition(":")[0].strip() for rule in apart for declaration in rule.split(";") if declaration.strip()} <= GEOMETRY


def test_no_token_of_a_brand_is_about_an_answer():
    """Each token dresses both, or neither: a brand's sheet sets custom properties and nothing else."""
    assert not [name for name in tokens.FORMS if re.search("allow|deny|accept|refuse|yes|no_|button|btn|primary", name)]
    css = (ROOT / "static/css/app.css").read_text(encoding="utf-8")
    rules = [rule for rule in re.findall(r"(\.decide__btn[^{]*)\{([^}]*)\}", css)]
    brand = {tokens.variable(name) for name in tokens.FORMS if name != "radius"}
    assert [
        selector
        for selector, body in rules
        if re.search(r":(?:first|last)-child", selector) and any(f"var({each})" in body for each in brand)
    ] == []


# ── TRAN-04: the notice at collection ───────────────────────────────────────────────────────────────────────────────

ASKS = re.compile(r'<textarea|<select(?![^>]*name="language")|<input(?![^>]*(?:type="(?:hidden|checkbox|radio)"|name="(?:code|token)"))')
NOTICE = re.compile(r'href="/(?:how-we-use-data|policy)/')


@both_brands
def test_whatever_asks_about_a_person_says_where_to_read_what_is_done_with_it(screens: Screens):
    pages = screens.html() | {path: screens.client.get(path).content.decode() for path in ("/account/",)}
    pages["sign-in"] = screens.signed_out.get("/sign-in/").content.decode()
    asking = {
        name: main
        for name, main in ((name, main_of(html)) for name, html in pages.items())
        if any(ASKS.search(form) for form in re.findall(r"<form\b.*?</form>", main, re.DOTALL))
    }
    assert set(asking) == {"/choices/, signed out", "address", "sign-in", "/account/"}
    assert [name for name, main in asking.items() if not NOTICE.search(main)] == []
