from __future__ import annotations

from datetime import date

import pytest

from regimes.resolver import Place, known_classes, tighten

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
HOME = "pl-national"
SALE = "sale_or_disclosure_to_third_party_for_own_marketing"
POLAND, VIRGINIA, MARYLAND, UNKNOWN = Place("PL"), Place("US", "US-VA"), Place("US", "US-MD"), Place("")

# From loose to strict, for "never looser".
ORDER = {"opt_out": 0, "legitimate_interest": 0, "contract": 0, "legal_duty": 0, "consent": 1, "prohibited": 2}


def basis(published: str, name: str, place: Place, age: int | None = None) -> str:
    """The law of the place alone; of an unknown place, that of the home."""
    return tighten(published, [name], place, age, TODAY, "" if place.country else HOME).basis


@pytest.mark.parametrize(
    ("published", "name", "place", "age", "expected"),
    [
        ("legitimate_interest", "email_marketing", POLAND, None, "consent"),  # ePrivacy asks for the yes, whatever the ground
        ("legitimate_interest", "postal_marketing", POLAND, None, "legitimate_interest"),
        ("legitimate_interest", "personalisation_profiling", POLAND, None, "legitimate_interest"),
        ("legitimate_interest", "general", POLAND, None, "legitimate_interest"),
        ("legitimate_interest", "audience_measurement", POLAND, None, "consent"),
        ("legitimate_interest", "targeted_advertising", POLAND, None, "consent"),
        ("legitimate_interest", "targeted_advertising", Place("BR"), None, "legitimate_interest"),
        ("legitimate_interest", "targeted_advertising", Place("BR"), 17, "prohibited"),
        ("legitimate_interest", "sensitive_data", POLAND, None, "consent"),
        ("legitimate_interest", "email_marketing", VIRGINIA, None, "legitimate_interest"),
        ("legitimate_interest", "postal_marketing", VIRGINIA, 12, "consent"),  # a child below 13
        ("legitimate_interest", "personalisation_profiling", Place("CN"), None, "consent"),  # no such ground there
        ("opt_out", "email_marketing", VIRGINIA, None, "opt_out"),
        ("opt_out", "email_marketing", POLAND, None, "consent"),
        ("opt_out", "personalisation_profiling", POLAND, None, "consent"),
        ("opt_out", SALE, VIRGINIA, None, "opt_out"),
        ("opt_out", SALE, Place("US", "US-CA"), 15, "consent"),
        ("opt_out", SALE, MARYLAND, 17, "prohibited"),
        ("opt_out", SALE, UNKNOWN, None, "consent"),
        ("consent", SALE, MARYLAND, 17, "prohibited"),
        ("consent", SALE, MARYLAND, 18, "consent"),
        ("consent", "email_marketing", VIRGINIA, None, "consent"),
        ("consent", "sensitive_data", MARYLAND, None, "prohibited"),  # only what is strictly necessary
        ("contract", "sensitive_data", MARYLAND, None, "contract"),  # which is this
        ("contract", "sensitive_data", POLAND, None, "contract"),
        ("contract", "email_marketing", POLAND, 12, "contract"),
        ("contract", SALE, MARYLAND, 17, "prohibited"),
        ("legal_duty", "sensitive_data", MARYLAND, None, "legal_duty"),
        ("legal_duty", SALE, MARYLAND, 17, "legal_duty"),
    ],
)
def test_the_published_basis_and_the_one_it_stands_on(published, name, place, age, expected):
    assert basis(published, name, place, age) == expected


def test_one_strict_class_is_enough():
    assert tighten("legitimate_interest", ["postal_marketing", "email_marketing"], POLAND, None, TODAY, HOME).basis == "consent"


def test_it_names_whose_word_it_is():
    assert tighten("opt_out", [SALE], MARYLAND, 17, TODAY, HOME).regimes == ("us-md-modpa",)
    assert tighten("contract", [SALE], MARYLAND, 17, TODAY, HOME).regimes == ("us-md-modpa",)
    assert tighten("legitimate_interest", ["email_marketing"], POLAND, None, TODAY, HOME).regimes == (
        "eu-eprivacy",
        "eu-gdpr",
        "pl-national",
    )


@pytest.mark.parametrize("published", ["consent", "legitimate_interest", "opt_out", "contract", "legal_duty"])
def test_a_basis_is_never_loosened_nor_changed_into_another_of_its_kind(published):
    places = [POLAND, VIRGINIA, MARYLAND, UNKNOWN, Place("BR"), Place("CN"), Place("JP"), Place("US")]
    for name in known_classes():
        for place in places:
            for age in (None, 5, 12, 15, 17, 18):
                answer = tighten(published, [name], place, age, TODAY, HOME).basis
                assert answer == published or ORDER[answer] > ORDER[published], (name, place, age)


@pytest.mark.parametrize("word", ["", "prohibited", "Consent", "soft_opt_in"])
def test_what_is_no_basis_has_no_answer(word):
    with pytest.raises(ValueError, match="not a basis"):
        tighten(word, ["email_marketing"], POLAND, None, TODAY, HOME)
