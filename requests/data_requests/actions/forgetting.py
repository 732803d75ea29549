"""The end of what is kept for a time: the log of a request, and the proof of what people who are gone had decided."""

from __future__ import annotations

from django.utils import timezone

from data_requests.models import Held, Request
from data_requests.steps import at_work_on
from ledger.checking.tombstones import PROOF_AT_LEAST
from ledger.emptying import Reason, empty
from ledger.kinds import Period, kinds
from ledger.models import Entry
from ledger.turns import turn

MARK = '"request":"%s"'


def forget_request(request: Request, *, by: str) -> int:
    """The row, all that hangs on it, and the content of its entries: 24 months after it was closed (CCPA regulations 7101). What proves a
    deletion stays until the proof period is over. Twice is once: 0; and while an entry of it (a file that went later) is younger."""
    if not Request.objects.filter(pk=request.pk).exists():
        return 0
    with at_work_on(request, by=by) as (this, found):
        said = Entry.objects.of(found.subject).readable().filter(kind__startswith="request.", payload__contains=MARK % found.number)
        if said.filter(recorded_at__gt=timezone.now() - PROOF_AT_LEAST).exists():
            return 0
        empty(this, found.subject, said.values_list("seq", flat=True), Reason.PERIOD)
        found.delete()
    return 1


def forget_proof(erased: Entry, *, by: str) -> int:
    """`erased`: the entry of a deletion whose proof period is over. Returns how many entries lost their content."""
    names = [each.name for each in kinds() if each.period is Period.PROOF and each.name != "tombstone"]
    with turn(erased.subject, brand=erased.brand, actor=by) as this:
        said = Entry.objects.of(erased.subject).readable().filter(kind__in=names)
        young = said.filter(recorded_at__gt=timezone.now() - PROOF_AT_LEAST).exists()
        if young or Held.objects.filter(subject=erased.subject, ended_at=None).exists():
            return 0  # with what comes last: this entry is what it is found by
        seqs = list(said.values_list("seq", flat=True))
        empty(this, erased.subject, seqs, Reason.PERIOD)
    return len(seqs)
