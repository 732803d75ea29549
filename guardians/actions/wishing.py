"""The child asks, takes it back, reminds. Asking changes nothing but that it was asked."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts import gates
from accounts.models import Customer
from consents.standing import UnknownPurpose
from guardians.models import Wish
from guardians.reading import put_for
from ledger.turns import turn

REMIND_AFTER = timedelta(days=1)
LONGEST = 300  # letters of a note


def make_wish(child: Customer, what: str, *, purpose: str = "", channel: str = "", note: str = "", page: str = "") -> Wish:
    """Twice is once. Raises UnknownPurpose."""
    if what == Wish.What.ALLOW and not any((use.key, each) == (purpose, channel) for use, each in put_for(child)):
        raise UnknownPurpose(purpose)
    with turn(child.subject, brand=child.brand.key, actor=f"self:{child.subject}") as this:
        there = child.wishes.open().filter(what=what, purpose=purpose, channel=channel).first()
        if there is not None:
            return there
        act = {"what": what, "purpose": purpose, "channel": channel, "note": note[:LONGEST] or None}
        entry = this.append(child.subject, "wish.made", act)
        made: Wish = child.wishes.create(
            what=what, purpose=purpose, channel=channel, note=note[:LONGEST], page=page[:LONGEST], entry=entry.id,
            made_at=entry.recorded_at,
        )  # fmt: skip
        return made


def take_wish_back(wish: Wish) -> bool:
    """False when it is not open any more."""
    child = wish.child
    with turn(child.subject, brand=child.brand.key, actor=f"self:{child.subject}") as this:
        if not child.wishes.open().filter(pk=wish.pk).exists():
            return False
        this.append(child.subject, "wish.taken_back", {"what": wish.what, "purpose": wish.purpose, "channel": wish.channel})
        child.wishes.filter(pk=wish.pk).update(state=Wish.State.TAKEN_BACK, answered_at=timezone.now())
    return True


def remind(wish: Wish) -> bool:
    """The guardians are written to again, once a day at most. False where it is too early, or not open any more."""
    child = wish.child
    with turn(child.subject, brand=child.brand.key, actor=f"self:{child.subject}") as this:
        now = timezone.now()
        row = child.wishes.open().filter(pk=wish.pk).first()
        if row is None or now - (row.reminded_at or row.made_at) < REMIND_AFTER:
            return False
        this.append(child.subject, "wish.reminded", {"what": row.what, "purpose": row.purpose, "channel": row.channel})
        child.wishes.filter(pk=row.pk).update(reminded_at=now)
    return True


def answer_other(wish: Wish, guardian: Customer, *, allowed: bool, note: str = "") -> bool:
    """What is not about a use: a guardian has begun the request that the child asked for, or says not this time. Raises NotYours."""
    child = wish.child
    with turn(child.subject, brand=child.brand.key, actor=f"guardian:{guardian.subject}") as this:
        gates.check(this, guardian, child, reduces=True)
        row = child.wishes.open().filter(pk=wish.pk).exclude(what=Wish.What.ALLOW).first()
        if row is None:
            return False
        state = Wish.State.ALLOWED if allowed else Wish.State.REFUSED
        act = {
            "what": row.what,
            "purpose": "",
            "channel": "",
            "party": guardian.subject,
            "state": state.value,
            "note": note[:LONGEST] or None,
        }
        this.append(child.subject, "wish.answered", act)
        child.wishes.filter(pk=row.pk).update(state=state, answered_at=timezone.now(), answered_by=guardian.subject, answer=note[:LONGEST])
    return True
