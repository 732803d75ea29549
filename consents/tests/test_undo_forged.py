"""An undo of something that is not one's own newest word changes nothing."""

from __future__ import annotations

import pytest

from accounts.models import Customer
from consents import actions
from consents.saying import Result
from consents.states import Scope
from consents.tests.acting import count, deny, head, own, state
from consents.tests.test_undo import undo


@pytest.mark.parametrize("text", ["", "garbage", "0" * 32, "3f0c8a52-6b1e-4c58-9c53-0d6b8f0c2b11", "'; DROP TABLE", "\x00", "x" * 5000])
def test_a_receipt_that_is_none_changes_nothing(anna: Customer, text: str) -> None:
    deny(anna, "recs")
    before = count(anna)
    assert actions.undo(anna, text, own(anna)).result is Result.STALE
    assert count(anna) == before


def test_a_strangers_receipt_changes_nothing(anna: Customer, bea: Customer) -> None:
    no = deny(anna, "recs")
    before = (count(anna), count(bea))
    assert undo(bea, no).result is Result.STALE
    assert (count(anna), count(bea), state(anna, "recs")) == (*before, "refused")


def test_the_receipt_of_an_entry_that_is_no_choice_changes_nothing(anna: Customer) -> None:
    stop = actions.stop(anna, Scope.MARKETING, own(anna))
    assert stop is not None
    assert actions.undo(anna, str(stop.public_id), own(anna)).result is Result.STALE
    anna.refresh_from_db()
    assert anna.marketing_stopped_seq == head(anna)
