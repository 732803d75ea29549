"""Whoever would like to read or to answer for somebody else, and may not: by another session, another host, forged numbers, forged forms,
too much of anything, and words that would like to be HTML."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.middleware import SESSION_BRAND
from accounts.models import Customer
from brands.models import Brand
from catalogue.problems import Refused
from consents.tests.acting import allow, signed_in
from consents.tests.reading import Page
from ledger.models import Entry
from profiles import actions
from profiles.actions.questions import RESERVED_KEYS
from profiles.fragments import fragment
from profiles.models import Answer, Ask, Asked
from profiles.tests.asking import HERE, SIZE, content, never, ordered, published, tells, text
from profiles.using import read_answers
from profiles.visits import named

TOLD = "/what-you-told-us/"
CANARY = "kanarek-answer-7731"
FORM = "application/x-www-form-urlencoded"
HTML = f'<script>alert("{CANARY}")</script><img src=x onerror=alert(1)>\'"&lt;'
LOUD = re.compile(r"<script>alert|<img src=x")
POSTS = (
    "/prompts/secret/", "/prompts/secret/again/", f"{TOLD}secret/delete/", f"{TOLD}unused/", f"{TOLD}undo/", f"{TOLD}download/",
)  # fmt: skip
GETS = ("/", "/prompts/secret/", TOLD, f"{TOLD}secret/", "/history/?show=answers")


@pytest.fixture
def secret(linden: Brand, willing: Customer) -> Customer:
    """Anna, who has told what nobody else may read, refused something else for ever, and has just ordered something."""
    published(linden, "secret", kind="text", most=500, order=90, texts={"en": text(options=()), "pl": text("Które?", options=())})
    willing.brand.refresh_from_db()
    tells(willing, "secret", {"text": CANARY})
    never(willing, "windows")
    Asked.objects.filter(customer=willing).update(said_no_at=None)  # some days ago
    ordered(willing)
    return willing


@pytest.fixture
def beas(bea: Customer) -> Client:
    """Bea's browser. She allows what Anna allows."""
    allow(bea, "recs")
    return signed_in(bea)


def everything(*customers: Customer) -> str:
    return json.dumps(
        [
            [list(model.objects.filter(customer=each).order_by("pk").values()) for model in (Answer, Ask, Asked)]
            + [Entry.objects.of(each.subject).count()]
            for each in customers
        ],
        default=str,
    )


def html(response: Any) -> str:
    return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()


def ask_of(customer: Customer, session: str = "one") -> Ask:
    prompt = actions.show(customer, session, HERE).prompt
    assert prompt is not None
    assert prompt.ask is not None
    return prompt.ask


def pass_of(customer: Customer, back: str = "") -> str:
    """The path of a showing on a page of the brand."""
    found = fragment(customer, named("a visit to the shop"), "en", back=back)
    (form,) = Page(found.html).forms
    return urlsplit(form.action).path


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_else_reads_nothing_and_does_nothing(secret: Customer, beas: Client) -> None:
    before = everything(secret)
    receipt = str(Answer.objects.get().receipt)
    for path in GETS:
        assert CANARY not in html(beas.get(path))
    assert beas.get(f"{TOLD}secret/").status_code == 404
    assert beas.get(f"/history/{receipt}/").status_code == 404
    for path in POSTS:
        response = beas.post(path, {"receipt": receipt, "do": "never", "seen": str(Answer.objects.get(customer=secret).seq)})
        assert CANARY not in html(response)
    assert everything(secret) == before


def test_a_file_is_of_ones_own_answers(secret: Customer, beas: Client) -> None:
    assert json.loads(beas.post(f"{TOLD}download/").content)["answers"] == []


def test_nobody_reads_nothing(secret: Customer) -> None:
    nobody = Client(headers={"host": secret.brand.host})
    before = everything(secret)
    for path in GETS:
        response = nobody.get(path)
        assert response.status_code == 302
        assert CANARY not in html(response)
    for path in POSTS:
        assert nobody.post(path).status_code == 302
    assert everything(secret) == before


def test_a_session_of_one_brand_opens_nothing_at_another(secret: Customer, kingfisher: Brand, browser: Client) -> None:
    before = everything(secret)
    elsewhere = {"host": kingfisher.host}
    for path in GETS:
        response = browser.get(path, headers=elsewhere)
        assert response.status_code == 302
        assert CANARY not in html(response)
    for path in POSTS:
        assert browser.post(path, {"do": "never"}, headers=elsewhere).status_code == 302
    assert everything(secret) == before


def test_a_person_of_another_brand_alone_is_nobody_here(secret: Customer, marta: Customer) -> None:
    """Even with a session that says this brand: she is no customer of it."""
    client = Client(headers={"host": secret.brand.host})
    assert marta.person is not None
    client.force_login(marta.person)
    session = client.session
    session[SESSION_BRAND] = secret.brand.key
    session.save()
    for path in GETS:
        assert client.get(path).status_code in {302, 403}
    for path in POSTS:
        assert client.post(path, {"do": "never"}).status_code in {302, 403}
    assert not Answer.objects.filter(customer=marta).exists()


def test_a_question_of_another_brand_is_none_here(secret: Customer, marta: Customer, kingfisher: Brand) -> None:
    hers = signed_in(marta)
    before = everything(secret, marta)
    assert hers.get("/prompts/secret/").status_code == 404
    assert hers.get("/prompts/bed-size/").status_code == 404
    for do in ("save", "later", "never"):
        assert hers.post("/prompts/bed-size/", {"version": "1", "do": do, "answer": "160x200"}).status_code in {303, 404}
    assert hers.post("/prompts/bed-size/again/").status_code in {303, 404}
    assert everything(secret, marta) == before


def test_a_host_of_no_brand_knows_nothing(secret: Customer, browser: Client) -> None:
    path = pass_of(secret)
    for each in (*GETS, path, "/prompts/look.css"):
        response = browser.get(each, headers={"host": "elsewhere.localhost"})
        assert response.status_code == 404
        assert CANARY not in html(response)


def test_a_signed_out_session_is_over(secret: Customer, browser: Client) -> None:
    cookie = browser.cookies["sessionid"].value if "sessionid" in browser.cookies else ""
    browser.logout()
    if cookie:
        browser.cookies["sessionid"] = cookie
    assert browser.get(f"{TOLD}secret/").status_code == 302


# ── Forged numbers ──────────────────────────────────────────────────────────────────────────────────────────────────

NUMBERS = [
    "0",
    "-1",
    "1.5",
    "9" * 17,
    "9" * 18,
    "9" * 19,
    "9" * 5000,
    "٣",
    "²",
    "1e3",
    " 1",
    "0x1",
    "1\0",
    "\0",
    "",
    "x",
    "None",
    "1;2",
    "½",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_any_number_of_a_showing_is_taken_as_none(willing: Customer, browser: Client, number: str) -> None:
    for do in ("later", "never", "save"):
        response = browser.post("/prompts/bed-size/", {"version": "1", "do": do, "ask": number, "answer": "160x200"})
        assert response.status_code == 303
    assert Answer.objects.get().value == SIZE


@pytest.mark.parametrize("number", NUMBERS)
def test_any_number_of_an_answer_that_was_seen_overwrites_nothing(willing: Customer, browser: Client, number: str) -> None:
    tells(willing)
    response = browser.post("/prompts/bed-size/", {"version": "1", "do": "save", "seen": number, "answer": "90x200"})
    assert response.status_code == 409
    assert Answer.objects.get().value == SIZE


@pytest.mark.parametrize("do", ["save", "later", "never"])
def test_the_showing_of_somebody_else_stays_as_it_was(secret: Customer, bea: Customer, beas: Client, do: str) -> None:
    ask = ask_of(secret)
    before = everything(secret)
    response = beas.post("/prompts/bed-size/", {"version": "1", "do": do, "ask": str(ask.pk), "answer": "160x200"})
    assert response.status_code == 303
    assert everything(secret) == before
    assert not Ask.objects.filter(customer=bea).exists()


@pytest.mark.parametrize("do", ["save", "later", "never"])
def test_the_showing_of_another_question_stays_as_it_was(secret: Customer, browser: Client, do: str) -> None:
    ask = ask_of(secret)
    browser.post("/prompts/rooms/", {"version": "1", "do": do, "ask": str(ask.pk), "answer": "kitchen"})
    ask.refresh_from_db()
    assert (ask.state, ask.acted_at) == ("open", None)


RECEIPTS = [
    "", "x", "\0", "0" * 31, "9" * 5000, "{00000000-0000-0000-0000-000000000000}", "urn:uuid:00000000-0000-0000-0000-000000000000",
    "00000000-0000-0000-0000-00000000000\0", "' OR 1=1 --", "٣" * 32, "g" * 32, "-" * 36,
]  # fmt: skip


@pytest.mark.parametrize("receipt", RECEIPTS)
def test_any_receipt_undoes_nothing(secret: Customer, browser: Client, receipt: str) -> None:
    before = everything(secret)
    assert browser.post(f"{TOLD}undo/", {"receipt": receipt}).status_code == 303
    assert browser.post(f"{TOLD}undo/").status_code == 303
    assert everything(secret) == before


def test_the_receipt_of_somebody_else_undoes_nothing(secret: Customer, beas: Client) -> None:
    before = everything(secret)
    for receipt in (Answer.objects.get().receipt, Entry.objects.of(secret.subject).filter(kind="question.declined").get().public_id):
        assert beas.post(f"{TOLD}undo/", {"receipt": str(receipt)}).status_code == 303
    assert everything(secret) == before


def test_a_receipt_of_another_act_undoes_nothing(secret: Customer, browser: Client) -> None:
    before = everything(secret)
    for entry in Entry.objects.of(secret.subject).exclude(kind="answer.given"):
        browser.post(f"{TOLD}undo/", {"receipt": str(entry.public_id)})
    browser.post(f"{TOLD}undo/", {"receipt": str(uuid.uuid4())})
    assert everything(secret) == before


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\0", "/\0", "x" * 9000]
)
def test_nobody_is_led_to_another_host(secret: Customer, browser: Client, path: str) -> None:
    for address, more in (
        ("/prompts/bed-size/", {"do": "later"}),
        ("/prompts/windows/again/", {}),
        (f"{TOLD}undo/", {"receipt": str(Answer.objects.get().receipt)}),
    ):
        response = browser.post(address, more | {"next": path})
        assert response.status_code == 303
        assert not urlsplit(response["Location"]).netloc
        assert "evil" not in response["Location"]
        assert "\0" not in response["Location"]


def test_a_next_that_was_typed_in_comes_out_escaped(secret: Customer, browser: Client) -> None:
    page = browser.post(
        "/prompts/bed-size/", {"version": "1", "do": "save", "answer": "", "next": f'/"><script>alert("{CANARY}")</script>', "ask": '"><b>'}
    )
    assert page.status_code == 422
    assert not LOUD.search(html(page))
    assert '"><b>' not in html(page)


# ── Forged forms ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_the_proof_of_origin_a_press_of_somebody_signed_in_does_nothing(secret: Customer) -> None:
    strict = signed_in(secret, enforce_csrf_checks=True)
    before = everything(secret)
    receipt = str(Answer.objects.get().receipt)
    for path in POSTS:
        for do in ("save", "later", "never"):
            response = strict.post(path, {"do": do, "answer": "x", "receipt": receipt, "csrfmiddlewaretoken": "x" * 64})
            assert response.status_code == 403, path
            assert CANARY not in html(response)
    assert everything(secret) == before


def test_with_its_proof_of_origin_every_form_is_taken(secret: Customer) -> None:
    """The same browser with the pages' own forms: the refusal above is for want of the proof alone."""
    strict = signed_in(secret, enforce_csrf_checks=True)
    for path, action in (
        ("/", "/prompts/bed-size/"),
        (TOLD, f"{TOLD}download/"),
        (TOLD, "/prompts/windows/again/"),
        (TOLD, f"{TOLD}secret/delete/"),
    ):
        form = next(each for each in Page(html(strict.get(path))).forms if each.action == action)
        assert "csrfmiddlewaretoken" in form.fields
        fields = {name: value for name, value in form.fields.items() if name != "answer"}
        assert strict.post(action, fields | {"do": "later"}).status_code in {200, 303}
    assert not Answer.objects.exists()


FAKES = [
    b"",
    b"do=never",
    b"\xff\xfe\x00",
    b"answer=%ff%fe&do=save",
    b"answer=%00&do=save",
    b"=&&&===",
    b"do[]=never",
    b"answer[0]=a",
    b"%",
]


@pytest.mark.parametrize("body", FAKES)
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "application/json", "text/plain", ""])
def test_no_form_at_all_breaks_nothing(secret: Customer, browser: Client, body: bytes, kind: str) -> None:
    token = pass_of(secret)
    for path in ("/prompts/secret/", "/prompts/bed-size/", token):
        response = browser.generic("POST", path, body, content_type=kind)
        assert response.status_code in {200, 303, 400, 409, 410, 422}
    assert Answer.objects.get(question__key="secret").value == {"text": CANARY}


def test_more_fields_than_a_form_has_are_refused(secret: Customer, browser: Client) -> None:
    token = pass_of(secret)
    before = everything(secret)
    many = {"do": "save", **{f"answer-{number}": "1" for number in range(501)}}
    for path in ("/prompts/secret/", f"{TOLD}undo/", token):
        assert browser.post(path, many).status_code in {400, 413}, path
    assert everything(secret) == before


def test_more_text_than_a_form_has_is_refused(secret: Customer, browser: Client) -> None:
    token = pass_of(secret)
    before = everything(secret)
    for name in ("answer", "seen", "ask", "next", "receipt", "back", "do"):
        for path in ("/prompts/secret/", f"{TOLD}undo/", token):
            response = browser.generic("POST", path, f"{name}={'x' * 1_000_000}".encode(), content_type=FORM)
            assert response.status_code in {400, 413}, path
    assert everything(secret) == before


@pytest.mark.parametrize("path", POSTS)
def test_no_flood_gets_past_the_proof_of_origin(secret: Customer, path: str) -> None:
    strict = signed_in(secret, enforce_csrf_checks=True)
    before = everything(secret)
    for body in (f"answer={'x' * 1_000_000}", "&".join(f"a{number}=1" for number in range(501))):
        assert strict.generic("POST", path, body.encode(), content_type=FORM).status_code in {400, 403, 413}
    assert everything(secret) == before


def test_a_long_answer_is_named_an_error_and_no_more(secret: Customer, browser: Client) -> None:
    page = browser.post("/prompts/secret/", {"version": "1", "do": "save", "answer": "x" * 100_000})
    assert page.status_code == 422
    assert Answer.objects.get().value == {"text": CANARY}


@pytest.mark.parametrize("answer", ["a\0b", "\0", "a\nb", "a\u2028b", "a\x1b[2Jb", "\u202eabc", "\ud800"])
def test_letters_that_do_not_print_are_no_answer(secret: Customer, browser: Client, answer: str) -> None:
    body = f"version=1&do=save&seen={Answer.objects.get().seq}&answer=".encode() + b"".join(
        f"%{byte:02x}".encode() for byte in answer.encode("utf-8", "surrogatepass")
    )
    response = browser.generic("POST", "/prompts/secret/", body, content_type=FORM)
    assert response.status_code in {303, 422}
    assert all(letter.isprintable() for letter in Answer.objects.get().value["text"])


def test_one_answer_given_twice_is_no_answer(willing: Customer, browser: Client) -> None:
    for answers in (["160x200", "90x200"], ["160x200", "160x200"]):
        assert browser.post("/prompts/bed-size/", {"version": "1", "do": "save", "answer": answers}).status_code == 422
    assert not Answer.objects.exists()


def test_some_answers_given_often_are_each_once(willing: Customer, browser: Client) -> None:
    assert browser.post("/prompts/rooms/", {"version": "1", "do": "save", "answer": ["kitchen"] * 400 + ["living"]}).status_code == 303
    assert Answer.objects.get().value == {"some": ["living", "kitchen"]}


def test_of_two_buttons_none_is_pressed_twice(willing: Customer, browser: Client) -> None:
    browser.post("/prompts/bed-size/", {"version": "1", "do": ["save", "never"], "answer": "160x200"})
    kinds = list(Entry.objects.of(willing.subject).filter(kind__in=["answer.given", "question.declined"]).values_list("kind", flat=True))
    assert len(kinds) == 1


@pytest.mark.parametrize("do", ["", "undo", "SAVE", "delete", "lifted", "answered", "open", "\0", "x" * 1000])
def test_a_button_that_there_is_not_turns_nothing_down(willing: Customer, browser: Client, do: str) -> None:
    assert browser.post("/prompts/bed-size/", {"version": "1", "do": do}).status_code in {400, 422}
    assert not Asked.objects.exists()
    assert not Answer.objects.exists()


def test_fields_of_a_table_that_there_are_not_are_left_out(willing: Customer, browser: Client) -> None:
    given = {"answer-bedroom-width": "90", "answer-attic-width": "91", "answer-bedroom-depth": "92", "answer": "93", "answer--": "94"}
    assert browser.post("/prompts/windows/", {"version": "1", "do": "save", **given}).status_code == 303
    assert Answer.objects.get().value == {"sizes": {"bedroom": {"width": 90}}}


@pytest.mark.parametrize("number", ["9" * 5000, "1e9", "-0", "0x64", "٣٠", "100.0", "1 0 0", "+100", "１００"])
def test_numbers_are_digits_within_their_bounds(willing: Customer, browser: Client, number: str) -> None:
    browser.post("/prompts/windows/", {"version": "1", "do": "save", "answer-bedroom-width": number})
    assert [each.value["sizes"]["bedroom"]["width"] for each in Answer.objects.all()] in ([], [100])


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_no_other_method_does_anything(secret: Customer, browser: Client, path: str, method: str) -> None:
    before = everything(secret)
    assert getattr(browser, method)(path).status_code == 405
    assert everything(secret) == before


@pytest.mark.parametrize("path", [TOLD, f"{TOLD}secret/"])
def test_pages_that_are_read_are_not_posted_to(secret: Customer, browser: Client, path: str) -> None:
    before = everything(secret)
    assert browser.post(path, {"do": "never"}).status_code == 405
    assert everything(secret) == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_a_method_in_a_header_is_none(secret: Customer, browser: Client, header: str) -> None:
    before = everything(secret)
    for path in (f"{TOLD}secret/delete/", "/prompts/windows/again/"):
        assert browser.get(path, headers={header: "POST"}).status_code == 405
    assert browser.get("/prompts/bed-size/?_method=POST&do=never", headers={header: "POST"}).status_code == 200
    assert everything(secret) == before


# ── Words of our own addresses ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["answer", "undo", "unused", "download", "again", "delete", "look", "prompts"])
def test_a_question_is_never_hidden_behind_our_own_addresses(linden: Brand, willing: Customer, browser: Client, key: str) -> None:
    if key in RESERVED_KEYS:
        with pytest.raises(Refused):
            published(linden, key)
        return
    published(linden, key)
    assert browser.post(f"/prompts/{key}/", {"version": "1", "do": "save", "answer": "a"}).status_code == 303
    assert browser.get(f"{TOLD}{key}/").status_code == 200
    assert browser.post(f"{TOLD}{key}/delete/").status_code == 303
    assert not Answer.objects.exists()
    assert browser.post(f"/prompts/{key}/again/").status_code == 303
    assert Asked.objects.get().never_at is None


@pytest.mark.parametrize("key", ["%00", "..", "..%2f..", "a" * 2000, "bed%20size", "BED-SIZE", "ą", "<script>", "-", "bed-size%0a", "1"])
def test_a_key_that_there_is_not_is_not_found(secret: Customer, browser: Client, key: str) -> None:
    before = everything(secret)
    for path in (f"/prompts/{key}/", f"{TOLD}{key}/"):
        assert browser.get(path).status_code == 404
    for path in (f"/prompts/{key}/again/", f"{TOLD}{key}/delete/", f"/prompts/{key}/"):
        assert browser.post(path, {"do": "never", "answer": "a"}).status_code in {303, 404}
    assert everything(secret) == before


# ── Words that would like to be HTML ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def loud(linden: Brand, willing: Customer) -> Customer:
    """Anna, whose answer is a piece of HTML; and a question all of whose words are."""
    published(linden, "secret", kind="text", most=500, order=90, texts={"en": text(options=()), "pl": text("Które?", options=())})
    willing.brand.refresh_from_db()
    tells(willing, "secret", {"text": HTML})
    return willing


def pages(customer: Customer, browser: Client) -> Iterator[Any]:
    receipt = Answer.objects.get(question__key="secret").receipt
    for path in ("/", TOLD, f"{TOLD}secret/", "/prompts/secret/", "/history/?show=answers", "/history/", f"/history/{receipt}/"):
        yield browser.get(path)
    seen = {"seen": "0", "do": "save"}
    yield browser.post("/prompts/secret/", seen | {"answer": f"{HTML} x"})
    yield browser.post("/prompts/secret/", seen | {"answer": HTML * 20})


def test_an_answer_comes_out_as_it_was_typed_and_never_as_html(loud: Customer, browser: Client) -> None:
    found = [html(response) for response in pages(loud, browser)]
    assert not any(LOUD.search(page) for page in found)
    assert sum("&lt;script&gt;alert(" in page for page in found) >= 4
    assert all("<img src=x" not in page for page in found)


def test_an_answer_in_a_file_is_json_and_nothing_else(loud: Customer, browser: Client) -> None:
    response = browser.post(f"{TOLD}download/")
    assert json.loads(response.content)["answers"][0]["value"] == {"text": HTML}
    assert response["Content-Type"].startswith("application/json")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")


def test_the_name_of_a_reader_comes_out_escaped(loud: Customer, browser: Client) -> None:
    assert read_answers(loud, "recs", reader=f"<b>{CANARY}</b>").answers
    page = html(browser.get(f"{TOLD}secret/"))
    assert f"&lt;b&gt;{CANARY}&lt;/b&gt;" in page
    assert f"<b>{CANARY}" not in page


def test_the_words_of_a_question_come_out_escaped_everywhere(linden: Brand, willing: Customer, browser: Client) -> None:
    loud = {name: f"<b>{name}</b> & more" for name in ("title", "why_now", "benefit", "if_not", "used_by", "save_label")}
    words = text(**loud, options=(("a", "<i>First</i>"), ("b", "Second")))
    published(linden, "new", order=0, texts={"en": words, "pl": words})
    willing.brand.refresh_from_db()
    ordered(willing)
    path = pass_of(willing)
    strange = Client(headers={"host": linden.host})
    found = [fragment(willing, named("a visit to the shop"), "en").html, html(strange.get(path)), html(strange.post(path, {"do": "save"}))]
    found += [html(browser.get(each)) for each in ("/prompts/new/", TOLD)]
    tells(willing, "new", {"one": "a"})
    found += [html(browser.get(each)) for each in (f"{TOLD}new/", TOLD, "/history/?show=answers")]
    for page in found:
        assert not re.search(r"<b>(title|why_now|benefit|if_not|used_by|save_label)|<i>First", page)
    assert sum("&lt;b&gt;title&lt;/b&gt; &amp; more" in page for page in found) == len(found)


def test_an_address_back_comes_out_escaped(willing: Customer) -> None:
    ordered(willing)
    back = f'https://shop.example.com/?q="><script>alert("{CANARY}")</script>'
    found = fragment(willing, named("a visit to the shop"), "en", back=back).html
    assert not LOUD.search(found)
    (form,) = Page(found).forms
    assert form.fields["back"] == back
    nobody = Client(headers={"host": willing.brand.host})
    for response in (
        nobody.get(urlsplit(form.action).path, {"back": back}),
        nobody.post(urlsplit(form.action).path, {"back": back, "do": "save"}),
        nobody.post(urlsplit(form.action).path, {"back": back, "do": "never", "here": "1"}),
    ):
        assert response.status_code in {200, 422}
        assert not LOUD.search(html(response))


# ── By a pass ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_is_signed_in_is_not_who_answers_by_a_pass(secret: Customer, bea: Customer, beas: Client) -> None:
    """The pass says for whom: nothing is written for Bea, and she reads nothing of Anna."""
    path = pass_of(secret)
    before = everything(bea)
    response = beas.post(path, {"do": "save", "answer": "160x200"})
    assert response.status_code == 200
    assert CANARY not in html(response)
    assert everything(bea) == before
    assert Answer.objects.get(question__key="bed-size").customer == secret


def test_a_pass_answers_its_own_question_alone(secret: Customer) -> None:
    path = pass_of(secret)
    nobody = Client(headers={"host": secret.brand.host})
    for more in ({"question": "secret"}, {"key": "secret"}, {"ask": "1"}, {"seen": str(Answer.objects.get().seq)}):
        nobody.post(path, {"do": "save", "answer": "160x200"} | more)
    assert {each.question.key: each.value for each in Answer.objects.all()} == {"secret": {"text": CANARY}, "bed-size": SIZE}


def test_what_is_seen_does_not_make_a_pass_overwrite(secret: Customer) -> None:
    path = pass_of(secret)
    tells(secret)
    nobody = Client(headers={"host": secret.brand.host})
    nobody.post(path, {"do": "save", "answer": "90x200", "seen": str(Answer.objects.get(question__key="bed-size").seq)})
    assert Answer.objects.get(question__key="bed-size").value == SIZE


def test_a_drafts_words_are_read_by_nobody(linden: Brand, willing: Customer, browser: Client) -> None:
    actions.draft_question(linden, key="draft", content=content(texts={"en": text(CANARY), "pl": text(CANARY)}))
    for path in ("/", TOLD, "/prompts/draft/", f"{TOLD}draft/"):
        assert CANARY not in html(browser.get(path))


def test_nothing_is_written_in_the_future_by_a_page(secret: Customer, browser: Client) -> None:
    browser.post(
        "/prompts/bed-size/", {"version": "1", "do": "save", "answer": "160x200", "given_at": "2099-01-01", "kept_until": "2099-01-01"}
    )
    answer = Answer.objects.get(question__key="bed-size")
    assert answer.given_at <= timezone.now()
    assert answer.kept_until < timezone.now() + timedelta(days=731)
