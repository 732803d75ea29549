"""All that stands on one customer's page at the desk. A constant number of queries; what is long is cut, and says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.actions import open_sessions
from accounts.browsers import in_words
from accounts.gates import guardians_of, wards_of
from accounts.holds import held_until
from accounts.models import Customer, Guardianship
from consents import history
from consents.screens import Reader, offered_now, reader_of
from consents.words import labelled
from data_requests.models import Request
from guardians.own import own_page
from guardians.reading import put_for
from preference_center.desk.people.mails import Mail, newest
from profiles.models import Answer

NEWEST = 20  # of requests


@dataclass(frozen=True)
class Use:
    """One decision of theirs. `row`: "news/email"; `text`, `lines`: as they read it; `can_decide`: whether a word of theirs counts here."""

    row: str
    label: str
    text: str
    can_decide: bool
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Relative:
    """Somebody they decide for, or who decides for them."""

    code: str
    is_child: bool
    since: Any
    frozen: bool


@dataclass(frozen=True)
class PersonPage:
    customer: Customer
    contacts: list[Any]
    numbers: list[str]
    uses: list[Use]
    stopped: list[str]
    requests: list[Request]
    relatives: list[Relative]
    mails: list[Mail]
    sessions: list[tuple[str, Any]]
    answers: int
    history: history.HistoryPage
    held_until: Any

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(use.row, use.label) for use in self.uses if use.can_decide]


def person_page(customer: Customer, language: str, before: int | None = None) -> PersonPage:
    """`before`: the seq before which the history begins."""
    reader, ties = reader_of(customer, language), guardians_of(customer)
    return PersonPage(
        customer=customer,
        contacts=list(customer.contacts.order_by("channel", "pk")),
        numbers=list(customer.external_ids.order_by("value").values_list("value", flat=True)),
        uses=_uses_of_child(customer, language) if ties else _uses(reader),
        stopped=[scope.value for scope, _seq in reader.scopes],
        requests=list(Request.objects.of(customer).order_by("-pk")[:NEWEST]),
        relatives=_relatives(customer, ties),
        mails=newest(customer),
        sessions=[(in_words(each.user_agent), each.last_seen_at) for each in open_sessions(customer)] if customer.person_id else [],
        answers=Answer.objects.filter(customer=customer).count(),
        history=history.page(customer, before=before),
        held_until=held_until(customer, timezone.now()),
    )


def rows_of(customer: Customer, language: str) -> list[tuple[str, str]]:
    """What they can decide, for the forms alone."""
    uses = _uses_of_child(customer, language) if guardians_of(customer) else _uses(reader_of(customer, language))
    return [(use.row, use.label) for use in uses if use.can_decide]


def _uses(reader: Reader) -> list[Use]:
    found = []
    for purpose in offered_now(reader.customer):
        card = reader.card(purpose)
        for channel, row in zip(purpose.channels or ("",), card.all_rows, strict=True):
            label = f"{card.title}, {row.name}" if channel else card.title
            found.append(Use(f"{purpose.key}/{channel}", label, row.state.text, row.decide is not None))
    return found


def _uses_of_child(child: Customer, language: str) -> list[Use]:
    """As their own page has it: what is on, and who said what. Each use is theirs to turn off."""
    read = own_page(child, language).uses
    if not read:  # old enough to decide alone, though a guardianship lasts
        return _uses(reader_of(child, language))
    found = []
    for (purpose, channel), use in zip(put_for(child), read, strict=True):
        label = labelled(purpose.for_language(language).title, channel)
        found.append(Use(f"{purpose.key}/{channel}", label, use.state, can_decide=True, lines=use.lines))
    return found


def _relatives(customer: Customer, ties: Iterable[Guardianship]) -> list[Relative]:
    children = [_relative(ward.child, ward.tie, is_child=True) for ward in wards_of(customer)]
    adults = [_relative(tie.guardian, tie, is_child=False) for tie in ties if tie.guardian is not None]
    return children + adults


def _relative(other: Customer, tie: Guardianship, *, is_child: bool) -> Relative:
    return Relative(other.code, is_child, tie.started_at, tie.frozen_at is not None)
