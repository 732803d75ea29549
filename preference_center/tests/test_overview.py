"""The overview: the position in one true sentence, the stitches, three lists, and what can be done now."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client

from accounts.models import Customer
from brands.actions import change_identity
from catalogue.actions import draft_purpose, publish, retire
from catalogue.content import Content
from consents import actions
from consents.tests.acting import allow, deny, own
from consents.tests.reading import read
from preference_center.home.statement import in_words
from preference_center.tests.cast import SignedIn


@pytest.fixture
def browser(anna: Customer, signed_in: SignedIn) -> Client:
    Customer.objects.filter(pk=anna.pk).update(name="Anna Kowalczyk")
    return signed_in(anna)


def html(browser: Client) -> str:
    content: bytes = browser.get("/").content
    return content.decode()


def sentence(browser: Client) -> str:
    found = re.search(r'<p class="statement">(.*?)</p>', html(browser))
    assert found
    return found[1]


def stitches(browser: Client) -> list[str]:
    return re.findall(r'<span class="is-(\w+)"></span>', html(browser))


NOTHING = "Hello, Anna. You haven’t allowed anything yet, so all optional uses of your data are off. We sell it to no one."


def test_at_first_nothing_is_allowed_and_nothing_is_asked(browser: Client) -> None:
    assert sentence(browser) == NOTHING
    assert stitches(browser) == ["open"] * 7
    assert "Or leave it like this. Everything works." in html(browser)
    assert "Where you stand" not in html(browser)


def test_what_is_allowed_is_counted_in_words(anna: Customer, browser: Client) -> None:
    allow(anna, "news", "email")
    assert sentence(browser) == "Hello, Anna. You allow one of our seven optional uses of your data. We sell it to no one."
    allow(anna, "recs")
    deny(anna, "ads")
    assert "You allow two of our seven optional uses" in sentence(browser)
    assert stitches(browser) == ["on", "on", "off", "open", "open", "open", "open"]
    assert "2 allowed, 1 not allowed, 4 not decided" in html(browser)


def test_only_refusals_are_nothing_allowed(anna: Customer, browser: Client) -> None:
    actions.deny_all(anna, own(anna))
    assert sentence(browser) == NOTHING
    assert stitches(browser) == ["off"] * 7
    assert "Where you stand" in html(browser)


def test_somebody_without_a_name_is_greeted_without_one(anna: Customer, browser: Client) -> None:
    Customer.objects.filter(pk=anna.pk).update(name="")
    assert sentence(browser).startswith("Hello. You")


def test_a_name_is_text_and_no_markup(anna: Customer, browser: Client) -> None:
    Customer.objects.filter(pk=anna.pk).update(name="<b>NAME%(of)s{{x}}")
    assert "Hello, &lt;b&gt;NAME%(of)s{{x}}." in sentence(browser)


def test_the_only_optional_use(anna: Customer, browser: Client) -> None:
    for key in ("news", "ads", "makers", "insight"):
        retire(anna.brand.purposes.get(key=key), by="system:tests")
    anna.brand.refresh_from_db()
    allow(anna, "recs")
    assert "You allow our one optional use of your data." in sentence(browser)
    retire(anna.brand.purposes.get(key="recs"), by="system:tests")
    assert sentence(browser) == "Hello, Anna. There is no optional use of your data here. We sell it to no one."


def add(anna: Customer, key: str, like: str, **changes: object) -> None:
    """A purpose like another one, with some things said otherwise."""
    newest = anna.brand.purposes.get(key=like).newest
    assert newest is not None
    publish(draft_purpose(anna.brand, key=key, content=replace(Content.of(newest), **changes), order=50), by="system:tests")  # type: ignore[arg-type]
    anna.brand.refresh_from_db()


def test_what_runs_without_a_yes_is_not_called_off(anna: Customer, browser: Client) -> None:
    """Post to one's own customers is a matter of opting out in Poland: the sentence must not say that all is off."""
    add(anna, "leaflets", "insight", basis="opt_out", classes=("postal_marketing",))
    assert sentence(browser) == "Hello, Anna. Some optional uses of your data run until you say no. We sell it to no one."
    allow(anna, "recs")
    both = "You allow one of our eight optional uses of your data. Some optional uses of your data run until you say no."
    assert both in sentence(browser)
    assert "What you haven’t decided is off until you turn it on." not in html(browser)
    deny(anna, "leaflets")
    assert "run until you say no" not in sentence(browser)
    assert "What you haven’t decided is off until you turn it on." in html(browser)


def test_what_is_sold_is_said(anna: Customer, browser: Client) -> None:
    newest = anna.brand.purposes.get(key="makers").newest
    assert newest is not None
    content = Content.of(newest)
    sold = {"en": "Yes, the mills pay for it", "pl": "Tak, za opłatą"}
    texts = {language: replace(text, sold=sold[language]) for language, text in content.texts.items()}
    add(anna, "sale", "makers", texts=texts, uses=tuple(replace(use, sold=True) for use in content.uses))
    assert sentence(browser).endswith("Some of it is sold, and only where you allow it.")
    retire(anna.brand.purposes.get(key="sale"), by="system:tests")
    assert sentence(browser).endswith("We sell it to no one.")


def test_where_it_stands_links_each_use(anna: Customer, browser: Client) -> None:
    allow(anna, "news", "email")
    deny(anna, "ads")
    page = read(browser.get("/"))
    assert [name for name in page.texts["h3"] if name.startswith("You ")] == ["You allow 1", "You don’t allow 1", "You haven’t decided 5"]
    assert {"/choices/#news", "/choices/#ads", "/choices/#insight"} <= set(page.links)


def test_stopping_all_marketing_is_one_press_away(anna: Customer, browser: Client) -> None:
    allow(anna, "news", "email")
    form = read(browser.get("/")).form("/choices/marketing/")
    assert browser.post(form.action, form.post()).status_code == 303
    anna.refresh_from_db()
    assert anna.marketing_stopped_seq
    assert "All marketing is stopped" in html(browser)
    assert "You haven’t allowed anything yet" in sentence(browser)


def test_a_purpose_that_has_to_do_with_another_waits_to_be_looked_at(anna: Customer, browser: Client) -> None:
    assert "Nothing right now." in html(browser)
    newest = anna.brand.purposes.get(key="insight").newest
    assert newest is not None
    publish(draft_purpose(anna.brand, key="insight-more", content=Content.of(newest), order=9, parent="insight"), by="system:tests")
    assert "New: Learning how the shop is used" in html(browser)
    anna.brand.refresh_from_db()
    deny(anna, "insight-more")
    assert "Nothing right now." in html(browser)


def test_the_newest_three_entries_are_there(anna: Customer, browser: Client) -> None:
    for purpose in ("recs", "ads", "insight", "makers"):
        deny(anna, purpose)
    shown = html(browser)
    assert shown.count("<div>You chose “Don’t allow”") == 3
    assert "<div>You chose “Don’t allow”: Suggestions that match your home" not in shown


def test_it_is_in_the_persons_language(anna: Customer, browser: Client) -> None:
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    assert "We sell" not in sentence(browser)
    assert 'lang="pl"' in html(browser)


@pytest.mark.parametrize(("number", "words"), [(0, "none"), (1, "one"), (10, "ten"), (11, "11")])
def test_small_numbers_are_words(number: int, words: str) -> None:
    assert in_words(number, "allowed") == in_words(number, "of") == words


@pytest.mark.parametrize("path", ["/contact/", "/accessibility/"])
def test_who_answers_is_said_to_anybody(anna: Customer, path: str) -> None:
    visitor = Client(headers={"host": anna.brand.host})
    response = visitor.get(path)
    assert response.status_code == 200
    assert visitor.post(path).status_code in {403, 405}
    if path == "/contact/":
        page = response.content.decode()
        for words in ("privacy@linden.example", "Linden &amp; Loom sp. z o.o.", "Urząd Ochrony Danych Osobowych", "https://uodo.gov.pl/"):
            assert words in page


def test_an_identity_that_changes_is_shown_at_once(anna: Customer, browser: Client) -> None:
    change_identity(anna.brand, details={"name": "Linden"}, by="system:tests")
    assert "<title>Overview – Linden</title>" in html(browser)
