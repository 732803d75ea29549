from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connection

from catalogue import actions
from catalogue.content import Content
from catalogue.models import Purpose, PurposeVersion
from catalogue.models.frozen import FrozenError
from catalogue.problems import Refused
from catalogue.tests.conftest import NEWS, OLA, said
from ledger.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    def alone(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except (DatabaseError, FrozenError, Refused) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(alone, acts))


def test_five_presses_publish_once(brand):
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    done = at_once(*[lambda: actions.publish(PurposeVersion.objects.get(pk=draft.pk), by=OLA)] * 5)
    assert {(version.number, version.entry) for version in done} == {(1, done[0].entry)}
    assert Entry.objects.filter(kind="purpose.published").count() == 1


def test_what_was_judged_is_what_is_published(brand):
    """An editor breaks the draft while an officer publishes it: either order, but never the broken text under a number."""
    draft = actions.draft_purpose(brand, key="news", content=NEWS)
    at_once(
        lambda: actions.publish(PurposeVersion.objects.get(pk=draft.pk), by=OLA),
        lambda: actions.revise(Purpose.objects.get(pk=draft.purpose_id), content=said(title="News!")),
    )
    for version in PurposeVersion.objects.published():
        assert Content.of(version) == NEWS
