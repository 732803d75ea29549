"""Law data that cannot be reckoned with: refused when it is loaded, and, should it stand in the database, when it is used."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from regimes import documents
from regimes.actions import load
from regimes.deadlines import BadDeadline, reckon
from regimes.documents import BadLaw
from regimes.law import reload
from regimes.models import RegimeVersion

pytestmark = pytest.mark.django_db

FAULTS = {
    "unit": (lambda gdpr, law: gdpr["deadlines"]["respond"].update(unit="fortnights"), "eu-gdpr: deadlines.respond.unit is “fortnights”"),
    "no unit": (lambda gdpr, law: gdpr["deadlines"]["respond"].pop("unit"), "eu-gdpr: deadlines.respond.unit is “None”"),
    "words": (
        lambda gdpr, law: gdpr["deadlines"].update(respond={"value": None, "unit": "soonish"}),
        "eu-gdpr: deadlines.respond.unit is “soonish”",
    ),
    "negative": (lambda gdpr, law: gdpr["deadlines"]["respond"].update(value=-1), "eu-gdpr: deadlines.respond.value is “-1”"),
    "fraction": (lambda gdpr, law: gdpr["deadlines"]["respond"].update(value=1.5), "eu-gdpr: deadlines.respond.value is “1.5”"),
    "truth": (lambda gdpr, law: gdpr["deadlines"]["respond"].update(value=True), "eu-gdpr: deadlines.respond.value is “True”"),
    "text": (lambda gdpr, law: gdpr["deadlines"]["respond"].update(value="1"), "eu-gdpr: deadlines.respond.value is “1”"),
    "no object": (lambda gdpr, law: gdpr["deadlines"].update(respond=30), "eu-gdpr: deadlines.respond is “30”"),
    "unread instruction": (
        lambda gdpr, law: gdpr["deadlines"]["respond"].update(roll_backward=True),
        "eu-gdpr: deadlines.respond.roll_backward is “True”",
    ),
    "half true": (
        lambda gdpr, law: gdpr["deadlines"]["respond"].update(inclusive_of_first_day="perhaps"),
        "eu-gdpr: deadlines.respond.inclusive_of_first_day is “perhaps”",
    ),
    "start": (
        lambda gdpr, law: gdpr["deadlines"]["respond"].update(in_force_from="soon"),
        "eu-gdpr: deadlines.respond.in_force_from is “soon”",
    ),
    "rule": (
        lambda gdpr, law: gdpr["clock"].update(computation_rule="roman"),
        "eu-gdpr: clock.computation_rule is “roman”",
    ),
    "no rule": (lambda gdpr, law: gdpr["clock"].pop("computation_rule"), "eu-gdpr: clock.computation_rule is “None”"),
    "unread rule": (
        lambda gdpr, law: law["computation_rules"]["eu_1182_71"].update(least_working_days=2),
        "eu-gdpr: clock.computation_rule (eu_1182_71).least_working_days is “2”",
    ),
    "rule's flag": (
        lambda gdpr, law: law["computation_rules"]["eu_1182_71"].update(roll_forward="yes"),
        "eu-gdpr: clock.computation_rule (eu_1182_71).roll_forward is “yes”",
    ),
    "rule's calendar": (
        lambda gdpr, law: law["computation_rules"]["eu_1182_71"].update(holidays="the Pope's"),
        "eu-gdpr: clock.computation_rule (eu_1182_71).holidays is “the Pope's”",
    ),
    "reason": (
        lambda gdpr, law: gdpr["clock"]["pauses"][0].update(reason="the office is closed"),
        "eu-gdpr: clock.pauses[0].reason is “the office is closed”",
    ),
    "effect": (lambda gdpr, law: gdpr["clock"]["pauses"][1].update(effect="forget"), "eu-gdpr: clock.pauses[1].effect is “forget”"),
    "extension": (lambda gdpr, law: gdpr["extension"].update(unit="fortnights"), "eu-gdpr: extension.unit is “fortnights”"),
    "total": (
        lambda gdpr, law: gdpr["extension"]["max_total"].update(unit="calendar_days"),
        "eu-gdpr: extension.max_total.unit is “calendar_days”",
    ),
    "notice": (
        lambda gdpr, law: gdpr["extension"]["notice_within"].update(value="one"),
        "eu-gdpr: extension.notice_within.value is “one”",
    ),
}


@pytest.fixture
def gdpr(shipped):
    return next(each for each in shipped["regimes"] if each["id"] == "eu-gdpr")


@pytest.mark.parametrize(("spoil", "says"), FAULTS.values(), ids=FAULTS)
def test_it_is_not_loaded_the_error_names_regime_path_and_value(shipped, gdpr, law_file, spoil, says):
    before = RegimeVersion.objects.count()
    spoil(gdpr, shipped)
    with pytest.raises(BadLaw) as refused:
        load(path=law_file(shipped), by="system:test")
    assert any(problem.startswith(says) for problem in refused.value.problems)
    assert RegimeVersion.objects.count() == before


@pytest.mark.parametrize(("spoil", "says"), FAULTS.values(), ids=FAULTS)
def test_it_is_not_reckoned_with_the_error_names_regime_path_and_value(shipped, gdpr, spoil, says):
    spoil(gdpr, shipped)
    put_past_the_check(shipped)
    with pytest.raises(BadDeadline) as refused:
        reckon("eu-gdpr", "respond", date(2026, 11, 23))
    assert str(refused.value).startswith(says)


def test_another_regime_is_reckoned_as_ever(shipped, gdpr):
    gdpr["deadlines"]["respond"]["unit"] = "fortnights"
    put_past_the_check(shipped)
    assert reckon("us-ca-ccpa", "respond", date(2026, 12, 15)).due == date(2027, 1, 29)


def test_an_extension_in_another_unit_than_the_deadline_is_not_added_up(shipped, gdpr, law_file):
    gdpr["extension"] = {"value": 60, "unit": "calendar_days"}
    load(path=law_file(shipped), by="system:test")
    assert reckon("eu-gdpr", "respond", date(2026, 11, 23)).due == date(2026, 12, 23)
    with pytest.raises(BadDeadline, match="eu-gdpr: extension.unit is “calendar_days”"):
        reckon("eu-gdpr", "respond", date(2026, 11, 23), extended=True)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda gdpr, law: gdpr.pop("deadlines"), "eu-gdpr: “deadlines” is missing"),
        (lambda gdpr, law: gdpr.update(clock=[]), "eu-gdpr: “clock” is missing"),
        (lambda gdpr, law: law.pop("computation_rules"), "eu-gdpr: “computation_rules” is missing"),
        (lambda gdpr, law: gdpr["rights"].append("levitation"), "eu-gdpr: “levitation” is not one of the canonical rights"),
        (
            lambda gdpr, law: law["resolution_policy"]["global_floor"]["respond"].update(unit="fortnights"),
            "global-floor: resolution_policy.global_floor.respond.unit is “fortnights”",
        ),
    ],
)
def test_what_is_missing_around_a_deadline_is_not_loaded_either(shipped, gdpr, law_file, spoil, says):
    spoil(gdpr, shipped)
    with pytest.raises(BadLaw, match=says):
        load(path=law_file(shipped), by="system:test")


def put_past_the_check(shipped):
    """As an older version of the product, which did not check it, may have loaded it."""
    now = timezone.now()
    for key, document in documents.split(shipped).items():
        body = documents.canonical(document)
        if not RegimeVersion.objects.current().filter(key=key, sha256=documents.sha256(body)).exists():
            RegimeVersion.objects.current().filter(key=key).update(superseded_at=now)
            RegimeVersion.objects.create(key=key, sha256=documents.sha256(body), body=body, loaded_at=now, loaded_by="system:test")
    reload()
