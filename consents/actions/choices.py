"""The verbs of consent. Each is one turn: the entry and what it changes commit together or not at all.

A reduction is unconditional: it is applied whatever the page had seen, and never needs to be the newest. A grant is conditional:
one that had not seen the newest no is not saved. So a withdrawal wins, whichever of the two commits first.
"""

from __future__ import annotations

import re
from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from accounts.models import Customer
from catalogue.published import Published, published
from consents.grounds import meant_for
from consents.models import Choice
from consents.saying import Outcome, Result, Said, form_key
from consents.standing import Standing, basis_here, offered, retired, write
from consents.states import SCOPE_COLUMN, How, Scope, State, Verb, Where
from consents.undoing import may_undo, reverse
from ledger.models import Entry
from ledger.turns import Turn, turn

RECEIPT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")

# ── One decision ────────────────────────────────────────────────────────────────────────────────────────────────────


def say(customer: Customer, purpose_key: str, channel: str, verb: Verb, said: Said) -> Outcome:
    """Allow or don't allow one use, on one channel. Raises UnknownPurpose; ValueError for what is neither answer."""
    verb = Verb(verb)
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        return say_in(this, customer, offered(customer, purpose_key, channel), channel, verb, said)


def say_in(this: Turn, customer: Customer, purpose: Published, channel: str, verb: Verb, said: Said) -> Outcome:
    """The same inside a turn of the customer's."""
    basis = basis_here(customer, purpose)
    if basis not in {"consent", "legitimate_interest", "opt_out"} and not (basis == "prohibited" and verb is Verb.DENY):
        return Outcome(Result.NO_CONTROL)
    standing = Standing(this, customer, purpose, channel, said)
    if standing.key_known:
        return _repeated(this, standing, basis, verb, said)
    if verb is Verb.DENY:
        return _deny(this, standing, basis, said)
    return _allow(this, standing, basis, said)


def _repeated(this: Turn, standing: Standing, basis: str, verb: Verb, said: Said) -> Outcome:
    """The same press again. Its effect stands: so it is answered. Gone since: a reduction acts again, a grant is asked anew."""
    if verb is Verb.ALLOW:
        return Outcome(Result.STANDS if standing.allowed(basis) else Result.STALE, choice=standing.choice)
    return _deny(this, standing, basis, replace(said, key=None))


def _deny(this: Turn, standing: Standing, basis: str, said: Said) -> Outcome:
    choice = standing.choice
    if choice is not None and choice.is_no:
        return Outcome(Result.STANDS, choice=choice)
    granted = choice is not None and choice.state == State.GRANTED
    no = {"legitimate_interest": State.OBJECTED, "opt_out": State.OPTED_OUT}.get(basis, State.WITHDRAWN if granted else State.REFUSED)
    screen = standing.screen(said)
    return write(this, standing, basis, no, said, shown_sha256=standing.keep(screen) if screen else None)


def _allow(this: Turn, standing: Standing, basis: str, said: Said) -> Outcome:
    screen = standing.screen(said)
    if screen is None:
        return Outcome(Result.OTHER_WORDING, choice=standing.choice)
    if standing.allowed(basis):
        return Outcome(Result.STANDS, choice=standing.choice)
    if not _has_seen_all(this, standing, said):
        return Outcome(Result.STALE, choice=standing.choice)
    return allow_in(this, standing, basis, said, shown_sha256=standing.keep(screen))


def allow_in(
    this: Turn, standing: Standing, basis: str, said: Said, *, shown_sha256: str | None = None, evidence: str | None = None
) -> Outcome:
    """Writes the yes down; where the law asks for none, that no objection stands."""
    yes = State.GRANTED if basis == "consent" else State.UNSET
    return write(this, standing, basis, yes, said, shown_sha256=shown_sha256, evidence=evidence)


def _has_seen_all(this: Turn, standing: Standing, said: Said) -> bool:
    """Whether a yes was given on a page that knew of every no it would overrule."""
    return said.seen is not None and standing.newest_no() <= said.seen <= this.head(standing.customer.subject).seq


# ── Undo, bulk, wide words ──────────────────────────────────────────────────────────────────────────────────────────


def undo(customer: Customer, receipt: str, said: Said) -> Outcome:
    """Takes one's own newest decision back, within the window, by a new entry that does the reverse.

    Where that raises permission it is a grant, and refused as soon as anything newer stands in its way; never for an opt-out of
    sale or a signal.
    """
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        said = replace(said, how=How.UNDO, key=form_key("", customer.subject, said.party, receipt, "", How.UNDO))
        choice = customer.choices.filter(receipt=receipt, party=said.party).first() if RECEIPT.match(receipt) else None
        if choice is None:
            return _undone_before(customer, said)
        purpose = published(customer.brand).get(choice.purpose)
        if purpose is None or not may_undo(choice, timezone.now()):
            return Outcome(Result.STALE, choice=choice)
        return _undo(this, Standing(this, customer, purpose, choice.channel, said), choice, said)


def _undo(this: Turn, standing: Standing, choice: Choice, said: Said) -> Outcome:
    basis = basis_here(standing.customer, standing.purpose)
    undoes = Entry.objects.get(pk=choice.entry)
    back = reverse(standing, choice, undoes.act, basis)
    if back is None:
        return Outcome(Result.STALE, choice=choice)
    said = replace(said, seen=back.seen)
    return write(this, standing, basis, back.state, said, undoes=undoes, shown_sha256=back.shown, version=back.version, until=back.until)


def _undone_before(customer: Customer, said: Said) -> Outcome:
    """The second press of the same undo: what it did is the answer, as long as it stands."""
    entry = Entry.objects.of(customer.subject).filter(idempotency_key=said.key).first()
    choice = customer.choices.filter(entry=entry.pk).first() if entry else None
    return Outcome(Result.STANDS, entry, choice) if choice else Outcome(Result.STALE)


def deny_all(customer: Customer, said: Said) -> list[Outcome]:
    """“Don’t allow any of these”: every optional use that is not a no already, in one turn. Bulk goes toward privacy only."""
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        return deny_everything_in(this, customer, said)


def deny_everything_in(this: Turn, customer: Customer, said: Said) -> list[Outcome]:
    """The same inside a turn of the customer's."""
    now, said = timezone.now(), replace(said, key=None)
    outcomes = [
        say_in(this, customer, purpose, channel, Verb.DENY, said)
        for purpose in published(customer.brand).values()
        if meant_for(customer, purpose, now.date())
        and basis_here(customer, purpose) in {"consent", "opt_out"}
        and purpose.in_force_from <= now
        and not retired(purpose, now)
        for channel in purpose.channels or ("",)
    ]
    return [outcome for outcome in outcomes if outcome.saved]


def stop(customer: Customer, scope: Scope, said: Said) -> Entry | None:
    """A wide word: stop all marketing, no sale, limit sensitive data. Unconditional; None when it stood already."""
    return _scope(customer, scope, "on", said)


def lift(customer: Customer, scope: Scope, said: Said) -> Entry | None:
    """Takes a wide word back: what it covered stands again as each was decided. Needs a session, and to have seen the word."""
    return _scope(customer, scope, "off", said)


def _scope(customer: Customer, scope: Scope, state: str, said: Said) -> Entry | None:
    column = SCOPE_COLUMN[scope]
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        seq = Customer.objects.values_list(column, flat=True).get(pk=customer.pk)
        if (seq is not None) == (state == "on"):
            return None
        if state == "off" and (said.seen is None or not (seq or 0) <= said.seen <= this.head(customer.subject).seq):
            return None
        entry = this.append(
            customer.subject,
            "scope.changed",
            {
                "scope": scope.value, "state": state, "party": said.party, "seen": said.seen, "language": said.language,
                "how": said.how.value, "where": said.where.value, "assurance": said.assurance, "occurred_at": None, "evidence": None,
            },
        )  # fmt: skip
        Customer.objects.filter(pk=customer.pk).update(**{column: entry.seq if state == "on" else None})
    return entry


# ── Double opt-in, expiry ───────────────────────────────────────────────────────────────────────────────────────────


def ask_to_confirm(customer: Customer, purpose_key: str, channel: str, said: Said) -> Outcome:
    """A yes for an address that has not been proven: it waits, and allows nothing, until confirm()."""
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        standing = Standing(this, customer, offered(customer, purpose_key, channel), channel, said)
        basis = basis_here(customer, standing.purpose)
        screen = standing.screen(said)
        if basis != "consent":
            return Outcome(Result.NO_CONTROL)
        if screen is None:
            return Outcome(Result.OTHER_WORDING, choice=standing.choice)
        if standing.allowed(basis) or standing.state is State.PENDING:
            return Outcome(Result.STANDS, choice=standing.choice)
        if standing.key_known or not _has_seen_all(this, standing, said):
            return Outcome(Result.STALE, choice=standing.choice)
        return write(this, standing, basis, State.PENDING, said, shown_sha256=standing.keep(screen))


def confirm(customer: Customer, purpose_key: str, channel: str, said: Said) -> Outcome:
    """The address has answered: the waiting yes stands, if nothing newer does and it was not too long ago."""
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        standing = Standing(this, customer, offered(customer, purpose_key, channel), channel, said)
        waiting = standing.choice
        if waiting is None or waiting.state != State.PENDING:
            return Outcome(Result.STANDS if waiting and waiting.stands(standing.now) else Result.STALE, choice=waiting)
        if standing.now - waiting.recorded_at > settings.DOUBLE_OPT_IN_VALID or standing.newest_no() > waiting.seq:
            return Outcome(Result.STALE, choice=waiting)
        act = Entry.objects.get(pk=waiting.entry).act
        said = replace(said, seen=act["seen"], language=act["language"])  # of the page on which the yes was given
        return write(
            this, standing, basis_here(customer, standing.purpose), State.GRANTED, said, shown_sha256=act["shown"], version=act["version"]
        )


def record_expiry(choice: Choice) -> Outcome:
    """Writes down that a yes has run out. decide() has said no since that instant; this only makes the history complete."""
    customer = choice.customer
    said = Said(actor="system:expiry", party=choice.party, how=How.EXPIRY, where=Where.JOB, assurance="IV0", language=customer.language)
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        purpose = published(customer.brand).get(choice.purpose)
        if purpose is None:
            return Outcome(Result.NO_CONTROL, choice=choice)
        standing = Standing(this, customer, purpose, choice.channel, said)
        current = standing.choice
        if current is None or current.state != State.GRANTED or current.expires_at is None or current.expires_at > standing.now:
            return Outcome(Result.STANDS, choice=current)
        return write(this, standing, basis_here(customer, purpose), State.EXPIRED, said, version=current.version, until=current.expires_at)
