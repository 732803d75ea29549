"""A deletion carried out: the center itself last, in one turn; then looked at again, and certified; what had to stay goes when its ground
ends."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.holds import held_until
from accounts.models import Customer
from accounts.sealed import seal, unseal
from brands.models import Brand
from data_requests.actions.answering import may_execute
from data_requests.connectors.base import Keys, Table, in_language
from data_requests.erasing import walker
from data_requests.erasing.holding import addresses_of, first_day
from data_requests.erasing.scope import MESSAGES, Deletion, deletion_of
from data_requests.models import Held, Item, Request
from data_requests.states import RELEASED, WORKING, Event, NotPossible, Role, State
from data_requests.steps import at_work_on, step
from jobs.actions import enqueue
from ledger.models import Entry
from ledger.turns import Turn, turn
from regimes.calendars import add_months
from regimes.resolver import Place, proof_years

CENTER = "center"


class StillThere(RuntimeError):
    """A second look found rows of somebody who was erased: the tables, and no value."""


@dataclass(frozen=True)
class Gone:
    """Who was erased, as far as it is needed to look again and to tell them. Sealed in the job, and forgotten with it."""

    request: str
    brand: str
    subject: str
    customer: int
    person: int | None
    to: list[str]
    language: str

    def as_customer(self) -> Customer:
        """The row as it was, of which the second look asks every table."""
        brand = Brand.objects.select_related("theme").get(key=self.brand)
        return Customer(pk=self.customer, person_id=self.person, brand=brand, subject=self.subject)


def erase(request: Request, *, by: str, now: datetime | None = None) -> bool:
    """The last step of a deletion: everything here, as each table declares. Twice is once: False. Raises NotPossible while it has to wait,
    or a system has not answered."""
    now = now or timezone.now()
    with at_work_on(request, by=by) as (this, found):
        if found.state in RELEASED:
            return False
        if not may_execute(found, now) or found.customer is None or held_until(found.customer, now):
            raise NotPossible(f"{found.number} may not be carried out")
        outcomes = set(found.items.exclude(system=CENTER).values_list("outcome", flat=True))
        if outcomes & {Item.Outcome.OPEN, Item.Outcome.FAILED}:
            raise NotPossible("a system has not answered")
        deletion = deletion_of(found.asked)
        found.items.filter(system=CENTER).update(outcome=Item.Outcome.DONE, answered_at=now, by=by)
        step(this, found, Event.FULFIL_IN_PART if Item.Outcome.KEPT in outcomes else Event.FULFIL, Role.SYSTEM)
        if deletion.is_whole:
            _erase_all(this, found, found.customer)
        else:
            _erase_some(this, found, found.customer, deletion)
    return True


def _erase_all(this: Turn, request: Request, customer: Customer) -> None:
    systems = [
        {"system": item.system, "outcome": item.outcome, "count": item.count}
        for item in request.items.exclude(system=CENTER).order_by("pk")
    ]
    gone = Gone(
        request.number, customer.brand.key, customer.subject, customer.pk, customer.person_id, addresses_of(customer), request.language
    )  # fmt: skip
    tables = erase_customer(this, customer, why="request", request=request.number)
    certificate = {"request": request.number, "tables": tables, "systems": systems, "kept": _kept(request)}
    enqueue(
        "data_requests.certify", {"sealed": seal({"gone": gone.__dict__, "certificate": certificate})}, once=f"certify {request.number}"
    )


def _kept(request: Request) -> list[dict[str, Any]]:
    """What stays in other systems, with its law and last day; of the words, those of the description in English."""
    rows = [(held.system.name, Table.from_json(each)) for held in request.held.select_related("system") for each in held.found]
    return [
        {
            "system": system, "table": table.name, "count": table.kept, "law": in_language(table.law, "en"),
            "until": table.until.isoformat() if table.until else None,
        }
        for system, table in rows
    ]  # fmt: skip


def erase_customer(this: Turn, customer: Customer, *, why: str, request: str | None = None) -> list[list[Any]]:
    """Inside a turn of theirs: their open requests end, every table lets go of them. Returns [label of a table, rows that went], sorted.
    `why`: `request`, or `restored` where a backup had brought back somebody who was erased."""
    if walker.has_open_requests(customer):
        for other in Request.objects.of(customer).open().select_related("customer", "brand"):
            step(this, other, Event.OVERTAKE, Role.SYSTEM, why="erased")
    tables: list[list[Any]] = [list(each) for each in sorted(walker.erase_rows(this, customer).items())]
    act = {
        "why": why, "request": request, "rows": sum(count for _label, count in tables), "proof_until": proof_until(customer).isoformat(),
    }  # fmt: skip
    this.append(customer.subject, "person.erased", act)
    return tables


def close_restored(request: Request, *, by: str) -> None:
    """Of a deletion that was carried out after the backup that was restored: it was answered, and is so again."""
    with at_work_on(request, by=by) as (this, found):
        if found.state == State.VERIFIED:
            step(this, found, Event.START, Role.SYSTEM)
        if found.state in WORKING:
            step(this, found, Event.FULFIL, Role.SYSTEM, why="restored")


def proof_until(customer: Customer) -> date:
    """The last day on which what they allowed and refused can be proven: the longest period of where they lived."""
    today = timezone.localdate()
    return add_months(today, 12 * proof_years(Place(customer.country, customer.region), today))


def _erase_some(this: Turn, request: Request, customer: Customer, deletion: Deletion) -> None:
    count = walker.erase_messages(customer) if MESSAGES in deletion.parts else 0
    request.items.filter(system=CENTER).update(count=count)


def certify(sealed: str, *, by: str) -> Entry:
    """The second look: every table again. Then the certificate, once, whose receipt proves itself; and a mail to each address they had.
    Raises StillThere."""
    values = unseal(sealed)
    gone = Gone(**values["gone"])
    if found := walker.left(gone.as_customer(), gone.to):
        raise StillThere(", ".join(sorted(found)))
    key = hashlib.sha256(f"{gone.request}|certified".encode()).hexdigest()
    with turn(gone.subject, brand=gone.brand, actor=by) as this:
        there: Entry | None = Entry.objects.of(gone.subject).filter(idempotency_key=key).first()
        if there is not None:
            return there
        entry = this.append(gone.subject, "erasure.certified", values["certificate"], key=key)
        for address in gone.to:
            tell(gone.brand, gone.request, address, gone.language, "erased")
    return entry


def tell(brand: str, request: str, address: str, language: str, what: str, **more: Any) -> None:
    """A mail to an address that is known to this job alone."""
    enqueue("data_requests.tell_erased", {"sealed": seal({"brand": brand, "request": request, "to": address, "language": language,
                                                            "what": what, **more})})  # fmt: skip


def note_held(held: Held, left: list[Table], *, by: str, now: datetime) -> bool:
    """A program has looked at what was kept: some of it went, and what is `left` stays on. With nothing left the keys go too, and the
    person is told. False when it had ended already."""
    today = timezone.localdate(now)
    with at_work_on(held.request, by=by) as (this, request):
        found = Held.objects.select_related("system").get(pk=held.pk)
        if found.ended_at is not None:
            return False
        if left:
            found.until, found.found = max(first_day(left, today), today), [table.as_json() for table in left]
            found.save()
            return True
        told, went = unseal(found.sealed), sum(Table.from_json(each).kept for each in found.found)
        found.ended_at, found.sealed = now, ""
        found.save()
        act = {"request": request.number, "system": found.system.name, "count": went}
        this.append(request.subject, "held.erased", act)
        for address in told["to"]:
            tell(request.brand.key, request.number, address, told["language"], "held", system=found.system.name)
    return True


def keys_of_held(held: Held) -> Keys:
    return Keys.from_json(unseal(held.sealed)["keys"])
