"""What was published stays: the model refuses, and the database refuses whoever goes around the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalogue import actions
from catalogue.models import DataCategory, Purpose, PurposeText, PurposeVersion, Recipient, Safeguard, Source, Use
from catalogue.models.frozen import FrozenError
from catalogue.tests.conftest import NEWS, SEND, publish, using
from catalogue.triggers import drop, install
from ledger.triggers import missing


def refuses(sql: str, *values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def accepts(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount == 1


@pytest.fixture
def parts(news: PurposeVersion) -> list[PurposeVersion | PurposeText | Use]:
    fresh = PurposeVersion.objects.get(pk=news.pk)
    return [fresh, fresh.texts.get(language="en"), fresh.uses.get()]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_the_model_refuses_to_save_and_delete(parts, which):
    with pytest.raises(FrozenError):
        parts[which].save()
    with pytest.raises(FrozenError):
        parts[which].delete()


def test_the_version_just_published_is_frozen_too(news):
    news.basis = "contract"
    with pytest.raises(FrozenError):
        news.save()


@pytest.mark.parametrize("model", [PurposeVersion, PurposeText, Use])
def test_rows_are_not_updated_in_bulk(news, model):
    with pytest.raises(FrozenError):
        model.objects.all().update(id=1)
    with pytest.raises(FrozenError):
        model.objects.bulk_update(model.objects.all(), ["id"])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE catalogue_purposeversion SET basis = 'contract' WHERE id = %s",
        "UPDATE catalogue_purposeversion SET number = NULL WHERE id = %s",
        "DELETE FROM catalogue_purposeversion WHERE id = %s",
        "UPDATE catalogue_purposetext SET sentence = 'Nothing.' WHERE version_id = %s",
        "DELETE FROM catalogue_purposetext WHERE version_id = %s",
        "UPDATE catalogue_use SET retention_days = 9999 WHERE version_id = %s",
        "DELETE FROM catalogue_use WHERE version_id = %s",
    ],
)
def test_the_database_refuses(news, sql):
    refuses(sql, news.pk)


def test_the_database_refuses_one_more_use(news):
    use = news.uses.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Use.objects.bulk_create([Use(**{**_columns(use), "source": Source.objects.get(key="visits")})])


def test_the_database_refuses_one_more_text(news):
    with pytest.raises(IntegrityError), transaction.atomic():
        PurposeText.objects.bulk_create([PurposeText(version=news, language="de", title="x", sentence="x")])


def test_the_database_refuses_to_move_a_use_into_what_is_published(brand, news):
    draft = actions.revise(news.purpose, content=using(replace(SEND, category="name")))
    refuses("UPDATE catalogue_use SET version_id = %s WHERE version_id = %s", news.pk, draft.pk)


def _columns(use: Use) -> dict[str, object]:
    return {field.name: getattr(use, field.name) for field in Use._meta.concrete_fields if field.name != "id"}


def test_a_draft_is_open_in_the_database(brand):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    accepts("UPDATE catalogue_use SET retention_days = 9 WHERE version_id = %s", draft.pk)
    accepts("UPDATE catalogue_purposeversion SET lifetime_months = 9 WHERE id = %s", draft.pk)
    accepts("DELETE FROM catalogue_use WHERE version_id = %s", draft.pk)


@pytest.mark.parametrize("change", ["key = 'other'", "parent_id = %s"])
def test_a_published_purpose_keeps_its_name_and_parent(brand, news, change):
    other = publish(brand, key="other-news").purpose_id
    values = [other] if "%s" in change else []
    refuses(f"UPDATE catalogue_purpose SET {change} WHERE id = %s", *values, news.purpose_id)  # noqa: S608
    refuses("DELETE FROM catalogue_purpose WHERE id = %s", news.purpose_id)


def test_a_published_purpose_may_move_in_the_order_and_retire_once(news):
    accepts('UPDATE catalogue_purpose SET "order" = 7 WHERE id = %s', news.purpose_id)
    accepts("UPDATE catalogue_purpose SET retired_at = '2026-11-23 12:00:00+00:00' WHERE id = %s", news.purpose_id)
    refuses("UPDATE catalogue_purpose SET retired_at = NULL WHERE id = %s", news.purpose_id)


@pytest.mark.parametrize(
    ("table", "change", "key"),
    [
        ("datacategory", "sensitive = NOT sensitive", "email"),
        ("source", "kind = 'inferred'", "you"),
        ("recipient", "name = 'Another'", "listova"),
        ("recipient", "country = 'US'", "listova"),
        ("recipient", "role = 'controller', third_party = NOT third_party", "listova"),
    ],
)
def test_words_in_published_use_keep_their_meaning(brand, news, table, change, key):
    refuses(f"UPDATE catalogue_{table} SET {change} WHERE brand_id = %s AND key = %s", brand.pk, key)
    refuses(f"DELETE FROM catalogue_{table} WHERE brand_id = %s AND key = %s", brand.pk, key)


def test_words_in_no_published_use_are_free(brand, news):
    accepts("UPDATE catalogue_recipient SET name = 'Another' WHERE brand_id = %s AND key = %s", brand.pk, "pisarz")
    accepts("DELETE FROM catalogue_recipient WHERE brand_id = %s AND key = %s", brand.pk, "pisarz")


def test_a_word_may_learn_a_language(brand, news):
    accepts("UPDATE catalogue_datacategory SET names = %s WHERE brand_id = %s AND key = %s", '{"en": "x"}', brand.pk, "email")


def test_every_guard_is_installed(db):
    assert [name for name in missing(connection) if name.startswith("catalogue_")] == []


def test_without_its_trigger_a_late_use_goes_in_and_with_it_not(news):
    late = {**_columns(news.uses.get()), "source": Source.objects.get(key="visits")}
    drop(connection)
    Use.objects.bulk_create([Use(**late)])
    connection.check_constraints()  # what is still to be checked would keep the table from being altered
    install(connection)
    with pytest.raises(IntegrityError), transaction.atomic():
        Use.objects.bulk_create([Use(**{**late, "category": DataCategory.objects.get(key="name")})])


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 1},
        {"sha256": "0" * 64},
        {"number": 1, "sha256": "0" * 64, "body": "{}", "entry": 1},
        {"basis": "habit"},
    ],
)
def test_half_a_publication_does_not_exist(brand, wrong):
    purpose = Purpose.objects.create(brand=brand, key="half")
    with pytest.raises(IntegrityError), transaction.atomic():
        PurposeVersion.objects.create(**({"purpose": purpose, "basis": "consent"} | wrong))


def test_a_purpose_has_one_draft(brand):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    with pytest.raises(IntegrityError), transaction.atomic():
        PurposeVersion.objects.create(purpose=draft.purpose, basis="consent")


def test_a_purpose_is_not_its_own_parent(brand):
    purpose = Purpose.objects.create(brand=brand, key="loop")
    purpose.parent = purpose
    with pytest.raises(IntegrityError), transaction.atomic():
        purpose.save()


def test_who_decides_over_data_stands_outside(brand):
    with pytest.raises(IntegrityError), transaction.atomic():
        Recipient.objects.create(brand=brand, key="x", name="X", country="PL", role="controller", third_party=False)


def test_rows_say_what_they_are(brand, news):
    rows = [news, news.purpose, news.texts.get(language="en"), news.uses.get(), Recipient.objects.get(key="adfield")]
    assert [str(row) for row in rows] == ["news 1", "news", "News (en)", "email from you to Listova", "Adfield"]
    assert str(actions.revise(news.purpose)) == "news draft"
    assert str(Safeguard.objects.get(key="locked")) == "locked"


def test_a_word_in_another_language_falls_back(brand):
    category, recipient = DataCategory.objects.get(key="email"), Recipient.objects.get(key="listova")
    assert [category.name_in("pl"), category.name_in("de"), category.name_in("de", "pl")] == [
        "Adres e-mail",
        "Email address",
        "Adres e-mail",
    ]
    assert [recipient.what_for_in("pl"), recipient.what_for_in("de")] == ["b", "a"]
