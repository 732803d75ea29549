from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.utils import timezone

from catalogue import actions
from catalogue.content import Content
from catalogue.models import Purpose, PurposeVersion
from catalogue.problems import Refused
from catalogue.tests.conftest import EN, NEWS, OLA, PL, SEND, a_brand, entry_of, publish, said, using
from ledger.models import Entry


def test_it_freezes_numbers_and_hashes(brand):
    version = publish(brand)
    assert version.number == 1
    assert version.sha256 == sha256(version.body.encode()).hexdigest()
    assert PurposeVersion.objects.get(pk=version.pk).frozen


def test_it_says_so_in_the_ledger(brand):
    version = publish(brand)
    entry = entry_of(version)
    assert (entry.kind, entry.subject, entry.actor) == ("purpose.published", brand.subject, OLA)
    assert (version.entry_public_id, version.published_at) == (entry.public_id, entry.recorded_at)
    told = {name: entry.act[name] for name in ("purpose", "version", "sha256", "basis", "classes", "channels", "parent", "says_the_same")}
    assert told == {
        "purpose": "news", "version": 1, "sha256": version.sha256, "basis": "consent", "classes": ["email_marketing"], "channels": [],
        "parent": None, "says_the_same": False,
    }  # fmt: skip
    assert entry.act["in_force_from"] <= entry.act["recorded_at"]


def test_the_body_holds_what_the_words_meant(brand):
    body = publish(brand).body
    for words in ("Listova", "Adres e-mail", "Until you stop it", '"third_party":false', '"retention_days":30', "Zamknięte"):
        assert words in body


def test_it_raises_the_epoch_of_the_brand(brand):
    before = brand.config_epoch
    publish(brand)
    brand.refresh_from_db()
    assert brand.config_epoch == before + 1


def test_twice_is_once(brand):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    first = actions.publish(draft, by=OLA)
    second = actions.publish(draft, by=OLA)
    assert (first.pk, first.number, first.entry) == (second.pk, second.number, second.entry)
    assert Entry.objects.filter(kind="purpose.published").count() == 1


def test_without_its_entry_nothing_is_written(brand, monkeypatch):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    before = brand.config_epoch

    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr("ledger.turns._insert", fails)
    with pytest.raises(RuntimeError):
        actions.publish(draft, by=OLA)
    draft.refresh_from_db()
    brand.refresh_from_db()
    assert (draft.number, draft.sha256, brand.config_epoch) == (None, "", before)


def test_a_refused_draft_stays_a_draft_and_leaves_no_entry(brand):
    draft = actions.draft_purpose(brand, key="news", content=said(ground=""))
    with pytest.raises(Refused) as refused:
        actions.publish(draft, by=OLA)
    assert refused.value.codes == {"fact_missing"}
    assert "“ground” is empty." in str(refused.value)
    assert PurposeVersion.objects.get(pk=draft.pk).number is None
    assert not Entry.objects.filter(kind="purpose.published").exists()


def test_the_next_version_gets_the_next_number(brand, news):
    second = publish(brand, using(replace(SEND, retention_days=7)))
    assert (second.number, second.purpose.newest) == (2, second)
    assert second.sha256 != news.sha256


def test_nothing_changed_is_refused(brand, news):
    with pytest.raises(Refused) as refused:
        publish(brand)
    assert refused.value.codes == {"nothing_changed"}


REWORDED = said(if_no="All stays as it is")


def test_new_prose_needs_a_word_that_it_says_the_same(brand, news):
    with pytest.raises(Refused) as refused:
        publish(brand, REWORDED)
    assert refused.value.codes == {"prose_changed"}


def test_an_officer_may_say_that_it_says_the_same(brand, news):
    version = publish(brand, REWORDED, says_the_same=True)
    assert entry_of(version).act["says_the_same"] is True


def test_a_program_may_not_say_that_it_says_the_same(brand, news):
    with pytest.raises(Refused) as refused:
        publish(brand, REWORDED, by="system:pack", says_the_same=True)
    assert refused.value.codes == {"officer_needed"}


def test_a_first_version_never_claims_to_say_the_same(brand):
    version = publish(brand, says_the_same=True)
    assert entry_of(version).act["says_the_same"] is False


def test_exchanging_a_processor_under_the_same_instructions_is_allowed(brand, news):
    texts = {"en": replace(EN, recipients="Pisarz sends it"), "pl": replace(PL, recipients="Wysyła Pisarz")}
    assert publish(brand, replace(using(replace(SEND, recipient="pisarz")), texts=texts)).number == 2


def test_it_may_come_into_force_later(brand):
    start = timezone.now() + timedelta(days=30)
    assert publish(brand, in_force_from=start).in_force_from == start


def test_it_cannot_come_into_force_in_the_past(brand):
    with pytest.raises(Refused) as refused:
        publish(brand, in_force_from=timezone.now() - timedelta(minutes=1))
    assert refused.value.codes == {"in_force_too_early"}


def test_it_cannot_overtake_the_version_it_follows(brand):
    publish(brand, in_force_from=timezone.now() + timedelta(days=30))
    with pytest.raises(Refused) as refused:
        publish(brand, using(replace(SEND, retention_days=7)))
    assert refused.value.codes == {"in_force_too_early"}


def test_what_is_wider_names_its_parent(brand, news):
    wider = using(replace(SEND, retention_days=60))
    draft = actions.draft_purpose(brand, key="news-longer", content=wider, parent="news")
    version = actions.publish(draft, by=OLA)
    assert entry_of(version).act["parent"] == "news"


def test_a_parent_must_be_published(brand):
    actions.draft_purpose(brand, key="news", content=NEWS)
    draft = actions.draft_purpose(brand, key="news-longer", content=NEWS, parent="news")
    with pytest.raises(Refused) as refused:
        actions.publish(draft, by=OLA)
    assert refused.value.codes == {"parent_not_published"}


def test_a_retired_purpose_gets_no_further_version(brand, news):
    draft = actions.revise(news.purpose, content=using(replace(SEND, retention_days=7)))
    actions.retire(news.purpose, by=OLA)
    with pytest.raises(Refused) as refused:
        actions.publish(draft, by=OLA)
    assert refused.value.codes == {"retired"}


def test_another_brand_has_its_own_purpose_of_the_same_key(brand, news):
    other = a_brand("loom")
    assert publish(other).number == 1
    assert Purpose.objects.filter(key="news").count() == 2


def test_a_content_read_back_is_the_content_written(brand):
    assert Content.of(publish(brand)) == NEWS
