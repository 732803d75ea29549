"""/changes/<date>/ as ready sentences and values: what changes on that day, before and after, and what it means for the reader."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.ages import age_of
from accounts.models import Customer
from brands.models import Brand
from catalogue import compared, policies
from catalogue.models import PolicyVersion
from catalogue.policies import Line
from catalogue.policy_content import ChangeContent
from catalogue.published import published
from consents.naming import in_language
from consents.screens import Card, reader_of
from consents.states import Where
from notifications import policy_changes
from notifications.affected import addressed, concerned, of_one, telling


class Asks(Enum):
    """What a change wants from the reader."""

    NOTHING = "nothing"
    DECISION = "decision"
    DECIDED = "decided"


@dataclass(frozen=True)
class Told:
    """One change. `before` and `after` are the passages of its clauses, `cards` the uses that the reader decides on here."""

    id: str
    title: str
    tag: str
    asks: Asks
    for_you: str
    before: tuple[SafeString, ...]
    after: tuple[SafeString, ...]
    cards: list[Card]

    @property
    def open(self) -> bool:
        return self.asks is Asks.DECISION


@dataclass(frozen=True)
class ChangePage:
    day: date
    until: date  # the last day of the version before
    old: Line
    new: Line
    title: str
    lede: str
    changes: list[Told]
    editorial: list[Told]  # those that nobody is written to about
    superseded: bool  # another version has taken its place
    language: str

    @property
    def marked(self) -> bool:
        """Whether any text stands there before and after."""
        return any(each.before or each.after for each in (*self.changes, *self.editorial))


def find(brand: Brand, day: date) -> tuple[Line, Line] | None:
    """The version before, and the one that applies from that day on; None when nothing changes on that day."""
    versions = policies.lines(brand)
    for new, old in zip(versions, versions[1:], strict=False):
        if new.day == day:
            return old, new
    return None


def page(brand: Brand, customer: Customer | None, old: Line, new: Line, language: str) -> ChangePage:
    now = timezone.now()
    changes = policy_changes.changes_of(new.pk, new.sha256)
    comparison = policies.comparison(old, new, language, brand.default_language)
    passages = compared.passages(comparison)
    reader = Reader(brand, customer, new, language)
    told = [reader.told(change, passages) for change in telling(changes)]
    day, late = new.day, new.in_force_from <= now
    return ChangePage(
        day=day,
        until=day - timedelta(days=1),
        old=old,
        new=new,
        title=policy_changes.title(day, late=late),
        lede=" ".join(filter(None, [_why(customer), _when(day, late, told, known=customer is not None), _wants(told, late)])),
        changes=told,
        editorial=[reader.told(change, passages) for change in changes if change.editorial],
        superseded=new.stands(now) == "past",
        language=comparison.new.language,
    )


# ── The lede ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _why(customer: Customer | None) -> str:
    return _("You get this page because you are a customer.") if customer is not None else ""


def _when(day: date, late: bool, told: list[Told], *, known: bool) -> str:
    if not late:
        return _("Until then, everything stays as it is.")
    since = {"date": date_format(day, "DATE_FORMAT")}
    if known and any(each.open for each in told):
        return _("This has applied since %(date)s; what needs your yes is still off.") % since
    if _decided(told):
        return _("This has applied since %(date)s; you can still change your answer.") % since
    return _("This has applied since %(date)s.") % since


def _wants(told: list[Told], late: bool) -> str:
    if _decided(told):
        return "" if late else _("You have decided; nothing else waits for you.")
    decisions = sum(each.open for each in told)
    return policy_changes.waits(decisions, len(told) - decisions)


def _decided(told: list[Told]) -> bool:
    """There was something to decide, and nothing of it is open."""
    return any(each.asks is Asks.DECIDED for each in told) and not any(each.open for each in told)


# ── One change ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Reader:
    """Whoever reads the page: what of it concerns them, and how their choices stand. Read once for all changes."""

    def __init__(self, brand: Brand, customer: Customer | None, new: Line, language: str) -> None:
        # A use that is still to come is shown as it will stand: until its day nothing of it runs, whatever anybody said.
        self.at = max(timezone.now(), new.in_force_from)
        self.brand, self.customer = brand, customer
        self.back = [("where", Where.CHANGE.value), ("next", reverse("notifications:change", args=[new.day]))]
        if customer is not None:
            self.reader = reader_of(customer, language, self.at)
            told = telling(policy_changes.changes_of(new.pk, new.sha256))
            mine = of_one(customer, concerned(brand, told, [(customer.country, customer.region)], self.at), self.at)
            self.concerning = {change.key for change in mine}

    def told(self, change: ChangeContent, passages: dict[str, compared.Changed]) -> Told:
        differing = [passages[anchor] for anchor in change.anchors if anchor in passages]
        cards = self._cards(change)
        asks = _asks(change, cards, known=self.customer is not None)
        return Told(
            id=f"change-{change.key}",
            title=in_language(change.titles),
            tag=_tag(change, asks),
            asks=asks,
            for_you=in_language(change.for_you) if self._concerns(change, cards) else _("It does not concern you. You need do nothing."),
            before=tuple(paragraph for part in differing for paragraph in part.before),
            after=tuple(paragraph for part in differing for paragraph in part.after),
            cards=cards,
        )

    def _concerns(self, change: ChangeContent, cards: list[Card]) -> bool:
        """Of somebody unknown everything is taken to. What was decided concerns them still."""
        return self.customer is None or change.editorial or bool(cards) or change.key in self.concerning

    def _cards(self, change: ChangeContent) -> list[Card]:
        """One for each use with a control, as the choices page has it, whose forms lead back here."""
        customer = self.customer
        if customer is None or not addressed(customer, change, self.at):
            return []
        age = age_of(customer, self.at)
        place, of_child = (customer.country, customer.region), policy_changes.was_child(customer)
        open_ = policy_changes.controls(self.brand, [change], *place, age, self.at, of_child=of_child)
        keys = [key for key, _group in groupby(open_, key=lambda control: control.purpose)]
        return [self._leading_back(self.reader.card(published(self.brand, self.at)[key])) for key in keys]

    def _leading_back(self, card: Card) -> Card:
        rows = [
            replace(row, decide=replace(row.decide, hidden=[*row.decide.hidden, *self.back]) if row.decide else None)
            for row in card.all_rows
        ]
        return replace(card, row=rows[0] if card.row else None, rows=[] if card.row else rows)


def _asks(change: ChangeContent, cards: list[Card], *, known: bool) -> Asks:
    if not change.asks or (known and not cards):
        return Asks.NOTHING
    undecided = not known or any(row.stitch == "open" for card in cards for row in card.all_rows)
    return Asks.DECISION if undecided else Asks.DECIDED


def _tag(change: ChangeContent, asks: Asks) -> str:
    if asks is Asks.DECIDED:
        return _("Decided")
    return policy_changes.tag(change, decides=asks is Asks.DECISION)


def version_of(line: Line) -> PolicyVersion:
    version: PolicyVersion = PolicyVersion.objects.select_related("policy").get(pk=line.pk)
    return version
