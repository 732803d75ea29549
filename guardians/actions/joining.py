"""Saying that one is the guardian of a child, and of one more."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from accounts import gates
from accounts.actions import NotAChild, Verified, begin_guardianship, new_child
from accounts.actions.families import checked
from accounts.ages import is_minor, of_age_at, place_of
from accounts.models import Customer, Guardianship
from accounts.sealed import seal, unseal
from accounts.words import CLAIMS
from guardians.actions.inviting import NotOpen
from guardians.methods import METHODS
from guardians.models import GuardianClaim, Invitation
from ledger.turns import turn


def begin_claim(
    guardian: Customer,
    *,
    claim: str,
    method: str,
    name: str = "",
    birth_date: date | None = None,
    invitation: Invitation | None = None,
) -> GuardianClaim:
    """The claim waits for its proof. One at a time: one before it that nobody has decided yet is over. Raises NotAChild for a child of age,
    NoBirthDate, NotYours for a minor who would be a guardian, ValueError for no such way."""
    if claim not in CLAIMS or method not in METHODS or (invitation is None and birth_date is None):
        raise ValueError("no such way, or no child")
    now = timezone.now()
    if is_minor(guardian, now):
        raise gates.NotYours
    if invitation is not None:
        name, birth_date = _named_in(invitation)
    if birth_date is not None and of_age_at(checked(birth_date), place_of(guardian)) <= now:
        raise NotAChild
    with turn(guardian.subject, brand=guardian.brand.key, actor=f"self:{guardian.subject}") as this:
        # Two who take it up at once: the statement lets one of them.
        if invitation is not None and not Invitation.objects.open(now).filter(pk=invitation.pk).update(accepted_at=now):
            raise NotOpen
        before = guardian.guardian_claims.open()
        before.update(state=GuardianClaim.State.OVER, decided_at=now, evidence="", sealed="")
        row: GuardianClaim = guardian.guardian_claims.create(
            invitation=invitation, children=invitation.children if invitation else [], claim=claim, method=method,
            sealed=seal({"name": name, "birth_date": birth_date.isoformat()}) if birth_date else "",
        )  # fmt: skip
        this.append(guardian.subject, "guardian.claimed", {"claim": claim, "method": method})
        METHODS[method].begin(row)
    return row


def _named_in(invitation: Invitation) -> tuple[str, date | None]:
    """The child who asked at the gate, where one did; who is here already is named by reference."""
    said = unseal(invitation.sealed)
    born = said.get("birth_date")
    return (said["name"], date.fromisoformat(born)) if born else ("", None)


def add_child(guardian: Customer, *, name: str, birth_date: date, claim: str) -> Guardianship:
    """One more child, new here, of somebody who was verified for another: the proof of adulthood holds, parenthood is claimed anew.
    Raises NotYours for who was not verified, NotAChild, NoBirthDate."""
    proven = [each.tie for each in gates.wards_of(guardian)]
    if not proven or claim not in CLAIMS:
        raise gates.NotYours
    best = max(proven, key=lambda tie: (tie.allows_disclosure, tie.started_at))
    verified = Verified(claim, best.adulthood_method, best.allows_disclosure, best.evidence_sha256, best.verified_by)
    child = new_child(guardian, name, birth_date)
    return begin_guardianship(guardian=guardian, child=child, verified=verified, by=f"self:{guardian.subject}")
