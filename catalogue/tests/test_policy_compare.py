from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.utils.html import strip_tags

from catalogue.policy_content import ClauseContent, PolicyContent
from catalogue.tests.saying_policies import POLICY, publish_policy, saying
from catalogue.tests.test_policy_pages import months, page

MACHINES = {
    "en": ClauseContent("machines", "Machines", "None <decides>."),
    "pl": ClauseContent("machines", "Maszyny", "Żadna nie decyduje."),
}


@pytest.fixture
def visitor(brand):
    return Client(headers={"host": brand.host, "accept-language": "en"})


def with_machines(content: PolicyContent = POLICY) -> PolicyContent:
    texts = {language: replace(words, clauses=(MACHINES[language], *words.clauses)) for language, words in content.texts.items()}
    return replace(content, texts=texts)


def article(html, anchor):
    (found,) = re.findall(rf'<article class="change" id="{anchor}">.*?</article>', html, re.DOTALL)
    return found


def sides(html):
    return re.findall(r"<div><h3>.*?</div>", html, re.DOTALL)


def test_a_change_is_marked_for_eyes_and_ears(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, saying(kept={"body": "We keep orders for **24 months**.\n\n- Then we delete them."}))
    old, new = sides(article(page(visitor, "/policy/1...2/"), "kept"))
    assert 'for <del><span class="vh">(goes: </span>36<span class="vh">)</span></del> months.' in old
    assert 'for <ins><span class="vh">(new: </span>24<span class="vh">)</span></ins> months.' in new
    assert "<ins>" not in old
    assert "<del>" not in new
    assert "• Then we delete them." in strip_tags(old)


def test_what_stays_is_folded_away_and_whole(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, months(24))
    html = page(visitor, "/policy/1...2/")
    (folded,) = re.findall(r'<details class="change more">.*?</details>', html, re.DOTALL)
    assert "Clauses 1 to 1.1 stay as they are" in folded
    assert "We are a shop." in folded
    assert "1 clause is reworded. Everything else stays the same." in html


def test_a_new_clause_says_that_the_other_version_has_none(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, with_machines())
    html = page(visitor, "/policy/1...2/")
    changed = article(html, "machines")
    old, new = sides(changed)
    assert "New clause" in changed
    assert "Not in this version." in old
    assert "None &lt;decides&gt;." in new
    assert "1 clause is new." in html


def test_a_clause_that_goes_stands_where_it_stood(visitor, brand):
    publish_policy(brand, with_machines())
    publish_policy(brand, replace(POLICY, removed=("machines",)))
    html = page(visitor, "/policy/1...2/")
    old, new = sides(article(html, "machines"))
    assert "Clause that goes" in html
    assert "<del>" in old
    assert "Not in this version." in new
    assert html.index('id="machines"') < html.index("stay as they are")


def test_a_clause_reworded_and_renumbered_says_its_number_before(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, with_machines(saying(kept={"heading": "How long we keep it"})))
    changed = article(page(visitor, "/policy/1...2/"), "kept")
    assert "3 How long we keep it" in changed
    assert "until then number 2" in changed
    assert "(new: </span> we keep it" in changed


def test_a_new_summary_is_shown_first(visitor, brand):
    publish_policy(brand)
    texts = {language: replace(words, summary=f"{words.summary} 2026.") for language, words in POLICY.texts.items()}
    publish_policy(brand, replace(POLICY, texts=texts))
    html = page(visitor, "/policy/1...2/")
    assert "Title and summary" in html
    assert "The clauses read the same in both." in html
    assert "Clauses 1 to 2 stay as they are" in html


def test_one_clause_that_stays_is_named_alone(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, saying(who={"body": "We are a club."}, kept={"body": "We keep nothing."}))
    assert "Clause 1.1 stays as it is" in page(visitor, "/policy/1...2/")


def test_both_are_read_in_the_readers_language(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, saying(language="pl", kept={"body": "Zamówienia trzymamy **24 miesiące**."}))
    html = page(visitor, "/policy/1...2/", headers={"accept-language": "pl"})
    assert '<p lang="pl">Zamówienia trzymamy ' in html


def test_a_language_that_only_one_version_has_is_not_compared_with_another(visitor, brand):
    brand.languages = ["en"]
    brand.save()
    publish_policy(brand, PolicyContent({"en": POLICY.texts["en"]}))
    brand.languages = ["en", "pl"]
    brand.save()
    publish_policy(brand, months(24))
    html = page(visitor, "/policy/1...2/", headers={"accept-language": "pl"})
    assert '<p lang="en">We keep orders for ' in html


def test_without_a_language_in_common_each_is_shown_in_its_own(visitor, brand):
    for language in ("en", "pl"):
        brand.languages = [language]
        brand.default_language = language
        brand.save()
        publish_policy(brand, PolicyContent({language: POLICY.texts[language]}))
    html = page(visitor, "/policy/1...2/")
    assert '<p lang="en">' in html
    assert '<p lang="pl">' in html


def test_any_two_versions_are_compared_the_older_first(visitor, brand):
    for number in (12, 24, 36):
        publish_policy(brand, months(number))
    assert "12" in article(page(visitor, "/policy/1...3/"), "kept")
    assert visitor.get("/policy/3...1/")["Location"] == "/policy/1...3/"
    assert visitor.get("/policy/2...2/")["Location"] == "/policy/2/"
