"""Whose yes is needed for a child, and whose no still counts when a guardianship has ended: contracts.md 6, rules 7 and 9."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Customer, Guardianship
from brands.models import Brand
from consents.decide import decide
from consents.tests.acting import a_word
from consents.tests.family import GRANTED, MISSING, USE, answer, ended, tied


def test_nobody_has_decided_for_the_child(child: Customer) -> None:
    assert answer(child) == MISSING


def test_the_childs_own_yes_is_not_enough(child: Customer) -> None:
    a_word(child, USE, "granted")
    assert answer(child) == MISSING


def test_a_minor_of_unknown_age_counts_as_the_youngest(linden: Brand, anna: Customer) -> None:
    anna.minor_until = timezone.now().date() + timedelta(days=1)
    anna.save()
    a_word(anna, USE, "granted")
    assert answer(anna) == MISSING
    assert answer(anna, timezone.now() + timedelta(days=1)) == GRANTED


def test_a_guardians_yes_counts_while_the_guardianship_is_in_force(child: Customer, marta: Guardianship) -> None:
    a_word(child, USE, "granted", party=marta.guardian_subject)
    assert answer(child) == GRANTED
    marta.started_at = timezone.now() + timedelta(hours=1)
    marta.save()
    assert answer(child, marta.started_at) == GRANTED
    assert answer(child, marta.started_at - timedelta(microseconds=1)) == MISSING


def test_a_guardians_yes_lapses_in_the_instant_the_guardianship_ends(child: Customer, marta: Guardianship) -> None:
    a_word(child, USE, "granted", party=marta.guardian_subject)
    end = ended(marta, at=timezone.now() + timedelta(hours=1))
    assert answer(child, end - timedelta(microseconds=1)) == GRANTED
    assert answer(child, end) == MISSING


def test_a_yes_of_somebody_who_is_no_guardian_does_not_count(child: Customer, anna: Customer) -> None:
    a_word(child, USE, "granted", party=anna.subject)
    assert answer(child) == MISSING


def test_a_guardian_who_came_back_counts_again(child: Customer, marta: Guardianship) -> None:
    a_word(child, USE, "granted", party=marta.guardian_subject)
    ended(marta)
    tied(marta.guardian, child, started_at=timezone.now() - timedelta(minutes=1))
    assert answer(child) == GRANTED


def test_of_two_guardianships_that_ended_the_later_end_counts(child: Customer, marta: Guardianship, pawel: Guardianship) -> None:
    """Marta's no outlives her second guardianship: only a yes after that one lifts it, in whatever order the rows lie."""
    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    yes = a_word(child, USE, "granted", party=pawel.guardian_subject, seq=35, seen=34)
    ended(marta, seq=40)
    earlier = tied(marta.guardian, child)
    ended(earlier, seq=30, at=timezone.now() - timedelta(days=9))
    assert answer(child) == (False, "refused")
    yes.seq = 41
    yes.save()
    assert answer(child) == GRANTED


@pytest.mark.parametrize("said", ["deferred", "pending", "expired"])
def test_why_a_guardians_word_is_no_yes(child: Customer, marta: Guardianship, said: str) -> None:
    a_word(child, USE, said, party=marta.guardian_subject)
    assert answer(child) == (False, {"deferred": "deferred", "pending": "unconfirmed", "expired": "expired"}[said])


def test_a_guardians_yes_that_has_run_out(child: Customer, marta: Guardianship) -> None:
    a_word(child, USE, "granted", party=marta.guardian_subject, expires_at=timezone.now() - timedelta(seconds=1))
    assert answer(child) == (False, "expired")


# ── A no ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("newest", ["yes", "no"])
def test_the_childs_no_outweighs_a_guardians_yes(child: Customer, marta: Guardianship, newest: str) -> None:
    a_word(child, USE, "refused", seq=20 if newest == "yes" else 40)
    a_word(child, USE, "granted", party=marta.guardian_subject, seq=30, seen=29)
    assert answer(child) == (False, "refused")


def test_one_guardians_no_outweighs_the_others_yes(child: Customer, marta: Guardianship, pawel: Guardianship) -> None:
    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    a_word(child, USE, "granted", party=pawel.guardian_subject, seq=40, seen=39)
    assert answer(child) == (False, "refused")


def test_a_former_guardians_no_stands_until_a_remaining_guardian_says_yes_afterwards(
    child: Customer, marta: Guardianship, pawel: Guardianship
) -> None:
    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    yes = a_word(child, USE, "granted", party=pawel.guardian_subject, seq=25, seen=24)
    ended(marta, seq=30)
    assert answer(child) == (False, "refused"), "that yes was there before the end"
    yes.seq = 30
    yes.save()
    assert answer(child) == (False, "refused"), "not in an entry after the end"
    yes.seq = 31
    yes.save()
    assert answer(child) == GRANTED


def test_a_former_guardians_no_is_not_lifted_by_a_yes_of_another_former_guardian(
    child: Customer, marta: Guardianship, pawel: Guardianship
) -> None:
    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    a_word(child, USE, "granted", party=pawel.guardian_subject, seq=35, seen=34)
    ended(marta, seq=30)
    ended(pawel, seq=36)
    assert answer(child) == (False, "refused")


def test_a_former_guardians_no_is_not_lifted_by_a_stranger_or_the_child(child: Customer, marta: Guardianship, bea: Customer) -> None:
    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    ended(marta, seq=30)
    a_word(child, USE, "granted", party=bea.subject, seq=40, seen=39)
    a_word(child, USE, "granted", seq=41, seen=40)
    assert answer(child) == (False, "refused")


def test_a_childs_no_is_never_lifted_by_anybody_else(child: Customer, marta: Guardianship) -> None:
    a_word(child, USE, "withdrawn", seq=20)
    ended(marta, seq=30)
    tied(marta.guardian, child, started_at=timezone.now() - timedelta(minutes=1))
    a_word(child, USE, "granted", party=marta.guardian_subject, seq=50, seen=49)
    assert answer(child) == (False, "withdrawn")


@pytest.mark.parametrize("known_by", ["birth date", "no date any more"])
def test_a_former_guardians_no_stands_until_the_young_adult_decides(child: Customer, marta: Guardianship, known_by: str) -> None:
    today = timezone.now().date()
    child.birth_date = date(today.year - 18, 1, 1) if known_by == "birth date" else None
    child.save()
    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    own = a_word(child, USE, "granted", seq=25, seen=24)
    ended(marta, seq=30)
    assert answer(child) == (False, "refused"), "the own word is older than the end"
    own.seq = 31
    own.save()
    assert answer(child) == GRANTED
    child.choices.filter(pk=own.pk).update(state="refused")
    assert decide(child, USE).seq == 31, "their own no is the one that counts now"


def test_at_seventeen_nobody_is_a_young_adult_yet(child: Customer, marta: Guardianship) -> None:
    child.birth_date = date(timezone.now().year - 17, 1, 1)
    child.save()
    a_word(child, USE, "refused", party=marta.guardian_subject, seq=20)
    ended(marta, seq=30)
    a_word(child, USE, "granted", seq=31, seen=30)
    assert answer(child) == (False, "refused")


def test_from_sixteen_the_own_yes_decides_in_poland(child: Customer) -> None:
    child.birth_date = date(timezone.now().year - 16, 1, 1)
    child.save()
    a_word(child, USE, "granted")
    assert answer(child) == GRANTED


def test_a_child_cannot_lift_a_wide_word_alone(child: Customer, marta: Guardianship) -> None:
    """The guardian's old yes stands beneath the stop; the child's own yes does not bring it back, the guardian's new one does."""
    Customer.objects.filter(pk=child.pk).update(marketing_stopped_seq=20)
    yes = a_word(child, "news", "granted", channel="email", party=marta.guardian_subject, seq=10, seen=9)
    a_word(child, "news", "granted", channel="email", seq=30, seen=29)
    assert decide(child, "news", "email").reason == "marketing_stopped"
    yes.seq, yes.seen = 40, 39
    yes.save()
    assert decide(child, "news", "email").reason == "granted"
