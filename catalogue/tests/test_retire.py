from __future__ import annotations

from typing import Any

import pytest

from catalogue import actions
from catalogue.problems import Refused
from catalogue.published import published
from catalogue.tests.conftest import NEWS, OLA
from ledger.models import Entry


def test_it_ends_a_purpose_and_says_so(brand, news):
    before = brand.config_epoch
    purpose = actions.retire(news.purpose, by=OLA)
    entry = Entry.objects.get(kind="purpose.retired")
    brand.refresh_from_db()
    assert (entry.act["purpose"], entry.act["version"], entry.actor) == ("news", 1, OLA)
    assert purpose.retired_at == entry.recorded_at
    assert brand.config_epoch > before
    assert published(brand)["news"].retired_at == entry.recorded_at


def test_twice_is_once(brand, news):
    first = actions.retire(news.purpose, by=OLA)
    second = actions.retire(news.purpose, by=OLA)
    assert first.retired_at == second.retired_at
    assert Entry.objects.filter(kind="purpose.retired").count() == 1


def test_what_was_never_published_is_thrown_away_instead(brand):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    with pytest.raises(Refused) as refused:
        actions.retire(draft.purpose, by=OLA)
    assert refused.value.codes == {"never_published"}


def test_without_its_entry_nothing_is_written(brand, news, monkeypatch):
    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr("ledger.turns._insert", fails)
    with pytest.raises(RuntimeError):
        actions.retire(news.purpose, by=OLA)
    news.purpose.refresh_from_db()
    assert news.purpose.retired_at is None
