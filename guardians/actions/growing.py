"""A birthday at which something passes to the child: told ahead, handed over on the day, and every guardianship ended at the last."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Customer, Guardianship
from consents import actions as consents
from consents.saying import Said
from consents.states import How, Scope, Where
from guardians.actions.leaving import end
from guardians.birthdays import Due
from guardians.models import Told
from ledger.turns import turn

BY = "system:coming_of_age"


def tell(due: Due) -> bool:
    """Writes down that it is told, which has the mails written; on the day itself also what it changes. Twice is once."""
    child = due.child
    with turn(child.subject, brand=child.brand.key, actor=BY) as this:
        if Told.objects.filter(child=child, age=due.age, days=due.days).exists():
            return False
        entry = this.append(child.subject, "coming_of_age.told", {"age": due.age, "days": due.days, "of_age": due.of_age})
        Told.objects.create(child=child, age=due.age, days=due.days, entry=entry.id)
        if due.days == 0:
            for party in sorted(child.guardians.values_list("guardian_subject", flat=True).distinct()):
                consents.record_lapse(this, child, party, actor=BY)
    if due.days == 0 and due.of_age and child.brand.pauses_at_majority:
        _pause(child)
    return True


def end_of_age() -> int:
    """Writes down what is over since the children came of age; returns how many guardianships. Nothing waits for it."""
    ties = Guardianship.objects.of_age(timezone.now()).select_related("child__brand", "guardian").order_by("pk")
    return sum(end(tie, why="of_age", by=BY) for tie in ties.iterator(500))


def _pause(child: Customer) -> None:
    """The brand has chosen that nothing optional goes on before the young adult answers."""
    said = Said(BY, child.subject, How.COMING_OF_AGE, Where.JOB, assurance="IV0", language=child.language)
    for scope in Scope:
        consents.stop(child, scope, said)
