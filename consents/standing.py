"""How it stands for one party and one use, read once inside a turn, and the one way to write a decision down."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.ages import age_of, place_of
from accounts.models import Customer
from brands.models import Brand
from catalogue.models.purposes import AGE_GROUPS
from catalogue.published import Published, published
from consents import rows, shown
from consents.ahead import Ahead
from consents.grounds import ground
from consents.judging import covering
from consents.models import Choice
from consents.saying import Outcome, Result, Said
from consents.states import State, Where
from ledger.canonical import timestamp
from ledger.models import Entry
from ledger.turns import Turn
from regimes.resolver import Tightened


class UnknownPurpose(LookupError):
    """This brand offers no such purpose, or not on that channel."""


class Standing:
    """How it stands for one party, read once inside the turn."""

    def __init__(self, this: Turn, customer: Customer, purpose: Published, channel: str, said: Said, store: Ahead | None = None) -> None:
        self.now = timezone.now()
        this.head(customer.subject)  # locked: what is read now stands until the turn ends
        self.customer = customer
        self.purpose = purpose
        self.channel = channel
        self.store = store
        self.party = said.party
        read = (store or rows).read(customer, purpose.key, channel, said.party, key=said.key, shown=said.shown)
        self.rows = read.choices  # by channel: this one, and the purpose as a whole
        self.scopes = read.scopes
        self.key_known = read.key_known
        self.shown_known = read.shown_known

    @property
    def choice(self) -> Choice | None:
        return self.rows.get(self.channel)

    @property
    def state(self) -> State:
        return State(self.choice.state) if self.choice else State.UNSET

    def allowed(self, basis: str) -> bool:
        """Whether this party's yes stands already: given, not run out, and later than every wide word over it."""
        if any(choice.is_no for choice in self.rows.values()):
            return False
        choice = self.choice
        lifted = choice is not None and (choice.stands(self.now) or (basis != "consent" and choice.state == State.UNSET))
        wide = max((seq for _, seq in covering(self.purpose, self.scopes)), default=0)
        if wide and not (lifted and choice is not None and choice.seq > wide and (choice.seen or 0) >= wide):
            return False
        return lifted or (basis != "consent" and choice is None)

    def newest_no(self) -> int:
        """The seq of the newest no, or wide word, over this purpose: what a yes must have seen. A word that is not a yes may have taken
        the place of a no (an undo, a yes that waits): it counts as one."""
        nos = [choice.seq for choice in self.rows.values() if choice.state != State.GRANTED]
        return max([0, *nos, *(seq for _, seq in covering(self.purpose, self.scopes))])

    def screen(self, said: Said) -> shown.Screen | None:
        """What the form says it showed, if that is what we would show."""
        if said.shown is None or said.version != self.purpose.version or said.language not in self.customer.brand.languages:
            return None
        return next((screen for screen in self._screens(said) if screen.sha256 == said.shown), None)

    def _screens(self, said: Said) -> Iterator[shown.Screen]:
        brand = self.customer.brand
        if said.where is Where.CHILD:
            yield from (shown.to_child(brand, self.purpose, self.channel, said.language, words) for words in AGE_GROUPS)
        else:
            yield shown.screen(brand, self.purpose, self.channel, said.language, basis_here(self.customer, self.purpose))

    def keep(self, screen: shown.Screen) -> str:
        """The hash of what was shown, its bytes stored if nobody has decided on this wording before."""
        if self.store is not None:
            self.store.appended(self.customer, None, screen.sha256)
        return screen.sha256 if self.shown_known else shown.keep(screen)


def write(
    this: Turn,
    standing: Standing,
    basis: str,
    state: State,
    said: Said,
    *,
    shown_sha256: str | None = None,
    undoes: Entry | None = None,
    version: int | None = None,
    until: datetime | None = None,
    occurred_at: datetime | None = None,
    evidence: str | None = None,
) -> Outcome:
    """The entry and the row it makes. `until` is when a yes runs out that an undo gives back or that was given before,
    or ran out that is over."""
    customer, purpose = standing.customer, standing.purpose
    if state is State.GRANTED and not undoes and not occurred_at and purpose.lifetime_months is not None:
        until = months_after(standing.now, purpose.lifetime_months)
    expires_at = until if state in {State.GRANTED, State.EXPIRED} else None
    version = version or purpose.version
    act = _act(standing, basis, state, said) | {
        "version": version, "shown": shown_sha256, "expires_at": timestamp(expires_at) if expires_at else None,
        "occurred_at": timestamp(occurred_at) if occurred_at else None, "undoes": str(undoes.public_id) if undoes else None,
        "evidence": evidence,
    }  # fmt: skip
    entry = this.append(customer.subject, "choice.decided", act, key=said.key)
    values = {"state": state.value, "version": version, "seen": said.seen, "expires_at": expires_at, "how": said.how.value}
    if standing.store is not None:
        standing.store.appended(customer, said.key, None)
    choice = (standing.store or rows).write(customer, purpose.key, standing.channel, said.party, entry, values)
    return Outcome(Result.SAVED, entry, choice)


def superseded(
    this: Turn, standing: Standing, basis: str, said: Said, shown_sha256: str, occurred_at: datetime, evidence: str | None
) -> Entry:
    """A yes from before that comes too late: in the ledger, and without effect."""
    act = _act(standing, basis, State.GRANTED, said) | {
        "shown": shown_sha256, "occurred_at": timestamp(occurred_at), "evidence": evidence, "outcome": "superseded",
    }  # fmt: skip
    return this.append(standing.customer.subject, "choice.decided", act, key=said.key)


def _act(standing: Standing, basis: str, state: State, said: Said) -> dict[str, Any]:
    """Every field of choice.decided; those that most decisions leave empty are."""
    return {
        "purpose": standing.purpose.key, "version": standing.purpose.version, "channel": standing.channel, "party": said.party,
        "basis": basis, "state": state.value, "before": standing.state.value, "seen": said.seen, "shown": None,
        "language": said.language, "how": said.how.value, "where": said.where.value, "assurance": said.assurance, "expires_at": None,
        "occurred_at": None, "outcome": "applied", "undoes": None, "evidence": None,
        "regimes": list(regimes_here(standing.customer, standing.purpose)),
    }  # fmt: skip


# ── What the law says here ──────────────────────────────────────────────────────────────────────────────────────────


def basis_here(customer: Customer, purpose: Published) -> str:
    """The purpose's ground, as the law where the customer lives tightens it."""
    return _tightened(customer, purpose).basis


def regimes_here(customer: Customer, purpose: Published) -> tuple[str, ...]:
    return tuple(_tightened(customer, purpose).regimes)


def _tightened(customer: Customer, purpose: Published) -> Tightened:
    now = timezone.now()
    return ground(purpose, place_of(customer), age_of(customer, now), now.date(), customer.brand.home_regime)


def offered(customer: Customer, purpose_key: str, channel: str) -> Published:
    return offered_by(customer.brand, purpose_key, channel)


def offered_by(brand: Brand, purpose_key: str, channel: str) -> Published:
    """What is published and not over. One that is still to come may be decided on before its day; decide() says no until then."""
    purpose = published(brand).get(purpose_key)
    if purpose is None or retired(purpose, timezone.now()) or channel not in (purpose.channels or ("",)):
        raise UnknownPurpose(purpose_key)
    return purpose


def retired(purpose: Published, now: datetime) -> bool:
    return purpose.retired_at is not None and purpose.retired_at <= now


def months_after(moment: datetime, months: int) -> datetime:
    """The same day of the month, or its last day."""
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
