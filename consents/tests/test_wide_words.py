"""Stop all marketing, no sale, limit sensitive; and "Don't allow any of these": toward privacy in one press."""

from __future__ import annotations

import pytest

from accounts.models import Customer
from brands.models import Brand
from consents import actions
from consents.decide import decide
from consents.models import Choice
from consents.states import SCOPE_COLUMN, How, Scope, Where
from consents.tests.acting import acts, allow, count, deny, head, own, state
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident

# contracts.md 2: scope.changed has scope, state, "and as above"
FIELDS = set("scope state party seen language how where assurance occurred_at evidence".split())


def column(customer: Customer, scope: Scope) -> int | None:
    seq: int | None = Customer.objects.values_list(SCOPE_COLUMN[scope], flat=True).get(pk=customer.pk)
    return seq


@pytest.mark.parametrize("scope", list(Scope))
def test_stop_and_lift(anna: Customer, scope: Scope) -> None:
    entry = actions.stop(anna, scope, own(anna, how=How.SIGNAL, where=Where.PRIVACY_CHOICES, assurance="IV1"))
    assert entry is not None
    act = entry.act
    assert {name: act[name] for name in FIELDS} == {
        "scope": scope.value, "state": "on", "party": anna.subject, "seen": None, "language": "en", "how": "signal",
        "where": "privacy_choices", "assurance": "IV1", "occurred_at": None, "evidence": None,
    }  # fmt: skip
    assert column(anna, scope) == entry.seq
    lifted = actions.lift(anna, scope, own(anna, seen=head(anna)))
    assert lifted is not None
    assert (lifted.act["state"], lifted.act["seen"]) == ("off", entry.seq)
    assert column(anna, scope) is None


@pytest.mark.parametrize("scope", list(Scope))
def test_each_twice_is_once(anna: Customer, scope: Scope) -> None:
    assert actions.lift(anna, scope, own(anna, seen=head(anna))) is None, "nothing to lift"
    actions.stop(anna, scope, own(anna))
    before = (count(anna), column(anna, scope))
    assert actions.stop(anna, scope, own(anna)) is None
    assert (count(anna), column(anna, scope)) == before
    actions.lift(anna, scope, own(anna, seen=head(anna)))
    before = (count(anna), column(anna, scope))
    assert actions.lift(anna, scope, own(anna, seen=head(anna))) is None
    assert (count(anna), column(anna, scope)) == before


def test_the_same_form_may_stop_again_after_a_lift(anna: Customer) -> None:
    said = own(anna, key="f" * 64)
    assert actions.stop(anna, Scope.MARKETING, said)
    assert actions.lift(anna, Scope.MARKETING, own(anna, seen=head(anna)))
    assert actions.stop(anna, Scope.MARKETING, said), "a reduction acts again"


@pytest.mark.parametrize("behind", [None, 1, 0, -1])
def test_only_who_has_seen_it_lifts_it(anna: Customer, behind: int | None) -> None:
    actions.stop(anna, Scope.MARKETING, own(anna))
    seen = None if behind is None else head(anna) - behind
    lifted = actions.lift(anna, Scope.MARKETING, own(anna, seen=seen))
    assert (lifted is not None) == (behind == 0)
    assert (column(anna, Scope.MARKETING) is None) == (behind == 0)


def test_what_was_decided_before_stands_again_after_the_lift(anna: Customer) -> None:
    allow(anna, "news", "email")
    deny(anna, "news", "sms")
    actions.stop(anna, Scope.MARKETING, own(anna))
    assert not decide(anna, "news", "email").allowed
    actions.lift(anna, Scope.MARKETING, own(anna, seen=head(anna)))
    assert decide(anna, "news", "email").reason == "granted"
    assert decide(anna, "news", "sms").reason == "refused"
    assert decide(anna, "news", "post").reason == "undecided"


def test_a_yes_under_a_wide_word_it_had_not_seen_can_be_given_anew(anna: Customer) -> None:
    """Stop, then a yes that came in otherwise without having seen the stop: Allow must not answer "it stands so already"."""
    actions.stop(anna, Scope.MARKETING, own(anna))
    allow(anna, "news", "email")
    Choice.objects.filter(customer=anna).update(seen=None)
    assert decide(anna, "news", "email").reason == "marketing_stopped"
    assert allow(anna, "news", "email").saved
    assert decide(anna, "news", "email").reason == "granted"


# ── Don't allow any of these ────────────────────────────────────────────────────────────────────────────────────────


def test_deny_all_leaves_nothing_allowed_and_touches_nothing_else(anna: Customer) -> None:
    allow(anna, "recs")
    deny(anna, "ads")
    before = count(anna)
    outcomes = actions.deny_all(anna, own(anna))
    assert {(each.choice.purpose, each.choice.channel, each.choice.state) for each in outcomes if each.choice} == {
        ("recs", "", "withdrawn"), ("news", "email", "refused"), ("news", "sms", "refused"), ("news", "post", "refused"),
        ("makers", "", "refused"), ("insight", "", "refused"),
    }  # fmt: skip
    assert count(anna) == before + 6
    assert decide(anna, "delivery").allowed
    assert decide(anna, "fraud").reason == "not_objected", "an objection is a press of its own"
    assert len({each.entry.public_id for each in outcomes if each.entry}) == 6, "a receipt for each"


def test_deny_all_twice_is_once(anna: Customer) -> None:
    actions.deny_all(anna, own(anna, key="a" * 64))
    before = count(anna)
    assert actions.deny_all(anna, own(anna, key="a" * 64)) == []
    assert count(anna) == before


def test_deny_all_writes_nothing_of_what_has_ended_or_not_begun(linden: Brand) -> None:
    gail = resident(found_golden())
    actions.deny_all(gail, own(gail))
    assert set(Choice.objects.filter(customer=gail).values_list("purpose", flat=True)) == {"consent", "opt-out", "letters"}
    assert state(gail, "opt-out") == "opted_out"


def test_deny_all_takes_what_the_law_here_makes_optional(linden: Brand) -> None:
    """Published on a legitimate interest, and in Germany it needs a yes: there it stands among the optional uses."""
    golden = found_golden()
    gail = resident(golden)
    Customer.objects.filter(pk=gail.pk).update(country="DE", region="")
    gail.refresh_from_db()
    gail.brand = golden
    allow(gail, "legitimate-interest")
    assert state(gail, "legitimate-interest") == "granted"
    actions.deny_all(gail, own(gail))
    assert state(gail, "legitimate-interest") == "withdrawn"


def test_deny_all_is_one_turn_and_each_entry_has_the_contracts_state(anna: Customer) -> None:
    actions.deny_all(anna, own(anna, where=Where.CHOICES))
    said = acts(anna)
    assert {act["how"] for act in said} == {"button"}
    assert all(act["shown"] is None and act["seen"] is None for act in said)
    assert [act["seq"] for act in said] == list(range(said[0]["seq"], said[0]["seq"] + len(said)))


def test_a_purpose_that_comes_later_is_undecided_after_deny_all(linden: Brand) -> None:
    gail = resident(found_golden())
    actions.deny_all(gail, own(gail))
    publish(gail.brand, "later", "consent")
    gail.brand.refresh_from_db()
    assert decide(gail, "later").reason == "undecided"
