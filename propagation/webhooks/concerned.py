"""Whom an entry concerns, and what they are told: from the entry, the register and the partners, and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import Published, published, version_of
from consents.decide import decide
from consents.effects import told_of
from consents.models import Passing
from consents.states import NO, SCOPE_CLASSES, Scope, State
from data_requests.erasing.scope import recipients_having
from data_requests.models import Item
from ledger.models import Entry
from propagation.models import Partner
from propagation.webhooks import events

What = Literal["name", "email", "place", "language", "other"]
STOPPED, CORRECTED = Passing.Change.STOPPED, Passing.Change.CORRECTED


Row = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Confirm:
    """Where and until when something has to be confirmed; nothing, where it has not."""

    where: str | None = None
    until: str | None = None


@dataclass
class News:
    """What one entry means for others. `make(named, confirmable, full)` is the event for one partner; `about` the recipients (keys) it
    concerns, systems of the brand's own apart. `rows`: (purpose, channel, change, recipient key and name) of whom the person can follow."""

    kind: str
    make: Callable[[Partner, events.Named | None, Confirm], events.Event]
    about: frozenset[str] | None = frozenset()  # None: everybody
    urgent: bool = False
    confirmable: bool = False
    tells_own: bool = True
    rows: list[Row] = field(default_factory=list)
    mark: str = ""

    def concerns(self, partner: Partner) -> bool:
        if self.about is None:
            return True
        return partner.recipient.key in self.about if partner.recipient else self.tells_own


def news_of(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    """Nothing for a kind that is nobody else's business, or whose content has gone; of somebody who was deleted meanwhile nothing but
    that."""
    reader = READERS.get(entry.kind)
    if reader is not None and entry.payload:
        found = reader(entry, position, customer, brand)
        yield from (news for news in found if customer is not None or news.kind in ABOUT_THE_GONE)


ABOUT_NOBODY = frozenset({"purpose.published"})
ABOUT_THE_GONE = ABOUT_NOBODY | {"person.deleted"}


def change_of(act: Mapping[str, Any]) -> Literal["stopped", "started", "other"]:
    """Whether it is allowed from now on, no longer, or neither changed."""
    before, after = act["before"], act["state"]
    if act["basis"] == "consent":
        if after == State.GRANTED:
            return "started"
        return "stopped" if before == State.GRANTED and after in NO | {State.EXPIRED, State.UNSET} else "other"
    if after in NO:
        return "other" if before in NO else "stopped"
    return "started" if before in NO else "other"


# ── One kind of entry each ──────────────────────────────────────────────────────────────────────────────────────────


def _choice(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    act = entry.act
    if act["outcome"] != "applied":
        return
    purpose = version_of(brand, act["purpose"], act["version"])
    change = change_of(act)
    if change == "started" and (customer is None or not decide(customer, act["purpose"], act["channel"]).allowed):
        change = "other"  # somebody has said yes, and it is not allowed yet: a guardian's word is missing, or the data rests
    if change == "stopped" and _goes_on(act, customer):
        change = "other"  # one of two guardians no longer decides, and the other’s yes stands
    told = {each.recipient: each for each in told_of(purpose)} if purpose else {}

    def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
        mine = told.get(partner.recipient.key) if partner.recipient else None
        within = mine.delete_days if mine and change == STOPPED else None
        return events.ChoiceChanged(
            person=_named(named), position=position, purpose=act["purpose"], channel=act["channel"], change=change,
            delete_within_days=within, state=act["state"], version=act["version"], how=act["how"],
            confirm=confirm.where, confirm_by=confirm.until,
        )  # fmt: skip

    concerned = frozenset(told) if change != "other" else frozenset()
    rows: list[Row] = (
        [(act["purpose"], act["channel"], change, each.recipient, each.name) for each in told.values()] if change != "other" else []
    )
    yield News("choice.changed", make, concerned, urgent=change == STOPPED, confirmable=change == STOPPED, rows=rows)


def _goes_on(act: Mapping[str, Any], customer: Customer | None) -> bool:
    """Only of what lapsed by itself: a no is a stop, whatever else stands."""
    lapsed = customer is not None and act["state"] == State.EXPIRED and act["party"] != customer.subject
    return lapsed and customer is not None and decide(customer, act["purpose"], act["channel"]).allowed


def _came_of_age(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    """On the day itself; that it is near is the family's business."""
    act = entry.act
    if act["days"]:
        return
    having = recipients_having(customer) if customer is not None else {}

    def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
        return events.PersonCameOfAge(person=_named(named), position=position, age=act["age"], of_age=act["of_age"])

    yield News("person.came_of_age", make, frozenset(having))


def _scope(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    act = entry.act
    scope, on = Scope(act["scope"]), act["state"] == "on"
    covered = [purpose for purpose in published(brand).values() if _covers(scope, purpose)]
    mine = [purpose for purpose in covered if customer is not None and _may_have(customer, purpose)]
    told = {each.recipient: each for purpose in mine for each in told_of(purpose)}

    def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
        keys = [purpose.key for purpose in covered if partner.recipient is None or _names(purpose, partner.recipient.key)]
        return events.ScopeChanged(
            person=_named(named),
            position=position,
            scope=scope.value,
            state=act["state"],
            purposes=keys,
            how=act["how"],
            confirm=confirm.where,
            confirm_by=confirm.until,
        )

    rows: list[Row] = [(purpose.key, "", STOPPED, each.recipient, each.name) for purpose in mine for each in told_of(purpose)] if on else []
    yield News("scope.changed", make, frozenset(told), urgent=on, confirmable=on, rows=rows)


def _restriction(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    act = entry.act
    having = recipients_having(customer) if customer is not None else {}

    def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
        return events.RestrictionChanged(
            person=_named(named), position=position, state=act["state"], confirm=confirm.where, confirm_by=confirm.until
        )

    on = act["state"] == "on"
    rows: list[Row] = [("", "", STOPPED, key, name) for key, name in having.items()] if on else []
    yield News("restriction.changed", make, frozenset(having), urgent=on, confirmable=on, rows=rows)


def _corrected(what: What) -> Callable[[Entry, int, Customer | None, Brand], Iterator[News]]:
    def read(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
        if what == "other" and entry.act.get("about") != "correct":
            return
        having = recipients_having(customer) if customer is not None else {}

        def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
            return events.PersonCorrected(
                person=_named(named), position=position, what=what, confirm=confirm.where, confirm_by=confirm.until
            )

        rows: list[Row] = [("", "", CORRECTED, key, name) for key, name in having.items()]
        yield News("person.corrected", make, frozenset(having), confirmable=True, rows=rows)

    return read


def _deletion(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    """Those whose answer the request waits for."""
    act = entry.act
    if act["about"] != "delete":
        return
    waited_for = set(Item.objects.filter(request__number=act["request"], outcome=Item.Outcome.OPEN).values_list("system", flat=True))
    partners = Partner.objects.filter(brand=brand, recipient__name__in=waited_for).values_list("recipient__key", flat=True)

    def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
        return events.DeletionRequested(
            person=_named(named), position=position, request=act["request"], confirm=confirm.where, confirm_by=confirm.until
        )

    yield News("deletion.requested", make, frozenset(partners), urgent=True, confirmable=True, tells_own=False, mark=act["request"])


def _erased(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    asked = set(Item.objects.filter(request__number=entry.act["request"] or "").values_list("system", flat=True))
    partners = Partner.objects.filter(brand=brand, recipient__name__in=asked).values_list("recipient__key", flat=True)

    def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
        return events.PersonDeleted(person=_named(named), position=position)

    yield News("person.deleted", make, frozenset(partners), urgent=True)


def _published(entry: Entry, position: int, customer: Customer | None, brand: Brand) -> Iterator[News]:
    act = entry.act

    def make(partner: Partner, named: events.Named | None, confirm: Confirm) -> events.Event:
        return events.PurposePublished(position=position, purpose=act["purpose"], version=act["version"])

    yield News("purpose.published", make, None)


READERS: Mapping[str, Callable[[Entry, int, Customer | None, Brand], Iterator[News]]] = {
    "choice.decided": _choice,
    "scope.changed": _scope,
    "restriction.changed": _restriction,
    "name.changed": _corrected("name"),
    "contact.changed": _corrected("email"),
    "place.changed": _corrected("place"),
    "language.changed": _corrected("language"),
    "request.fulfilled": _corrected("other"),
    "request.in_progress": _deletion,
    "person.erased": _erased,
    "coming_of_age.told": _came_of_age,
    "purpose.published": _published,
}


def _named(named: events.Named | None) -> events.Named:
    assert named is not None  # an event about a person names them
    return named


def _covers(scope: Scope, purpose: Published) -> bool:
    return not SCOPE_CLASSES[scope].isdisjoint(purpose.classes) or (scope is Scope.SALE and purpose.sold)


def _may_have(customer: Customer, purpose: Published) -> bool:
    return purpose.basis != "consent" or customer.choices.filter(purpose=purpose.key, state=State.GRANTED).exists()


def _names(purpose: Published, recipient: str) -> bool:
    return any(path.recipient == recipient for path in purpose.uses)


def confirm_by(entry: Entry, partner: Partner | None) -> datetime:
    """Until when a stop has to be confirmed."""
    return entry.recorded_at + timedelta(hours=partner.confirms_within_hours if partner is not None else DEFAULT_HOURS)


DEFAULT_HOURS = 72
