"""The first layer of a purpose is short enough to be read: at most 150 words, in every language, as the pages show it."""

from __future__ import annotations

import re
import sys
from html import unescape
from typing import Any

import pytest

from accounts.models import Customer
from catalogue.copy import LONGEST_FIRST_LAYER, word_count
from catalogue.published import published
from catalogue.tests.standing import in_force
from consents.screens import offered_now
from guardians.links import COOKIE, token_of
from guardians.tests.families import a_child
from preference_center.tests.cast import SignedIn, browser_at

ARTICLE = re.compile(r'<article class="(?:choice|flow|kid__card)[ "].*?</article>', re.DOTALL)
SECOND_LAYER = re.compile(r"<details\b.*?</details>", re.DOTALL)
TAGS = re.compile(r"<[^>]*>")

each_brand = pytest.mark.parametrize("who", ["anna", "marta"])
each_language = pytest.mark.parametrize("language", ["en", "pl"])


def first_layers(html: str) -> list[str]:
    """The words of each purpose before anything is opened, those that only a screen reader says among them."""
    return [unescape(TAGS.sub(" ", SECOND_LAYER.sub(" ", article))) for article in ARTICLE.findall(html)]


@each_brand
@each_language
@pytest.mark.parametrize("path", ["/choices/", "/how-we-use-data/"])
def test_no_purpose_takes_more_than_150_words(who: str, language: str, path: str, request: Any, signed_in: SignedIn, capsys: Any):
    customer: Customer = request.getfixturevalue(who)
    Customer.objects.filter(pk=customer.pk).update(language=language)
    html = signed_in(customer).get(path).content.decode()
    assert f'<html lang="{language}"' in html
    counts = [word_count(words) for words in first_layers(html)]
    assert len(counts) == len(list(offered_now(customer)) if path == "/choices/" else in_force(customer.brand))
    assert min(counts) > 10, "words are missing: the measuring is blind"
    with capsys.disabled():
        sys.stdout.write(f"\n{customer.brand.key} {path} {language}: {min(counts)} to {max(counts)} words a purpose\n")
    assert max(counts) <= LONGEST_FIRST_LAYER


@each_language
def test_no_use_of_a_childs_data_takes_more_than_150_words(marta: Customer, language: str, signed_in: SignedIn):
    """On the page of the family, and in the child's own words."""
    Customer.objects.filter(pk=marta.pk).update(language=language)
    child = a_child(marta)
    html = signed_in(marta).get("/family/").content.decode()
    own = browser_at(marta.brand, **{"accept-language": language})
    own.cookies[COOKIE] = token_of(child)
    uses = [purpose for purpose in offered_now(child) if purpose.audience == "children"]
    for words in (first_layers(html), first_layers(own.get("/me/").content.decode())):
        counts = [word_count(each) for each in words]
        assert len(counts) >= len(uses) >= 6
        assert 5 < min(counts) <= max(counts) <= LONGEST_FIRST_LAYER


@each_brand
@each_language
def test_the_starter_packs_keep_the_budget(who: str, language: str, request: Any):
    purposes = published(request.getfixturevalue(who).brand).values()
    assert {language} <= {text for purpose in purposes for text in purpose.texts}
    longest = max(word_count(f"{texts.title} {texts.sentence}") for texts in (purpose.for_language(language) for purpose in purposes))
    assert 10 < longest <= LONGEST_FIRST_LAYER


def test_the_count_sees_a_purpose_that_is_too_long():
    long = f'<article class="choice" id="x"><p>{"word " * 151}</p><details><p>{"more " * 500}</p></details></article>'
    assert [word_count(words) for words in first_layers(long)] == [151]
