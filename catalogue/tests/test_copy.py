from __future__ import annotations

import pytest

from catalogue.copy import LONGEST_SENTENCE_TO_A_CHILD, lint, nameless, only_no, says_no

FAULTY = [
    ("en", "Are you sure?", "pressure"),
    ("en", "We’re sorry to see you go.", "pressure"),
    ("en", "You’ll miss our news.", "pressure"),
    ("en", "Please reconsider.", "pressure"),
    ("en", "To improve your experience.", "pressure"),
    ("pl", "Czy na pewno?", "pressure"),
    ("pl", "Stracisz rabaty.", "pressure"),
    ("en", "We may use it.", "vague"),
    ("en", "It might go abroad.", "vague"),
    ("en", "Fine. May go abroad.", "vague"),
    ("pl", "Dane mogą trafić dalej.", "vague"),
    ("pl", "Możemy napisać.", "vague"),
    ("en", "Hello!", "exclamation"),
    ("pl", "Zażółćgęśląjaźńzażółćgęśląjaźń", "long_word"),
    ("en", "one " * 26, "long_sentence"),
]
SOUND = [
    ("en", "From 1 May 2026 we write once a month."),
    ("en", "May 2026 is when it starts."),
    ("en", "one " * 25),
    ("en", "one " * 20 + ". " + "two " * 20),
    ("pl", "Możesz to zmienić w każdej chwili."),
    ("de", "Vielleicht."),
]


@pytest.mark.parametrize(("language", "text", "code"), FAULTY)
def test_it_finds(language, text, code):
    assert [fault.code for fault in lint(text, language)] == [code]


@pytest.mark.parametrize(("language", "text"), SOUND)
def test_it_lets_pass(language, text):
    assert lint(text, language) == []


def test_outside_a_purpose_may_is_a_word_like_others():
    assert lint("You may object.", "en", purpose=False) == []


def test_a_text_for_a_child_has_shorter_sentences():
    assert [fault.code for fault in lint("one " * 15, "en", words=LONGEST_SENTENCE_TO_A_CHILD)] == ["long_sentence"]
    assert lint("one " * 14, "en", words=LONGEST_SENTENCE_TO_A_CHILD) == []


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Our partners", "partners"), ("en", "Trusted companies", "Trusted companies"), ("pl", "Zaufani partnerzy", "partnerzy"),
        ("pl", "Podmioty trzecie", "Podmioty trzecie"), ("en", "Listova", ""), ("de", "Partner", ""), ("pl-PL", "partnerom", "partnerom"),
    ],
)  # fmt: skip
def test_it_asks_for_names(language, text, found):
    assert nameless(text, language) == found


@pytest.mark.parametrize(
    ("language", "text", "denies"),
    [
        ("en", "No", True), ("en", "Not for money.", True), ("en", "Your data is never sold.", True), ("en", "Yes, to Adfield.", False),
        ("en", "We do not sell it.", True), ("pl", "Nie", True), ("pl", "Danych nie sprzedajemy.", True), 
        ("pl", "Tak, firmie Adfield.", False),
        ("de", "Nein", False),
    ],
)  # fmt: skip
def test_it_hears_a_denied_sale(language, text, denies):
    assert says_no(text, language) is denies


def test_a_bare_no():
    assert only_no("No.")
    assert only_no(" nie ")
    assert not only_no("Nie za pieniądze.")
