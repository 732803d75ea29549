"""A question on a page of the brand: a piece of HTML, and what its form may do with nothing but the signed pass in its address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from brands.mail import origin
from brands.models import Brand
from brands.tokens import COLOURS, variable
from consents.tests.acting import deny
from consents.tests.reading import Form, Page, read
from ledger.models import Entry
from profiles import actions
from profiles.fragments import Fragment, fragment, pass_for
from profiles.models import Answer, Ask, Asked, Question
from profiles.tests.asking import HERE, content, kinds_of, later, never, not_now, ordered, published, row, tells
from profiles.tests.test_pages import KINDS, a_question, html, words
from profiles.visits import named

BACK = "https://shop.example.com/thanks?order=7&name=Żółw"
VISIT = named("crm|one visit to the shop")
SAID = {"answer": "160x200"}
GONE = "This question has gone; nothing was saved"
TAG = re.compile(r"<[^>]*>")


@pytest.fixture
def asked(willing: Customer) -> Customer:
    ordered(willing)
    return willing


def put(customer: Customer, visit: str = VISIT, language: str = "en", back: str = BACK, **more: Any) -> Fragment:
    return fragment(customer, visit, language, back=back, **more)


def form_of(customer: Customer, **more: Any) -> Form:
    found = put(customer, **more)
    assert found.html, found.why
    (form,) = Page(found.html).forms
    return form


def path_of(form: Form) -> str:
    return urlsplit(form.action).path


def nobody(brand: Brand) -> Client:
    """A browser without a single cookie."""
    return Client(headers={"host": brand.host}, enforce_csrf_checks=True)


def press(customer: Customer, form: Form, do: str, **more: Any) -> Any:
    fields = {name: value for name, value in form.fields.items() if not name.startswith("answer")}
    return nobody(customer.brand).post(path_of(form), fields | more | {"do": do})


def everything(customer: Customer) -> str:
    tables = [list(model.objects.filter(customer=customer).order_by("pk").values()) for model in (Answer, Ask, Asked)]
    return json.dumps([tables, Entry.objects.of(customer.subject).count()], default=str)


# ── The piece of HTML ───────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_to_ask_is_no_html_and_says_why(willing: Customer) -> None:
    found = put(willing)
    assert (found.html, str(found.why), found.question) == ("", "nothing", "")
    ordered(willing)
    assert str(put(willing, paying=True).why) == "paying"
    assert not Ask.objects.exists()


def test_the_card_has_its_facts_its_fields_and_three_ways_out(asked: Customer) -> None:
    found = put(asked)
    assert (found.question, found.why) == ("bed-size", None)
    (form,) = Page(found.html).forms
    assert [(each.name, each.value, each.text) for each in form.buttons] == [
        ("do", "save", "Save bed size"), ("do", "later", "Not now"), ("do", "never", "Don’t ask again"),
    ]  # fmt: skip
    before, _input, _after = found.html.partition('<input type="radio"')
    for fact in ("What we do with it", "What you get", "If you don’t answer", "Who sees it", "How long", "Nobody has to answer."):
        assert fact in before
    assert not Page(found.html).checked
    assert not re.search(r"\srequired\b|autofocus|<script|<style|\son\w+=|javascript:|<dialog", found.html)


def test_the_card_can_stand_on_any_page(asked: Customer) -> None:
    """It needs no cookie, tells no token, and every address in it is a whole one."""
    found = put(asked)
    assert "csrf" not in found.html
    here = origin(asked.brand)
    for address in re.findall(r'(?:href|action|src)="([^"]*)"', found.html):
        assert address.startswith(f"{here}/"), address
    assert found.html.startswith('<section class="pc-prompt" lang="en"')
    assert found.html.count("<section") == found.html.count("</section>") == 1
    assert asked.subject not in found.html
    assert asked.code not in found.html


def test_the_same_visit_shows_the_same_and_spends_once(asked: Customer) -> None:
    assert put(asked).html == put(asked).html
    assert kinds_of(asked) == ["question.shown"]
    assert Entry.objects.of(asked.subject).get(kind="question.shown").act["where"] == "brand"
    assert str(put(asked, named("another visit")).why) == "week"


def test_the_card_speaks_the_language_of_the_page(asked: Customer) -> None:
    found = put(asked, language="pl")
    assert 'lang="pl"' in found.html
    assert "Do jakiego łóżka?" in found.html
    assert "Zapisz rozmiar" in found.html
    assert "Not now" not in found.html
    assert Ask.objects.get().language == "pl"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_asked_and_answered(linden: Brand, willing: Customer, kind: str) -> None:
    a_question(linden, kind)
    ordered(willing)
    form = form_of(willing)
    _asks, given, reads, wrong, said = KINDS[kind]
    page = press(willing, form, "save", **wrong)
    assert page.status_code == 422
    assert words(page).count(said) >= 2
    assert press(willing, form, "save", **given).status_code == 303
    assert Answer.objects.count() == 1
    assert reads.replace("&amp;", "&") not in put(willing).html, "the page of the brand does not learn it from the card"


# ── The three answers ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("do", "kind"), [("save", "answer.given"), ("later", "question.declined"), ("never", "question.declined")])
def test_each_answer_works_with_no_cookie_and_leads_back(asked: Customer, do: str, kind: str) -> None:
    response = press(asked, form_of(asked), do, **SAID)
    assert response.status_code == 303
    assert urlsplit(response["Location"])[:3] == urlsplit(BACK)[:3]
    assert "order=7&name=%C5%BB%C3%B3%C5%82w" in response["Location"]
    assert kinds_of(asked) == ["question.shown", kind]
    entry = Entry.objects.of(asked.subject).get(kind=kind)
    assert (entry.act["where"], entry.actor) == ("brand", f"self:{asked.subject}")
    assert Ask.objects.get().state == {"save": "answered"}.get(do, do)
    assert Answer.objects.exists() is (do == "save")


@pytest.mark.parametrize("do", ["save", "later", "never"])
def test_a_page_that_named_no_address_gets_one_of_ours(asked: Customer, do: str) -> None:
    response = press(asked, form_of(asked, back=""), do, **SAID)
    assert response.status_code == 200
    title = {"save": "Saved", "later": "Not now", "never": "Don’t ask again"}[do]
    assert Page(html(response)).texts["h1"] == [title]


@pytest.mark.parametrize("do", ["save", "later", "never"])
def test_a_second_press_is_folded(asked: Customer, do: str) -> None:
    form = form_of(asked)
    press(asked, form, do, **SAID)
    before = everything(asked)
    assert press(asked, form, do, **SAID).status_code == 303
    assert everything(asked) == before


def saved_note(customer: Customer, note: str) -> None:
    assert "Saved" in note
    assert "Undo" in note


def later_note(customer: Customer, note: str) -> None:
    until = row(customer).rest_until
    assert until is not None
    local = timezone.localtime(until)
    assert f"We won’t ask before {local.day} {local:%B %Y}" in note
    assert "Undo" not in note


def never_note(customer: Customer, note: str) -> None:
    assert "We won’t ask you this again" in note
    assert "Undo" in note


NOTES: dict[str, Callable[[Customer, str], None]] = {"save": saved_note, "later": later_note, "never": never_note}


@pytest.mark.parametrize("do", NOTES)
def test_in_the_same_visit_the_card_says_what_it_became(asked: Customer, do: str) -> None:
    press(asked, form_of(asked), do, **SAID)
    found = put(asked)
    NOTES[do](asked, TAG.sub(" ", found.html))
    assert "<input type=" not in found.html.replace('<input type="hidden"', "")
    assert 'role="status"' in found.html
    assert "160" not in found.html
    assert not put(asked, named("another visit")).html
    with later(minutes=31):
        assert str(put(asked).why) == "visit"


def test_what_it_became_is_said_in_the_language_of_the_page(asked: Customer) -> None:
    press(asked, form_of(asked), "later")
    assert 'lang="pl"' in put(asked, language="pl").html
    assert "Not now" not in put(asked, language="pl").html


def test_dont_ask_again_wins_over_not_now_and_is_said(asked: Customer) -> None:
    """Two windows: what is final is what the page tells, not the date before which it was put off."""
    form = form_of(asked, back="")
    press(asked, form, "later")
    response = press(asked, form, "never")
    assert row(asked).never_at is not None
    assert Page(html(response)).texts["h1"] == ["Don’t ask again"]
    assert "We won’t ask before" not in words(response)


def test_an_answer_in_the_center_ends_the_showing_on_the_page(asked: Customer) -> None:
    """What is known is not shown (ux.md 3.5)."""
    form_of(asked)
    tells(asked)
    assert "<form" not in put(asked).html or "pc-prompt--done" in put(asked).html


@pytest.mark.parametrize("turned", [not_now, never])
def test_a_no_in_the_center_ends_the_showing_on_the_page(asked: Customer, turned: Callable[..., Any]) -> None:
    form_of(asked)
    turned(asked)
    found = put(asked).html
    assert "Save bed size" not in found


def test_a_use_that_was_taken_back_ends_the_showing_on_the_page(asked: Customer) -> None:
    form_of(asked)
    deny(asked, "recs")
    assert "which you allow" not in put(asked).html


# ── Wrong answers ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_answer_comes_back_with_what_was_typed(linden: Brand, willing: Customer) -> None:
    a_question(linden, "text")
    ordered(willing)
    form, typed = form_of(willing), "a line that is <b>far</b> too long"
    page = press(willing, form, "save", answer=typed)
    assert page.status_code == 422
    assert "Location" not in page
    found = Page(html(page))
    assert found.texts["title"][0].startswith("Error: ")
    again = next(each for each in found.forms if each.buttons and each.buttons[0].value == "save")
    assert again.fields["answer"] == typed
    assert again.action == path_of(form)
    assert again.fields["back"] == BACK
    assert not Answer.objects.exists()
    # The policy of our page lets no form of it lead elsewhere: what follows stays here, with a link back.
    done = press(willing, again, "save", answer="oak")
    assert done.status_code == 200
    assert Page(html(done)).texts["h1"] == ["Saved"]
    assert BACK in Page(html(done)).links
    assert Answer.objects.get().value == {"text": "oak"}


def test_an_empty_answer_is_no_answer(asked: Customer) -> None:
    page = press(asked, form_of(asked), "save")
    assert page.status_code == 422
    assert Page(html(page)).texts["title"][0].startswith("Error: ")
    assert Ask.objects.get().state == "open"


def test_a_wrong_answer_is_told_in_the_language_of_the_question(asked: Customer) -> None:
    """The visitor reads Polish on the brand's page; their browser prefers English."""
    form = form_of(asked, language="pl")
    page = nobody(asked.brand).post(path_of(form), form.fields | {"do": "save", "answer": ""}, headers={"accept-language": "en"})
    assert '<html lang="pl"' in html(page)


def test_the_record_names_the_language_in_which_it_was_put(asked: Customer) -> None:
    """It is the proof of what the person read."""
    press(asked, form_of(asked, language="pl"), "save", **SAID)
    assert Entry.objects.of(asked.subject).get(kind="answer.given").act["language"] == "pl"


# ── Undo ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def undo(customer: Customer) -> Any:
    (form,) = Page(put(customer).html).forms
    assert [each.value for each in form.buttons] == ["undo"]
    return press(customer, form, "undo")


def test_undo_takes_the_answer_back_and_the_card_asks_again(asked: Customer) -> None:
    press(asked, form_of(asked), "save", **SAID)
    assert undo(asked).status_code == 303
    assert not Answer.objects.exists()
    assert kinds_of(asked)[-1] == "answer.deleted"
    assert "Save bed size" in put(asked).html


def test_undo_takes_dont_ask_again_back(asked: Customer) -> None:
    press(asked, form_of(asked), "never")
    assert undo(asked).status_code == 303
    assert row(asked).never_at is None
    assert kinds_of(asked) == ["question.shown", "question.declined", "question.declined"]
    assert "We won’t ask you this again" not in put(asked).html


@pytest.mark.parametrize("do", ["save", "never"])
def test_a_second_undo_is_folded(asked: Customer, do: str) -> None:
    form = form_of(asked)
    press(asked, form, do, **SAID)
    press(asked, form, "undo")
    before = everything(asked)
    assert press(asked, form, "undo").status_code == 303
    assert everything(asked) == before


@pytest.mark.parametrize("do", ["save", "later", "never"])
def test_undo_is_over_after_half_an_hour(asked: Customer, do: str) -> None:
    form = form_of(asked)
    press(asked, form, do, **SAID)
    before = everything(asked)
    with later(minutes=31):
        press(asked, form, "undo")
    assert everything(asked) == before


def test_undo_is_not_offered_after_half_an_hour(asked: Customer) -> None:
    form = form_of(asked, back="")
    press(asked, form, "save", **SAID)
    with later(minutes=31):
        page = nobody(asked.brand).get(path_of(form))
        assert page.status_code == 200
        assert "Undo" not in words(page)


def test_undo_before_any_press_does_nothing(asked: Customer) -> None:
    form = form_of(asked)
    before = everything(asked)
    press(asked, form, "undo")
    assert everything(asked) == before


def test_undo_takes_back_nothing_that_was_told_elsewhere(asked: Customer) -> None:
    """The pass is for one showing: an answer that was given in the center afterwards is not its own."""
    form = form_of(asked)
    press(asked, form, "save", **SAID)
    assert actions.delete_answer(asked, "bed-size", HERE)
    tells(asked, value={"one": "90x200"})
    press(asked, form, "undo")
    assert Answer.objects.get().value == {"one": "90x200"}


# ── A stale form ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stale_form_overwrites_nothing_and_tells_nothing(asked: Customer) -> None:
    form = form_of(asked)
    tells(asked)
    before = everything(asked)
    response = press(asked, form, "save", answer="90x200")
    assert "Nothing was saved" in words(response)
    assert "160" not in html(response)
    assert everything(asked) == before


def told_by(response: Any) -> tuple[int, str, str]:
    return response.status_code, response.get("Location", ""), re.sub(r'value="[^"]{60,}"', "", html(response))


def test_whoever_holds_a_pass_cannot_guess_what_was_told(asked: Customer) -> None:
    """“With it nothing can be read”: a right guess is answered as a wrong one is."""
    form = form_of(asked, back="")
    tells(asked)
    wrong = told_by(press(asked, form, "save", answer="90x200"))
    assert told_by(press(asked, form, "save", answer="160x200")) == wrong


def test_whoever_included_the_question_cannot_guess_what_was_answered(asked: Customer) -> None:
    """A system of the brand that may show questions, and may not read answers, has the pass, too: it must not try one after the other."""
    form = form_of(asked, back="")
    press(asked, form, "save", answer="160x200")
    wrong = told_by(press(asked, form, "save", answer="90x200"))
    assert told_by(press(asked, form, "save", answer="160x200")) == wrong


def test_a_question_that_ended_while_it_was_open_has_gone(asked: Customer) -> None:
    form = form_of(asked)
    actions.retire_question(Question.objects.get(key="bed-size"), by="system:tests")
    before = everything(asked)
    for do in ("save", "later", "never", "undo"):
        response = press(asked, form, do, **SAID)
        assert response.status_code == 410
        assert GONE in words(response)
    assert everything(asked) == before


def test_a_use_that_was_taken_back_saves_nothing(asked: Customer) -> None:
    form = form_of(asked)
    deny(asked, "recs")
    response = press(asked, form, "save", **SAID)
    assert "Nothing was saved" in words(response)
    assert not Answer.objects.exists()


def test_an_answer_is_kept_for_as_long_as_the_card_said(linden: Brand, willing: Customer) -> None:
    """A version that keeps it longer, published while the card was open, was never read by whoever answers."""
    published(linden, "new", order=0, retention_days=90)
    ordered(willing)
    form = form_of(willing)
    question = Question.objects.get(key="new")
    actions.publish_question(actions.revise_question(question, content=content(retention_days=900)), by="system:tests")
    press(willing, form, "save", answer="a")
    for answer in Answer.objects.all():
        assert (answer.version, answer.kept_until - answer.given_at) == (1, timedelta(days=90))


# ── The pass ────────────────────────────────────────────────────────────────────────────────────────────────────────


def altered(path: str) -> Iterator[str]:
    *_before, token, _end = path.split("/")
    number, until, signature = token.split(".")
    other = "A" if signature[0] != "A" else "B"
    yield from (
        f"{int(number) + 1}.{until}.{signature}", f"{number}.{int(until) + 1}.{signature}",
        f"{number}.{until}.{other}{signature[1:]}", f"{number}.{until}.{signature}=",
        f"{number}.{until}.", f"{number}.{until}", f"{number}..{signature}", f".{until}.{signature}", f"-{number}.{until}.{signature}",
        f"{number}.{until}.{signature}.x", f"{number}.{until}.{signature}ą", f"{'9' * 40}.{until}.{signature}",
        f"{number}.{'9' * 40}.{signature}",
        f"²{number}.{until}.{signature}", f"{number}.{until}.{signature}%00", "x", "9" * 79, "1" * 5000, f"{number} .{until}.{signature}",
    )  # fmt: skip


def test_no_part_of_a_pass_can_be_changed(asked: Customer) -> None:
    form = form_of(asked)
    before = everything(asked)
    for token in altered(path_of(form)):
        for do in ("save", "later", "never", "undo"):
            response = nobody(asked.brand).post(f"/prompts/answer/{token}/", form.fields | SAID | {"do": do})
            assert response.status_code == 410, token
            assert GONE in words(response)
        query = urlencode({"back": BACK})
        assert nobody(asked.brand).get(f"/prompts/answer/{token}/?{query}").status_code == 410
    assert everything(asked) == before


def test_a_pass_has_one_spelling(asked: Customer) -> None:
    form = form_of(asked)
    *_before, token, _end = path_of(form).split("/")
    for other in (f"0{token}", token.replace(".", ".0", 1)):
        assert nobody(asked.brand).post(f"/prompts/answer/{other}/", form.fields | {"do": "later"}).status_code == 410
    assert kinds_of(asked) == ["question.shown"]


@pytest.mark.parametrize(
    "back", ["", "https://evil.example/", f"{BACK}x", BACK[:-1], "//evil.example", "javascript:alert(1)", "x" * 10_000, "\0"]
)  # fmt: skip
def test_nobody_is_sent_elsewhere_than_the_brand_said(asked: Customer, back: str) -> None:
    form = form_of(asked)
    before = everything(asked)
    for do in ("save", "later", "never", "undo"):
        response = nobody(asked.brand).post(path_of(form), {"back": back, "do": do, **SAID})
        assert response.status_code == 410
        assert "Location" not in response
        assert "evil.example" not in html(response)
    assert nobody(asked.brand).get(path_of(form), {"back": back}).status_code == 410
    assert everything(asked) == before


def test_of_two_addresses_back_none_is_taken_that_was_not_signed(asked: Customer) -> None:
    form = form_of(asked)
    response = nobody(asked.brand).post(path_of(form), {"back": [BACK, "https://evil.example/"], "do": "later"})
    assert response.status_code == 410
    assert kinds_of(asked) == ["question.shown"]


def test_a_pass_is_over_after_a_day(asked: Customer) -> None:
    form = form_of(asked)
    with later(hours=23, minutes=59):
        assert nobody(asked.brand).get(path_of(form), {"back": BACK}).status_code == 200
    before = everything(asked)
    with later(days=1, minutes=1):
        for do in ("save", "later", "never", "undo"):
            assert press(asked, form, do, **SAID).status_code == 410
        assert nobody(asked.brand).get(path_of(form), {"back": BACK}).status_code == 410
    assert everything(asked) == before


def test_a_pass_opens_nothing_at_another_brand(asked: Customer, kingfisher: Brand) -> None:
    form = form_of(asked)
    before = everything(asked)
    theirs = pass_for(kingfisher, Ask.objects.get(), BACK)
    for path in (path_of(form), f"/prompts/answer/{theirs}/"):
        for do in ("save", "later", "never", "undo"):
            response = nobody(kingfisher).post(path, form.fields | SAID | {"do": do})
            assert response.status_code == 410
            assert "Which bed" not in html(response)
    assert everything(asked) == before


def test_a_pass_of_somebody_who_was_deleted_opens_nothing(asked: Customer) -> None:
    form = form_of(asked)
    Ask.objects.all().delete()
    assert press(asked, form, "save", **SAID).status_code == 410
    assert not Answer.objects.exists()


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(asked: Customer, method: str) -> None:
    form = form_of(asked)
    before = everything(asked)
    for more in ({}, {"do": "never"}, {"do": "save", **SAID}, {"do": "undo"}):
        response = getattr(nobody(asked.brand), method)(path_of(form), {"back": BACK} | more)
        assert response.status_code == 200
    assert everything(asked) == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_no_other_method_is_taken(asked: Customer, method: str) -> None:
    form = form_of(asked)
    before = everything(asked)
    assert getattr(nobody(asked.brand), method)(path_of(form)).status_code == 405
    assert everything(asked) == before


def test_the_page_of_a_pass_asks_the_same_and_knows_nothing_of_anybody(asked: Customer) -> None:
    form = form_of(asked)
    page = nobody(asked.brand).get(path_of(form), {"back": BACK})
    found = Page(html(page))
    assert found.texts["h1"] == ["Which bed are these for?"]
    ours = next(each for each in found.forms if each.action == path_of(form))
    assert [each.value for each in ours.buttons] == ["save", "later", "never"]
    assert not found.checked
    assert "anna" not in html(page).lower()
    assert asked.subject not in html(page)
    assert asked.code not in html(page)


def test_a_pass_signs_nobody_in(asked: Customer) -> None:
    form, client = form_of(asked), nobody(asked.brand)
    client.post(path_of(form), form.fields | SAID | {"do": "save"})
    client.get(path_of(form), {"back": BACK})
    assert "sessionid" not in client.cookies
    assert client.get("/what-you-told-us/").status_code == 302


# ── Its look ────────────────────────────────────────────────────────────────────────────────────────────────────────


def rules(css: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """(the at-rules around it, its selector) of each rule, and each statement without a block."""
    around: list[str] = []
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    text = ""
    for letter in css:
        if letter == "{":
            around.append(text.strip())
            if not around[-1].startswith("@"):
                yield tuple(around[:-1]), around[-1]
            text = ""
        elif letter == "}":
            around.pop()
            text = ""
        elif letter == ";":
            if not any(not each.startswith("@") for each in around):
                yield tuple(around), text.strip()
            text = ""
        else:
            text += letter
    assert not around


def selectors(rule: str) -> list[str]:
    """Split at the commas that stand in no brackets."""
    found, depth = [""], 0
    for letter in rule:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [each.strip() for each in found]


@pytest.mark.parametrize("name", ["linden", "kingfisher"])
def test_the_style_sheet_reaches_no_further_than_the_card(linden: Brand, kingfisher: Brand, name: str) -> None:
    brand = {"linden": linden, "kingfisher": kingfisher}[name]
    response = nobody(brand).get("/prompts/look.css")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/css; charset=utf-8"
    css = html(response)
    found = list(rules(css))
    assert len(found) > 20
    for around, rule in found:
        assert all(each.startswith(("@media", "@layer")) for each in around), around
        assert all(re.match(r"\.pc-prompt(?![\w-])|\.pc-prompt--done(?![\w-])", each) for each in selectors(rule)), rule
    assert not re.search(r"@import|@font-face|@keyframes|url\(|expression|position:\s*fixed", css)


@pytest.mark.parametrize("name", ["linden", "kingfisher"])
def test_the_style_sheet_is_in_the_look_of_its_brand(linden: Brand, kingfisher: Brand, name: str) -> None:
    brand = {"linden": linden, "kingfisher": kingfisher}[name]
    css = html(nobody(brand).get("/prompts/look.css"))
    used, defined = set(re.findall(r"var\((--[\w-]+)", css)), set(re.findall(r"(--[\w-]+):", css))
    optional = set(re.findall(r"var\((--[\w-]+)\s*,", css))
    assert used - optional <= defined, "every token without a fallback is there"
    values = brand.theme.values()
    assert all(f"{variable(name)}: {values[name]};" in css for name in COLOURS)


def test_the_style_sheet_may_be_loaded_by_any_page_and_kept(linden: Brand) -> None:
    client = nobody(linden)
    response = client.get("/prompts/look.css")
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "public" in response["Cache-Control"]
    assert re.search(r"max-age=[1-9]\d{2,}", response["Cache-Control"])
    assert not client.cookies
    vary = {each.strip().lower() for each in response.get("Vary", "").split(",") if each.strip()}
    assert "cookie" not in vary, "it is the same for everybody: a cache may share it"
    assert client.head("/prompts/look.css").status_code == 200
    assert client.post("/prompts/look.css").status_code in {403, 405}


def test_every_class_of_the_card_has_its_rule(linden: Brand, asked: Customer) -> None:
    css = html(nobody(linden).get("/prompts/look.css"))
    shown = put(asked).html
    press(asked, form_of(asked), "save", **SAID)
    for name in set(re.findall(r'class="([^"]*)"', shown + put(asked).html)):
        for each in name.split():
            assert f".{each}" in css, each


def test_the_card_shows_nothing_that_stands_outside_our_pages(asked: Customer, browser: Client) -> None:
    """In the center the same showing is not put a second time in the same week."""
    form_of(asked)
    assert not any(form.action == "/prompts/bed-size/" for form in read(browser.get("/")).forms)
