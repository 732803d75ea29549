"""Support freezes a family that disputes who may decide, and two people at the desk settle it."""

from __future__ import annotations

from django.utils import timezone

from accounts.actions.families import freeze_in
from accounts.models import Customer, Guardianship
from guardians.actions.becoming import NotNow
from guardians.actions.leaving import end_here
from guardians.models import Dispute
from ledger.turns import turn

Proposal = Dispute.Proposal


def open_dispute(child: Customer, reason: str, *, by: str) -> Dispute:
    """From this moment guardians can only turn things off. Twice is once. Raises NotNow where nobody decides for the child."""
    there = child.disputes.open().first()
    if there is not None:
        found: Dispute = there
        return found
    with turn(child.subject, brand=child.brand.key, actor=by) as this:
        if not freeze_in(this, child, on=True):
            raise NotNow
        made: Dispute = child.disputes.create(reason=reason[:300], opened_by=by)
    return made


def propose(dispute: Dispute, proposal: str, *, by: str, tie: Guardianship | None = None, shown: str = "") -> None:
    """How it could end; somebody else decides. Raises NotNow, ValueError for what is no proposal."""
    ends = proposal == Proposal.END
    if proposal not in {Proposal.GO_ON, Proposal.END} or ends != (tie is not None) or ends != bool(shown.strip()):
        raise ValueError("no such proposal")
    if tie is not None and tie.child_id != dispute.child_id:
        raise ValueError("of another child")
    with turn(dispute.child.subject, brand=dispute.child.brand.key, actor=by) as this:
        row = Dispute.objects.open().filter(pk=dispute.pk).first()
        if row is None:
            raise NotNow
        this.append(dispute.child.subject, "dispute.proposed", {"proposal": proposal})
        row.proposal, row.tie, row.shown, row.proposed_by = proposal, tie, shown.strip()[:300], by
        row.save(update_fields=["proposal", "tie", "shown", "proposed_by"])


def settle(dispute: Dispute, *, read: str, by: str) -> None:
    """The second person agrees to what they have `read` (mark_of), and it is done. Raises NotNow."""
    child, tie = dispute.child, dispute.tie
    guardian = tie.guardian_subject if tie is not None and tie.guardian_id is not None else child.subject
    with turn(child.subject, guardian, brand=child.brand.key, actor=by) as this:
        row = Dispute.objects.open().select_related("tie__child__brand", "tie__guardian").filter(pk=dispute.pk).first()
        if row is None or not row.proposal or row.proposed_by == by or mark_of(row) != read or not by.startswith("staff:"):
            raise NotNow
        this.append(child.subject, "dispute.settled", {"proposal": row.proposal})
        row.settled_by, row.settled_at = by, timezone.now()
        row.save(update_fields=["settled_by", "settled_at"])
        if row.tie is not None:
            end_here(this, row.tie, child, why="lost")
        freeze_in(this, child, on=False)


def mark_of(dispute: Dispute) -> str:
    """What a second person has before them: a proposal that was changed meanwhile is not agreed to with it."""
    return f"{dispute.proposal}|{dispute.tie_id or 0}|{dispute.proposed_by}|{dispute.shown}"
