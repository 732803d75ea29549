"""decide(): the one door for pages, mails, API and batch. One SELECT; never cached; an error is a deny."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.ages import age_at
from accounts.models import Customer
from brands.models import Brand
from catalogue.published import Published, published
from consents.conditions import Condition
from consents.judging import Decision, Facts, Guarding, Word, judge
from consents.states import SCOPE_COLUMN, Reason
from ledger.times import as_moment
from regimes.resolver import Place

logger = logging.getLogger(__name__)

SELECT = """
SELECT c.id, b.config_epoch, b.home_regime, c.subject, c.country, c.region, c.birth_date, c.minor_until, c.restricted_seq,
       c.marketing_stopped_seq, c.sale_stopped_seq, c.sensitive_limited_seq,
       w.party, w.channel, w.state, w.seq, w.seen, w.expires_at, g.started_at, g.ended_at, g.ended_seq,
       g.until, g.allows_disclosure
FROM accounts_customer c
JOIN brands_brand b ON b.id = c.brand_id
LEFT JOIN consents_choice w ON w.customer_id = c.id AND w.purpose = %s AND w.channel IN (%s, '')
LEFT JOIN accounts_guardianship g ON g.child_id = c.id AND g.guardian_subject = w.party
WHERE c.brand_id = %s AND {whom}
"""


ENDED_AT = 19  # where it stands in a row


@dataclass(frozen=True, slots=True)
class Decided:
    """One person's decision. `subject`: in whose chain `decision.seq` is the entry that proves it."""

    customer: int
    subject: str
    decision: Decision


def decide(customer: Customer, purpose: str, channel: str = "", at: datetime | None = None) -> Decision:
    """May this brand use this person's data for this purpose, on this channel, at this moment?

    Reads the person afresh: what `customer` holds in memory decides nothing. The past is answered by past.stood_at().
    """
    try:
        at = at or timezone.now()
        found = decide_of(customer.brand, Condition("c.id = %s", (customer.pk,)), purpose, channel, at)
        return found[0].decision if found else judge(_of_nobody(customer.brand, purpose, channel, at))
    except Exception:  # whatever it was: nobody may be written to because something broke
        logger.exception("decide() failed and denied")
        return Decision(False, Reason.ERROR)


def decide_of(brand: Brand, whom: Condition, purpose: str, channel: str = "", at: datetime | None = None) -> list[Decided]:
    """The same of everybody whom the condition means (`c`: the alias of accounts_customer), by one SELECT; whoever is not there is not in
    the answer. Raises what the database raises: the caller denies."""
    at = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(SELECT.format(whom=whom.sql), [purpose, channel, brand.pk, *whom.values])
        rows = cursor.fetchall()
    people: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        people.setdefault(row[0], []).append(row)
    return [Decided(pk, each[0][3], judge(_facts(brand, each, purpose, channel, at))) for pk, each in people.items()]


def _of_nobody(brand: Brand, purpose: str, channel: str, at: datetime) -> Facts:
    return Facts(at, _published(brand, brand.config_epoch, purpose, at), channel, known=False)


def reason_for_nobody(brand: Brand, purpose: str, channel: str = "", at: datetime | None = None) -> Decision:
    """The answer about somebody who is not here."""
    return judge(_of_nobody(brand, purpose, channel, at or timezone.now()))


def _facts(brand: Brand, rows: list[tuple[Any, ...]], purpose: str, channel: str, at: datetime) -> Facts:
    """Of the rows of one person."""
    epoch, home, subject, country, region, birth_date, minor_until, restricted, *scopes = rows[0][1:12]
    return Facts(
        at=at,
        purpose=_published(brand, epoch, purpose, at),
        channel=channel,
        subject=subject,
        place=Place(country, region),
        home=home,
        age=age_at(_day(birth_date), _day(minor_until), country, at),
        restricted_seq=restricted,
        scopes=tuple((scope, seq) for scope, seq in zip(SCOPE_COLUMN, scopes, strict=True) if seq is not None),
        words=_words(rows),
    )


def words_of_others(customer: Customer) -> list[tuple[str, Word]]:
    """For a page about a child: the standing words of guardians, each with the key of its purpose."""
    words: list[tuple[str, Word]] = []
    ties: dict[str, Guarding] = {}
    for row in customer.guardians.order_by("started_at"):
        ties[row.guardian_subject] = Guarding.of(row)
    for choice in customer.choices.exclude(party=customer.subject):
        tie = ties.get(choice.party)
        words.append((choice.purpose, Word(choice.party, choice.channel, choice.state, choice.seq, choice.seen, choice.expires_at, tie)))
    return words


def _published(brand: Brand, epoch: int, purpose: str, at: datetime) -> Published | None:
    """From memory; a catalogue that has changed since `brand` was read is read again."""
    if brand.config_epoch != epoch:
        brand.config_epoch = epoch
    return published(brand, at).get(purpose)


def _words(rows: list[tuple[Any, ...]]) -> tuple[Word, ...]:
    """A guardian who came twice has two ties: the one in force counts, else the one that ended last."""
    words: dict[tuple[str, str], Word] = {}
    for row in sorted(rows, key=_end):
        party, channel, state, seq, seen, expires_at, started_at, ended_at, ended_seq, until, discloses = row[12:]
        if party is None:
            continue
        started = as_moment(started_at)
        tie = Guarding(started, as_moment(ended_at), ended_seq, as_moment(until), bool(discloses)) if started else None
        words[party, channel] = Word(party, channel, state, seq, seen, as_moment(expires_at), tie)
    return tuple(words.values())


def _end(row: tuple[Any, ...]) -> tuple[bool, datetime]:
    """Sorts a guardianship that has no end behind those that have."""
    ended = as_moment(row[ENDED_AT])
    return ended is None, ended or datetime.max


def _day(value: Any) -> date | None:
    """SQLite has no type for dates."""
    return date.fromisoformat(value) if isinstance(value, str) else value
