from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regimes.actions import load
from regimes.law import NoLaw, reload
from regimes.models import RegimeVersion
from regimes.resolver import Model, Place, UnknownClass, UnknownRegime, consent_model, known_classes, tighten

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
HOME = "pl-national"
SALE = "sale_or_disclosure_to_third_party_for_own_marketing"
POLAND, UNKNOWN = Place("PL"), Place("")


def state(code: str) -> Place:
    return Place("US", f"US-{code}")


def model(name: str, place: Place, age: int | None = None, on: date = TODAY, home: str = "") -> Model:
    return consent_model([name], place, age, on, home).model


@pytest.mark.parametrize(
    ("name", "place", "expected"),
    [
        ("email_marketing", POLAND, Model.OPT_IN),
        ("phone_marketing", POLAND, Model.OPT_IN),
        ("automated_calls_fax", POLAND, Model.OPT_IN),
        ("postal_marketing", POLAND, Model.OPT_OUT),
        ("cookies_nonessential", POLAND, Model.OPT_IN),
        ("sensitive_data", POLAND, Model.EXPLICIT_OPT_IN),
        ("personalisation_profiling", POLAND, Model.OPT_IN),
        ("audience_measurement", Place("GB"), Model.OPT_OUT),
        ("audience_measurement", Place("FR"), Model.OPT_IN),
        ("email_marketing", state("CA"), Model.OPT_OUT),
        ("sms_marketing", state("CA"), Model.EXPLICIT_OPT_IN),
        (SALE, state("CA"), Model.OPT_OUT),
        ("sensitive_data", state("CA"), Model.OPT_OUT),
        ("sensitive_data", state("VA"), Model.OPT_IN),
        ("sensitive_data", state("UT"), Model.OPT_OUT),
        ("sensitive_data", state("MD"), Model.PROHIBITED),
        ("personalisation_profiling", state("VA"), Model.NOTICE),
        (SALE, state("WA"), Model.EXPLICIT_OPT_IN),
        ("personalisation_profiling", Place("CA", "CA-QC"), Model.OPT_IN),
        ("email_marketing", Place("CA", "CA-QC"), Model.OPT_IN),
        ("targeted_advertising", Place("CH"), Model.OPT_OUT),
        ("email_marketing", Place("BR"), Model.OPT_IN),
        ("cross_border", Place("CN"), Model.EXPLICIT_OPT_IN),
    ],
)
def test_what_the_law_of_the_place_asks(name, place, expected):
    assert model(name, place) is expected


def test_the_regimes_named_are_those_that_ask_for_exactly_this():
    assert consent_model(["email_marketing"], POLAND, None, TODAY, HOME).regimes == ("eu-eprivacy", "eu-gdpr", "pl-national")
    assert consent_model(["postal_marketing"], POLAND, None, TODAY, HOME).regimes == ("eu-gdpr",)
    assert consent_model(["sms_marketing"], state("CA"), None, TODAY, HOME).regimes == ("us-tcpa",)


def test_the_strictest_class_wins():
    mixed = consent_model(["postal_marketing", "sensitive_data", "email_marketing"], POLAND, None, TODAY, HOME)
    assert mixed == (Model.EXPLICIT_OPT_IN, ("eu-gdpr",))


def test_the_strictest_regime_wins_where_two_overlap():
    quebec = consent_model(["sensitive_data"], Place("CA", "CA-QC"), None, TODAY, "")
    assert quebec == (Model.EXPLICIT_OPT_IN, ("ca-pipeda", "ca-qc-law25"))
    # Two federal laws speak of text messages in California, the state's own and one of all America; the latter is the stricter.
    assert model("sms_marketing", state("CA")) > model("sms_marketing", Place("CA"))


def test_adding_a_class_never_loosens():
    names = sorted(known_classes())
    for place in (POLAND, state("CA"), state("MD"), Place("JP"), UNKNOWN):
        for first, second in zip(names, names[1:], strict=False):
            alone = model(first, place)
            assert consent_model([first, second], place, None, TODAY, HOME).model >= alone


def test_a_region_may_be_written_with_or_without_its_country_in_any_case():
    asked = {
        consent_model([SALE], place, 15, TODAY, HOME)
        for place in (Place("US", "US-OR"), Place("US", "OR"), Place("us", "us-or"), Place("", "US-OR"))
    }
    assert asked == {(Model.PROHIBITED, ("us-or-ocpa",))}


def test_an_overlay_brings_what_it_lies_over(shipped, law_file):
    overlay = next(entry for entry in shipped["regimes"] if entry["id"] == "pl-national")
    overlay["jurisdictions"] = ["UA"]  # a country the GDPR itself does not name
    load(path=law_file(shipped), by="system:test")
    assert model("sensitive_data", Place("UA"), home="us-ca-ccpa") is Model.EXPLICIT_OPT_IN


def test_an_overlay_does_not_loosen_what_it_lies_over(shipped, law_file):
    overlay = next(entry for entry in shipped["regimes"] if entry["id"] == "pl-national")
    overlay["consent_model"]["email_marketing"] = "opt_out"
    load(path=law_file(shipped), by="system:test")
    assert model("email_marketing", POLAND) is Model.OPT_IN


@pytest.mark.parametrize("place", [UNKNOWN, Place("ZZ"), Place("ZA"), Place("XX", "XX-1")])
def test_an_unknown_place_is_measured_by_the_brands_home_and_the_floor(place):
    assert model("email_marketing", place, home=HOME) is Model.OPT_IN
    assert model("automated_calls_fax", place) is Model.OPT_IN  # the ePrivacy rules stand beside Poland's own
    assert consent_model(["sensitive_data"], place, None, TODAY, HOME) == (Model.EXPLICIT_OPT_IN, ("eu-gdpr", "global-floor"))
    # In California a notice would do; somebody of whom nothing is known may at least say no.
    assert consent_model(["personalisation_profiling"], place, None, TODAY, "us-ca-ccpa") == (Model.OPT_OUT, ("global-floor",))
    assert model("email_marketing", place, home="") is Model.OPT_OUT
    assert model("sensitive_data", place, home="") is Model.EXPLICIT_OPT_IN


def test_a_class_the_place_is_silent_about_is_measured_by_the_home():
    assert model("email_marketing", Place("JP"), home=HOME) is Model.OPT_IN
    assert model(SALE, Place("US"), home=HOME) is Model.OPT_IN  # no federal rule; Poland's home law speaks
    assert consent_model(["general"], POLAND, None, TODAY, HOME) == (Model.OPT_OUT, ("global-floor",))


def test_a_regimes_general_word_holds_for_every_class_it_does_not_name():
    assert consent_model(["personalisation_profiling"], Place("KR"), None, TODAY, "") == (Model.OPT_IN, ("kr-pipa",))
    assert consent_model(["sms_marketing"], Place("CN"), None, TODAY, "") == (Model.OPT_IN, ("cn-pipl",))


def test_a_law_holds_from_its_first_day():
    oklahoma = state("OK")
    assert model("sensitive_data", oklahoma, on=date(2026, 12, 31), home="us-ca-ccpa") is Model.EXPLICIT_OPT_IN  # floor
    assert consent_model(["sensitive_data"], oklahoma, None, date(2027, 1, 1), "us-ca-ccpa") == (Model.OPT_IN, ("us-ok-ocdpa",))
    india = Place("IN")
    assert "in-dpdp" not in consent_model(["email_marketing"], india, None, date(2027, 5, 12), HOME).regimes
    assert consent_model(["email_marketing"], india, None, date(2027, 5, 13), "").regimes == ("in-dpdp",)


def test_one_file_may_hold_the_law_of_today_and_of_tomorrow(shipped, law_file):
    utah = next(entry for entry in shipped["regimes"] if entry["id"] == "us-ut-ucpa")
    later = {**utah, "effective_from": "2027-07-01", "consent_model": {**utah["consent_model"], "sensitive_data": "opt_in"}}
    ends = next(entry for entry in shipped["regimes"] if entry["id"] == "us-ia-icdpa")
    ends["effective_to"] = "2027-06-30"
    shipped["regimes"].insert(0, later)
    load(path=law_file(shipped), by="system:test")
    assert model("sensitive_data", state("UT"), on=date(2027, 6, 30)) is Model.OPT_OUT
    assert model("sensitive_data", state("UT"), on=date(2027, 7, 1)) is Model.OPT_IN
    assert "us-ia-icdpa" in consent_model([SALE], state("IA"), None, date(2027, 6, 30), "").regimes
    assert "us-ia-icdpa" not in consent_model([SALE], state("IA"), None, date(2027, 7, 1), HOME).regimes


@pytest.mark.parametrize(
    ("place", "name", "below", "from_day", "regime"),
    [
        (state("CT"), "targeted_advertising", 18, date(2026, 7, 1), "us-ct-ctdpa"),
        (state("CT"), SALE, 18, date(2026, 7, 1), "us-ct-ctdpa"),
        (state("MD"), "targeted_advertising", 18, date(2025, 10, 1), "us-md-modpa"),
        (state("MD"), SALE, 18, date(2025, 10, 1), "us-md-modpa"),
        (state("OR"), SALE, 16, date(2026, 1, 1), "us-or-ocpa"),
        (state("OR"), "adm_legal_or_similar_effect", 16, date(2026, 1, 1), "us-or-ocpa"),
        (Place("BR"), "targeted_advertising", 18, date(2026, 3, 17), "br-lgpd"),
        (Place("IN"), "targeted_advertising", 18, date(2027, 5, 13), "in-dpdp"),
        (Place("IN"), "personalisation_profiling", 18, date(2027, 5, 13), "in-dpdp"),
    ],
)
def test_what_is_forbidden_to_minors_is_forbidden_up_to_the_birthday_and_from_the_day(place, name, below, from_day, regime):
    day = max(from_day, TODAY)
    assert consent_model([name], place, below - 1, day, HOME) == (Model.PROHIBITED, (regime,))
    assert consent_model([name], place, 5, day, HOME).model is Model.PROHIBITED
    assert consent_model([name], place, below, day, HOME).model < Model.PROHIBITED
    assert consent_model([name], place, None, day, HOME).model < Model.PROHIBITED
    eve = date.fromordinal(from_day.toordinal() - 1)
    assert consent_model([name], place, below - 1, eve, HOME).model < Model.PROHIBITED


@pytest.mark.parametrize(
    ("code", "age", "expected"),
    [
        ("CA", 15, Model.OPT_IN),
        ("CA", 16, Model.OPT_OUT),
        ("CO", 17, Model.OPT_IN),
        ("CO", 18, Model.OPT_OUT),
        ("DE", 17, Model.OPT_IN),
        ("NJ", 16, Model.OPT_IN),
        ("NJ", 17, Model.OPT_OUT),
        ("MN", 16, Model.OPT_IN),
        ("NH", 15, Model.OPT_IN),
        ("NH", 16, Model.OPT_OUT),
        ("VA", 12, Model.OPT_IN),  # the federal rule for children below 13
        ("VA", 13, Model.OPT_OUT),
    ],
)
def test_a_teenagers_own_yes_is_needed_where_an_adult_would_have_to_object(code, age, expected):
    assert model(SALE, state(code), age) is expected


def test_a_childs_mail_in_america_needs_a_yes_where_an_adults_does_not():
    assert model("email_marketing", state("VA"), 12) is Model.OPT_IN
    assert model("email_marketing", state("VA"), 13) is Model.OPT_OUT


def test_a_minor_whose_state_is_not_known_is_protected_by_the_strictest_of_them():
    assert model(SALE, Place("US"), 17) is Model.PROHIBITED
    assert model(SALE, Place("US"), 18, home=HOME) is Model.OPT_IN
    assert model("postal_marketing", Place("US"), 17) is Model.OPT_OUT


def test_a_minor_of_whom_no_place_is_known_is_protected_by_the_home():
    assert model(SALE, UNKNOWN, 15, home="us-or-ocpa") is Model.PROHIBITED
    assert model(SALE, Place("ZA"), 15, home="us-or-ocpa") is Model.PROHIBITED


@pytest.mark.parametrize("classes", [["astrology"], ["email_marketing", "Email_marketing"], [], "", "sms"])
def test_a_class_outside_the_closed_list_has_no_answer(classes):
    with pytest.raises(UnknownClass):
        consent_model(classes, POLAND, None, TODAY, HOME)
    with pytest.raises(UnknownClass):
        tighten("consent", classes, POLAND, None, TODAY, HOME)


def test_a_single_class_may_be_given_as_a_string():
    assert model("email_marketing", POLAND) is consent_model("email_marketing", POLAND, None, TODAY, HOME).model


def test_an_unknown_home_has_no_answer_even_where_the_place_is_known():
    with pytest.raises(UnknownRegime):
        consent_model(["email_marketing"], POLAND, None, TODAY, "atlantis")


def test_a_home_whose_law_is_still_to_come_leaves_the_floor():
    assert consent_model([SALE], UNKNOWN, None, TODAY, "us-vt-vdposa") == (Model.OPT_OUT, ("global-floor",))
    assert consent_model([SALE], UNKNOWN, None, date(2028, 1, 1), "us-vt-vdposa") == (Model.OPT_OUT, ("global-floor", "us-vt-vdposa"))


def test_many_days_may_be_asked_about():
    answers = {model(SALE, state("VA"), on=date(2026, month, day)) for month in range(1, 5) for day in range(1, 29)}
    assert answers == {Model.OPT_OUT}


def test_a_moment_instead_of_a_day_is_refused():
    with pytest.raises(TypeError):
        consent_model(["email_marketing"], POLAND, None, datetime(2026, 11, 24, 12), HOME)


def test_without_law_nothing_is_answered():
    RegimeVersion.objects.all().delete()
    with pytest.raises(NoLaw):
        consent_model(["email_marketing"], POLAND, None, TODAY, HOME)


def test_questions_ask_the_database_once_a_process():
    reload()
    with CaptureQueriesContext(connection) as queries:
        for place in (POLAND, state("CA"), UNKNOWN):
            consent_model(sorted(known_classes()), place, 12, TODAY, HOME)
            tighten("opt_out", ["email_marketing"], place, None, TODAY, HOME)
    assert len(queries) == 1


def test_the_law_at_home_binds_the_brand_for_customers_abroad():
    """GDPR Art. 3(1): a controller established in the Union, wherever its customers live."""
    california = consent_model(["email_marketing"], state("CA"), None, TODAY, HOME)
    assert california == (Model.OPT_IN, ("eu-eprivacy", "eu-gdpr", "pl-national"))
    assert model("email_marketing", state("CA"), home="us-ca-ccpa") is Model.OPT_OUT
    assert model("sms_marketing", state("CA"), home=HOME) is Model.EXPLICIT_OPT_IN  # the stricter law of the place stays
