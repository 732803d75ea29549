from __future__ import annotations

from dataclasses import replace

import pytest

from catalogue import actions
from catalogue.content import Content
from catalogue.models import DataCategory, Purpose, PurposeVersion, Recipient, Safeguard, Source
from catalogue.models.frozen import FrozenError
from catalogue.problems import Refused
from catalogue.tests.conftest import NEWS, SEND, said, using
from ledger.models import Entry


def test_a_draft_leaves_no_trace_in_the_ledger(brand):
    entries = Entry.objects.count()
    draft = actions.draft_purpose(brand, key="news", content=NEWS, order=3)
    assert (draft.number, draft.purpose.order, draft.purpose.newest, Entry.objects.count()) == (None, 3, None, entries)


def test_a_key_is_taken_once(brand):
    actions.draft_purpose(brand, key="news", content=NEWS)
    with pytest.raises(Refused) as refused:
        actions.draft_purpose(brand, key="news", content=NEWS)
    assert refused.value.codes == {"key_taken"}


@pytest.mark.parametrize("key", ["undo", "deny-all", "marketing", "taste", "address"])
def test_a_word_of_our_own_addresses_is_no_key(brand, key):
    with pytest.raises(Refused) as refused:
        actions.draft_purpose(brand, key=key, content=NEWS)
    assert refused.value.codes == {"key_reserved"}
    assert not brand.purposes.exists()


def test_a_parent_must_exist(brand):
    with pytest.raises(Refused) as refused:
        actions.draft_purpose(brand, key="news", content=NEWS, parent="nothing")
    assert refused.value.codes == {"parent_unknown"}
    assert not brand.purposes.exists()


def test_revising_begins_with_what_is_published(brand, news):
    draft = actions.revise(news.purpose)
    assert (draft.number, Content.of(draft)) == (None, NEWS)


def test_revising_twice_is_the_same_draft(brand, news):
    first = actions.revise(news.purpose, content=said(if_no="Nothing"))
    assert actions.revise(news.purpose) == first
    assert Content.of(first).texts["en"].if_no == "Nothing"


def test_a_draft_is_rewritten_whole(brand):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    content = using(replace(SEND, category="name"), content=replace(NEWS, channels=("email",), lifetime_months=24))
    assert actions.revise(draft.purpose, content=content) == draft
    assert Content.of(PurposeVersion.objects.get(pk=draft.pk)) == content


def test_nothing_published_nothing_to_revise(brand):
    purpose = Purpose.objects.create(brand=brand, key="empty")
    with pytest.raises(Refused) as refused:
        actions.revise(purpose)
    assert refused.value.codes == {"never_published"}


def test_a_discarded_draft_takes_its_unpublished_purpose_along(brand):
    actions.discard(actions.draft_purpose(brand, key="news", content=NEWS))
    assert not brand.purposes.exists()


def test_a_discarded_draft_leaves_what_is_published(brand, news):
    actions.discard(actions.revise(news.purpose))
    assert (news.purpose.draft, news.purpose.newest) == (None, news)


def test_what_is_published_is_not_discarded(brand, news):
    with pytest.raises(FrozenError):
        actions.discard(news)


def test_a_word_is_declared_once(brand):
    before = brand.config_epoch
    actions.declare(brand, DataCategory, "email", names={"en": "Email address", "pl": "Adres e-mail"})
    assert (DataCategory.objects.filter(brand=brand, key="email").count(), brand.config_epoch) == (1, before)


def test_a_free_word_may_change(brand):
    actions.declare(brand, Recipient, "pisarz", name="Pisarz Nowy")
    assert Recipient.objects.get(key="pisarz").name == "Pisarz Nowy"


def test_a_word_in_published_use_may_learn_a_language(brand, news):
    before = brand.config_epoch
    names = {"en": "Email address", "pl": "Adres e-mail", "de": "E-Mail-Adresse"}
    actions.declare(brand, DataCategory, "email", names=names)
    assert DataCategory.objects.get(key="email").names == names
    assert brand.config_epoch == before + 1


@pytest.mark.parametrize(
    ("model", "key", "fields"),
    [
        (DataCategory, "email", {"names": {"en": "Everything", "pl": "Adres e-mail"}}),
        (DataCategory, "email", {"sensitive": True}),
        (Source, "you", {"kind": "inferred"}),
        (Recipient, "listova", {"name": "Somebody"}),
        (Recipient, "listova", {"what_for": {"en": "Anything"}}),
        (Safeguard, "locked", {"names": {"en": "Ajar", "pl": "Uchylone"}}),
    ],
)
def test_a_word_in_published_use_keeps_its_meaning(brand, news, model, key, fields):
    with pytest.raises(Refused) as refused:
        actions.declare(brand, model, key, **fields)
    assert refused.value.codes == {"word_in_use"}


def test_a_word_only_in_a_draft_is_free(brand):
    actions.draft_purpose(brand, key="news", content=NEWS)
    actions.declare(brand, Safeguard, "locked", names={"en": "Under lock", "pl": "Pod kluczem"})
    assert Safeguard.objects.get(key="locked").names["en"] == "Under lock"


def test_what_stands_in_the_way_is_told_before_anybody_publishes(brand, settings):
    settings.FOUR_EYES = True
    ola, iga = "staff:" + "a" * 32, "staff:" + "b" * 32
    draft = actions.draft_purpose(brand, key="news", content=NEWS, by=ola)
    entries = Entry.objects.count()
    assert [problem.code for problem in actions.in_the_way(draft, by=ola)] == ["four_eyes"]
    assert actions.in_the_way(draft, by=iga) == []
    assert Entry.objects.count() == entries
    assert actions.in_the_way(actions.publish(draft, by=iga), by=ola) == [], "of what is published nothing is to be done"
