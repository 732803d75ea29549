"""Everybody whom a use is allowed for: one line a person, as many as there are, some thousands read at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from accounts.models import Customer
from catalogue.published import published
from consents.audience import Audience
from consents.conditions import Condition
from consents.decide import decide_of
from consents.models import Topic
from ledger.times import as_moment
from propagation.api.answers import NDJSON, ndjson
from propagation.api.decisions import Channel, must_offer
from propagation.api.keys import Bearer, Caller, used
from propagation.api.people import Strict
from propagation.api.problems import Problem
from propagation.models import Partner
from propagation.pseudonyms import Pseudonyms

router = Router()
VERB = "audiences:read"
AT_ONCE = 5000
Naming = Literal["pairwise", "id", "email", "phone"]
# What of a taste says "not now" is looked at here: a handful of rows have one.
SELECT = """
SELECT c.id, c.subject, {simple}, {name}, {taste}
FROM accounts_customer c{join}
WHERE c.brand_id = %s AND c.id > %s AND (({simple} AND {allows}) OR NOT {simple}) ORDER BY c.id LIMIT {limit}
"""
NAMES = {
    "pairwise": "NULL",
    "id": "(SELECT x.value FROM accounts_externalid x WHERE x.customer_id = c.id ORDER BY x.id LIMIT 1)",
    "email": "(SELECT o.address FROM accounts_contact o WHERE o.customer_id = c.id AND o.channel = 'email'"
    " ORDER BY o.proven_at IS NULL, o.proven_at DESC, o.id LIMIT 1)",
    "phone": "(SELECT o.canonical FROM accounts_contact o WHERE o.customer_id = c.id AND o.channel = 'sms'"
    " ORDER BY o.proven_at IS NULL, o.proven_at DESC, o.id LIMIT 1)",
}
TASTE = "t.topics_off, t.pause_until, t.days_between, t.last_sent_at"
JOIN = " LEFT JOIN consents_taste t ON t.customer_id = c.id AND t.channel = %s"


class MemberLine(Strict):
    """One line of the answer; the last is {"end": true, "count", "next", "position"}."""

    person: dict[str, str]
    cursor: str


class AudienceQuery(Strict):
    channel: Channel = ""
    topic: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,40}$")] = ""
    identify: Naming = "pairwise"
    after: Annotated[str, Field(pattern=r"^[0-9]{0,18}$")] = ""
    limit: Annotated[int, Field(ge=1, le=10_000_000)] | None = None


@dataclass(frozen=True)
class Member:
    customer: int
    name: str


@router.get("/audiences/{purpose}", auth=Bearer(VERB), summary="Everybody whom a use is allowed for", openapi_extra=ndjson(MemberLine))
def audience(request: HttpRequest, purpose: str, query: Query[AudienceQuery]) -> StreamingHttpResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    caller.must_cover(purpose)
    must_offer(caller, purpose, query.channel)
    if query.identify in {"email", "phone"}:
        caller.must("people:read")
    if query.topic and not Topic.objects.filter(brand=caller.brand, key=query.topic, purpose=purpose).exists():
        raise Problem("invalid", errors=[{"field": "topic", "why": "this purpose has no such topic"}])
    return StreamingHttpResponse(_lines(caller, purpose, query), content_type=NDJSON)


def _lines(caller: Caller, purpose: str, query: AudienceQuery) -> Iterator[bytes]:
    """The count of people is noted with the last line, or with the last that was read of a stream that broke off."""
    after, left, count = int(query.after or 0), query.limit, 0
    more = True
    try:
        while more and left != 0:
            members, last, more = some(caller, purpose, query, after, min(AT_ONCE, left or AT_ONCE))
            if members:
                count += len(members)
                yield "".join(
                    f'{{"person":{{"{query.identify}":{member.name}}},"cursor":"{member.customer}"}}\n' for member in members
                ).encode()
            after, left = last, None if left is None else left - len(members)
        end = {"end": True, "count": count, "next": str(after) if more else None, "position": caller.position}
        yield json.dumps(end).encode() + b"\n"
    finally:
        used(caller, VERB, count)


def some(caller: Caller, purpose: str, query: AudienceQuery, after: int, limit: int) -> tuple[list[Member], int, bool]:
    """The next people, the key of the last that was looked at, and whether there may be more."""
    now = timezone.now()
    rows = _rows(caller, purpose, query, after, limit, now)
    if not rows:
        return [], after, False
    asked = [row[0] for row in rows if not row[2]]
    allowed = _one_by_one(caller, purpose, query.channel, asked, now)
    naming = Pseudonyms(Partner.objects.get(pk=caller.partner_id)) if query.identify == "pairwise" else None
    members = []
    for pk, subject, simple, name, *taste in rows:
        if not simple and pk not in allowed:
            continue
        if query.topic and _not_now(query.topic, taste, now):
            continue
        if naming is not None:
            members.append(Member(pk, f'"{naming.of(subject)}"'))
        elif name is not None:
            members.append(Member(pk, json.dumps(name, ensure_ascii=False)))
    return members, rows[-1][0], len(rows) == limit


def _rows(caller: Caller, purpose: str, query: AudienceQuery, after: int, limit: int, now: datetime) -> list[tuple[Any, ...]]:
    conditions = Audience(caller.brand, now, places_of(caller))
    simple, allows = conditions.simple([purpose]), conditions.allows(purpose, query.channel)
    sql = SELECT.format(
        simple=simple.sql, allows=allows.sql, name=NAMES[query.identify], limit=limit, taste=TASTE if query.topic else "NULL",
        join=JOIN if query.topic else "",
    )  # fmt: skip
    joined = [_taste_channel(caller, purpose, query.channel)] if query.topic else []
    values = [*simple.values, *joined, caller.brand.pk, after, *simple.values, *allows.values, *simple.values]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _taste_channel(caller: Caller, purpose: str, channel: str) -> str:
    return channel or ("email" if not published(caller.brand)[purpose].channels else "")


def places_of(caller: Caller) -> list[tuple[str, str]]:
    """Where the brand's customers live."""
    return list(Customer.objects.at(caller.brand).order_by().values_list("country", "region").distinct())


def _one_by_one(caller: Caller, purpose: str, channel: str, people: list[int], now: datetime) -> set[int]:
    """Those whom the condition cannot judge: minors, people with guardians, places not read."""
    if not people:
        return set()
    whom = Condition(f"c.id IN ({', '.join(['%s'] * len(people))})", tuple(people))
    return {each.customer for each in decide_of(caller.brand, whom, purpose, channel, now) if each.decision.allowed}


def _not_now(topic: str, taste: list[Any], now: datetime) -> bool:
    """As may_send() judges a taste."""
    off, pause, days, sent = taste
    topics = json.loads(off) if isinstance(off, str) else off or []
    until = datetime.fromisoformat(pause).date() if isinstance(pause, str) else pause
    last = as_moment(sent)
    return (
        topic in topics
        or (until is not None and timezone.localtime(now).date() < until)
        or (last is not None and (days or 0) > 0 and (now - last).days < days)
    )
