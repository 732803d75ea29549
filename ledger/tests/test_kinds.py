from __future__ import annotations

import pytest
from django.utils import translation

from ledger import kinds, words
from ledger.kinds import COMMON, Period, UnknownKind, Words, kind, register
from ledger.times import as_moment


def test_a_kind_is_found_by_its_name():
    found = kind("thing.happened")
    assert (found.name, found.fields, found.period, found.group) == ("thing.happened", frozenset({"what"}), Period.PROOF, "account")
    assert found.words({}) == Words("It happened")
    assert found in kinds.kinds()


def test_an_unnamed_one_raises():
    with pytest.raises(UnknownKind, match=r"thing\.invented"):
        kind("thing.invented")


@pytest.mark.parametrize("field", sorted(COMMON))
def test_a_field_of_every_entry_cannot_be_one_of_a_kind(field: str):
    with pytest.raises(ValueError, match=field):
        register("thing.else", fields=("what", field), period=Period.PROOF, words=lambda act: Words(""))
    with pytest.raises(UnknownKind):
        kind("thing.else")


def test_the_ledger_brings_two_of_its_own():
    words.register_kinds()
    assert kind("tombstone").fields == {"reason", "ranges", "count", "sha256"}
    assert kind("epoch.started").period is Period.PROOF


@pytest.mark.parametrize(
    ("act", "title", "detail"),
    [
        ({"count": 1, "reason": "erasure"}, "The content of 1 entry was deleted", "Because the data was deleted."),
        ({"count": 7, "reason": "period"}, "The content of 7 entries was deleted", "Because the time for keeping it was over."),
    ],
)
def test_a_tombstone_in_words(act: dict[str, object], title: str, detail: str):
    with translation.override("en"):
        assert kind("tombstone").words(act) == Words(title, detail)


def test_a_restore_in_words():
    with translation.override("en"):
        assert "restored" in kind("epoch.started").words({}).title


def test_a_moment_as_a_cursor_gives_it():
    aware = as_moment("2026-05-01 12:00:00")
    assert aware is not None
    assert aware.isoformat() == "2026-05-01T12:00:00+00:00"
    assert as_moment(aware) is aware
    assert as_moment(None) is None
