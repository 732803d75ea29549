"""A policy is read again within twelve months: by a new version, or by somebody who says that it still holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from catalogue import actions
from catalogue.problems import Refused
from catalogue.tests.conftest import OLA
from catalogue.tests.saying_policies import POLICY, publish_policy, saying
from ledger.models import Entry
from ledger.turns import Turn

YEAR = timedelta(days=365)


def test_it_is_due_a_year_after_it_was_published(brand):
    version = publish_policy(brand)
    assert version.published_at
    assert version.policy.review_due() == version.published_at + YEAR


def test_a_draft_is_due_never(brand):
    assert actions.draft_policy(brand, key="privacy", content=POLICY).policy.review_due() is None


def test_reading_it_again_puts_it_off_and_is_in_the_public_record(brand):
    policy = publish_policy(brand).policy
    with time_machine.travel(timezone.now() + timedelta(days=300)):
        reviewed = actions.review_policy(policy, by=OLA)
    entry = Entry.objects.get(kind="policy.reviewed")
    assert (entry.subject, entry.actor) == (brand.subject, OLA)
    assert (entry.act["policy"], entry.act["version"]) == ("privacy", 1)
    assert reviewed.review_due() == entry.recorded_at + YEAR


def test_so_does_a_new_version(brand):
    publish_policy(brand)
    with time_machine.travel(timezone.now() + timedelta(days=300)):
        version = publish_policy(brand, saying(kept={"body": "We keep orders for a month."}))
    assert version.published_at
    assert version.policy.review_due() == version.published_at + YEAR


def test_what_was_never_published_is_not_reviewed(brand):
    policy = actions.draft_policy(brand, key="privacy", content=POLICY).policy
    with pytest.raises(Refused) as refused:
        actions.review_policy(policy, by=OLA)
    assert refused.value.codes == {"never_published"}
    assert not Entry.objects.filter(kind="policy.reviewed").exists()


def test_without_its_entry_nothing_is_written(brand, monkeypatch):
    policy = publish_policy(brand).policy

    def fails(self, *args, **kwargs):
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr(Turn, "append", fails)
    with pytest.raises(RuntimeError):
        actions.review_policy(policy, by=OLA)
    policy.refresh_from_db()
    assert policy.reviewed_at is None
