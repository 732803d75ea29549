from __future__ import annotations

from catalogue import actions
from catalogue.tests.conftest import OLA, entry_of, publish, said
from ledger.kinds import Period, kind
from ledger.models import Entry


def told(entry: Entry) -> tuple[str, str]:
    words = kind(entry.kind).words(entry.act)
    return words.title, words.detail


def test_the_history_tells_a_publication(brand, news):
    entry = entry_of(news)
    assert told(entry) == ("A new use of data was published: news", "")


def test_the_history_tells_that_only_the_wording_changed(brand, news):
    version = publish(brand, said(if_no="All stays as it is"), says_the_same=True)
    title, detail = told(entry_of(version))
    assert title == "Version 2 of a use of data was published: news"
    assert detail == "Reworded only. An officer confirmed that it says the same."


def test_the_history_tells_an_end(brand, news):
    actions.retire(news.purpose, by=OLA)
    assert told(Entry.objects.get(kind="purpose.retired")) == ("A use of data has ended: news", "")


def test_both_kinds_are_public_for_ever():
    assert {kind(name).period for name in ("purpose.published", "purpose.retired")} == {Period.PUBLIC}
