"""Ends that need nobody's answer: the person's own, an expiry, and “this was not me”."""

from __future__ import annotations

from accounts.actions import end_sessions
from accounts.holds import halt
from accounts.models import Customer
from data_requests.kinds import DELETE
from data_requests.models import Request
from data_requests.pausing import end_pause
from data_requests.states import UNVERIFIED, Event, Role
from data_requests.steps import at_work_on, step
from ledger.models import Entry
from ledger.turns import Turn, turn


def withdraw(request: Request, *, by: str) -> bool:
    """False when there was nothing to withdraw any more. What a restriction paused goes on as the person allows."""
    with at_work_on(request, by=by) as (this, found):
        if not found.is_open:
            return False
        step(this, found, Event.WITHDRAW, Role.PERSON)
        end_pause(this, found)
    return True


def keep(request: Request, *, by: str) -> bool:
    """A deletion is cancelled by whoever reads the mail at any address that we know. False when there is nothing to cancel any more."""
    with at_work_on(request, by=by) as (this, found):
        if found.kind != DELETE or not found.is_open:
            return False
        step(this, found, Event.KEEP, Role.LINK, why="kept")
        end_pause(this, found)
    return True


def not_me(customer: Customer, *, by: str) -> Entry:
    """Somebody with access to the customer's mail says that they asked for nothing: every open request ends, no copy leaves and nothing
    is deleted for HOLD_AFTER_NOT_ME, files that wait are forgotten, and every open session ends. A pause of use stays: it protects."""
    with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
        for request in Request.objects.of(customer).open().select_related("customer", "brand"):
            step(this, request, Event.NOT_ME, Role.LINK, why="not_me")
            if request.kind == DELETE:
                end_pause(this, request)  # whoever asked for it is not whose data it is
        entry = halt(this, customer)
        _forget_files(this, customer)
        end_sessions(this, customer)
    return entry


def _forget_files(this: Turn, customer: Customer) -> None:
    from data_requests.actions.delivering import forget

    for request in Request.objects.of(customer).filter(package__gone_at=None, package__isnull=False).select_related("package"):
        forget(this, request, request.package)


def expire(request: Request, *, by: str = "system:requests.expire") -> bool:
    with at_work_on(request, by=by) as (this, found):
        if found.state not in UNVERIFIED:
            return False
        step(this, found, Event.EXPIRE, Role.SYSTEM)
    return True
