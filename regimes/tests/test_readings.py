from __future__ import annotations

import json

import pytest

from regimes.actions import SHIPPED
from regimes.minors import MAJORITY, MINOR_RULES, OWN_YES_FROM, SCOPES
from regimes.readings import FLOOR, READINGS, Model, floor

LAW = json.loads(SHIPPED.read_text(encoding="utf-8"))
CLASSES = set(LAW["canonical_purposes"])
PHRASES = {(name, phrase) for regime in LAW["regimes"] for name, phrase in (regime.get("consent_model") or {}).items()}


def test_every_phrase_of_the_data_has_a_reading_and_no_reading_is_left_over():
    assert set(READINGS) == PHRASES


@pytest.mark.parametrize("pair", sorted(PHRASES), ids=lambda pair: f"{pair[0]}: {pair[1]}")
def test_a_reading_is_never_looser_than_the_first_word_of_its_phrase(pair):
    phrase, model = pair[1], READINGS[pair].model
    if phrase.startswith("prohibited"):
        assert model is Model.PROHIBITED
    elif phrase.startswith(("explicit", "separate", "specific", "verifiable", "prior_express", "signed")):
        assert model >= Model.EXPLICIT_OPT_IN
    elif phrase.startswith(("opt_in", "parental", "express", "legal_representative")):
        assert model >= Model.OPT_IN
    elif phrase.startswith(("opt_out", "objection", "notice_and_opt_out", "tacit")):
        assert model >= Model.OPT_OUT
    else:
        assert phrase.startswith(("notice", "national_rule", "non-personalised", "strictly_necessary"))


def test_soft_opt_in_and_implied_consent_are_read_as_consent():
    soft = {pair: reading for pair, reading in READINGS.items() if "soft" in pair[1] or "implied" in pair[1]}
    assert len(soft) >= 8
    assert {reading.model for reading in soft.values()} == {Model.OPT_IN}
    assert not any(reading.weighable for reading in soft.values())


def test_only_what_the_law_names_as_a_legitimate_interest_may_be_weighed():
    weighable = {pair for pair, reading in READINGS.items() if reading.weighable}
    assert weighable
    assert all("legitimate_interest" in phrase for _, phrase in weighable)


def test_models_are_ordered_from_loose_to_strict():
    assert sorted(Model) == [Model.NOTICE, Model.OPT_OUT, Model.OPT_IN, Model.EXPLICIT_OPT_IN, Model.PROHIBITED]


def test_the_floor_offers_at_least_the_no_for_every_class():
    assert all(floor(name) >= Model.OPT_OUT for name in CLASSES)
    assert set(FLOOR) <= CLASSES


def test_the_tables_about_minors_name_only_what_the_law_data_knows():
    regimes = {regime["id"]: regime for regime in LAW["regimes"]}
    for rule in MINOR_RULES:
        assert rule.code in regimes[rule.regime]["jurisdictions"], rule
        assert rule.classes is None or rule.classes <= CLASSES, rule
        assert rule.source, rule
    scopes = {row["scope"] for row in LAW["age_of_digital_consent"] if row.get("scope")}
    assert scopes == set(SCOPES)
    assert {scope for _, scope in OWN_YES_FROM} <= scopes
    assert all(names <= CLASSES for names in SCOPES.values())
    assert all(source for _, source in MAJORITY.values())
