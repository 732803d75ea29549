"""Twice is once, and an old page says no more than it knew: contracts.md 7, threats.md C2."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Customer
from catalogue.actions import retire
from catalogue.published import published
from consents import actions
from consents.decide import decide
from consents.models import Shown
from consents.saying import Outcome, Result
from consents.standing import UnknownPurpose
from consents.states import Scope, Verb
from consents.tests.acting import ALLOW, DENY, acts, allow, count, deny, own, page, press, state

# ── Twice is once ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("verb", [ALLOW, DENY])
def test_the_same_form_twice_is_once(anna: Customer, verb: Verb) -> None:
    said = page(anna, "recs", verb=verb, nonce="a" * 32)
    first = actions.say(anna, "recs", "", verb, said)
    before = count(anna)
    second = actions.say(anna, "recs", "", verb, said)
    assert (first.result, second.result) == (Result.SAVED, Result.STANDS)
    assert second.choice is not None
    assert second.choice.receipt == first.entry.public_id  # type: ignore[union-attr]
    assert count(anna) == before


@pytest.mark.parametrize("verb", [ALLOW, DENY])
def test_the_same_wish_from_a_new_page_is_once(anna: Customer, verb: Verb) -> None:
    press(anna, "recs", verb)
    before = count(anna)
    assert press(anna, "recs", verb).result is Result.STANDS
    assert count(anna) == before


def test_allow_back_dont_allow_back_again_both_ways(anna: Customer) -> None:
    """contracts.md 7: the same two forms, pressed again and again. A reduction acts each time, a grant is asked anew."""
    forms = {verb: page(anna, "recs", verb=verb, nonce="b" * 32) for verb in (ALLOW, DENY)}

    def repeat(verb: Verb) -> Outcome:
        return actions.say(anna, "recs", "", verb, forms[verb])

    assert repeat(ALLOW).saved
    assert repeat(DENY).saved
    assert repeat(ALLOW).result is Result.STALE, "its effect has gone: the old page must not bring it back"
    assert state(anna, "recs") == "withdrawn"
    assert repeat(DENY).result is Result.STANDS
    assert allow(anna, "recs").saved, "from a page that has seen the no"
    again = repeat(DENY)
    assert again.saved, "known, effect gone, reduction: it acts"
    assert again.entry is not None
    assert again.entry.idempotency_key is None
    assert state(anna, "recs") == "withdrawn"


# ── A stale page, other wording ─────────────────────────────────────────────────────────────────────────────────────


def test_a_yes_that_had_not_seen_the_no_is_refused(anna: Customer) -> None:
    old = page(anna, "recs")
    deny(anna, "recs")
    before = count(anna)
    outcome = actions.say(anna, "recs", "", ALLOW, old)
    assert (outcome.result, state(anna, "recs"), count(anna)) == (Result.STALE, "refused", before)


@pytest.mark.parametrize("seen", [None, 10**6])
def test_a_yes_that_has_seen_nothing_or_the_future_is_refused(anna: Customer, seen: int | None) -> None:
    assert allow(anna, "recs", seen=seen).result is Result.STALE
    assert state(anna, "recs") == "none"


def test_a_yes_that_had_not_seen_a_wide_word_is_refused(anna: Customer) -> None:
    old = page(anna, "news", "email")
    actions.stop(anna, Scope.MARKETING, own(anna))
    assert actions.say(anna, "news", "email", ALLOW, old).result is Result.STALE
    assert allow(anna, "recs").saved, "no marketing: the word does not cover it"
    assert allow(anna, "news", "email").saved, "having seen it"
    assert decide(anna, "news", "email").allowed


def test_a_no_that_was_taken_back_must_have_been_seen_too(anna: Customer) -> None:
    """C2: a grant that saw an older state than a withdrawal is refused, whatever became of the withdrawal since."""
    old = page(anna, "recs")
    refused = deny(anna, "recs")
    assert refused.entry is not None
    actions.undo(anna, str(refused.entry.public_id), own(anna))
    assert state(anna, "recs") == "unset"
    assert actions.say(anna, "recs", "", ALLOW, old).result is Result.STALE


def test_a_no_hidden_behind_a_waiting_yes_must_have_been_seen_too(anna: Customer) -> None:
    old = page(anna, "recs")
    deny(anna, "recs")
    assert actions.ask_to_confirm(anna, "recs", "", page(anna, "recs")).saved
    assert actions.say(anna, "recs", "", ALLOW, old).result is Result.STALE


def test_a_no_is_applied_whatever_the_page_had_seen(anna: Customer) -> None:
    old = page(anna, "recs", verb=DENY)
    allow(anna, "recs")
    allow(anna, "insight")
    outcome = actions.say(anna, "recs", "", DENY, old)
    assert outcome.saved
    assert acts(anna)[-1]["seen"] == old.seen
    assert actions.say(anna, "insight", "", DENY, own(anna)).saved, "it need not say what it had seen"


@pytest.mark.parametrize(
    "other", [{"shown": "0" * 64}, {"shown": None}, {"version": 2}, {"version": None}, {"language": "pl"}, {"language": "xx"}]
)
def test_other_wording_saves_no_yes_and_a_no_without_it(anna: Customer, other: dict[str, Any]) -> None:
    before = (count(anna), Shown.objects.count())
    assert allow(anna, "recs", **other).result is Result.OTHER_WORDING
    assert (count(anna), Shown.objects.count()) == before
    assert deny(anna, "recs", **other).saved
    assert acts(anna)[-1]["shown"] is None
    assert Shown.objects.count() == before[1]


def test_wording_in_a_language_the_brand_does_not_speak_was_never_shown(anna: Customer) -> None:
    """Its hash can be reckoned by anybody; no page of ours says it."""
    from consents import shown

    forged = shown.screen(anna.brand, published(anna.brand)["recs"], "", "de")
    assert allow(anna, "recs", language="de", shown=forged.sha256).result is Result.OTHER_WORDING
    assert state(anna, "recs") == "none"


def test_a_purpose_retired_in_between(anna: Customer) -> None:
    said = page(anna, "recs")
    retire(anna.brand.purposes.get(key="recs"), by="system:tests")
    anna.brand.refresh_from_db()
    with pytest.raises(UnknownPurpose):
        actions.say(anna, "recs", "", ALLOW, said)
