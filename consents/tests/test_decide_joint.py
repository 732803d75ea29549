"""Where the yes is joint (France), and the page about a child: contracts.md 6, rule 9."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from accounts.models import Customer, Guardianship
from consents.decide import decide
from consents.screens import Reader
from consents.tests.acting import a_word
from consents.tests.family import GRANTED, MISSING, USE, answer, ended

# ── France: both ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("own", "guardians", "expected"),
    [
        ("", "", MISSING),
        ("granted", "", MISSING),
        ("", "granted", (False, "undecided")),
        ("granted", "granted", GRANTED),
        ("refused", "granted", (False, "refused")),
        ("granted", "refused", (False, "refused")),
        ("pending", "granted", (False, "unconfirmed")),
    ],
)
def test_in_france_the_yes_is_joint(child: Customer, marta: Guardianship, own: str, guardians: str, expected: tuple[bool, str]) -> None:
    child.country = "FR"
    child.birth_date = date(timezone.now().year - 14, 1, 1)
    child.save()
    if own:
        a_word(child, USE, own, seq=20)
    if guardians:
        a_word(child, USE, guardians, party=marta.guardian_subject, seq=21)
    assert answer(child) == expected


def test_in_france_the_own_yes_is_enough_from_fifteen(child: Customer) -> None:
    child.country, child.birth_date = "FR", date(timezone.now().year - 15, 1, 1)
    child.save()
    a_word(child, USE, "granted")
    assert answer(child) == GRANTED


# ── The page decides alike ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_about_a_child_says_what_decide_says(child: Customer, marta: Guardianship, pawel: Guardianship) -> None:
    from catalogue.published import published
    from consents.decide import words_of_others

    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    ended(marta, seq=30)
    a_word(child, USE, "granted", party=pawel.guardian_subject, seq=31, seen=30)
    a_word(child, "insight", "granted", party=pawel.guardian_subject, seq=32, seen=31)
    a_word(child, "insight", "refused", seq=33)
    own = {(choice.purpose, choice.channel): choice for choice in child.choices.filter(party=child.subject)}
    reader = Reader(child, own, words_of_others(child), "en", "0" * 32, 40)
    for purpose in published(child.brand).values():
        for channel in purpose.channels or ("",):
            assert reader.decision(purpose, channel) == decide(child, purpose.key, channel), purpose.key
