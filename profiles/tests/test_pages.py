"""Questions and answers in the center, as Anna sees them: what a page shows, what a press on it does, and what it says afterwards."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.tests.acting import allow, deny, signed_in
from consents.tests.reading import Form, Page, read
from ledger.models import Entry
from profiles import actions
from profiles.models import Answer, AnswerUse, Ask, Asked, Question
from profiles.pack import FOLDER
from profiles.tests.asking import at, content, kinds_of, later, never, not_now, ordered, published, row, shown, tells, text
from profiles.using import read_answers

PROMPT = "/prompts/bed-size/"
TOLD = "/what-you-told-us/"
ONE = f"{TOLD}bed-size/"
TITLE = "Which bed are these for?"
MOST_QUERIES = 12


@pytest.fixture
def asked(willing: Customer) -> Customer:
    """Anna, who has just ordered something and has not looked yet."""
    ordered(willing)
    return willing


def html(response: Any) -> str:
    found: str = response.content.decode()
    return found


def words(response: Any) -> str:
    """What stands on the page to be read, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html(response)).split())


def form_at(browser: Client, path: str, action: str = PROMPT) -> Form:
    return read(browser.get(path)).form(action)


def shows_prompt(response: Any, action: str = PROMPT) -> bool:
    assert response.status_code == 200
    return any(form.action == action for form in read(response).forms)


def press(browser: Client, form: Form, do: str, **more: Any) -> Any:
    return browser.post(form.action, {name: value for name, value in form.fields.items() if name != "answer"} | more | {"do": do})


def notice(browser: Client, response: Any) -> Page:
    """The page that a press leads to, with what it says of it."""
    assert response.status_code == 303, response.content
    return read(browser.get(response["Location"]))


def notice_of(browser: Client, response: Any) -> str:
    return notice(browser, response).texts["h2"][0].strip()


def undo_of(page: Page) -> Form | None:
    return next((form for form in page.forms if any(button.text == "Undo" for button in form.buttons)), None)


def everything(customer: Customer) -> str:
    tables = [list(model.objects.filter(customer=customer).order_by("pk").values()) for model in (Answer, Ask, Asked)]
    return json.dumps([tables, Entry.objects.of(customer.subject).count()], default=str)


def retire(key: str = "bed-size") -> None:
    actions.retire_question(Question.objects.get(key=key), by="system:tests")


# ── One question on the overview ────────────────────────────────────────────────────────────────────────────────────


def test_without_a_moment_the_overview_asks_nothing(willing: Customer, browser: Client) -> None:
    assert not shows_prompt(browser.get("/"))
    assert not Ask.objects.exists()


def test_after_an_order_the_overview_asks_one_thing(linden: Brand, asked: Customer, browser: Client) -> None:
    published(linden, "other", order=90)
    page = browser.get("/")
    assert html(page).count('class="prompt"') == 1
    assert shows_prompt(page)
    ask = Ask.objects.get()
    assert (ask.question.key, ask.language, ask.state) == ("bed-size", "en", "open")
    entry = Entry.objects.of(asked.subject).get(kind="question.shown")
    assert (entry.act["where"], entry.act["number"], entry.act["moment"]) == ("center", 1, "order.placed")


def test_a_showing_is_recorded_once_in_a_visit(asked: Customer, browser: Client) -> None:
    for _again in range(3):
        assert shows_prompt(browser.get("/"))
    assert kinds_of(asked) == ["question.shown"]
    assert row(asked).times == 1


def test_another_visit_is_shown_nothing(asked: Customer, browser: Client) -> None:
    assert shows_prompt(browser.get("/"))
    assert not shows_prompt(signed_in(asked).get("/"))
    assert Ask.objects.count() == 1


def test_nobody_reads_a_head(asked: Customer, browser: Client) -> None:
    assert browser.head("/").status_code == 200
    assert not Ask.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"sec-purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}, {"sec-purpose": "prefetch; x"}, {"purpose": "prefetch"}]
)
def test_what_a_browser_fetches_ahead_is_no_showing(asked: Customer, browser: Client, headers: dict[str, str]) -> None:
    assert not shows_prompt(browser.get("/", headers=headers))
    assert not Ask.objects.exists()
    assert shows_prompt(browser.get("/"))


def test_nothing_is_shown_on_the_way_to_paying_or_right_after_a_no(asked: Customer, browser: Client) -> None:
    actions.happen_at_brand(asked, "checkout.begun")
    assert not shows_prompt(browser.get("/"))
    with later(minutes=66):
        deny(asked, "ads")
        assert not shows_prompt(signed_in(asked).get("/"))
    assert not Ask.objects.exists()


def test_a_no_to_its_use_takes_the_question_away(asked: Customer, browser: Client) -> None:
    """Its card says “which you allow”, and of an answer there would be no use."""
    assert shows_prompt(browser.get("/"))
    deny(asked, "recs")
    assert not shows_prompt(browser.get("/"))


def test_what_was_answered_on_its_own_page_is_not_asked_any_more(asked: Customer, browser: Client) -> None:
    assert shows_prompt(browser.get("/"))
    press(browser, form_at(browser, PROMPT), "save", answer="160x200")
    assert Answer.objects.get().value == {"one": "160x200"}
    assert not shows_prompt(browser.get("/"))


@pytest.mark.parametrize("do", ["later", "never"])
def test_what_was_turned_down_on_its_own_page_is_not_asked_any_more(asked: Customer, browser: Client, do: str) -> None:
    assert shows_prompt(browser.get("/"))
    press(browser, form_at(browser, PROMPT), do)
    assert not shows_prompt(browser.get("/"))


# ── The card ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", PROMPT])
def test_three_equal_buttons_stand_in_their_order(asked: Customer, browser: Client, path: str) -> None:
    response = browser.get(path)
    form = read(response).form(PROMPT)
    assert [(each.name, each.value, each.text) for each in form.buttons] == [
        ("do", "save", "Save bed size"), ("do", "later", "Not now"), ("do", "never", "Don’t ask again"),
    ]  # fmt: skip
    assert all((each.type, each.pressed) == ("submit", None) for each in form.buttons)
    card = html(response).partition('id="prompt"')[2].partition("</section>")[0]
    assert re.findall(r'<button class="([^"]*)"', card) == ["btn"] * 3
    assert "btn--primary" not in card


@pytest.mark.parametrize("path", ["/", PROMPT])
def test_nothing_is_chosen_beforehand_and_nothing_is_forced(asked: Customer, browser: Client, path: str) -> None:
    response = browser.get(path)
    assert not read(response).checked
    card = html(response).partition('id="prompt"')[2].partition("</section>")[0]
    assert not re.search(r"\srequired\b|autofocus", card)
    assert "<dialog" not in html(response)


@pytest.mark.parametrize("path", ["/", PROMPT])
def test_the_facts_stand_before_what_is_asked_for(asked: Customer, browser: Client, path: str) -> None:
    found = html(browser.get(path)).partition('id="prompt"')[2]
    before, _tag, _after = found.partition('<input type="radio"')
    for fact in ("What we do with it", "What you get", "If you don’t answer", "Who sees it", "How long", "Nobody has to answer."):
        assert fact in before
    for said in ("You have just ordered bed linen.", "You see covers and sheets in your size first", "no longer than 24 months"):
        assert said in before
    assert 'href="/choices/#recs"' in before


def test_what_one_never_decided_has_a_page_that_asks_for_nothing(anna: Customer, browser: Client) -> None:
    page = browser.get(PROMPT)
    assert "There is nothing to answer" in words(page)
    assert not shows_prompt(page)


def test_a_question_may_be_answered_without_being_asked(willing: Customer, browser: Client) -> None:
    response = press(browser, form_at(browser, PROMPT), "save", answer="160x200")
    assert (response.status_code, response["Location"]) == (303, TOLD)
    assert kinds_of(willing) == ["answer.given"]


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(asked: Customer, browser: Client, method: str) -> None:
    browser.get("/")
    tells(asked, "rooms", {"some": ["kitchen"]})
    before = everything(asked)
    for path in (PROMPT, "/prompts/rooms/", TOLD, f"{TOLD}rooms/", f"{PROMPT}?do=never&answer=160x200", "/prompts/windows/?do=save"):
        assert getattr(browser, method)(path).status_code == 200
    for path in (f"{PROMPT}again/", f"{ONE}delete/", f"{TOLD}unused/", f"{TOLD}undo/", f"{TOLD}download/"):
        assert getattr(browser, method)(path).status_code == 405
    assert everything(asked) == before


# ── Pressing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_saving_says_so_and_offers_undo(asked: Customer, browser: Client) -> None:
    response = press(browser, form_at(browser, "/"), "save", answer="160x200")
    assert (response.status_code, response["Location"]) == (303, "/")
    page = notice(browser, response)
    assert page.texts["title"][0].startswith("Saved: ")
    assert page.texts["h2"][0] == "Saved"
    answer = Answer.objects.get()
    assert answer.value == {"one": "160x200"}
    assert f"/history/{answer.receipt}/" in page.links
    assert Ask.objects.get().state == "answered"
    assert not shows_prompt(browser.get("/")), "what is known is not asked"
    undo = undo_of(page)
    assert undo is not None
    assert notice_of(browser, browser.post(undo.action, undo.fields)) == "Taken back"
    assert not Answer.objects.exists()
    assert kinds_of(asked) == ["question.shown", "answer.given", "answer.deleted"]
    assert shows_prompt(browser.get("/")), "the showing waits again"


def test_the_receipt_of_an_answer_opens_and_does_not_say_it(asked: Customer, browser: Client) -> None:
    receipt = tells(asked).answer.receipt
    page = browser.get(f"/history/{receipt}/")
    assert page.status_code == 200
    assert f"You answered: {TITLE}" in words(page)
    assert "160" not in words(page).replace(str(receipt), "")


def test_a_second_undo_and_one_that_comes_late_say_so(willing: Customer, browser: Client) -> None:
    receipt = str(tells(willing).answer.receipt)
    with later(minutes=31):
        assert notice_of(browser, browser.post(f"{TOLD}undo/", {"receipt": receipt})) == "This can’t be undone any more"
    assert Answer.objects.exists()
    assert notice_of(browser, browser.post(f"{TOLD}undo/", {"receipt": receipt})) == "Taken back"
    assert notice_of(browser, browser.post(f"{TOLD}undo/", {"receipt": receipt})) == "This can’t be undone any more"


def test_undo_is_offered_only_where_it_is_possible(willing: Customer, browser: Client) -> None:
    """What stood before a change is not kept: a change cannot be taken back."""
    tells(willing)
    page = notice(browser, press(browser, form_at(browser, PROMPT), "save", answer="90x200"))
    assert Answer.objects.get().value == {"one": "90x200"}
    undo = undo_of(page)
    if undo is not None:
        assert notice_of(browser, browser.post(undo.action, undo.fields)) == "Taken back"


def test_not_now_names_the_day(asked: Customer, browser: Client) -> None:
    response = press(browser, form_at(browser, "/"), "later")
    until = row(asked).rest_until
    assert until is not None
    local = timezone.localtime(until)
    page = browser.get(response["Location"])
    assert f"We won’t ask before {local.day} {local:%B %Y}" in words(page)
    assert undo_of(read(page)) is None
    assert timedelta(days=29, hours=23) < until - timezone.now() <= timedelta(days=30)
    assert (Ask.objects.get().state, kinds_of(asked)) == ("later", ["question.shown", "question.declined"])
    assert not shows_prompt(browser.get("/"))


def test_dont_ask_again_is_listed_and_reversible(asked: Customer, browser: Client) -> None:
    response = press(browser, form_at(browser, "/"), "never")
    page = notice(browser, response)
    assert page.texts["h2"][0] == "Don’t ask again"
    undo = undo_of(page)
    assert undo is not None
    assert undo.action == f"{PROMPT}again/"
    assert "What we don’t ask again" in words(browser.get(TOLD))
    assert notice_of(browser, browser.post(undo.action, undo.fields)) == "We may ask you again"
    assert row(asked).never_at is None
    assert "What we don’t ask again" not in words(browser.get(TOLD))


@pytest.mark.parametrize("do", ["later", "never"])
def test_the_record_of_turning_down_has_its_receipt(asked: Customer, browser: Client, do: str) -> None:
    press(browser, form_at(browser, "/"), do)
    browser.post(f"{PROMPT}again/")
    for entry in Entry.objects.of(asked.subject).filter(kind__startswith="question."):
        page = browser.get(f"/history/{entry.public_id}/")
        assert page.status_code == 200
        assert TITLE in words(page)


@pytest.mark.parametrize("do", ["later", "never"])
def test_turning_down_needs_no_answer_and_minds_no_wrong_one(asked: Customer, browser: Client, do: str) -> None:
    response = press(browser, form_at(browser, "/"), do, answer="no such size")
    assert response.status_code == 303
    assert Ask.objects.get().state == do
    assert not Answer.objects.exists()


@pytest.mark.parametrize("do", ["save", "later", "never"])
def test_a_second_press_is_folded(asked: Customer, browser: Client, do: str) -> None:
    form = form_at(browser, "/")
    press(browser, form, do, answer="160x200")
    before = everything(asked)
    assert press(browser, form, do, answer="160x200").status_code == 303
    assert everything(asked) == before


def test_without_an_answer_the_page_says_so_and_asks_on(asked: Customer, browser: Client) -> None:
    form = form_at(browser, "/")
    page = press(browser, form, "save")
    assert page.status_code == 422
    said = read(page)
    assert said.texts["title"][0].startswith("Error: ")
    assert "There is a problem" in said.texts["h2"]
    target = next(link for link in said.links if link.startswith("#bed-size"))
    assert target[1:] in said.ids
    again = said.form(PROMPT)
    assert (again.fields["ask"], again.fields["next"]) == (form.fields["ask"], "/")
    assert len(again.buttons) == 3
    assert press(browser, again, "save", answer="160x200")["Location"] == "/"
    assert Ask.objects.get().state == "answered"


def test_a_forged_choice_is_named_an_error_and_nothing_is_saved(asked: Customer, browser: Client) -> None:
    page = press(browser, form_at(browser, "/"), "save", answer="300x300")
    assert read(page).texts["title"][0].startswith("Error: ")
    assert not Answer.objects.exists()


# ── Every kind ──────────────────────────────────────────────────────────────────────────────────────────────────────

PLAIN = {"options": ()}
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], str, dict[str, Any], str]] = {
    # kind: (the question, what is posted, as it reads, what is wrong, how that is said)
    "text": ({"most": 20, **PLAIN}, {"answer": "  Dąb & „oak” "}, "Dąb &amp; „oak”", {"answer": "x" * 21}, "at most 20 letters"),
    "choice": ({}, {"answer": "b"}, "Second", {"answer": "z"}, "one of the answers listed"),
    "several": ({}, {"answer": ["b", "a"]}, "First, Second", {"answer": ["a", "z"]}, "from the answers listed"),
    "date": (PLAIN, {"answer": "2024-02-29"}, "29 February 2024", {"answer": "2023-02-29"}, "day, month and year"),
    "number": (
        {"least": 20, "most": 300, "unit": "cm", **PLAIN}, {"answer": "160"}, "160 cm", {"answer": "19"}, "from 20 to 300",
    ),
    "size_table": (
        {"least": 20, "most": 600, "unit": "cm", "columns": (("w", "Width"), ("h", "Height"))},
        {"answer-a-w": "90", "answer-b-h": "210"}, "First: Width 90 cm; Second: Height 210 cm",
        {"answer-a-w": "90", "answer-b-h": "wide"}, "whole number",
    ),
}  # fmt: skip


def a_question(brand: Brand, kind: str, key: str = "new", **more: Any) -> None:
    asks = KINDS[kind][0]
    said = {name: value for name, value in asks.items() if name in {"options", "columns", "unit"}}
    bounds = {name: value for name, value in asks.items() if name in {"least", "most"}}
    texts = {"en": text(**said), "pl": text("Które?", **said)}
    published(brand, key, kind=kind, texts=texts, **{"order": 0, **bounds, **more})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_asked_answered_shown_and_changed(linden: Brand, willing: Customer, browser: Client, kind: str) -> None:
    a_question(linden, kind)
    ordered(willing)
    _asks, given, reads, _wrong, _said = KINDS[kind]
    form = form_at(browser, "/", "/prompts/new/")
    assert len(form.buttons) == 3
    assert press(browser, form, "save", **given).status_code == 303
    assert reads in html(browser.get(TOLD))
    assert reads in html(browser.get(f"{TOLD}new/"))
    page = browser.get("/prompts/new/")
    assert reads in html(page)
    standing = read(page)
    assert standing.form("/prompts/new/").fields["seen"] == str(Answer.objects.get().seq)
    changed = press(browser, standing.form("/prompts/new/"), "save", **given)
    assert notice_of(browser, changed) == "We have this answer already"
    assert kinds_of(willing) == ["question.shown", "answer.given"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_is_wrong_and_keeps_what_was_typed(linden: Brand, willing: Customer, browser: Client, kind: str) -> None:
    a_question(linden, kind)
    ordered(willing)
    _asks, _given, _reads, wrong, said = KINDS[kind]
    page = press(browser, form_at(browser, "/", "/prompts/new/"), "save", **wrong)
    assert page.status_code == 422
    found = read(page)
    assert found.texts["title"][0].startswith("Error: ")
    assert words(page).count(said) >= 2, "above the heading and at the field"
    target = next(link for link in found.links if link.startswith("#new"))
    assert target[1:] in found.ids
    if kind in {"choice", "several"}:
        assert [each["value"] for each in found.checked] == [each for each in wrong["answer"] if each in {"a", "b"}]
    else:
        assert {name: found.form("/prompts/new/").fields[name] for name in wrong} == wrong
    assert not Answer.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_when_nothing_was_given(linden: Brand, willing: Customer, browser: Client, kind: str) -> None:
    a_question(linden, kind)
    page = press(browser, form_at(browser, "/prompts/new/", "/prompts/new/"), "save")
    found = read(page)
    assert found.texts["title"][0].startswith("Error: ")
    assert next(link for link in found.links if link.startswith("#new"))[1:] in found.ids
    assert not Answer.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_is_wrong_names_its_error(linden: Brand, willing: Customer, browser: Client, kind: str) -> None:
    """aria-describedby leads to the words of the error."""
    a_question(linden, kind)
    page = press(browser, form_at(browser, "/prompts/new/", "/prompts/new/"), "save", **KINDS[kind][3])
    card = html(page).partition('id="prompt"')[2]
    named = [name for found in re.findall(r'aria-describedby="([^"]*)"', card) for name in found.split()]
    assert any(name.endswith("_error") for name in named)
    assert set(named) <= read(page).ids


# ── Two windows ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_windows_that_say_the_same_are_one_answer(asked: Customer, browser: Client) -> None:
    first, second = form_at(browser, "/"), form_at(browser, "/")
    press(browser, first, "save", answer="160x200")
    assert notice_of(browser, press(browser, second, "save", answer="160x200")) == "We have this answer already"
    assert kinds_of(asked) == ["question.shown", "answer.given"]


def test_two_windows_that_differ_lose_nothing(asked: Customer, browser: Client) -> None:
    first, second = form_at(browser, "/"), form_at(browser, "/")
    press(browser, first, "save", answer="160x200")
    page = press(browser, second, "save", answer="90x200")
    assert page.status_code == 409
    said = words(page)
    assert "You answered this in another window" in said
    assert "There you said: 160 × 200. Nothing was changed." in said
    assert Answer.objects.get().value == {"one": "160x200"}
    found = read(page)
    assert [each["value"] for each in found.checked] == ["90x200"], "what was chosen here is still chosen"
    again = found.form(PROMPT)
    assert again.fields["seen"] == str(Answer.objects.get().seq)
    assert press(browser, again, "save", answer="90x200")["Location"] == "/"
    assert Answer.objects.get().value == {"one": "90x200"}
    assert kinds_of(asked) == ["question.shown", "answer.given", "answer.changed"]


def test_an_answer_deleted_in_another_window_is_given_anew(willing: Customer, browser: Client) -> None:
    tells(willing)
    form = form_at(browser, PROMPT)
    browser.post(f"{ONE}delete/")
    assert press(browser, form, "save", answer="90x200").status_code == 303
    assert Answer.objects.get().value == {"one": "90x200"}


# ── Gone ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("do", ["save", "later", "never"])
def test_a_question_that_ended_while_it_was_open_has_gone(asked: Customer, browser: Client, do: str) -> None:
    form = form_at(browser, "/")
    retire()
    before = everything(asked)
    response = press(browser, form, do, answer="160x200")
    assert notice_of(browser, response) == "This question has gone; nothing was saved"
    assert everything(asked) == before
    assert not shows_prompt(browser.get("/"))
    assert notice_of(browser, browser.post(f"{PROMPT}again/")) == "This question has gone; nothing was saved"


def test_what_was_told_to_a_question_that_ended_can_still_be_deleted(willing: Customer, browser: Client) -> None:
    tells(willing)
    retire()
    page = browser.get(TOLD)
    assert "160 × 200" in words(page)
    assert PROMPT not in read(page).links
    assert notice_of(browser, browser.post(f"{ONE}delete/")) == "Deleted"
    assert not Answer.objects.exists()


def test_what_never_was_a_question_is_not_found(linden: Brand, willing: Customer, browser: Client) -> None:
    actions.draft_question(linden, key="draft", content=content())
    for key in ("no-such", "draft"):
        assert browser.get(f"/prompts/{key}/").status_code == 404
        assert browser.get(f"{TOLD}{key}/").status_code == 404
        before = everything(willing)
        for path in (f"/prompts/{key}/", f"/prompts/{key}/again/", f"{TOLD}{key}/delete/"):
            assert browser.post(path, {"do": "save", "answer": "a"}).status_code in {303, 404}
        assert everything(willing) == before


def test_an_answer_is_kept_for_as_long_as_the_page_said(linden: Brand, asked: Customer, browser: Client) -> None:
    """A version that keeps it longer, published while the page was open, was never read by whoever answers."""
    published(linden, "new", order=0, retention_days=90)
    form = form_at(browser, "/", "/prompts/new/")
    question = Question.objects.get(key="new")
    actions.publish_question(actions.revise_question(question, content=content(retention_days=900)), by="system:tests")
    press(browser, form, "save", answer="a")
    for answer in Answer.objects.all():
        assert (answer.version, answer.kept_until - answer.given_at) == (1, timedelta(days=90))


# ── What you told us ────────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_told_nothing_reads_that_they_need_not(anna: Customer, browser: Client) -> None:
    said = words(browser.get(TOLD))
    assert "You have not told us anything. You don’t have to: everything works without." in said
    for other in ("Download as a file", "What you could tell us", "What we don’t ask again", "half a year"):
        assert other not in said


def test_what_one_could_tell_is_listed_for_uses_that_are_allowed(willing: Customer, browser: Client) -> None:
    page = browser.get(TOLD)
    assert "What you could tell us" in words(page)
    assert {PROMPT, "/prompts/rooms/", "/prompts/windows/"} <= set(read(page).links)
    assert not Ask.objects.exists(), "a list is no showing"


def test_an_answer_stands_with_why_and_until_when(willing: Customer, browser: Client) -> None:
    answer = tells(willing).answer
    page, one = browser.get(TOLD), browser.get(ONE)
    for each in (page, one):
        said = words(each)
        given, until = timezone.localtime(answer.given_at), timezone.localtime(answer.kept_until)
        assert f"You said so on {given.day} {given:%B %Y}. Kept until {until.day} {until:%B %Y} at the latest." in said
        assert "160 × 200" in said
        assert "Not used so far." in said
    assert "Why we asked You have just ordered bed linen." in words(one)
    assert f"/history/{answer.receipt}/" in read(one).links
    assert {ONE, PROMPT} <= set(read(page).links)
    assert "bed-size" in read(page).ids


def test_a_use_is_on_the_page_at_once(willing: Customer, browser: Client) -> None:
    tells(willing)
    assert read_answers(willing, "recs", reader="Linden’s shop").answers
    assert "Once so far." in words(browser.get(TOLD))
    for _again in range(2):
        read_answers(willing, "recs", reader="Linden’s shop")
    read_answers(willing, "recs", reader="The letter")
    said = words(browser.get(ONE))
    assert "4 times so far." in said
    assert "Linden’s shop 3" in said
    assert "The letter 1" in said
    local = timezone.localtime(AnswerUse.objects.get(reader="The letter").last_at)
    assert f"{local:%H:%M}" in said


def test_a_use_that_is_taken_back_leaves_the_answer_unread(willing: Customer, browser: Client) -> None:
    tells(willing)
    deny(willing, "recs")
    for path in (TOLD, ONE):
        assert "Nobody can read it now: you don’t allow" in words(browser.get(path))
    assert "What you could tell us" not in words(browser.get(TOLD))
    assert not read_answers(willing, "recs", reader="x").answers
    assert browser.get(PROMPT).status_code == 200
    response = press(browser, Form(PROMPT, "post"), "save", answer="90x200", version="1", seen=str(Answer.objects.get().seq))
    assert notice_of(browser, response) == "Nothing was saved"
    assert Answer.objects.get().value == {"one": "160x200"}
    allow(willing, "recs")
    assert "Nobody can read it now" not in words(browser.get(TOLD))


def test_what_is_not_used_for_half_a_year_is_offered_for_deletion(willing: Customer, browser: Client) -> None:
    begin = timezone.now()
    tells(willing)
    tells(willing, "rooms", {"some": ["kitchen"]})
    with at(begin + timedelta(days=170)):
        assert "half a year" not in words(signed_in(willing).get(TOLD))
        read_answers(willing, "recs", reader="x", questions=["rooms"])
    with at(begin + timedelta(days=181)):
        later_browser = signed_in(willing)
        page = later_browser.get(TOLD)
        assert "1 answer has not been used for half a year" in words(page)
        response = later_browser.post(f"{TOLD}unused/")
        assert notice_of(later_browser, response) == "1 answer deleted"
        assert [each.question.key for each in Answer.objects.all()] == ["rooms"]
        assert "half a year" not in words(later_browser.get(TOLD))
        assert notice_of(later_browser, later_browser.post(f"{TOLD}unused/")) == "0 answers deleted"


def test_what_is_refused_is_listed_and_may_be_asked_again(willing: Customer, browser: Client) -> None:
    never(willing, "windows")
    page = browser.get(TOLD)
    assert "What we don’t ask again" in words(page)
    assert "/prompts/windows/" not in read(page).links
    form = read(page).form("/prompts/windows/again/")
    assert "You may ask again" in form.buttons[0].text
    assert notice_of(browser, browser.post(form.action, form.fields)) == "We may ask you again"
    assert browser.post(form.action, form.fields).status_code == 303, "twice is once"
    assert [kind for kind in kinds_of(willing) if kind == "question.declined"] == ["question.declined"] * 2
    assert "/prompts/windows/" in read(browser.get(TOLD)).links


def test_delete_is_one_press_and_for_good(willing: Customer, browser: Client) -> None:
    tells(willing)
    form = read(browser.get(TOLD)).form(f"{ONE}delete/")
    response = browser.post(form.action, form.fields)
    page = notice(browser, response)
    assert page.texts["h2"][0] == "Deleted"
    assert not Answer.objects.exists()
    assert browser.get(ONE).status_code == 404
    assert "What we don’t ask again" in page.texts["h2"]
    assert notice_of(browser, browser.post(form.action, form.fields)) == "There was nothing to delete"
    ordered(willing)
    assert not shows_prompt(browser.get("/"))


def test_the_file_holds_what_the_page_shows(willing: Customer, browser: Client) -> None:
    answer = tells(willing).answer
    read_answers(willing, "recs", reader="Linden’s shop")
    assert browser.get(f"{TOLD}download/").status_code == 405
    response = browser.post(f"{TOLD}download/")
    assert response["Content-Disposition"] == 'attachment; filename="what-you-told-us.json"'
    assert response["Content-Type"].startswith("application/json")
    held = json.loads(response.content)
    assert held["brand"] == "linden"
    (one,) = held["answers"]
    assert (one["question"], one["title"], one["value"]) == ("bed-size", TITLE, {"one": "160x200"})
    assert " ".join(one["answer"].split()) == "160 × 200"
    assert one["uses"] == [{"day": timezone.localdate().isoformat(), "purpose": "recs", "by": "Linden’s shop", "times": 1}]
    assert answer.receipt.hex not in html(response).replace("-", "")


def test_the_history_shows_every_showing_and_answer(asked: Customer, browser: Client) -> None:
    press(browser, form_at(browser, "/"), "save", answer="160x200")
    not_now(asked, "rooms")
    never(asked, "windows")
    browser.post(f"{ONE}delete/")
    said = words(browser.get("/history/?show=answers"))
    for line in (
        f"We asked: {TITLE}",
        f"You answered: {TITLE}",
        "You said “Not now”:",
        "You said “Don’t ask again”:",
        "deleted: Which bed",
    ):
        assert line in said
    assert "160 × 200" not in said


def test_the_navigation_leads_there_where_anything_is_asked(willing: Customer, browser: Client, kingfisher: Brand, marta: Customer) -> None:
    assert TOLD in read(browser.get("/")).links
    hers = signed_in(marta)
    assert TOLD not in read(hers.get("/")).links
    assert hers.get(TOLD).status_code == 200, "of a brand that asks nothing the page says that nothing was told"


def test_pages_about_somebody_are_kept_by_nobody(willing: Customer, browser: Client) -> None:
    tells(willing)
    choices = browser.get("/choices/")["Cache-Control"]
    for path in ("/", TOLD, ONE, PROMPT):
        assert browser.get(path)["Cache-Control"] == choices
    assert "no-store" in choices or "private" in choices


# ── Nobody ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", [PROMPT, TOLD, ONE])
def test_nobody_is_sent_to_the_sign_in_and_back(asked: Customer, path: str) -> None:
    tells(asked)
    nobody = Client(headers={"host": asked.brand.host})
    response = nobody.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={path}")


@pytest.mark.parametrize(
    "path", [PROMPT, f"{PROMPT}again/", f"{ONE}delete/", f"{TOLD}unused/", f"{TOLD}undo/", f"{TOLD}download/"]
)  # fmt: skip
def test_a_press_by_nobody_does_nothing_and_says_so(asked: Customer, path: str) -> None:
    receipt = str(tells(asked).answer.receipt)
    before = everything(asked)
    nobody = Client(headers={"host": asked.brand.host})
    response = nobody.post(path, {"do": "never", "receipt": receipt, "answer": "90x200"})
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")
    assert "Nothing was saved" in words(nobody.get(response["Location"]))
    assert everything(asked) == before


# ── Cost and language ───────────────────────────────────────────────────────────────────────────────────────────────


def queries(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_a_page_of_many_answers_costs_no_more_than_one_of_a_few(linden: Brand, willing: Customer, browser: Client) -> None:
    tells(willing)
    read_answers(willing, "recs", reader="x")
    before = {path: queries(browser, path) for path in (TOLD, ONE, PROMPT)}
    for number in range(20):
        published(linden, f"q-{number}", order=100 + number)
    willing.brand.refresh_from_db()
    for number in range(20):
        tells(willing, f"q-{number}", {"one": "a"})
        read_answers(willing, "recs", reader=f"reader {number % 3}")
    assert {path: queries(browser, path) for path in (TOLD, ONE, PROMPT)} == before
    assert max(before.values()) <= MOST_QUERIES, before


def test_the_overview_with_a_question_stays_cheap(linden: Brand, asked: Customer, browser: Client) -> None:
    assert shows_prompt(browser.get("/"))
    before = queries(browser, "/")
    assert before <= MOST_QUERIES
    for number in range(20):
        published(linden, f"q-{number}", order=100 + number)
    asked.brand.refresh_from_db()
    for number in range(20):
        tells(asked, f"q-{number}", {"one": "a"})
    assert queries(browser, "/") == before


@pytest.mark.parametrize("path", ["/", PROMPT, TOLD, ONE, "/history/?show=answers"])
def test_every_page_reads_polish(asked: Customer, browser: Client, path: str) -> None:
    Customer.objects.filter(pk=asked.pk).update(language="pl")
    if path != "/":
        tells(asked)
    page = browser.get(path)
    assert page.status_code == 200
    assert '<html lang="pl"' in html(page)
    assert "Do jakiego łóżka?" in html(page)
    assert TITLE not in html(page)


def test_a_showing_keeps_the_language_it_was_put_in(asked: Customer, browser: Client) -> None:
    Customer.objects.filter(pk=asked.pk).update(language="pl")
    browser.get("/")
    assert Ask.objects.get().language == "pl"
    assert Entry.objects.of(asked.subject).get(kind="question.shown").act["language"] == "pl"


def test_the_words_of_a_press_are_polish(asked: Customer, browser: Client) -> None:
    Customer.objects.filter(pk=asked.pk).update(language="pl")
    page = press(browser, form_at(browser, "/"), "save")
    assert "Choose an answer" not in words(page)
    assert not read(page).texts["title"][0].startswith("Error:")
    saved = press(browser, form_at(browser, "/"), "save", answer="160x200")
    assert notice_of(browser, saved) != "Saved"


def test_the_questions_of_the_pack_are_what_is_asked(linden: Brand) -> None:
    assert (FOLDER / "shop.yaml").is_file()
    assert set(Question.objects.filter(brand=linden).values_list("key", flat=True)) == {"bed-size", "rooms", "windows"}


def test_a_showing_is_of_this_visit(asked: Customer, browser: Client) -> None:
    """The row names the visit by a fingerprint, not by its cookie."""
    browser.get("/")
    session = Ask.objects.get().session
    assert re.fullmatch(r"[0-9a-f]{32}", session)
    key = browser.session.session_key
    assert key is not None
    assert key not in session
    assert shown(asked, session).prompt is not None
