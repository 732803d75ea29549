"""The choices page as it is read: three states, nothing pressed for anybody, every decision a form of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from brands.models import Brand
from catalogue.actions import retire
from consents import actions
from consents.screens import choices_page
from consents.states import Scope
from consents.tests.acting import allow, deny, own, page, signed_in
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident
from consents.tests.reading import Page, read

OPTIONAL = {
    "/choices/recs/", "/choices/news/email/", "/choices/news/sms/", "/choices/news/post/", "/choices/ads/", "/choices/makers/",
    "/choices/insight/",
}  # fmt: skip


def choices(client: Client) -> Page:
    response = client.get("/choices/")
    assert response.status_code == 200
    return read(response)


def pressed(read_page: Page) -> dict[tuple[str, str], str | None]:
    return {(form.action, button.value): button.pressed for form in read_page.decisions for button in form.buttons}


def text_of(client: Client, path: str = "/choices/") -> str:
    content: bytes = client.get(path).content
    return content.decode()


def test_a_fresh_account_has_nothing_pressed_and_nothing_ticked(browser: Client) -> None:
    seen = choices(browser)
    assert {state for state in pressed(seen).values() if state is not None} == {"false"}
    assert seen.checked == []
    assert text_of(browser).count("Not decided: we treat it as “Don’t allow”.") == len(OPTIONAL)


def test_every_decision_is_a_form_of_its_own_with_two_equal_buttons(browser: Client) -> None:
    optional = [form for form in choices(browser).decisions if len(form.buttons) == 2]
    assert {form.action for form in optional} == OPTIONAL
    assert len(optional) == len(OPTIONAL)
    for form in optional:
        assert form.method == "post"
        assert [(button.name, button.value, button.type) for button in form.buttons] == [
            ("decision", "allow", "submit"), ("decision", "deny", "submit"),
        ]  # fmt: skip
        assert set(form.fields) == {"csrfmiddlewaretoken", "page"}


def test_a_buttons_name_says_the_answer_and_then_the_use(browser: Client) -> None:
    names = {(form.action, button.value): button.text.strip() for form in choices(browser).decisions for button in form.buttons}
    assert names["/choices/news/sms/", "allow"] == "Allow: News and offers, Text message"
    assert names["/choices/news/sms/", "deny"] == "Don’t allow: News and offers, Text message"
    assert names["/choices/recs/", "deny"] == "Don’t allow: Suggestions that match your home"
    assert names["/choices/fraud/", "deny"].startswith("Object: ")


def test_what_is_decided_is_pressed_and_nothing_else(anna: Customer, browser: Client) -> None:
    allow(anna, "news", "email")
    deny(anna, "ads")
    marks = {use for use, state in pressed(choices(browser)).items() if state == "true"}
    assert marks == {("/choices/news/email/", "allow"), ("/choices/ads/", "deny")}


def test_a_wide_word_presses_dont_allow_on_what_it_covers(anna: Customer, browser: Client) -> None:
    allow(anna, "news", "email")
    actions.stop(anna, Scope.MARKETING, own(anna))
    marks = {use for use, state in pressed(choices(browser)).items() if state == "true"}
    assert ("/choices/news/email/", "allow") not in marks
    assert ("/choices/news/email/", "deny") in marks
    assert ("/choices/recs/", "deny") not in marks
    assert "You stopped all marketing" in text_of(browser)


def test_each_decided_use_links_its_receipt(anna: Customer, browser: Client) -> None:
    entry = allow(anna, "recs").entry
    assert entry is not None
    assert f"/history/{entry.public_id}/" in choices(browser).links


def test_every_decision_has_its_place_on_the_page(browser: Client) -> None:
    ids = choices(browser).ids
    assert {"recs", "news", "ads", "makers", "insight", "fraud", "delivery", "invoices"} <= ids


def test_what_needs_no_consent_has_no_allow(browser: Client) -> None:
    actions_ = {form.action for form in choices(browser).decisions}
    assert "/choices/delivery/" not in actions_
    assert "/choices/invoices/" not in actions_
    fraud = choices(browser).form("/choices/fraud/")
    assert [button.value for button in fraud.buttons] == ["deny"], "one press: Object"
    shown = text_of(browser)
    assert "Needed for the service" in shown
    assert "Required by law" in shown


def test_an_objection_can_be_taken_back_at_the_same_place(anna: Customer, browser: Client) -> None:
    deny(anna, "fraud")
    assert [button.value for button in choices(browser).form("/choices/fraud/").buttons] == ["allow"]
    assert "You objected" in text_of(browser)


def test_what_has_ended_is_not_offered(anna: Customer, browser: Client) -> None:
    retire(anna.brand.purposes.get(key="recs"), by="system:tests")
    assert "/choices/recs/" not in {form.action for form in choices(browser).decisions}


def test_no_decision_wears_the_brands_filled_button(browser: Client) -> None:
    assert "btn--primary" not in text_of(browser)


def test_a_new_purpose_names_what_it_has_to_do_with(linden: Brand, anna: Customer, browser: Client) -> None:
    from catalogue.actions import draft_purpose
    from catalogue.actions import publish as publish_version
    from catalogue.content import Content

    newest = linden.purposes.get(key="insight").newest
    assert newest is not None
    draft = draft_purpose(linden, key="insight-more", content=Content.of(newest), order=9, parent="insight")
    publish_version(draft, by="system:tests")
    assert "Part of what you may already allow as “Learning how the shop is used”" in text_of(browser)


# ── The line of every state ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def gail(linden: Brand) -> Customer:
    gail = resident(found_golden())
    publish(gail.brand, "short", "consent", lifetime_months=1)
    gail.brand.refresh_from_db()
    return gail


def line(customer: Customer, row_id: str) -> str:
    customer.refresh_from_db(fields=["restricted_seq", "marketing_stopped_seq", "sale_stopped_seq", "sensitive_limited_seq", "region"])
    seen = choices_page(customer, "en")
    rows = {row.id: row for card in (*seen.optional, *seen.fixed) for row in card.all_rows}
    return str(rows[row_id].state.text)


def test_lines(gail: Customer) -> None:
    assert line(gail, "consent-t") == "Not decided: we treat it as “Don’t allow”."
    assert line(gail, "legitimate-interest-t") == "You have not objected."
    assert line(gail, "opt-out-t") == "You have not objected."
    assert line(gail, "contract-t") == ""
    allow(gail, "consent")
    assert line(gail, "consent-t").startswith("Allowed <time datetime=")
    deny(gail, "consent")
    assert line(gail, "consent-t").startswith("Stopped <time datetime=")
    deny(gail, "opt-out")
    assert line(gail, "opt-out-t").startswith("Not allowed since <time")
    deny(gail, "legitimate-interest")
    assert "We have stopped." in line(gail, "legitimate-interest-t")
    deny(gail, "letters", "email")
    assert line(gail, "letters-email").startswith("Not allowed since <time")
    actions.ask_to_confirm(gail, "letters", "sms", page(gail, "letters", "sms"))
    assert "until you confirm it" in line(gail, "letters-sms")


@pytest.mark.parametrize(
    ("scope", "words"),
    [(Scope.MARKETING, "you stopped all marketing"), (Scope.SALE, "selling and sharing"), (Scope.SENSITIVE, "sensitive data")],
)
def test_lines_of_wide_words(gail: Customer, scope: Scope, words: str) -> None:
    actions.stop(gail, scope, own(gail))
    assert words in line(gail, "consent-t")


def test_lines_of_what_is_on_hold_or_forbidden(gail: Customer) -> None:
    Customer.objects.filter(pk=gail.pk).update(restricted_seq=3)
    assert line(gail, "consent-t") == "On hold: the use of your data is paused."
    Customer.objects.filter(pk=gail.pk).update(restricted_seq=None, region="MD")
    assert line(gail, "consent-t") == "The law does not let us do this, so we don’t."


def test_the_line_of_a_yes_that_has_run_out(gail: Customer) -> None:
    from datetime import timedelta

    import time_machine
    from django.utils import timezone

    allow(gail, "short")
    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False):
        assert "Your yes ran out on" in line(gail, "short-t")
        assert "Not decided" in line(gail, "short-t")


def test_the_page_of_a_child_says_who_decides(anna: Customer) -> None:
    from datetime import date

    anna.birth_date = date(anna.created_at.year - 11, 1, 1)
    anna.save()
    response = signed_in(anna).get("/choices/")
    assert "A parent or guardian has to decide this." in response.content.decode()


# ── Nobody signed in ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", "/history/", "/history/0192b1b2-0000-7000-8000-000000000000/"])
def test_signed_out_goes_to_the_sign_in_and_back(visitor: Client, path: str) -> None:
    response: Any = visitor.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")
    assert path == "/" or response["Location"].endswith(path)


def test_a_session_made_at_another_brand_counts_as_none(linden: Brand, anna: Customer, browser: Client) -> None:
    golden = found_golden()
    assert browser.get("/choices/").status_code == 200
    response = browser.get("/choices/", headers={"host": golden.host})
    assert "You are not signed in" in response.content.decode()


def test_staff_who_are_nobodys_customer_have_no_choices(linden: Brand, world: None) -> None:
    from accounts.actions.colleagues import appoint
    from accounts.middleware import SESSION_BRAND

    client = Client(headers={"host": linden.host})
    client.force_login(appoint(linden, "sam@linden.example", ["agent"], by="system:tests"))
    session = client.session
    session[SESSION_BRAND] = linden.key
    session.save()
    assert "You are not signed in" in client.get("/choices/").content.decode()
