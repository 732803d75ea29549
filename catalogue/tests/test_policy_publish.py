from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone

from catalogue import actions
from catalogue.models import Clause, Policy, PolicyVersion
from catalogue.policy_content import PolicyContent, body
from catalogue.problems import Refused
from catalogue.tests.conftest import OLA, a_brand, entry_of
from catalogue.tests.saying_policies import POLICY, publish_policy, saying, telling, without
from ledger.models import Entry

SHORTER = saying(kept={"body": "We keep orders for a month."})


def test_it_freezes_numbers_and_hashes(brand):
    version = publish_policy(brand)
    assert version.number == 1
    assert version.sha256 == sha256(version.body.encode()).hexdigest()
    assert PolicyVersion.objects.get(pk=version.pk).frozen


def test_it_says_so_in_the_ledger_for_everybody_to_read(brand):
    version = publish_policy(brand)
    entry = entry_of(version)
    assert (entry.kind, entry.subject, entry.actor) == ("policy.published", brand.subject, OLA)
    assert (version.entry, version.published_at) == (entry.id, entry.recorded_at)
    act = {name: entry.act[name] for name in ("policy", "version", "sha256", "clauses")}
    assert act == {"policy": "privacy", "version": 1, "sha256": version.sha256, "clauses": 3}
    assert entry.act["in_force_from"] == json.loads(version.body)["in_force_from"]


def test_the_body_holds_every_clause_with_its_number(brand):
    held = json.loads(publish_policy(brand).body)
    assert [clause["number"] for clause in held["texts"]["pl"]["clauses"]] == ["1", "1.1", "2"]
    assert held["texts"]["en"]["clauses"][2]["body"] == "We keep orders for **36 months**.\n\n- Then we delete them."


def test_the_body_holds_the_changes_in_their_order_with_all_they_say(brand):
    publish_policy(brand)
    told = telling(telling(SHORTER, POLICY, key="z", anchors=("kept",)), POLICY, key="a", anchors=(), audience="minors", countries=("PL",))
    version = publish_policy(brand, told)
    held = json.loads(version.body)["changes"]
    assert [change["key"] for change in held] == ["z", "a"]
    assert held[1] == {
        "key": "a", "kind": "wording", "materiality": "editorial", "favourable": False, "anchors": [], "purposes": [], "countries": ["PL"],
        "audience": "minors", "titles": {"en": "Said more plainly", "pl": "Prościej napisane"},
        "for_you": {"en": "Nothing changes for you.", "pl": "Nic się dla Ciebie nie zmienia."},
    }  # fmt: skip


def test_another_change_is_another_hash(brand):
    publish_policy(brand)
    draft = actions.revise_policy(brand.policies.get(), content=telling(SHORTER, POLICY))
    draft.in_force_from = timezone.now()
    before = body(draft, 2)
    actions.revise_policy(draft.policy, content=telling(SHORTER, POLICY, for_you={"en": "Nothing.", "pl": "Nic."}))
    assert body(draft, 2) != before


def test_it_raises_the_epoch_of_the_brand(brand):
    before = brand.config_epoch
    publish_policy(brand)
    brand.refresh_from_db()
    assert brand.config_epoch == before + 1


def test_twice_is_once(brand):
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    first, second = actions.publish_policy(draft, by=OLA), actions.publish_policy(draft, by=OLA)
    assert (first.pk, first.number, first.entry) == (second.pk, second.number, second.entry)
    assert Entry.objects.filter(kind="policy.published").count() == 1


def test_without_its_entry_nothing_is_written(brand, monkeypatch):
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    before = brand.config_epoch

    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr("ledger.turns._insert", fails)
    with pytest.raises(RuntimeError):
        actions.publish_policy(draft, by=OLA)
    draft.refresh_from_db()
    brand.refresh_from_db()
    assert (draft.number, draft.sha256, brand.config_epoch) == (None, "", before)


def test_a_refused_draft_stays_a_draft_and_leaves_no_entry(brand):
    draft = actions.draft_policy(brand, key="privacy", content=saying(language="pl", kept={"body": " "}))
    with pytest.raises(Refused) as refused:
        actions.publish_policy(draft, by=OLA)
    assert str(refused.value) == "pl · kept: The clause is empty."
    assert PolicyVersion.objects.get(pk=draft.pk).number is None
    assert not Entry.objects.filter(kind="policy.published").exists()


def test_the_next_version_gets_the_next_number(brand):
    first, second = publish_policy(brand), publish_policy(brand, SHORTER)
    assert (second.number, second.policy.newest) == (2, second)
    assert first.sha256 != second.sha256


def test_it_is_one_act_on_the_brands_own_chain_and_on_no_persons(brand):
    before = Entry.objects.count()
    publish_policy(brand)
    assert Entry.objects.count() == before + 1
    assert set(Entry.objects.filter(kind="policy.published").values_list("subject", flat=True)) == {brand.subject}


def test_a_clause_that_disappears_must_be_named(brand):
    publish_policy(brand)
    gone = without(POLICY, "kept")
    with pytest.raises(Refused) as refused:
        publish_policy(brand, gone)
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [("anchor_gone", "kept")]
    assert publish_policy(brand, replace(gone, removed=("kept",))).removed == ["kept"]


def test_it_may_come_into_force_later(brand):
    start = timezone.now() + timedelta(days=30)
    assert publish_policy(brand, in_force_from=start).in_force_from == start


@pytest.mark.parametrize("days", [-1, 10])
def test_it_cannot_come_into_force_in_the_past_nor_overtake(brand, days):
    publish_policy(brand, in_force_from=timezone.now() + timedelta(days=30))
    with pytest.raises(Refused) as refused:
        publish_policy(brand, SHORTER, in_force_from=timezone.now() + timedelta(days=days))
    assert refused.value.codes == {"in_force_too_early"}


def test_another_brand_has_its_own_policy_of_the_same_key(brand):
    publish_policy(brand)
    assert publish_policy(a_brand("loom")).number == 1
    assert Policy.objects.filter(key="privacy").count() == 2


def test_a_content_read_back_is_the_content_written(brand):
    assert PolicyContent.of(publish_policy(brand)) == POLICY


def test_rows_say_what_they_are(brand):
    version = publish_policy(brand)
    rows = [version, version.policy, version.texts.get(language="en"), Clause.objects.get(anchor="officer", language="pl")]
    assert [str(row) for row in rows] == ["privacy 1", "privacy", "Privacy policy (en)", "1.1 Nasz inspektor (pl)"]
    assert str(actions.revise_policy(version.policy)) == "privacy draft"
