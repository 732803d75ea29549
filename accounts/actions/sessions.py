"""Signing in and out."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import holds
from accounts.actions.turns import own_turn
from accounts.models import Contact, Customer
from ledger.models import Entry
from ledger.turns import Turn


def signed_in(*, customer: Customer, how: str, browser: str, proven: str = "") -> Entry:
    """`how` is code or passkey, `browser` a family ("Firefox on Linux"), `proven` the address whose code it was: it takes mail again."""
    with own_turn(customer) as t:
        entry = t.append(customer.subject, "person.signed_in", {"how": how, "browser": browser})
        if proven:
            customer.contacts.proven().filter(channel=Contact.Channel.EMAIL, canonical=proven).update(proven_at=entry.recorded_at)
    return entry


def open_sessions(customer: Customer) -> list[UserSession]:
    """Where this customer is signed in at this brand, newest first."""
    known = UserSession.objects.filter(user=customer.person_id, data__brand=customer.brand.key).order_by("-last_seen_at", "-pk")
    sessions = list(known)
    alive = Session.objects.filter(session_key__in=[s.session_key for s in sessions], expire_date__gt=timezone.now())
    keys = set(alive.values_list("session_key", flat=True))
    return [session for session in sessions if session.session_key in keys]


def end_session(*, customer: Customer, session: int) -> int:
    """Ends one open session, by its id, if it is this customer's at this brand. Returns how many ended."""
    return _end(customer, [each for each in open_sessions(customer) if each.pk == session])


def sign_out_everywhere(*, customer: Customer, except_key: str | None = None, by: str = "") -> int:
    """Ends every open session at this brand, or every one but `except_key`. Returns how many ended."""
    return _end(customer, [each for each in open_sessions(customer) if each.session_key != except_key], by)


def _end(customer: Customer, sessions: list[UserSession], by: str = "") -> int:
    if not sessions:
        return 0
    with own_turn(customer, by) as t:
        _end_them(t, customer, sessions)
    return len(sessions)


def halt(*, customer: Customer, by: str) -> Entry:
    """Their account may be in wrong hands, as they told a colleague: every sign-in ends, and for HOLD_AFTER_NOT_ME nothing leaves."""
    with own_turn(customer, by) as t:
        end_sessions(t, customer)
        return holds.halt(t, customer, "desk")


def end_sessions(this: Turn, customer: Customer) -> None:
    """All of them, inside a turn of the customer."""
    if sessions := open_sessions(customer):
        _end_them(this, customer, sessions)


def end_other_sessions(customer: Customer, keep: str | None) -> None:
    """All but one, inside a turn whose own entry says why."""
    for session in open_sessions(customer):
        if session.session_key != keep:
            session.end()


def _end_them(this: Turn, customer: Customer, sessions: list[UserSession]) -> None:
    this.append(customer.subject, "sessions.ended", {"count": len(sessions)})
    for session in sessions:
        session.end()
