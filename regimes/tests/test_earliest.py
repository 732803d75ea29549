from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from regimes.actions import load
from regimes.deadlines import Pause, earliest
from regimes.law import law
from regimes.resolver import FLOOR_RIGHTS, Place, UnknownRegime, rights, statutory_rights

pytestmark = pytest.mark.django_db

D = date.fromisoformat
TODAY = D("2026-11-23")
HOME = "pl-national"
CALIFORNIA, NOWHERE = Place("US", "CA"), Place("")


def first(place: Place, kind: str, received: str = "2026-11-23", home: str = "", **more: Any) -> tuple[str, str | None] | None:
    found = earliest(place, kind, D(received), home=home, holidays="PL", **more)
    return (found.regime, found.due.isoformat() if found.due else None) if found else None


def test_of_several_regimes_the_earliest_date_counts():
    assert first(CALIFORNIA, "respond") == ("us-ca-ccpa", "2027-01-07")
    assert first(CALIFORNIA, "respond", home=HOME) == ("eu-gdpr", "2026-12-23")
    assert first(CALIFORNIA, "opt_out_effective") == ("us-can-spam", "2026-12-08")
    assert first(CALIFORNIA, "opt_out_effective", "2026-12-15") == ("us-can-spam", "2026-12-30")
    assert first(Place("CA", "QC"), "respond") == ("ca-pipeda", "2026-12-23")


def test_a_date_counts_more_than_none():
    assert first(CALIFORNIA, "acknowledge", home=HOME) == ("us-ca-ccpa", "2026-12-09")
    assert first(Place("PL"), "acknowledge") == ("eu-gdpr", None)


def test_each_law_keeps_its_own_holidays():
    assert first(CALIFORNIA, "acknowledge", "2026-12-15", home=HOME) == ("us-ca-ccpa", "2026-12-30")
    assert first(Place("GB"), "respond", "2026-11-24") == ("uk-gdpr", "2026-12-24")
    assert first(Place("DE"), "respond", "2026-11-24") == ("eu-gdpr", "2026-12-28")


def test_where_nobody_knows_the_place_home_and_the_global_floor_count():
    assert first(NOWHERE, "respond", "2026-01-31", home=HOME) == ("global-floor", "2026-02-28")
    assert first(NOWHERE, "respond") == ("global-floor", "2026-12-23")
    assert first(NOWHERE, "acknowledge", home=HOME) == ("global-floor", "2026-11-26")
    assert first(NOWHERE, "opt_out_effective", home=HOME) == ("global-floor", "2026-11-23")
    assert first(Place("ZA"), "respond") == ("global-floor", "2026-12-23")


def test_a_kind_of_which_the_place_has_no_word_is_measured_by_the_floor():
    assert first(Place("CH"), "acknowledge") == ("global-floor", "2026-11-26")


def test_what_nobody_has_a_word_on_is_none():
    assert first(NOWHERE, "appeal_respond") is None
    assert first(NOWHERE, "astrology", home=HOME) is None


def test_what_does_not_bind_on_the_day_does_not_count():
    assert first(Place("US", "VT"), "appeal_respond") is None
    assert first(Place("US", "VT"), "appeal_respond", "2028-01-01") == ("us-vt-vdposa", "2028-03-01")
    assert first(Place("GB"), "complaint_acknowledge", "2026-06-18") is None
    assert first(Place("GB"), "complaint_acknowledge", "2026-06-19") == ("uk-gdpr", "2026-07-20")


def test_an_extension_of_one_law_does_not_lengthen_another():
    assert first(CALIFORNIA, "respond", extended=True) == ("us-ca-ccpa", "2027-02-21")
    assert first(Place("CA", "QC"), "respond", extended=True) == ("ca-qc-law25", "2026-12-23")
    assert first(Place("DE"), "respond", extended=True) == ("eu-gdpr", "2027-02-23")


def test_a_wait_moves_only_the_laws_that_list_it():
    asked = [Pause("identity", D("2026-11-25"), D("2026-12-05"))]
    assert first(Place("DE"), "respond", pauses=asked) == ("eu-gdpr", "2027-01-04")
    assert first(CALIFORNIA, "respond", pauses=asked) == ("us-ca-ccpa", "2027-01-07")
    assert first(Place("PL"), "respond", pauses=asked) == ("pl-national", "2026-12-23")


def test_an_unknown_home_is_an_error():
    with pytest.raises(UnknownRegime, match="atlantis"):
        earliest(NOWHERE, "respond", TODAY, home="atlantis")


def test_rights_are_the_union_of_those_of_the_place_and_of_home():
    california = statutory_rights(CALIFORNIA, TODAY, "")
    assert {"limit_sensitive", "opt_out_sale", "parental_deletion", "opt_out_email"} <= california
    assert "judicial_remedy" not in california
    both = statutory_rights(CALIFORNIA, TODAY, HOME)
    assert both == california | statutory_rights(Place("PL"), TODAY, "")
    assert "judicial_remedy" in both


def test_everybody_is_offered_the_floor_wherever_they_live():
    assert statutory_rights(NOWHERE, TODAY, "") == frozenset()
    assert rights(NOWHERE, TODAY, "") == FLOOR_RIGHTS
    assert rights(Place("JP"), TODAY, "") == FLOOR_RIGHTS
    assert {"access", "erasure", "portability", "withdraw_consent", "opt_out_sale"} <= rights(Place("SG"), TODAY, HOME)


def test_a_right_comes_with_its_law():
    vermont = Place("US", "VT")
    assert "appeal" not in rights(vermont, TODAY, "")
    assert "appeal" in rights(vermont, D("2028-01-01"), "")


def test_the_floors_rights_are_canonical(shipped):
    assert set(shipped["canonical_rights"]) >= FLOOR_RIGHTS


def test_the_floor_is_read_from_the_law_data(shipped, law_file):
    shipped["resolution_policy"]["global_floor"]["respond"] = {"value": 20, "unit": "calendar_days"}
    load(path=law_file(shipped), by="system:test")
    assert first(NOWHERE, "respond") == ("global-floor", "2026-12-13")
    assert law().global_floor["gpc"] == "honour everywhere"
