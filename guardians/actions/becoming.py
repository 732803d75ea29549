"""From a claim to a guardianship: by mail, by a form that two people look at, or seen by one. What was shown goes with the decision."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from datetime import date

from django.conf import settings
from django.utils import timezone

from accounts.actions import Verified, end_guardianship, new_child
from accounts.actions.families import begin_in
from accounts.ages import is_minor
from accounts.gates import NotYours
from accounts.models import Customer, Guardianship
from accounts.sealed import unseal
from guardians.methods import METHODS
from guardians.models import GuardianClaim
from jobs.actions import enqueue
from ledger.turns import Turn, turn

State = GuardianClaim.State


class NotNow(RuntimeError):
    """The claim is at another point by now, or this person may not take this step."""


def confirm_by_mail(claim: GuardianClaim) -> bool:
    """The first of the two mails was answered; the second goes a day later. False when it was before."""
    with _turn(claim, f"self:{claim.guardian.subject}") as this:
        row = _row(claim)
        if row.state != State.OPEN or row.method != "email_plus":
            return False
        this.append(row.guardian.subject, "guardian.confirmed", {"method": row.method})
        row.state = State.CONFIRMED
        row.save(update_fields=["state"])
        enqueue("guardians.confirm_again", {"claim": row.pk}, run_after=timezone.now() + settings.GUARDIAN_SECOND_MAIL)
    return True


def hand_in(claim: GuardianClaim, sealed: str, content: bytes) -> None:
    """A signed form arrives, encrypted already. The newest counts. Raises NotNow."""
    with _turn(claim, f"self:{claim.guardian.subject}") as this:
        row = _row(claim)
        if not METHODS[row.method].takes_form or row.state not in {State.OPEN, State.FORM_HERE}:
            raise NotNow
        row.evidence, row.evidence_sha256, row.state = sealed, hashlib.sha256(content).hexdigest(), State.FORM_HERE
        row.save(update_fields=["evidence", "evidence_sha256", "state"])
        this.append(row.guardian.subject, "guardian.form_received", {"evidence": row.evidence_sha256})


def first_look(claim: GuardianClaim, *, by: str) -> None:
    """Of a form: it fits; somebody else looks, too. Raises NotNow."""
    with _turn(claim, by) as this:
        row = _row(claim)
        if row.state != State.FORM_HERE or not by.startswith("staff:"):
            raise NotNow
        row.state, row.looked_by = State.LOOKED_AT, by
        row.save(update_fields=["state", "looked_by"])
        this.append(row.guardian.subject, "guardian.looked_at", {"method": row.method})


def second_look(claim: GuardianClaim, *, by: str) -> list[Guardianship]:
    """The same by another person, and the adult is a guardian. Raises NotNow."""
    return accept(claim, by=by)


def accept(claim: GuardianClaim, *, by: str) -> list[Guardianship]:
    """A claim whose proof is there becomes guardianships, one for each child, and what was shown is deleted. Raises NotNow, NotYours."""
    row = _row(claim)
    guardian, child = row.guardian, _child_to_be(row)
    children = [child] if child else list(Customer.objects.filter(brand=guardian.brand_id, subject__in=row.children).order_by("pk"))
    if not children:
        raise NotNow
    subjects = {guardian.subject, *(each.subject for each in children)}
    with turn(*subjects, brand=guardian.brand.key, actor=by) as this:
        row = _row(claim)
        if not _is_enough(row, by):
            raise NotNow
        if is_minor(row.guardian, timezone.now()):
            raise NotYours
        for each in children:
            each.brand = guardian.brand
            _invited_by_a_guardian(row, each)
        method = METHODS[row.method]
        looked = by if by.startswith("staff:") else ""
        verified = Verified(row.claim, row.method, method.discloses, row.evidence_sha256, looked)
        ties = [begin_in(this, guardian=guardian, child=each, verified=verified) for each in children]
        _decide(row, State.ACCEPTED, by)
    return ties


def _child_to_be(row: GuardianClaim) -> Customer | None:
    if not row.sealed:
        return None
    said = unseal(row.sealed)
    return new_child(row.guardian, said["name"], date.fromisoformat(said["birth_date"]))


def _is_enough(row: GuardianClaim, by: str) -> bool:
    """The guard of every way, in one place: no page and no job can leave a step out."""
    if row.decided_at is not None:
        return False
    if row.method == "email_plus":
        return row.state == State.CONFIRMED and by == BY_MAIL
    if not by.startswith("staff:"):
        return False
    return row.state == State.OPEN if row.method == "in_person" else row.state == State.LOOKED_AT and row.looked_by != by


BY_MAIL = "system:guardian_mail"


def _invited_by_a_guardian(row: GuardianClaim, child: Customer) -> None:
    """A child who has guardians gets another one only if one of them still asks for it. Raises NotYours."""
    now = timezone.now()
    if child._state.adding:
        return
    inviter = row.invitation.invited_by_id if row.invitation else None
    in_force = Guardianship.objects.in_force(now).filter(child=child)
    if not in_force.filter(guardian=inviter, frozen_at=None).exists():
        raise NotYours


def refuse(claim: GuardianClaim, why: str, *, by: str) -> None:
    """`why` is read by the person. Raises NotNow."""
    with _turn(claim, by) as this:
        row = _row(claim)
        if row.decided_at is not None or not why.strip() or not by.startswith("staff:"):
            raise NotNow
        this.append(row.guardian.subject, "guardian.refused", {"method": row.method})
        row.why = why.strip()[:300]
        _decide(row, State.REFUSED, by)


def over(claim: GuardianClaim, *, by: str) -> bool:
    """Taken back by who made it, or nobody went on with it. False when it was decided."""
    with _turn(claim, by) as this:
        row = _row(claim)
        if row.decided_at is not None:
            return False
        this.append(row.guardian.subject, "guardian.claim_over", {"method": row.method})
        _decide(row, State.OVER, by)
    return True


def revoke(claim: GuardianClaim) -> int:
    """From either of the two mails: it was not they, or they have thought better of it. Ends what it had begun, at any time."""
    over(claim, by=f"link:{claim.guardian.subject}")
    ties = Guardianship.objects.open().filter(guardian=claim.guardian, adulthood_method="email_plus", started_at__gte=claim.created_at)
    return sum(end_guardianship(tie, why="revoked", by=f"link:{claim.guardian.subject}") for tie in ties.select_related("child__brand"))


def _decide(row: GuardianClaim, state: str, by: str) -> None:
    row.state, row.decided_by, row.decided_at, row.evidence, row.sealed = state, by, timezone.now(), "", ""
    row.save(update_fields=["state", "decided_by", "decided_at", "evidence", "sealed", "why"])


def _turn(claim: GuardianClaim, by: str) -> AbstractContextManager[Turn]:
    return turn(claim.guardian.subject, brand=claim.guardian.brand.key, actor=by)


def _row(claim: GuardianClaim) -> GuardianClaim:
    return GuardianClaim.objects.select_related("guardian__brand", "invitation").get(pk=claim.pk)
