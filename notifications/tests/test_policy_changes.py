"""The sentences that count changes: whole in both languages, whatever the numbers."""

from __future__ import annotations

import pytest
from django.utils import translation

from notifications.policy_changes import headline, waits

POLISH = "w naszej polityce prywatności 15 grudnia"


@pytest.mark.parametrize(
    ("decisions", "others", "english", "polish"),
    [
        (0, 0, "Nothing for you to decide.", "Nie musisz o niczym decydować."),
        (0, 3, "Nothing for you to decide.", "Nie musisz o niczym decydować."),
        (1, 0, "One change waits for your decision.", "Jedna zmiana czeka na Twoją decyzję."),
        (1, 1, "One change waits for your decision; one needs nothing from you.",
         "Jedna zmiana czeka na Twoją decyzję; jedna nie wymaga niczego."),
        (1, 2, "One change waits for your decision; two need nothing from you.",
         "Jedna zmiana czeka na Twoją decyzję; dwie nie wymagają niczego."),
        (2, 5, "Two changes wait for your decision; five need nothing from you.",
         "Dwie zmiany czekają na Twoją decyzję; pięć nie wymaga niczego."),
        (6, 22, "Six changes wait for your decision; 22 need nothing from you.",
         "Sześć zmian czeka na Twoją decyzję; 22 nie wymagają niczego."),
    ],
)  # fmt: skip
def test_what_waits_and_what_needs_nothing(decisions: int, others: int, english: str, polish: str) -> None:
    with translation.override("en"):
        assert waits(decisions, others) == english
    with translation.override("pl"):
        assert waits(decisions, others) == polish


@pytest.mark.parametrize(
    ("count", "english", "polish"),
    [
        (1, "One change", "Jedna zmiana"), (2, "Two changes", "Dwie zmiany"), (3, "Three changes", "Trzy zmiany"),
        (5, "Five changes", "Pięć zmian"), (9, "Nine changes", "Dziewięć zmian"), (12, "12 changes", "12 zmian"),
        (23, "23 changes", "23 zmiany"),
    ],
)  # fmt: skip
def test_the_subject_says_how_many_and_when(count: int, english: str, polish: str) -> None:
    with translation.override("en"):
        assert headline(count, "15 December") == f"{english} to our privacy policy on 15 December"
    with translation.override("pl"):
        assert headline(count, "15 grudnia") == f"{polish} {POLISH}"
