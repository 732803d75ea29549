"""What was decided in another system: C3 of the rules of conflict, and what lacks its evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Customer
from consents import history, shown
from consents.actions import Elsewhere, stop, take_over
from consents.decide import decide
from consents.models import Choice
from consents.saying import Outcome, Result, Said
from consents.standing import UnknownPurpose
from consents.states import How, Reason, Scope, State, Verb, Where
from consents.tests.acting import allow, deny, own, state
from consents.tests.catalogue_of_all_grounds import publish
from ledger.models import Entry

LONG_AGO = datetime(2026, 1, 5, 10, tzinfo=UTC)
WHOLE = Elsewhere(LONG_AGO, "Show me your ads on other sites.", "checkout form", "a" * 64)


def told(customer: Customer, verb: Verb, elsewhere: Elsewhere = WHOLE, *, purpose: str = "ads", key: str | None = None) -> Outcome:
    said = Said("system:import:1", customer.subject, How.IMPORT, Where.IMPORT, "IV0", "en", key=key)
    return take_over(customer, purpose, "", verb, said, elsewhere)


def test_a_yes_with_its_evidence_counts(anna: Customer) -> None:
    outcome = told(anna, Verb.ALLOW)
    assert outcome.result is Result.SAVED
    assert outcome.entry
    act = outcome.entry.act
    assert (act["occurred_at"], act["evidence"], act["how"], act["outcome"]) == (
        "2026-01-05T10:00:00.000000Z",
        "a" * 64,
        "import",
        "applied",
    )
    saw = shown.again(act["shown"])
    assert saw is not None
    assert (saw["title"], saw["sentence"], saw["buttons"]) == ("checkout form", "Show me your ads on other sites.", [])
    assert decide(anna, "ads").reason is Reason.GRANTED


@pytest.mark.parametrize(
    ("elsewhere", "missing"),
    [
        (Elsewhere(), ["wording", "time", "source"]),
        (Elsewhere(LONG_AGO, "", "shop"), ["wording"]),
        (Elsewhere(LONG_AGO, "What they read", " "), ["source"]),
        (Elsewhere(None, "What they read", "shop"), ["time"]),
    ],
)
def test_one_that_proves_nothing_is_noted_and_never_counts(anna: Customer, elsewhere: Elsewhere, missing: list[str]) -> None:
    outcome = told(anna, Verb.ALLOW, elsewhere, key="b" * 64)
    assert outcome.result is Result.UNPROVEN
    assert outcome.entry
    assert outcome.entry.act["missing"] == missing
    assert state(anna, "ads") == "none"
    assert decide(anna, "ads").reason is Reason.UNDECIDED
    again = told(anna, Verb.ALLOW, elsewhere, key="b" * 64)
    assert (again.result, again.entry) == (Result.UNPROVEN, None)
    assert history.latest(anna, 1)[0].title.startswith("An earlier system says that you allowed")


def test_a_later_no_stands(anna: Customer) -> None:
    deny(anna, "ads")
    outcome = told(anna, Verb.ALLOW)
    assert outcome.result is Result.SUPERSEDED
    assert outcome.entry
    assert outcome.entry.act["outcome"] == "superseded"
    assert state(anna, "ads") == State.REFUSED
    assert not decide(anna, "ads").allowed
    assert history.latest(anna, 1)[0].title.startswith("An earlier yes came in")


def test_a_no_that_was_said_here_is_not_said_again_by_a_list(anna: Customer) -> None:
    deny(anna, "ads")
    later = Elsewhere(timezone.now(), WHOLE.wording, WHOLE.source)
    assert told(anna, Verb.DENY, later).result is Result.STANDS
    assert Choice.objects.get(customer=anna, purpose="ads").how == How.BUTTON


def test_a_no_of_the_same_moment_wins(anna: Customer) -> None:
    assert told(anna, Verb.DENY).result is Result.SAVED
    assert told(anna, Verb.ALLOW).result is Result.SUPERSEDED
    later = Elsewhere(LONG_AGO + timedelta(seconds=1), WHOLE.wording, WHOLE.source)
    assert told(anna, Verb.ALLOW, later).result is Result.SAVED


def test_a_no_is_applied_whatever_its_age(anna: Customer) -> None:
    allow(anna, "ads")
    assert told(anna, Verb.DENY, Elsewhere(datetime(2001, 1, 1, tzinfo=UTC))).result is Result.SAVED
    assert state(anna, "ads") == State.WITHDRAWN
    assert told(anna, Verb.DENY).result is Result.SAVED, "said later: an older yes has to be later than this one"
    assert told(anna, Verb.DENY).result is Result.STANDS


def test_a_no_whose_time_nobody_knows_stands_whatever_comes(anna: Customer) -> None:
    """Nothing was said later than it for certain, and an older yes never beats it."""
    assert told(anna, Verb.DENY, Elsewhere()).result is Result.SAVED
    assert told(anna, Verb.DENY).result is Result.STANDS
    assert told(anna, Verb.ALLOW).result is Result.SUPERSEDED


def test_no_list_lifts_a_wide_word(anna: Customer) -> None:
    stop(anna, Scope.SALE, own(anna))
    assert told(anna, Verb.ALLOW, Elsewhere(timezone.now(), WHOLE.wording, WHOLE.source)).result is Result.SUPERSEDED
    assert not decide(anna, "ads").allowed


def test_what_stands_already_is_not_written_again(anna: Customer) -> None:
    allow(anna, "ads")
    before = Entry.objects.of(anna.subject).count()
    assert told(anna, Verb.ALLOW).result is Result.STANDS
    assert Entry.objects.of(anna.subject).count() == before


def test_a_yes_is_as_old_as_it_was_given(anna: Customer, bea: Customer) -> None:
    """One that is given for a year runs out a year after the day on which it was given."""
    publish(anna.brand, "lasting", "consent", lifetime_months=12)
    old = Elsewhere(timezone.now() - timedelta(days=500), "words", "shop")
    assert told(anna, Verb.ALLOW, old, purpose="lasting").result is Result.SAVED
    assert decide(anna, "lasting").reason is Reason.EXPIRED
    young = Elsewhere(timezone.now() - timedelta(days=300), "words", "shop")
    assert told(bea, Verb.ALLOW, young, purpose="lasting").result is Result.SAVED
    choice = Choice.objects.get(customer=bea, purpose="lasting")
    assert choice.expires_at
    assert timedelta(days=60) < choice.expires_at - timezone.now() < timedelta(days=70)


def test_what_is_not_theirs_to_decide(anna: Customer, child: Customer) -> None:
    assert told(anna, Verb.ALLOW, purpose="delivery").result is Result.NO_CONTROL
    assert told(child, Verb.ALLOW).result is Result.NO_CONTROL
    assert told(child, Verb.DENY).result in {Result.SAVED, Result.NO_CONTROL}
    with pytest.raises(UnknownPurpose):
        told(anna, Verb.ALLOW, purpose="nothing")
