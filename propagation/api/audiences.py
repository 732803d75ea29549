"""Everybody whom a use is allowed for: one line a person, as many as there are, some thousands read at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from catalogue.published import published
from consents.listing import Listing, More
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
AT_ONCE = 10_000
Naming = Literal["pairwise", "id", "email", "phone"]
NAMES = {
    "pairwise": "NULL",
    "id": "(SELECT x.value FROM accounts_externalid x WHERE x.customer_id = c.id ORDER BY x.id LIMIT 1)",
    "email": "(SELECT o.address FROM accounts_contact o WHERE o.customer_id = c.id AND o.channel = 'email'"
    " ORDER BY o.proven_at IS NULL, o.proven_at DESC, o.id LIMIT 1)",
    "phone": "(SELECT o.canonical FROM accounts_contact o WHERE o.customer_id = c.id AND o.channel = 'sms'"
    " ORDER BY o.proven_at IS NULL, o.proven_at DESC, o.id LIMIT 1)",
}
# What of a taste says "not now" is looked at here: a handful of rows have one.
TASTE = ", t.topics_off, t.pause_until, t.days_between, t.last_sent_at"
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


@router.get("/audiences/{purpose}", auth=Bearer(VERB), summary="Everybody whom a use is allowed for", openapi_extra=ndjson(MemberLine))
def audience(request: HttpRequest, purpose: str, query: Query[AudienceQuery]) -> StreamingHttpResponse:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    caller.must_cover(purpose)
    must_offer(caller, purpose, query.channel)
    if query.identify != "pairwise":  # whatever two partners could lay side by side
        caller.must("people:read")
    if query.topic and not Topic.objects.filter(brand=caller.brand, key=query.topic, purpose=purpose).exists():
        raise Problem("invalid", errors=[{"field": "topic", "why": "this purpose has no such topic"}])
    return StreamingHttpResponse(_lines(caller, purpose, query), content_type=NDJSON)


def _lines(caller: Caller, purpose: str, query: AudienceQuery) -> Iterator[bytes]:
    """The count of people is noted with the last line, or with the last that was read of a stream that broke off."""
    after, left, count, more = int(query.after or 0), query.limit, 0, True
    naming = Pseudonyms(Partner.objects.get(pk=caller.partner_id)) if query.identify == "pairwise" else None
    further = _further(caller, purpose, query)
    try:
        while more and left != 0:
            listing = Listing(caller.brand, purpose, query.channel, timezone.now())
            found, last, more = listing.some(after, min(AT_ONCE, left or AT_ONCE), further)
            lines = [line for each in found if (line := _line(each, query, naming, listing.at))]
            if lines:
                count += len(lines)
                yield "".join(lines).encode()
            after, left = last, None if left is None else left - len(lines)
        end = {"end": True, "count": count, "next": str(after) if more else None, "position": caller.position}
        yield json.dumps(end).encode() + b"\n"
    finally:
        used(caller, VERB, count)


def _further(caller: Caller, purpose: str, query: AudienceQuery) -> More:
    if not query.topic:
        return More(NAMES[query.identify])
    channel = query.channel or ("email" if not published(caller.brand)[purpose].channels else "")
    return More(NAMES[query.identify] + TASTE, JOIN, ", t.id", (channel,))


def _line(each: tuple[int, str, Any], query: AudienceQuery, naming: Pseudonyms | None, now: datetime) -> str:
    """ "" for somebody who is not to hear of it now, or whom the line could not name."""
    pk, subject, (name, *taste) = each
    if query.topic and _not_now(query.topic, taste, now):
        return ""
    if naming is not None:
        return f'{{"person":{{"pairwise":"{naming.of(subject)}"}},"cursor":"{pk}"}}\n'
    return f'{{"person":{{"{query.identify}":{json.dumps(name, ensure_ascii=False)}}},"cursor":"{pk}"}}\n' if name is not None else ""


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
