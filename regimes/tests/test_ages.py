from __future__ import annotations

import json
from datetime import date

import pytest

from regimes.actions import SHIPPED, load
from regimes.resolver import Place, UnknownClass, age_of_consent, majority, proof_years, who_decides

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
SALE = "sale_or_disclosure_to_third_party_for_own_marketing"
ROWS = json.loads(SHIPPED.read_text(encoding="utf-8"))["age_of_digital_consent"]
DEFAULT = 16  # the floor of the law data


def place(code: str) -> Place:
    return Place(code.partition("-")[0], code if "-" in code else "")


def expected(row) -> int:
    if row["age"] is None or row.get("effective_from", "") > TODAY.isoformat():
        return DEFAULT
    return int(row["age"])


@pytest.mark.parametrize("row", [row for row in ROWS if not row.get("scope")], ids=lambda row: row["country"])
def test_each_country_up_to_the_day_before_the_birthday_and_from_it(row):
    where, age = place(row["country"]), expected(row)
    assert age_of_consent(where, ["email_marketing"], TODAY) == age
    together = "self_and_guardian" if row.get("dual_consent") else "guardian"
    assert who_decides(["email_marketing"], where, age - 1, TODAY) == together
    assert who_decides(["email_marketing"], where, age, TODAY) == "self"
    assert who_decides(["email_marketing"], where, None, TODAY) == "self"
    assert who_decides(["email_marketing"], where, 0, TODAY) == together


def test_france_wants_both_words_below_fifteen():
    assert who_decides(["email_marketing"], Place("FR"), 14, TODAY) == "self_and_guardian"
    assert who_decides(["email_marketing"], Place("FR"), 15, TODAY) == "self"


def test_denmark_is_fifteen_since_2024_and_the_floor_before():
    # It was 13 until then; the law data does not hold that row, and the floor is the stricter.
    assert age_of_consent(Place("DK"), ["general"], date(2024, 1, 1)) == 15
    assert age_of_consent(Place("DK"), ["general"], date(2023, 12, 31)) == DEFAULT


def test_india_is_eighteen_from_2027_and_the_floor_before():
    india = Place("IN")
    assert who_decides(["general"], india, 16, date(2027, 5, 12)) == "self"
    assert who_decides(["general"], india, 17, date(2027, 5, 13)) == "guardian"
    assert who_decides(["general"], india, 18, date(2027, 5, 13)) == "self"


def test_an_age_only_proposed_does_not_count():
    assert age_of_consent(Place("ES"), ["general"], date(2030, 1, 1)) == 14
    assert age_of_consent(Place("NO"), ["general"], date(2030, 1, 1)) == 13


def test_an_age_enacted_for_later_stands_beside_the_one_of_today(shipped, law_file):
    shipped["age_of_digital_consent"].append({"country": "ES", "age": 16, "basis": "enacted", "effective_from": "2027-09-01"})
    load(path=law_file(shipped), by="system:test")
    assert age_of_consent(Place("ES"), ["general"], date(2027, 8, 31)) == 14
    assert age_of_consent(Place("ES"), ["general"], date(2027, 9, 1)) == 16


def test_california_names_sixteen_for_sale_and_sharing_alone():
    california = Place("US", "US-CA")
    assert age_of_consent(california, [SALE], TODAY) == 16
    assert age_of_consent(california, ["targeted_advertising"], TODAY) == 16
    assert age_of_consent(california, ["email_marketing"], TODAY) == 13
    assert age_of_consent(california, ["email_marketing", SALE], TODAY) == 16


def test_in_california_a_parent_says_yes_to_a_sale_below_thirteen_and_the_minor_from_then_on():
    california = Place("US", "US-CA")
    assert who_decides([SALE], california, 12, TODAY) == "guardian"
    assert who_decides([SALE], california, 13, TODAY) == "self"
    assert who_decides([SALE], california, 15, TODAY) == "self"


def test_a_region_with_a_higher_age_is_heard_before_its_country():
    assert age_of_consent(Place("CA", "CA-QC"), ["general"], TODAY) == 14
    assert age_of_consent(Place("CA", "CA-ON"), ["general"], TODAY) == 13
    assert who_decides(["general"], Place("CA", "QC"), 13, TODAY) == "guardian"


@pytest.mark.parametrize("where", [Place(""), Place("ZZ"), Place("NZ"), Place("TH")])
def test_where_no_age_is_named_the_floor_holds(where):
    assert age_of_consent(where, ["general"], TODAY) == DEFAULT
    assert who_decides(["general"], where, DEFAULT - 1, TODAY) == "guardian"
    assert who_decides(["general"], where, DEFAULT, TODAY) == "self"


def test_the_floor_is_read_from_the_law(shipped, law_file):
    shipped["resolution_policy"]["global_floor"]["age_default"] = 17
    load(path=law_file(shipped), by="system:test")
    assert age_of_consent(Place(""), ["general"], TODAY) == 17


def test_an_unknown_class_has_no_age_and_nobody_to_decide():
    with pytest.raises(UnknownClass):
        age_of_consent(Place("PL"), ["astrology"], TODAY)
    with pytest.raises(UnknownClass):
        who_decides(["astrology"], Place("PL"), None, TODAY)


@pytest.mark.parametrize(
    ("where", "age"),
    [(Place("PL"), 18), (Place(""), 18), (Place("US"), 18), (Place("US", "US-NE"), 19), (Place("US", "MS"), 21), (Place("NZ"), 20)],
)
def test_majority(where, age):
    assert majority(where) == age


@pytest.mark.parametrize("where", [Place("PL"), Place("US", "US-CA"), Place("US", "US-WA"), Place("IN"), Place("")])
def test_proof_is_kept_six_years_or_longer(where):
    assert proof_years(where, date(2027, 6, 1)) == 6


def test_the_longest_period_a_regime_of_the_place_names_wins(shipped, law_file, settings):
    overlay = next(entry for entry in shipped["regimes"] if entry["id"] == "pl-national")
    overlay["proof_retention"] = {"consent": {"value": 121, "unit": "months"}, "requests": {"value": 50, "unit": "years"}}
    load(path=law_file(shipped), by="system:test")
    assert proof_years(Place("PL"), TODAY) == 11
    assert proof_years(Place("DE"), TODAY) == 6
    overlay["proof_retention"] = {"consent": {"value": 99, "unit": "blue moons"}}
    load(path=law_file(shipped), by="system:test")
    assert proof_years(Place("PL"), TODAY) == 6
    settings.PROOF_YEARS = 8
    assert proof_years(Place("DE"), TODAY) == 8
