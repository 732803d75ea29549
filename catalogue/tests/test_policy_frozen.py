"""What was published stays: the model refuses, and the database refuses whoever goes around the model."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalogue import actions
from catalogue.models import Change, Clause, PolicyText, PolicyVersion
from catalogue.models.frozen import FrozenError
from catalogue.policy_content import PolicyContent
from catalogue.tests.saying_policies import POLICY, publish_policy, saying, telling
from catalogue.tests.test_frozen import accepts, refuses
from ledger.triggers import missing


@pytest.fixture
def version(brand) -> PolicyVersion:
    """A second version, with a change that tells of it."""
    publish_policy(brand)
    return publish_policy(brand, saying(who={"body": "We are a club."}))


def parts(version: PolicyVersion) -> list[Any]:
    fresh = PolicyVersion.objects.get(pk=version.pk)
    return [fresh, fresh.texts.get(language="en"), fresh.clauses.get(language="en", anchor="kept"), version, fresh.changes.get()]


@pytest.mark.parametrize("which", [0, 1, 2, 3, 4])
def test_the_model_refuses_to_save_and_delete(version, which):
    with pytest.raises(FrozenError):
        parts(version)[which].save()
    with pytest.raises(FrozenError):
        parts(version)[which].delete()


@pytest.mark.parametrize("model", [PolicyVersion, PolicyText, Clause, Change])
def test_rows_are_not_updated_in_bulk(version, model):
    with pytest.raises(FrozenError):
        model.objects.all().update(id=1)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE catalogue_policyversion SET body = 'Nothing.' WHERE id = %s",
        "UPDATE catalogue_policyversion SET number = NULL WHERE id = %s",
        "DELETE FROM catalogue_policyversion WHERE id = %s",
        "UPDATE catalogue_policytext SET title = 'Nothing.' WHERE version_id = %s",
        "DELETE FROM catalogue_policytext WHERE version_id = %s",
        "UPDATE catalogue_clause SET body = 'Nothing.' WHERE version_id = %s",
        "DELETE FROM catalogue_clause WHERE version_id = %s",
        "UPDATE catalogue_change SET materiality = 'material' WHERE version_id = %s",
        "UPDATE catalogue_change SET titles = '{}' WHERE version_id = %s",
        "UPDATE catalogue_change SET version_id = version_id - 1 WHERE version_id = %s",
        "DELETE FROM catalogue_change WHERE version_id = %s",
    ],
)
def test_the_database_refuses(version, sql):
    refuses(sql, version.pk)


def test_the_database_refuses_to_rename_or_delete_the_policy(version):
    refuses("UPDATE catalogue_policy SET key = 'other' WHERE id = %s", version.policy_id)
    refuses("DELETE FROM catalogue_policy WHERE id = %s", version.policy_id)


def test_the_database_refuses_one_more_clause_and_text(version):
    with pytest.raises(IntegrityError), transaction.atomic():
        Clause.objects.bulk_create([Clause(version=version, language="en", anchor="more", order=9, heading="x", body="x")])
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyText.objects.bulk_create([PolicyText(version=version, language="de", title="x", summary="x")])


def test_the_database_refuses_one_more_change(version):
    change = version.changes.get()
    change.pk, change.key, change.order = None, "more", 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.bulk_create([change])


def test_the_database_refuses_to_move_a_change_into_what_is_published(version):
    content = telling(saying(who={"body": "We are two clubs."}), PolicyContent.of(version), key="more")
    draft = actions.revise_policy(version.policy, content=content)
    refuses('UPDATE catalogue_change SET version_id = %s, "order" = 9 WHERE version_id = %s', version.pk, draft.pk)


def test_the_database_refuses_to_move_a_clause_into_what_is_published(version):
    draft = actions.revise_policy(version.policy)
    Clause.objects.get(version=draft, language="en", anchor="who")
    refuses("UPDATE catalogue_clause SET version_id = %s, anchor = 'more', \"order\" = 9 WHERE version_id = %s AND anchor = 'who'"
            " AND language = 'en'", version.pk, draft.pk)  # fmt: skip


def test_a_draft_is_open_in_the_database(brand):
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    accepts("UPDATE catalogue_clause SET body = 'x' WHERE version_id = %s AND anchor = 'who' AND language = 'en'", draft.pk)
    accepts("UPDATE catalogue_policy SET key = 'other' WHERE id = %s", draft.policy_id)


def test_the_changes_of_a_draft_are_open_in_the_database(version):
    draft = actions.revise_policy(version.policy, content=telling(saying(who={"body": "Two clubs."}), PolicyContent.of(version)))
    accepts("UPDATE catalogue_change SET materiality = 'material' WHERE version_id = %s", draft.pk)
    accepts("DELETE FROM catalogue_change WHERE version_id = %s", draft.pk)


def test_half_published_is_refused(brand):
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    refuses("UPDATE catalogue_policyversion SET number = 1 WHERE id = %s", draft.pk)


def test_the_triggers_are_there(version):
    assert missing(connection) == []
