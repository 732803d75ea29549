"""What a purpose owes to children before it is published, and the words they read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalogue.content import Content, TextFacts
from catalogue.models import PurposeVersion
from catalogue.problems import Refused
from catalogue.tests.conftest import NEWS, SEND, a_brand, publish, said, using
from catalogue.tests.test_validation import ADS, NAMED, OWN

EN = {
    "younger": {"title": "Camp", "sentence": "We write to you."},
    "older": {"title": "The camp", "sentence": "We write to you once a year."},
}
PL = {
    "younger": {"title": "Obóz", "sentence": "Piszemy do Ciebie."},
    "older": {"title": "Obóz", "sentence": "Piszemy do Ciebie raz w roku."},
}
TO_CHILDREN = replace(
    NEWS,
    audience="children",
    pictogram="camera",
    texts={language: replace(NEWS.texts[language], for_children=words) for language, words in (("en", EN), ("pl", PL))},
)
# Adfield gets the address for its own ends, and Listova sends the letter.
BOTH = replace(
    NEWS,
    classes=("targeted_advertising", "email_marketing"),
    texts={language: replace(text, recipients="Adfield, Listova") for language, text in NAMED.items()},
    uses=(ADS, SEND),
)


@pytest.fixture
def club(the_law):
    """A brand that has children among its customers."""
    brand = a_brand("kingfisher")
    brand.has_minors = True
    brand.save()
    return brand


def to_children(content: Content = TO_CHILDREN, **words: Any) -> Content:
    """The same with these words for the younger ones, in English."""
    said = {**EN, "younger": {**EN["younger"], **words}}
    return replace(content, texts={**content.texts, "en": replace(content.texts["en"], for_children=said)})


def refused(brand, content):
    with pytest.raises(Refused) as refused:
        publish(brand, content)
    assert all(len(problem.message) > 20 and "%(" not in problem.message for problem in refused.value.problems)
    return [(problem.code, problem.language, problem.field) for problem in refused.value.problems]


def test_the_sound_ones_are_published(club):
    for key, content in {
        "camp": TO_CHILDREN,
        "ten-years": using(replace(SEND, retention_days=3650), content=TO_CHILDREN),
        "disclosure": replace(BOTH, uses=(ADS,), texts=NAMED),
        "to-adults": replace(BOTH, audience="adults"),
        "long-for-adults": using(replace(SEND, retention_days=9000), content=replace(NEWS, audience="adults")),
        "a-child-may-read": said(for_children=EN),
    }.items():
        assert publish(club, content, key=key).number == 1


@pytest.mark.parametrize("content", [replace(NEWS, audience="children"), replace(TO_CHILDREN, texts={**NEWS.texts})])
def test_a_purpose_for_children_needs_words_for_both_groups_in_every_language(brand, content):
    assert refused(brand, content) == [
        ("child_text_missing", language, f"for_children.{group}") for language in ("en", "pl") for group in ("younger", "older")
    ]


@pytest.mark.parametrize("words", [{"title": " "}, {"sentence": ""}])
def test_a_title_or_a_sentence_alone_is_too_little(brand, words):
    assert refused(brand, to_children(**words)) == [("child_text_missing", "en", "for_children.younger")]


def test_a_sentence_for_a_child_has_fourteen_words_at_the_most(brand):
    assert refused(brand, to_children(sentence="word " * 15)) == [("child_sentence_long", "en", "for_children.younger.sentence")]
    assert publish(brand, to_children(sentence="word " * 14)).number == 1


def test_two_short_sentences_are_two(brand):
    assert publish(brand, to_children(sentence="One of ten words that stand in a row here. " * 2)).number == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"sentence": "You will miss out."}, "pressure"), ({"title": "Camp!"}, "exclamation"),
        ({"sentence": "We might write."}, "vague"), ({"title": "Konstantynopolitańczykowianeczka"}, "long_word"),
    ],
)  # fmt: skip
def test_words_for_children_are_read_as_strictly_as_others(brand, words, code):
    assert [found for found, _language, _field in refused(brand, to_children(**words))] == [code]


def test_words_for_children_are_short_whomever_the_purpose_concerns(brand):
    words = {"older": {"title": "News", "sentence": "word " * 15}}
    assert {code for code, _language, _field in refused(brand, said(for_children=words))} == {"child_sentence_long"}


@pytest.mark.parametrize("audience", ["everybody", "children"])
@pytest.mark.parametrize("beside", [SEND, OWN])
def test_a_disclosure_is_a_purpose_of_its_own(club, audience, beside):
    content = replace(BOTH, uses=tuple(sorted([ADS, beside])), audience=audience)
    content = replace(content, texts={lang: replace(text, for_children=EN if lang == "en" else PL) for lang, text in BOTH.texts.items()})
    assert refused(club, content) == [("child_disclosure_not_separate", "", "uses")]


def test_a_brand_without_children_may_have_both_in_one(brand):
    assert publish(brand, BOTH).number == 1


def test_what_a_processor_would_share_is_a_disclosure_too(club):
    sharing = replace(SEND, category="name", shared=True)
    content = replace(BOTH, uses=tuple(sorted([SEND, sharing])))
    assert refused(club, content) == [("child_disclosure_not_separate", "", "uses")]


def test_the_sentence_says_who_gets_it_and_what_to_do(club):
    with pytest.raises(Refused) as refused:
        publish(club, BOTH)
    assert "Adfield would get a child’s data" in str(refused.value)
    assert "a purpose of its own" in str(refused.value)


def test_a_childs_data_is_not_kept_without_end(club):
    content = using(replace(SEND, retention_days=3651), content=TO_CHILDREN)
    assert refused(club, content) == [("child_retention_without_end", "", "uses")]


def test_a_brand_without_children_keeps_its_own_time(brand):
    assert publish(brand, using(replace(SEND, retention_days=3651), content=TO_CHILDREN)).number == 1


@pytest.mark.parametrize(
    "words", [["News"], {"babies": {}}, {"older": "News"}, {"older": {"body": "News"}}, {"older": {"title": 3}}, {"older": {"title": None}}]
)
def test_words_that_nobody_could_show_do_not_become_a_draft(brand, words):
    with pytest.raises(Refused) as refused:
        publish(brand, said(for_children=words))
    assert refused.value.codes == {"child_words_unclear"}
    assert not brand.purposes.exists()


@pytest.mark.parametrize(
    ("said", "group", "words"),
    [
        (EN, "younger", ("Camp", "We write to you.")),
        (EN, "older", ("The camp", "We write to you once a year.")),
        ({"older": EN["older"]}, "younger", ("The camp", "We write to you once a year.")),
        ({"younger": EN["younger"]}, "older", ("Camp", "We write to you.")),
        ({"younger": {"title": "Camp"}, "older": EN["older"]}, "younger", ("The camp", "We write to you once a year.")),
        ({"older": {"title": "Camp"}}, "older", ("News", "New collections.")),
        ({}, "younger", ("News", "New collections.")),
    ],
)
def test_a_child_reads_its_own_words_or_the_nearest(said, group, words):
    assert TextFacts("News", "New collections.", for_children=said).child_words(group) == words


def test_another_pictogram_alone_is_published_and_changes_no_deed(brand, news):
    content = replace(NEWS, pictogram="eye")
    assert content.same_deeds(NEWS)
    assert publish(brand, content).number == 2


def test_another_pictogram_does_not_carry_new_prose_past_the_officer(brand, news):
    assert refused(brand, said(if_no="All stays", content=replace(NEWS, pictogram="eye"))) == [("prose_changed", "", "")]


def test_the_hash_is_taken_over_whom_it_concerns_and_what_children_read(brand):
    body = publish(brand, TO_CHILDREN).body
    for words in ('"audience":"children"', '"pictogram":"camera"', '"We write to you once a year."'):
        assert words in body


def test_the_database_knows_three_audiences(brand, news):
    with pytest.raises(IntegrityError), transaction.atomic():
        PurposeVersion.objects.create(purpose=news.purpose, basis="consent", audience="dogs")
