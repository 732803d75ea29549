"""`manage.py deadline` and `manage.py law_radar`: what scripts and people may rely on."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from regimes.actions import SHIPPED, confirm, load
from regimes.confirmations import unsure
from regimes.models import RegimeVersion
from regimes.radar import radar

pytestmark = pytest.mark.django_db

VECTORS = json.loads(SHIPPED.read_text(encoding="utf-8"))["deadline_test_vectors"]
TODAY = "2026-11-24T12:00:00+01:00"


def command(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def deadline(*words: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(command("deadline", *words))
    return said


# ── deadline ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("vector", VECTORS, ids=[each["id"] for each in VECTORS])
def test_it_prints_the_due_date_of_each_vector(vector):
    told = vector["input"]
    words = [vector["regime"], vector["deadline"], "--received", told["received"]]
    if "holidays" in told:
        words += ["--holidays", told["holidays"]]
    if "clarification_asked" in told:
        words += ["--clarification", f"{told['clarification_asked']}:{told['clarification_received']}"]
    assert deadline(*words)["due"] == vector["expected"]


def test_it_explains_each_step():
    said = deadline("eu-gdpr", "respond", "--received", "2026-01-31", "--holidays", "PL", "--extended")
    assert {name: said[name] for name in ("regime", "kind", "received", "due", "until", "extend_by", "holidays", "in_force")} == {
        "regime": "eu-gdpr",
        "kind": "respond",
        "received": "2026-01-31",
        "due": "2026-04-30",
        "until": "2026-05-01T00:00:00+02:00",
        "extend_by": "2026-03-02",
        "holidays": "PL",
        "in_force": True,
    }
    assert said["unconfirmed"] == []
    assert said["steps"][2] == {
        "date": "2026-03-02",
        "text": "Extended by 2 months to 3 months in all. The person is told, with the reasons, by 2 March 2026 (Monday).",
        "basis": "Art 12(3)",
    }
    assert all(set(step) == {"date", "text", "basis"} and step["text"].endswith(".") for step in said["steps"])


def test_waits_may_be_told_more_than_once():
    said = deadline(
        "eu-gdpr", "respond", "--received", "2026-11-02", "--holidays", "PL",
        "--identity", "2026-11-04:2026-11-11", "--identity", "2026-11-16:2026-11-17", "--clarification", "2026-11-06:2026-11-13",
    )  # fmt: skip
    assert said["due"] == "2026-12-14"  # nine days and one, to a Saturday
    assert said["unconfirmed"] == ["clock.pauses[1]"]


def test_extended_by_name_is_extended_by_option():
    by_name = deadline("eu-gdpr", "respond+extension", "--received", "2026-11-23", "--holidays", "PL")
    assert by_name == deadline("eu-gdpr", "respond", "--received", "2026-11-23", "--holidays", "PL", "--extended")


def test_no_deadline_is_null():
    said = deadline("eu-gdpr", "acknowledge", "--received", "2026-11-23")
    assert (said["due"], said["until"], said["steps"][-1]["date"]) == (None, None, None)


def test_a_regime_that_is_unsure_as_a_whole_is_named():
    assert deadline("ch-fadp", "respond", "--received", "2026-11-23")["unconfirmed"] == ["ch-fadp"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("atlantis", "respond", "--received", "2026-11-23"), "No regime is called “atlantis”"),
        (("eu-gdpr", "astrology", "--received", "2026-11-23"), "eu-gdpr has no deadline called “astrology”"),
        (("eu-gdpr", "respond", "--received", "23.11.2026"), "“23.11.2026” is no date"),
        (("eu-gdpr", "respond", "--received", "2026-02-30"), "“2026-02-30” is no date"),
        (("eu-gdpr", "respond"), "--received"),
        (("eu-gdpr", "respond", "--received", "2026-11-23", "--holidays", "XX"), "No public holidays are known for “XX”"),
        (("eu-gdpr", "respond", "--received", "2026-11-23", "--identity", "2026-11-24"), "write ASKED:RECEIVED"),
        (("eu-gdpr", "respond", "--received", "2026-11-23", "--identity", "2026-11-24:soon"), "“soon” is no date"),
        (("eu-gdpr", "respond", "--received", "2026-11-23", "--identity", "2026-11-25:2026-11-24"), "before it was asked"),
        (("eu-gdpr", "respond", "--received", "2026-11-23", "--clarification", "2026-11-20:2026-11-24"), "before it was received"),
        (("ca-qc-law25", "respond", "--received", "2026-11-23", "--extended"), "ca-qc-law25 grants no extension"),
    ],
)
def test_a_wrong_word_is_an_error_that_says_what(words, says):
    with pytest.raises(CommandError, match=says):
        command("deadline", *words)


def test_without_law_there_is_no_date():
    RegimeVersion.objects.all().delete()
    for words in (("deadline", "eu-gdpr", "respond", "--received", "2026-11-23"), ("law_radar",)):
        with pytest.raises(CommandError, match="No law is loaded"):
            command(*words)


# ── law_radar ───────────────────────────────────────────────────────────────────────────────────────────────────────


def coming(days: int, today: str = "2026-11-24") -> set[tuple[str, str, str]]:
    return {(each.on.isoformat(), each.key, each.what) for each in radar(date.fromisoformat(today), days).coming}


def test_it_sees_what_begins():
    soon = coming(60)
    assert ("2027-01-01", "us-ok-ocdpa", "begins") in soon
    assert ("2027-01-01", "us-ca-ccpa", "admt begins") in soon
    assert not any(key == "in-dpdp" for _on, key, _what in soon)
    far = coming(200)
    assert ("2027-05-13", "in-dpdp", "begins") in far
    assert ("2027-05-13", "age:IN", "begins") in far
    assert ("2027-05-13", "in-dpdp", "minors in IN, below 18") in far
    assert ("2027-01-31", "us-tcpa", "revoke_all begins") in far  # "2027-01-31 (delayed)"
    assert ("2026-06-19", "uk-gdpr", "deadlines.complaint_acknowledge begins") in coming(30, "2026-06-01")


def test_it_sees_the_last_day_and_the_day_itself(shipped, law_file):
    next(each for each in shipped["regimes"] if each["id"] == "us-ut-ucpa")["effective_to"] = "2026-12-31"
    load(path=law_file(shipped), by="system:test")
    assert ("2026-12-31", "us-ut-ucpa", "ends") in coming(37)
    assert ("2026-12-31", "us-ut-ucpa", "ends") not in coming(36)
    assert ("2027-01-01", "us-la-ldpa", "begins") in coming(0, "2027-01-01")
    assert coming(0, "2027-01-02") == set()


def test_it_sees_what_was_replaced(shipped, law_file):
    assert radar(date(2026, 11, 24), 30).superseded == []
    old = RegimeVersion.objects.get(key="age:ES").sha256
    next(row for row in shipped["age_of_digital_consent"] if row["country"] == "ES")["age"] = 16
    with time_machine.travel("2026-11-20T23:30:00+01:00"):
        RegimeVersion.objects.filter(key="age:ES").update(loaded_at="2026-11-01T00:00:00Z")
        load(path=law_file(shipped), by="system:test")
    found = radar(date(2026, 11, 24), 4).superseded
    assert [(each.key, each.on, each.was) for each in found] == [("age:ES", date(2026, 11, 20), old)]
    assert found[0].now == RegimeVersion.objects.current().get(key="age:ES").sha256
    assert radar(date(2026, 11, 24), 3).superseded == []


def test_it_sees_ages_that_are_only_proposed():
    ages = {each.country: (each.age, each.proposed) for each in radar(date(2026, 11, 24), 30).pending_ages}
    assert ages == {"ES": (14, 16), "NO": (13, 15), "GB": (13, "13-16 by regulations, may be service-specific")}


def test_what_is_confirmed_is_off_the_radar():
    value = next(each for each in unsure() if each.key == "us-ct-ctdpa")
    assert value in radar(date(2026, 11, 24), 30).unconfirmed
    confirm(key=value.key, path=value.path, sha256=value.sha256, source="https://example.org/law", by=f"staff:{'a' * 32}")
    assert value not in radar(date(2026, 11, 24), 30).unconfirmed


@time_machine.travel(TODAY)
def test_it_prints_for_a_person():
    said = command("law_radar", "--days", "60")
    assert "Begins or ends by 2027-01-23: " in said
    assert "  2027-01-01  us-ok-ocdpa: begins\n" in said
    assert "Replaced since 2026-09-25: 0\n" in said
    assert "  us-ct-ctdpa: deadlines.consent_withdrawal_effective (15 calendar days)\n" in said
    assert "  ch-fadp: as a whole (Swiss Federal Act" in said
    assert "  ES: 14 now, 16 proposed (Proyecto de Ley" in said


@time_machine.travel(TODAY)
def test_it_prints_for_a_program(shipped, law_file):
    next(row for row in shipped["age_of_digital_consent"] if row["country"] == "ES")["age"] = 16
    RegimeVersion.objects.update(loaded_at="2026-11-01T00:00:00Z")
    load(path=law_file(shipped), by="system:test")
    said = json.loads(command("law_radar", "--days", "60", "--json"))
    assert set(said) == {"since", "until", "coming", "superseded", "unconfirmed", "pending_ages"}
    assert {"on": "2027-01-01", "key": "us-ok-ocdpa", "what": "begins"} in said["coming"]
    assert [(each["key"], each["on"]) for each in said["superseded"]] == [("age:ES", "2026-11-24")]
    assert {"key", "path", "value", "sha256"} == set(said["unconfirmed"][0])
    assert {"country": "NO", "age": 13, "proposed": 15, "instrument": "government proposal to raise to 15"} in said["pending_ages"]


def test_it_looks_no_fewer_than_no_days_ahead():
    with pytest.raises(CommandError, match="0 or more"):
        command("law_radar", "--days=-1")
