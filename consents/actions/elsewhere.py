"""What somebody decided before, in another system: taken over with its evidence, from an import or a call of the brand's own.

A no is applied whatever its age, as everywhere. A yes counts only where it says what was read, when and where it was given, and where no
later no stands; it lifts no wide word, since nobody had that before them. One that lacks its evidence is noted as what it is, a claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.ages import age_of
from accounts.models import Customer
from catalogue.published import Published
from consents import shown
from consents.ahead import EARLIER_SYSTEM, Ahead
from consents.judging import covering
from consents.models import Choice
from consents.saying import Outcome, Result, Said
from consents.standing import Standing, basis_here, months_after, offered, superseded, write
from consents.states import State, Verb
from ledger.canonical import timestamp
from ledger.models import Entry
from ledger.turns import Turn, turn
from regimes.resolver import Place, who_decides

CLOCKS_DIFFER = timedelta(seconds=120)  # by as much at most


@dataclass(frozen=True)
class Elsewhere:
    """Where a decision comes from. `occurred_at`: when it was made; `wording`: what the person read; `source`: where they decided, in a few
    words about no person; `evidence`: SHA-256 (hex) of the record or file that it was taken from."""

    occurred_at: datetime | None = None
    wording: str = ""
    source: str = ""
    evidence: str | None = None

    @property
    def missing(self) -> list[str]:
        """What it would need to count as a yes (GDPR Art. 7(1); EDPB 05/2020 section 5.1)."""
        has = {"wording": self.wording.strip(), "time": self.occurred_at, "source": self.source.strip()}
        return [name for name, value in has.items() if not value]


def take_over(customer: Customer, purpose_key: str, channel: str, verb: Verb, said: Said, elsewhere: Elsewhere) -> Outcome:
    """One decision, in a turn of its own. Raises UnknownPurpose."""
    purpose = offered(customer, purpose_key, channel)
    with turn(customer.subject, brand=customer.brand.key, actor=said.actor) as this:
        return take_over_in(this, customer, purpose, channel, verb, said, elsewhere)


def take_over_in(
    this: Turn, customer: Customer, purpose: Published, channel: str, verb: Verb, said: Said, elsewhere: Elsewhere,
    store: Ahead | None = None,
) -> Outcome:  # fmt: skip
    """The same inside a turn that is open for the customer, among other people perhaps. With `store` what is known of all of them has been
    read, and the rows are written when it is flushed."""
    basis = basis_here(customer, purpose)
    if verb is Verb.DENY:
        return _no(this, customer, purpose, channel, basis, said, elsewhere, store)
    if basis != "consent" or _decides_for_them(customer, purpose):
        return Outcome(Result.NO_CONTROL)
    screen = shown.elsewhere(customer.brand, purpose, channel, said.language, elsewhere.wording, elsewhere.source)
    standing = Standing(this, customer, purpose, channel, replace(said, shown=screen.sha256), store)
    if standing.allowed(basis):
        return Outcome(Result.STANDS, choice=standing.choice)
    if standing.key_known:  # told before, and its effect is gone, or it never had one
        return Outcome(Result.UNPROVEN if elsewhere.missing else Result.SUPERSEDED, choice=standing.choice)
    if elsewhere.missing:
        return _claim(this, standing, said, elsewhere)
    assert elsewhere.occurred_at is not None
    kept = standing.keep(screen)
    if _at_the_earliest(elsewhere.occurred_at, standing.now) <= _newest_no(standing) or covering(purpose, standing.scopes):
        entry = superseded(this, standing, basis, said, kept, elsewhere.occurred_at, elsewhere.evidence)
        return Outcome(Result.SUPERSEDED, entry, standing.choice)
    state, until = _as_it_stands_now(purpose, elsewhere.occurred_at)
    return write(
        this, standing, basis, state, said, shown_sha256=kept, until=until, occurred_at=elsewhere.occurred_at, evidence=elsewhere.evidence
    )


def _at_the_earliest(occurred_at: datetime, now: datetime) -> datetime:
    """By a clock that runs ahead a yes would beat the no that was said after it."""
    return occurred_at if occurred_at <= now else now - CLOCKS_DIFFER


def _no(
    this: Turn, customer: Customer, purpose: Published, channel: str, basis: str, said: Said, elsewhere: Elsewhere, store: Ahead | None
) -> Outcome:
    if basis not in {"consent", "legitimate_interest", "opt_out", "prohibited"}:
        return Outcome(Result.NO_CONTROL)
    standing = Standing(this, customer, purpose, channel, said, store)
    choice = standing.choice
    if standing.key_known or (choice is not None and choice.is_no and not _is_later(elsewhere, choice)):
        return Outcome(Result.STANDS, choice=choice)
    granted = choice is not None and choice.state == State.GRANTED
    no = {"legitimate_interest": State.OBJECTED, "opt_out": State.OPTED_OUT}.get(basis, State.WITHDRAWN if granted else State.REFUSED)
    return write(this, standing, basis, no, said, occurred_at=elsewhere.occurred_at, evidence=elsewhere.evidence)


def _claim(this: Turn, standing: Standing, said: Said, elsewhere: Elsewhere) -> Outcome:
    """Noted, and never counted: how it stands does not change."""
    act = {
        "purpose": standing.purpose.key, "version": standing.purpose.version, "channel": standing.channel, "party": said.party,
        "how": said.how.value, "where": said.where.value, "missing": elsewhere.missing, "evidence": elsewhere.evidence,
        "occurred_at": timestamp(elsewhere.occurred_at) if elsewhere.occurred_at else None,
    }  # fmt: skip
    entry = this.append(standing.customer.subject, "consent.claimed", act, key=said.key)
    if standing.store is not None:
        standing.store.appended(standing.customer, said.key, None)
    return Outcome(Result.UNPROVEN, entry, standing.choice)


def _is_later(elsewhere: Elsewhere, no: Choice) -> bool:
    """Whether a no was said later than the one that stands: kept as well, since an older yes has to be later than every no."""
    if no.how not in EARLIER_SYSTEM:
        return False  # it was said here, and recorded when it was said
    spoken = Entry.objects.get(pk=no.entry).act.get("occurred_at")
    if spoken is None:
        return False
    return elsewhere.occurred_at is None or elsewhere.occurred_at > datetime.fromisoformat(spoken)


def _newest_no(standing: Standing) -> datetime:
    """When the newest word that is not a yes was spoken, on this channel or on the whole; long ago, where there is none."""
    standing_words = [choice for choice in standing.rows.values() if choice.state != State.GRANTED]
    spoken = [choice.recorded_at for choice in standing_words if choice.how not in EARLIER_SYSTEM]
    if len(spoken) < len(standing_words):
        spoken += _spoken_before(standing)
    return max(spoken, default=datetime.min.replace(tzinfo=UTC))


def _spoken_before(standing: Standing) -> Iterator[datetime]:
    """Of a word from an earlier system the moment lies before its entry, and a later one may stand further back in the record: every word
    on this use that was no yes."""
    decided = Entry.objects.of(standing.customer.subject).readable().filter(kind="choice.decided")
    for entry in decided.filter(payload__contains=f'"purpose":"{standing.purpose.key}"').iterator():
        act = entry.act
        mine = act["purpose"] == standing.purpose.key and act["channel"] in standing.rows and act["party"] == standing.party
        if mine and act["state"] != State.GRANTED and act["outcome"] == "applied":
            yield datetime.fromisoformat(act["occurred_at"] or act["recorded_at"])


def _as_it_stands_now(purpose: Published, occurred_at: datetime) -> tuple[State, datetime | None]:
    """A yes runs out as long after it was given as one given here."""
    until = months_after(occurred_at, purpose.lifetime_months) if purpose.lifetime_months is not None else None
    over = until is not None and until <= timezone.now()
    return (State.EXPIRED if over else State.GRANTED), until


def _decides_for_them(customer: Customer, purpose: Published) -> bool:
    """Of a minor nothing is taken over that a guardian would have to say."""
    now = timezone.now()
    age, today = age_of(customer, now), now.date()
    return age is not None and who_decides(purpose.classes, Place(customer.country, customer.region), age, today) != "self"
