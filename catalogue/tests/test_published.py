from __future__ import annotations

import threading
import time
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

import catalogue.published
from brands.models import Brand
from catalogue import actions, pack
from catalogue.problems import Refused
from catalogue.published import forget, published, version_of, versions_of
from catalogue.tests.conftest import NEWS, OLA, SEND, a_brand, publish, said, using
from catalogue.tests.test_children import TO_CHILDREN
from catalogue.tests.test_validation import SHARING

SHORTER = using(replace(SEND, retention_days=7))


@pytest.mark.parametrize("name", ["club", "shop"])
def test_a_miss_takes_four_queries_and_a_hit_none(brand, django_assert_num_queries, name):
    actions.load_pack(brand, pack.FOLDER / f"{name}.yaml", by="system:tests")
    forget(brand)
    with django_assert_num_queries(4):
        published(brand)
    with django_assert_num_queries(0):
        view = published(brand)
        assert all(each.for_language("pl").title for each in view.values())
        assert version_of(brand, next(iter(view)), 1)


def test_it_holds_what_was_published(brand):
    version = publish(brand, SHARING, key="ads")
    held = published(brand)["ads"]
    assert (held.key, held.version, held.version_id, held.sha256, held.entry) == ("ads", 1, version.pk, version.sha256, version.entry)
    assert (held.basis, held.classes, held.channels, held.parent) == ("consent", ("targeted_advertising",), (), "")
    assert (held.third_parties, held.sold, held.shared, held.explicit) == (("Adfield",), False, True, False)
    assert (held.audience, held.pictogram) == ("everybody", "")
    assert (held.lifetime_months, held.retired_at, held.in_force_from) == (None, None, version.in_force_from)
    [path] = held.uses
    assert (path.category_names["pl"], path.source_kind, path.recipient_name, path.country) == ("Adres e-mail", "person", "Adfield", "IE")


def test_it_holds_whom_it_concerns_and_what_children_read(brand):
    publish(brand, TO_CHILDREN, key="camp")
    held = published(brand)["camp"]
    assert (held.audience, held.pictogram) == ("children", "camera")
    assert held.for_language("pl-PL").child_words("older") == ("Obóz", "Piszemy do Ciebie raz w roku.")


def test_drafts_are_not_in_it(brand, news):
    actions.revise(news.purpose, content=SHORTER)
    actions.draft_purpose(brand, key="other", content=NEWS)
    assert {key: each.version for key, each in published(brand).items()} == {"news": 1}


def test_a_publication_is_seen_at_the_next_look(brand, news):
    assert published(brand)["news"].version == 1
    publish(brand, SHORTER)
    brand.refresh_from_db()
    assert published(brand)["news"].version == 2
    assert published(brand)["news"].uses[0].retention_days == 7


def test_a_request_that_began_before_does_not_put_the_old_view_back(brand, news):
    earlier = type(brand).objects.get(pk=brand.pk)
    publish(brand, SHORTER)
    brand.refresh_from_db()
    assert published(brand)["news"].version == 2
    published(earlier)
    assert published(brand)["news"].version == 2


def test_the_older_version_stands_until_the_newer_comes_into_force(brand, news):
    start = timezone.now() + timedelta(days=30)
    publish(brand, SHORTER, in_force_from=start)
    brand.refresh_from_db()
    assert published(brand)["news"].version == 1
    assert published(brand, at=start)["news"].version == 2
    assert published(brand, at=start - timedelta(seconds=1))["news"].version == 1


def test_what_is_not_yet_in_force_is_there_for_the_caller_to_judge(brand):
    start = timezone.now() + timedelta(days=30)
    publish(brand, in_force_from=start)
    assert published(brand)["news"].in_force_from == start


def test_every_version_ever_published_is_found_by_number(brand, news):
    publish(brand, SHORTER)
    brand.refresh_from_db()
    assert [each.version for each in versions_of(brand, "news")] == [1, 2]
    first = version_of(brand, "news", 1)
    assert first is not None
    assert first.sha256 == news.sha256
    assert first.uses[0].retention_days == 30
    assert version_of(brand, "news", 3) is None
    assert version_of(brand, "nothing", 1) is None


def test_another_brand_sees_nothing_of_it(brand, news):
    assert published(a_brand("loom")) == {}


def test_purposes_come_in_the_order_of_the_catalogue(brand):
    for key, order in (("b-late", 2), ("a-late", 2), ("z-first", 1)):
        actions.publish(actions.draft_purpose(brand, key=key, content=NEWS, order=order), by=OLA)
    brand.refresh_from_db()
    assert list(published(brand)) == ["z-first", "a-late", "b-late"]


@pytest.mark.parametrize(("asked", "title"), [("pl", "Nowości"), ("pl-PL", "Nowości"), ("en", "News"), ("de", "News")])
def test_a_text_falls_back_to_the_first_language(brand, news, asked, title):
    assert published(brand)["news"].for_language(asked).title == title


def test_nobody_can_edit_it(brand, news):
    view: Any = published(brand)
    with pytest.raises(TypeError):
        view["other"] = view["news"]
    with pytest.raises(FrozenInstanceError):
        view["news"].basis = "contract"


def test_a_publication_that_was_rolled_back_leaves_nothing_in_memory(brand, monkeypatch):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)

    def looks_and_fails(of: object) -> None:
        type(brand).objects.filter(pk=brand.pk).update(config_epoch=brand.config_epoch + 1)
        assert "news" in published(type(brand).objects.get(pk=brand.pk))
        raise RuntimeError("too late")

    monkeypatch.setattr("catalogue.actions.purposes.raise_epoch", looks_and_fails)
    with pytest.raises(RuntimeError):
        actions.publish(draft, by=OLA)
    monkeypatch.undo()
    publish(brand, said(title="Other"), key="other")
    brand.refresh_from_db()
    assert list(published(brand)) == ["other"]


def test_threads_share_one_view(brand, news, monkeypatch):
    loads = []
    held = catalogue.published._load(brand)  # read here: another thread has another connection, which does not see this test's rows

    def load_once(of: Brand) -> Any:
        loads.append(of)
        time.sleep(0.05)  # long enough for the others to come and ask
        return held

    forget(brand)
    monkeypatch.setattr(catalogue.published, "_load", load_once)
    threads = [threading.Thread(target=published, args=(brand,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1


def test_a_refusal_does_not_forget_others(brand, news):
    published(brand)
    with pytest.raises(Refused):
        publish(brand)
    assert published(brand)["news"].version == 1


def test_the_past_can_be_asked(brand, news):
    assert published(brand, at=datetime(2020, 1, 1, tzinfo=UTC))["news"].in_force_from > datetime(2020, 1, 1, tzinfo=UTC)
