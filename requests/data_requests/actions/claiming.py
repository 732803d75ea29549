"""What somebody without an account knows: compared by one person, agreed to by another. Together with the proven address it verifies."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from accounts.assurance import BY_CLAIM
from data_requests.actions.intake import in_the_way, is_held, take
from data_requests.kinds import BY_MACHINE
from data_requests.models import Claim, Request
from data_requests.states import NotPossible, State
from data_requests.steps import at_work_on
from ledger.turns import Turn


def compare(request: Request, finding: str, compared: Iterable[str], *, carries_address: bool, by: str) -> Claim:
    """The first look, at the brand's own records. It matches only where the record carries the proven address: what somebody knows may
    come from a letter that was thrown away. A later look takes the place of one that nobody has agreed to. Raises NotPossible."""
    with at_work_on(request, by=by) as (this, found):
        claim = _open_claim(found)
        kinds = sorted(set(compared) & set(Claim.Compared.values))
        if finding not in {Claim.Finding.MATCHES, Claim.Finding.DIFFERS} or not kinds:
            raise NotPossible("a look says what was compared, and what came of it")
        if finding == Claim.Finding.MATCHES and not carries_address:
            raise NotPossible("the record does not carry the address that was proven")
        claim.finding, claim.compared, claim.carries_address = finding, kinds, carries_address
        claim.found_by, claim.found_at = by, timezone.now()
        claim.save()
        _note(this, claim, second=False)
    return claim


def agree(request: Request, *, by: str) -> Request:
    """The second person, somebody else: the request is verified, and waits as everything does that a mailbox proves. Raises NotPossible."""
    with at_work_on(request, by=by) as (this, found):
        claim = _open_claim(found)
        if claim.finding != Claim.Finding.MATCHES or claim.found_by == by:
            raise NotPossible("the second person is another one, and agrees to a match")
        if found.kind in BY_MACHINE and (is_held(found, timezone.now()) or in_the_way(this, found) is not None):
            raise NotPossible("the account is held, or their copy is being made already")
        claim.agreed_by, claim.agreed_at, claim.shown = by, timezone.now(), ""
        claim.save()
        _note(this, claim, second=True)
        take(this, found, BY_CLAIM, claim.agreed_at)
    return found


def _open_claim(request: Request) -> Claim:
    claim = Claim.objects.filter(request=request).first()
    if claim is None or request.state != State.IDENTITY_PENDING or request.customer is None:
        raise NotPossible(f"{request.number} waits for no look at a claim")
    return claim


def _note(this: Turn, claim: Claim, *, second: bool) -> None:
    act = {"request": claim.request.number, "finding": claim.finding, "compared": claim.compared, "second": second}
    this.append(claim.request.subject, "request.compared", act)
