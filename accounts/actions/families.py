"""Guardianships begin, are frozen and end. Each is told in the chain of the child and in that of the guardian."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.ages import of_age_at, of_age_on, place_of
from accounts.gates import NotYours
from accounts.models import Customer, Guardianship
from ledger.canonical import timestamp
from ledger.subjects import new_subject
from ledger.turns import Turn, turn

OLDEST = 130  # years


class NoBirthDate(ValueError):
    """A day that has not come, or on which nobody alive was born."""


class NotAChild(ValueError):
    """Of age where they live: nobody decides for them."""


@dataclass(frozen=True)
class Verified:
    """How somebody came to be taken for a guardian.

    claim        how parenthood was claimed: mother, father, parent, guardian
    method       how adulthood was verified: a key of guardians/methods
    discloses    whether that method is good enough for passing the child's data on to others
    evidence     SHA-256 of what was shown, in hex; "" where nothing was
    by           who looked: "staff:<reference>", "" where nobody did
    """

    claim: str
    method: str
    discloses: bool = False
    evidence: str = ""
    by: str = ""


def new_child(guardian: Customer, name: str, birth_date: date) -> Customer:
    """A child who is not here yet, at home where the guardian is; written down by begin_guardianship(). Raises NoBirthDate, NotAChild."""
    child = Customer(
        brand=guardian.brand, subject=new_subject(), name=name, language=guardian.language, country=guardian.country,
        region=guardian.region, country_evidence=guardian.country_evidence, birth_date=checked(birth_date),
    )  # fmt: skip
    child.minor_until = of_age_on(birth_date, place_of(child))
    if of_age_at(birth_date, place_of(child)) <= timezone.now():
        raise NotAChild
    return child


def checked(birth_date: date) -> date:
    """Raises NoBirthDate."""
    today = timezone.localdate()
    if birth_date > today or today.year - birth_date.year > OLDEST:
        raise NoBirthDate
    return birth_date


def begin_guardianship(*, guardian: Customer, child: Customer, verified: Verified, by: str) -> Guardianship:
    """Twice is once. Raises NotAChild."""
    with turn(guardian.subject, child.subject, brand=guardian.brand.key, actor=by) as this:
        return begin_in(this, guardian=guardian, child=child, verified=verified)


def begin_in(this: Turn, *, guardian: Customer, child: Customer, verified: Verified) -> Guardianship:
    """The same inside a turn that names both."""
    now = timezone.now()
    if child.brand_id != guardian.brand_id or child.birth_date is None or of_age_at(child.birth_date, place_of(child)) <= now:
        raise NotAChild
    if child._state.adding:
        this.append(child.subject, "person.recorded", {"language": child.language, "country": child.country})
        child.save()
    there = Guardianship.objects.in_force(now).filter(guardian=guardian, child=child).first()
    if there is not None:
        return there
    until = of_age_at(child.birth_date, place_of(child))
    act = {
        "guardian": guardian.subject, "child": child.subject, "claim": verified.claim, "method": verified.method,
        "discloses": verified.discloses, "evidence": verified.evidence or None, "verified_by": verified.by or None,
        "until": timestamp(until),
    }  # fmt: skip
    entry = this.append(child.subject, "guardianship.started", act, parties=((guardian.subject, "guardian"),))
    this.append(guardian.subject, "guardianship.started", act, parties=((child.subject, "child"),))
    return Guardianship.objects.create(
        guardian=guardian, child=child, guardian_subject=guardian.subject, child_subject=child.subject, parenthood_claim=verified.claim,
        adulthood_method=verified.method, allows_disclosure=verified.discloses, evidence_sha256=verified.evidence,
        verified_by=verified.by, started_at=entry.recorded_at, until=until, started_seq=entry.seq,
        frozen_at=now if Guardianship.objects.in_force(now).filter(child=child, frozen_at__isnull=False).exists() else None,
    )  # fmt: skip


def end_guardianship(tie: Guardianship, *, why: str, by: str) -> bool:
    """`why`: resigned, revoked, lost (by a court or an authority), erased, of_age, restored. False when it had ended. What the guardian
    allowed counts no more from this instant; what they refused stands until a remaining guardian, or the young adult, says otherwise."""
    subjects = [subject for subject in (tie.child_subject, tie.guardian_subject if tie.guardian_id else "") if subject]
    brand = tie.child.brand if tie.child else tie.guardian.brand if tie.guardian else None
    if brand is None:  # both are gone: there is nothing left to end
        return False
    with turn(*subjects, brand=brand.key, actor=by) as this:
        return end_in(this, tie, why=why)


def end_in(this: Turn, tie: Guardianship, *, why: str) -> bool:
    """The same inside a turn that names the child, and the guardian unless they are gone."""
    this.head(tie.child_subject)
    if not Guardianship.objects.open().filter(pk=tie.pk).exists():
        return False
    act = {"guardian": tie.guardian_subject, "child": tie.child_subject, "why": why}
    entry = this.append(tie.child_subject, "guardianship.ended", act, parties=((tie.guardian_subject, "guardian"),))
    if tie.guardian_id is not None:
        this.append(tie.guardian_subject, "guardianship.ended", act, parties=((tie.child_subject, "child"),))
    ended_at = tie.until if why == "of_age" and tie.until else entry.recorded_at
    tie.ended_at, tie.ended_seq = max(ended_at, tie.started_at), entry.seq
    tie.save(update_fields=["ended_at", "ended_seq"])
    return True


def freeze(child: Customer, *, by: str) -> bool:
    """Support looks into a dispute: no guardian sees or allows anything until it is settled. False when it is frozen already."""
    return _freeze(child, on=True, by=by)


def unfreeze(child: Customer, *, by: str) -> bool:
    return _freeze(child, on=False, by=by)


def _freeze(child: Customer, *, on: bool, by: str) -> bool:
    with turn(child.subject, brand=child.brand.key, actor=by) as this:
        return freeze_in(this, child, on=on)


def freeze_in(this: Turn, child: Customer, *, on: bool) -> bool:
    """The same inside a turn of the child's."""
    ties = Guardianship.objects.open().filter(child=child, frozen_at__isnull=on)
    if not ties.exists():
        return False
    this.append(child.subject, "guardianship.frozen", {"state": "on" if on else "off"})
    ties.update(frozen_at=timezone.now() if on else None)
    return True


def correct_birth_date(child: Customer, birth_date: date, *, by: str) -> None:
    """A guardian may say that a child is younger; that they are older, somebody at the desk who has seen a document. Raises NoBirthDate,
    NotAChild, NotYours for a guardian who would make the child older."""
    checked(birth_date)
    with turn(child.subject, brand=child.brand.key, actor=by) as this:
        before = Customer.objects.values_list("birth_date", flat=True).get(pk=child.pk)
        if before == birth_date:
            return
        if not by.startswith("staff:") and before is not None and birth_date < before:
            raise NotYours
        until = of_age_at(birth_date, place_of(child))
        if until <= timezone.now():
            raise NotAChild
        act = {"birth_date": birth_date.isoformat(), "before": before.isoformat() if before else None}
        this.append(child.subject, "birth_date.changed", act)
        child.birth_date, child.minor_until = birth_date, of_age_on(birth_date, place_of(child))
        child.save(update_fields=["birth_date", "minor_until"])
        Guardianship.objects.open().filter(child=child).update(until=until)
