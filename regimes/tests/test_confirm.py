from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regimes.actions import SHIPPED, CannotConfirm, confirm, load
from regimes.confirmations import Unsure, unconfirmed, unconfirmed_in, unsure
from regimes.deadlines import reckon
from regimes.models import Confirmation

pytestmark = pytest.mark.django_db

OLA, SAM = f"staff:{'a' * 32}", f"staff:{'b' * 32}"
SOURCE = "https://www.cga.ct.gov/current/pub/chap_743jj.htm#sec_42-520"
VALUE = ("us-ct-ctdpa", "deadlines.consent_withdrawal_effective")


def found(key: str, path: str) -> Unsure:
    return next(each for each in unsure() if (each.key, each.path) == (key, path))


def waiting() -> set[tuple[str, str]]:
    return {(each.key, each.path) for each in unconfirmed()}


def say(value: Unsure, *, by: str = OLA, source: str = SOURCE, **other: str) -> Confirmation:
    return confirm(**{"key": value.key, "path": value.path, "sha256": value.sha256, **other}, source=source, by=by)


def connecticut(shipped):
    return next(each for each in shipped["regimes"] if each["id"] == "us-ct-ctdpa")


# ── What waits ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_value_that_the_data_marks_waits_for_a_person(shipped):
    marked = {(entry["id"], path) for entry in shipped["regimes"] for path in entry["verify_fields"]}
    whole = {(entry["id"], "") for entry in shipped["regimes"] if entry["verify"]}
    ages = {(f"age:{row['country']}", "") for row in shipped["age_of_digital_consent"] if row["verify"]}
    assert marked
    assert whole
    assert ages
    assert waiting() >= marked | whole | ages
    assert ("common", "messaging_rules.yahoo_bulk") in waiting()
    assert ("us-ca-ccpa", "lookback") in waiting()  # marked in part: the number of its section
    assert ("eu-gdpr", "deadlines.respond") not in waiting()
    assert ("eu-gdpr", "") not in waiting()


def test_rules_about_minors_that_are_unsure_wait_too():
    assert ("us-fl-fdbr", "minors (US-FL, below 18, OPT_IN)") in waiting()
    assert not any(path.startswith("minors (US-CO") for _key, path in waiting())


def test_each_value_waits_once():
    names = [(each.key, each.path, each.sha256) for each in unsure()]
    assert len(names) == len(set(names)) > 60


@pytest.mark.parametrize(
    ("key", "path", "told"),
    [
        (*VALUE, "15 calendar days"),
        ("us-coppa", "deadlines.respond", "reasonable"),
        ("age:LI", "", "DSG: no derogation assumed"),
        ("ch-fadp", "", "Swiss Federal Act on Data Protection (revFADP/nDSG) and Ordinance (DPO)"),
        ("us-va-vcdpa", "fees", '{"free":true,"free_requests_per_12m":2,"verify":true}'),
    ],
)
def test_a_value_is_told_in_short(key, path, told):
    assert found(key, path).told == told


def test_a_long_value_is_cut():
    told = found("us-ca-ccpa", "refusal_notice").told
    assert len(told) == 160
    assert told.endswith("…")


def test_a_path_that_leads_nowhere_waits_as_nothing(shipped, law_file):
    connecticut(shipped)["verify_fields"] += ["deadlines.astrology", "sources[99]", "name.first", "sources[x]"]
    load(path=law_file(shipped), by="system:test")
    assert found("us-ct-ctdpa", "deadlines.astrology").value is None
    assert {("us-ct-ctdpa", path) for path in ("sources[99]", "name.first", "sources[x]")} <= waiting()
    assert found("us-ct-ctdpa", "sources[99]").told == "null"


def test_a_due_date_says_what_unconfirmed_values_it_hangs_on():
    withdrawal = reckon("us-ct-ctdpa", "consent_withdrawal_effective", date(2026, 11, 23))
    assert [each.path for each in unconfirmed_in(withdrawal)] == ["deadlines.consent_withdrawal_effective"]
    assert unconfirmed_in(reckon("us-ct-ctdpa", "respond", date(2026, 11, 23))) == []
    assert [each.path for each in unconfirmed_in(reckon("ch-fadp", "respond", date(2026, 11, 23)))] == [""]
    say(found(*VALUE))
    assert unconfirmed_in(withdrawal) == []


def test_what_waits_is_known_by_one_query_however_much_it_is():
    unsure()
    with CaptureQueriesContext(connection) as queries:
        unconfirmed()
    assert len(queries) == 1


# ── Confirming ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_confirms_a_value_by_its_source():
    before = waiting()
    row = say(found(*VALUE))
    assert waiting() == before - {VALUE}
    assert (row.key, row.path, row.source, row.confirmed_by) == (*VALUE, SOURCE, OLA)
    assert row.sha256 == found(*VALUE).sha256
    assert str(row) == " ".join(VALUE)


def test_the_whole_of_a_regime_is_confirmed_apart_from_its_parts():
    say(found("us-vt-vdposa", ""))
    assert ("us-vt-vdposa", "") not in waiting()
    assert ("us-vt-vdposa", "fees") in waiting()


def test_twice_is_once_the_first_word_stays():
    assert say(found(*VALUE)) == say(found(*VALUE), by=SAM, source="https://example.org/")
    assert Confirmation.objects.get().confirmed_by == OLA


def test_a_value_that_changes_loses_its_confirmation(shipped, law_file):
    before = say(found(*VALUE))
    connecticut(shipped)["deadlines"]["consent_withdrawal_effective"]["value"] = 14
    load(path=law_file(shipped), by="system:test")
    assert VALUE in waiting()
    after = say(found(*VALUE), by=SAM)
    assert VALUE not in waiting()
    assert after != before
    assert Confirmation.objects.count() == 2


def test_a_change_elsewhere_in_the_regime_loses_nothing(shipped, law_file):
    say(found(*VALUE))
    connecticut(shipped)["deadlines"]["respond"]["value"] = 40
    load(path=law_file(shipped), by="system:test")
    assert VALUE not in waiting()


def test_loading_the_same_law_again_loses_nothing():
    say(found(*VALUE))
    load(path=SHIPPED, by="system:test")
    assert VALUE not in waiting()


def test_a_value_that_was_changed_since_it_was_looked_at_is_not_confirmed(shipped, law_file):
    seen = found(*VALUE)
    connecticut(shipped)["deadlines"]["consent_withdrawal_effective"]["value"] = 14
    load(path=law_file(shipped), by="system:test")
    with pytest.raises(CannotConfirm, match="was changed since"):
        say(seen)
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"by": "system:load_regimes"}, "is not a person"),
        ({"source": ""}, "is no web address"),
        ({"source": "a lawyer told me"}, "is no web address"),
        ({"source": "ftp://example.org/law"}, "is no web address"),
        ({"source": "javascript:alert(1)"}, "is no web address"),
        ({"path": "deadlines.respond"}, "deadlines.respond.* is not marked as unsure"),
        ({"key": "us-ct"}, "is not marked as unsure"),
        ({"path": ""}, "the whole entry"),
    ],
)
def test_what_is_no_confirmation_is_refused(wrong, says):
    with pytest.raises(CannotConfirm, match=says):
        say(found(*VALUE), **wrong)
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"source": "hearsay"}, {"source": ""}, {"confirmed_by": "system:load_regimes"}, {"confirmed_by": ""}],
)
def test_the_database_refuses_one_without_person_or_source(wrong):
    row = {"key": "k", "path": "p", "sha256": "0" * 64, "source": SOURCE, "confirmed_by": OLA, "confirmed_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.create(**{**row, **wrong})
    Confirmation.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.create(**row)
