from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regimes.actions import SHIPPED, load
from regimes.apps import load_first_law
from regimes.documents import BadLaw, canonical, sha256
from regimes.law import NoLaw, law, reload
from regimes.models import RegimeVersion
from regimes.resolver import Place, age_of_consent, known_regimes

pytestmark = pytest.mark.django_db

BY = "system:test"


def regime(shipped, key):
    return next(entry for entry in shipped["regimes"] if entry["id"] == key)


def age(shipped, country):
    return next(row for row in shipped["age_of_digital_consent"] if row["country"] == country)


def test_a_fresh_installation_holds_the_law_that_ships(shipped):
    keys = set(RegimeVersion.objects.current().values_list("key", flat=True))
    ages = {f"age:{row['country']}" for row in shipped["age_of_digital_consent"]}
    assert keys == {"common"} | {entry["id"] for entry in shipped["regimes"]} | ages
    assert set(RegimeVersion.objects.values_list("loaded_by", flat=True)) == {"system:migrate"}


def test_every_row_holds_its_document_under_its_hash(shipped):
    for version in RegimeVersion.objects.all():
        assert version.sha256 == sha256(version.body)
        assert canonical(json.loads(version.body)) == version.body
    assert json.loads(RegimeVersion.objects.get(key="eu-gdpr").body) == [regime(shipped, "eu-gdpr")]
    assert RegimeVersion.objects.get(key="in-dpdp").effective_from == date(2027, 5, 13)
    assert RegimeVersion.objects.get(key="age:PL").effective_from is None


def test_loading_the_same_file_again_changes_nothing():
    before = list(RegimeVersion.objects.values_list())
    loaded = load(path=SHIPPED, by=BY)
    assert list(RegimeVersion.objects.values_list()) == before
    assert not loaded.new
    assert not loaded.changed
    assert len(loaded.unchanged) == len(before)


def test_the_order_of_fields_in_the_file_is_no_change(shipped, law_file):
    turned = {name: shipped[name] for name in reversed(shipped)}
    turned["regimes"] = [dict(reversed(entry.items())) for entry in shipped["regimes"]]
    assert not load(path=law_file(turned), by=BY).changed


def test_a_changed_document_supersedes_the_old_which_keeps_its_words(shipped, law_file):
    old = RegimeVersion.objects.get(key="age:ES")
    others = RegimeVersion.objects.exclude(key="age:ES").count()
    age(shipped, "ES")["age"] = 16
    loaded = load(path=law_file(shipped), by=BY)
    assert loaded.changed == ("age:ES",)
    new = RegimeVersion.objects.current().get(key="age:ES")
    body = old.body
    old.refresh_from_db()
    assert old.superseded_at == new.loaded_at
    assert old.body == body
    assert (new.loaded_by, json.loads(new.body)[0]["age"]) == (BY, 16)
    assert RegimeVersion.objects.exclude(key="age:ES").count() == others


def test_the_process_that_loaded_answers_by_the_new_law_at_once(shipped, law_file):
    spain, today = Place("ES"), date(2026, 11, 24)
    assert age_of_consent(spain, ["email_marketing"], today) == 14
    age(shipped, "ES")["age"] = 16
    load(path=law_file(shipped), by=BY)
    assert age_of_consent(spain, ["email_marketing"], today) == 16


def test_a_law_may_be_loaded_back(shipped, law_file):
    age(shipped, "ES")["age"] = 16
    load(path=law_file(shipped), by=BY)
    assert load(path=SHIPPED, by=BY).changed == ("age:ES",)
    assert RegimeVersion.objects.filter(key="age:ES").count() == 3
    assert json.loads(RegimeVersion.objects.current().get(key="age:ES").body)[0]["age"] == 14


def test_a_law_missing_from_the_file_stays_and_is_named(shipped, law_file):
    shipped["regimes"].remove(regime(shipped, "us-va-vcdpa"))
    loaded = load(path=law_file(shipped), by=BY)
    assert loaded.absent == ("us-va-vcdpa",)
    assert "us-va-vcdpa" in known_regimes()


def test_two_current_versions_of_one_key_are_refused_by_the_database():
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        RegimeVersion.objects.create(key="eu-gdpr", sha256="0" * 64, body="[]", loaded_at=now, loaded_by=BY)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda law: law.pop("regimes"), "“regimes” is missing"),
        (lambda law: law["regimes"].append({"name": "nameless"}), "has no id"),
        (lambda law: law["regimes"][0]["jurisdictions"].append("Poland"), "“Poland” is no ISO 3166 code"),
        (lambda law: law["regimes"][0].update(extends="nobody"), "extends “nobody”"),
        (lambda law: law["regimes"][0].update(id="common"), "common: not a name"),
        (lambda law: law["regimes"][0].update(consent_model="opt_in"), "is not an object"),
        (lambda law: law["regimes"][0]["consent_model"].update(astrology="opt_in"), "“astrology” is not one of the canonical purposes"),
        (lambda law: law["regimes"][0]["consent_model"].update(email_marketing="perhaps"), "“perhaps” for email_marketing has no reading"),
        (lambda law: law["regimes"][0].update(effective_from="soon"), "“soon” is no date"),
        (lambda law: law["regimes"].append(law["regimes"][0]), "stands 2 times"),
        (lambda law: law["age_of_digital_consent"][0].update(age="14"), "“14” is no age"),
        (lambda law: law["age_of_digital_consent"][0].update(age=True), "“True” is no age"),
        (lambda law: law["age_of_digital_consent"][0].update(country="Austria"), "no ISO 3166 code"),
        (lambda law: law["age_of_digital_consent"][0].pop("country"), "names no country"),
        (lambda law: law["age_of_digital_consent"][0].update(scope="weekends"), "the scope “weekends” is not known"),
        (lambda law: law["resolution_policy"]["global_floor"].pop("age_default"), "age_default is not a number"),
    ],
)
def test_a_bad_file_is_refused_whole_and_says_why(shipped, law_file, spoil, says):
    before = list(RegimeVersion.objects.values_list())
    age(shipped, "ES")["age"] = 16  # a good change beside the bad one
    spoil(shipped)
    with pytest.raises(BadLaw, match=says):
        load(path=law_file(shipped), by=BY)
    assert list(RegimeVersion.objects.values_list()) == before


def test_every_problem_is_named_at_once(shipped, law_file):
    shipped["regimes"][0]["effective_from"] = "soon"
    age(shipped, "ES")["age"] = 99
    with pytest.raises(BadLaw) as refused:
        load(path=law_file(shipped), by=BY)
    assert len(refused.value.problems) == 2


def test_what_is_no_json_is_refused(tmp_path):
    path = tmp_path / "law.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BadLaw):
        load(path=path, by=BY)
    with pytest.raises(BadLaw):
        load(path=tmp_path / "nothing.json", by=BY)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(BadLaw, match="not a JSON object"):
        load(path=path, by=BY)


def test_the_command_says_what_changed(shipped, law_file):
    age(shipped, "ES")["age"] = 16
    out = StringIO()
    call_command("load_regimes", str(law_file(shipped)), stdout=out)
    assert "changed: age:ES" in out.getvalue()
    assert "Restart" in out.getvalue()
    assert RegimeVersion.objects.current().get(key="age:ES").loaded_by == "system:load_regimes"


def test_the_command_without_a_file_loads_what_ships():
    RegimeVersion.objects.all().delete()
    out = StringIO()
    call_command("load_regimes", stdout=out)
    assert "0 changed, 0 unchanged" in out.getvalue()
    assert RegimeVersion.objects.current().filter(key="eu-gdpr").exists()


def test_the_command_on_an_unchanged_law_asks_for_no_restart():
    out = StringIO()
    call_command("load_regimes", stdout=out)
    assert out.getvalue().startswith("0 new, 0 changed")
    assert "Restart" not in out.getvalue()


def test_the_command_fails_on_a_bad_file(shipped, law_file):
    shipped.pop("regimes")
    with pytest.raises(CommandError, match="“regimes” is missing"):
        call_command("load_regimes", str(law_file(shipped)))


def test_the_law_is_read_by_one_query_and_never_again():
    with CaptureQueriesContext(connection) as queries:
        for _ in range(50):
            law()
    assert len(queries) == 1
    reload()
    with CaptureQueriesContext(connection) as queries:
        law()
    assert len(queries) == 1


def test_the_law_in_memory_is_known_by_the_newest_version_read(shipped, law_file):
    first = law().newest
    age(shipped, "ES")["age"] = 16
    load(path=law_file(shipped), by=BY)
    assert law().newest == RegimeVersion.objects.current().get(key="age:ES").pk > first


def test_without_law_there_is_no_answer():
    RegimeVersion.objects.all().delete()
    with pytest.raises(NoLaw):
        law()


def test_law_altered_behind_our_back_is_no_law():
    RegimeVersion.objects.filter(key="age:PL").update(body='[{"age":3,"country":"PL"}]')
    with pytest.raises(NoLaw, match="age:PL"):
        law()


def test_a_later_migration_does_not_undo_a_law_loaded_by_hand(shipped, law_file):
    age(shipped, "ES")["age"] = 16
    load(path=law_file(shipped), by=BY)
    load_first_law()
    assert json.loads(RegimeVersion.objects.current().get(key="age:ES").body)[0]["age"] == 16


def test_a_migration_of_another_database_loads_no_law():
    RegimeVersion.objects.all().delete()
    load_first_law(using="archive")
    assert not RegimeVersion.objects.exists()
    load_first_law()
    assert RegimeVersion.objects.exists()


def test_a_version_names_its_document_and_the_head_of_its_hash():
    version = RegimeVersion.objects.get(key="eu-gdpr")
    assert str(version) == f"eu-gdpr ({version.sha256[:8]})"
