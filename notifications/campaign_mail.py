"""The mail about a policy change: what of it concerns this person, asked in the transaction that starts the mail, and written once for all
who are told the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import pgettext

from accounts import links
from accounts.ages import age_of
from accounts.models import Customer
from brands import mail
from brands.models import Brand
from catalogue.models import PolicyVersion
from catalogue.policy_content import ChangeContent
from catalogue.published import published
from consents.naming import in_language
from consents.words import labelled
from notifications import policy_changes
from notifications.addresses import IN_VAIN, NEWEST, in_vain, newest
from notifications.affected import concerned, concerns, telling
from notifications.families import asked_about, called
from notifications.kinds import Ahead, Plan
from notifications.letters import Letter, headers, mark
from notifications.models import Message
from notifications.policy_changes import Control
from notifications.states import Class, Why

LONGEST_NAME = 40  # characters; in HTML each may take six
LETTERS = 512  # wordings held in memory: one for each language and each set of changes that somebody is told


@dataclass(frozen=True)
class Shape:
    """Everything in which the mails to two people may differ, but for their names and links."""

    version: int
    epoch: int
    language: str
    changes: tuple[str, ...]
    controls: tuple[Control, ...]
    named: bool
    of_child: bool


@dataclass(frozen=True)
class Reader:
    """The person, as read inside the transaction. `child`: whose data it is about, where an adult who decides reads it: then the code is
    the child’s, the name the adult’s, and `by` the adult’s code: a press in the mail is the adult’s word."""

    code: str
    name: str
    changes: tuple[ChangeContent, ...]
    controls: tuple[Control, ...]
    child: Customer | None = None
    by: str = ""

    @property
    def given(self) -> str:
        """Broken lines are none of it. A name that no letter would begin with is left out: its line must fit a mail."""
        first = next(iter(self.name.split()), "")
        return first if len(first) <= LONGEST_NAME else ""


class Row(NamedTuple):
    """One person as the query has them; `concerned`: by each change, where `simple` says that it is exact."""

    customer: int
    subject: str
    seq: int
    code: str
    name: str
    country: str
    region: str
    contact: int | None
    address: str | None
    in_vain: bool
    simple: bool
    concerned: tuple[bool, ...]


def _moment(message: Message, now: datetime) -> datetime:
    assert message.campaign
    return policy_changes.moment_of(message.campaign.version, now)


class ChangeMail:
    klass = Class.SERVICE

    def __init__(self, *, reminder: bool = False) -> None:
        self.reminder = reminder
        self._places: dict[int, set[tuple[str, str]]] = {}  # met so far, by brand: the query stays the same while nobody new is met
        self._letters: OrderedDict[Shape, Letter] = OrderedDict()

    def plan(self, message: Message, now: datetime) -> Plan | Why:
        if self._is_over(message, now):
            return Why.OVER
        at = _moment(message, now)
        if message.reader:
            return self._plan_for_child(message, at)
        row = next(iter(self._read([message], at)), None)
        if row is None:
            return Why.NOT_AFFECTED
        return self._plan(message, row, at)

    def plan_many(self, messages: Sequence[Message], now: datetime) -> dict[int, Ahead]:
        """Of those whom the conditions are exact for. One query a campaign."""
        found = {}
        for _campaign, group in groupby(messages, key=lambda message: message.campaign_id):
            by_customer = {message.customer_id: message for message in group if not (message.reader or self._is_over(message, now))}
            if not by_customer:
                continue
            at = _moment(next(iter(by_customer.values())), now)
            for row in self._read(list(by_customer.values()), at):
                if row.simple:
                    message = by_customer[row.customer]
                    found[message.pk] = Ahead(self._plan(message, row, at), row.subject, row.seq)
        return found

    def sent(self, message: Message) -> None:
        """The row says it all."""

    def _is_over(self, message: Message, now: datetime) -> bool:
        """What somebody ended is not taken up by a mail that was at the server then; nor is anybody reminded of a decision that the day
        has overtaken."""
        assert message.campaign
        start = message.campaign.version.in_force_from
        return message.campaign.ended_at is not None or (self.reminder and start is not None and start <= now)

    def _plan(self, message: Message, row: Row, now: datetime) -> Plan | Why:
        reader = self._reader(message, row, now)
        if not reader.changes:
            return Why.NOT_AFFECTED
        if row.contact is None or row.address is None:
            return Why.NO_ADDRESS
        if row.in_vain:
            return Why.UNDELIVERABLE
        return Plan(row.address, row.contact, self._writer(message, reader, row.address))

    def _plan_for_child(self, message: Message, at: datetime) -> Plan | Why:
        """To an adult who decides for the child, as long as they do."""
        child = Customer.objects.get(pk=message.customer_id)
        child.brand = message.brand
        guardian = next((each for each in asked_about(child) if each.pk == message.reader), None)
        if guardian is None:
            return Why.OVER
        reader = self._one(message, child, at, Reader(child.code, guardian.name, (), (), child, guardian.code))
        if not reader.changes:
            return Why.NOT_AFFECTED
        contact = newest(guardian)
        if contact is None or contact.proven_at is None:
            return Why.NO_ADDRESS
        if in_vain(contact):
            return Why.UNDELIVERABLE
        return Plan(contact.address, contact.pk, self._writer(message, reader, contact.address))

    # ── Who they are ────────────────────────────────────────────────────────────────────────────────────────────────

    def _told(self, message: Message) -> tuple[ChangeContent, ...]:
        assert message.campaign
        return telling(policy_changes.told_by(message.campaign.version), open_only=self.reminder)

    def _read(self, messages: Sequence[Message], now: datetime) -> list[Row]:
        """Of messages of one campaign: address, where their chains stand, and what concerns them."""
        first = messages[0]
        places = self._places.setdefault(first.brand_id, {(first.brand.country, "")})
        found = concerned(first.brand, self._told(first), places, now)
        wanted = (found.simple, *found.conditions)
        columns = ", ".join(each.sql for each in wanted)
        sql = (
            f"SELECT c.id, c.subject, h.seq, c.code, c.name, c.country, c.region, k.id, k.address, {IN_VAIN}, {columns}"
            f" FROM accounts_customer c JOIN ledger_head h ON h.subject = c.subject {NEWEST}"
            f" WHERE c.id IN ({', '.join(['%s'] * len(messages))})"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*(value for each in wanted for value in each.values), *(each.customer_id for each in messages)])
            rows = [Row._make((*row[:11], tuple(map(bool, row[11:])))) for row in cursor.fetchall()]
        places.update((row.country, row.region) for row in rows)  # whoever lives where nobody did so far is asked one by one, this time
        return rows

    def _reader(self, message: Message, row: Row, now: datetime) -> Reader:
        told = self._told(message)
        if row.simple:
            mine = tuple(change for change, concerned in zip(told, row.concerned, strict=True) if concerned)
            open_ = policy_changes.controls(message.brand, mine, row.country, row.region, None, now)
            return Reader(row.code, row.name, mine, open_)
        customer = Customer.objects.get(pk=message.customer_id)
        customer.brand = message.brand
        return self._one(message, customer, now, Reader(row.code, row.name, (), ()))

    def _one(self, message: Message, customer: Customer, now: datetime, reader: Reader) -> Reader:
        """With what concerns this customer, asked alone."""
        mine = tuple(change for change in self._told(message) if concerns(customer, change, now))
        place, of_child = (customer.country, customer.region), policy_changes.was_child(customer)
        open_ = policy_changes.controls(message.brand, mine, *place, age_of(customer, now), now, of_child=of_child)
        return replace(reader, changes=mine, controls=open_)

    # ── What they read ──────────────────────────────────────────────────────────────────────────────────────────────

    def _writer(self, message: Message, reader: Reader, address: str) -> Callable[[str], bytes]:
        assert message.campaign
        version = message.campaign.version
        language = message.language if message.language in message.brand.languages else message.brand.default_language

        def write(name: str) -> bytes:
            letter = self.letter(message.brand, version, language, reader)
            values = headers(address, name, message.queued_at) | {"name": reader.given, "child": _called(reader, language)}
            day = policy_changes.day_of(version).isoformat()
            for number, control in enumerate(reader.controls):
                scope = links.Scope(control.purpose, control.channel, day, reader.by)
                values[f"link-{number}"] = links.token(reader.code, message.brand.key, scope)
            return letter.fill(values)

        return write

    def letter(self, brand: Brand, version: PolicyVersion, language: str, reader: Reader) -> Letter:
        keys = tuple(change.key for change in reader.changes)
        shape = Shape(version.pk, brand.config_epoch, language, keys, reader.controls, bool(reader.given), reader.child is not None)
        found = self._letters.get(shape)
        if found is None:
            with translation.override(language):
                found = self._letter(brand, version, language, reader)
            self._letters[shape] = found
            if len(self._letters) > LETTERS:
                self._letters.popitem(last=False)
        return found

    def _letter(self, brand: Brand, version: PolicyVersion, language: str, reader: Reader) -> Letter:
        name = "policy_reminder" if self.reminder else "policy_change"
        built = mail.build(brand, name, mark("to"), language, context(brand, version, language, reader))
        return Letter.of(built, boundary=f"{brand.key} {version.pk} {language} {name}")


def _called(reader: Reader, language: str) -> str:
    if reader.child is None:
        return ""
    with translation.override(language):
        return called(reader.child)


def context(brand: Brand, version: PolicyVersion, language: str, reader: Reader) -> dict[str, Any]:
    """What templates/email/policy_change.* say, with marks for what differs from person to person."""
    assert version.number
    day = policy_changes.day_of(version)
    shown = date_format(day, "MONTH_DAY_FORMAT")
    decisions = sum(change.asks for change in reader.changes)
    greeting = pgettext("greeting of a mail; NAME stands for the first name and may be left out", "Dear NAME,")
    return {
        "headline": policy_changes.headline(len(reader.changes), shown),
        "heading": policy_changes.headline(len(reader.changes), shown.replace(" ", "\N{NO-BREAK SPACE}")),
        "greeting": greeting.replace("NAME", mark("name")) if reader.given else pgettext("greeting of a mail without a name", "Hello,"),
        "about": mark("child") if reader.child else "",
        "day": shown,
        "date": date_format(day, "DATE_FORMAT"),
        "waits": policy_changes.waits(decisions, len(reader.changes) - decisions),
        "changes": [_told(brand, change, language, reader.controls) for change in reader.changes],
        "change_url": reverse("notifications:change", args=[day.isoformat()]),
    }


def _told(brand: Brand, change: ChangeContent, language: str, controls: Sequence[Control]) -> dict[str, Any]:
    uses = published(brand)
    rows = [
        {
            "label": labelled(uses[control.purpose].for_language(language).title, control.channel),
            "url": reverse("consents:link", args=[mark(f"link-{number}")]),
        }
        for number, control in enumerate(controls)
        if control.change == change.key
    ]
    return {
        "title": in_language(change.titles),
        "tag": policy_changes.tag(change, decides=change.asks),
        "for_you": in_language(change.for_you),
        "rows": rows,
        "decision": change.asks,
    }
