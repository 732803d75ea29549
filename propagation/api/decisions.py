"""“May I?”: of one person, and of many at once. Asked of the database each time; whatever goes wrong is a no."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.db import connection
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field

from catalogue.published import published
from consents.conditions import Condition
from consents.decide import Decided, decide_of, reason_for_nobody
from consents.judging import Decision
from consents.states import Reason
from ledger.canonical import timestamp
from propagation.api.answers import NDJSON, ndjson
from propagation.api.keys import Bearer, Caller, as_uuid, used
from propagation.api.people import PersonIn, Strict
from propagation.api.problems import Problem
from propagation.whom import condition, find_all

logger = logging.getLogger(__name__)
router = Router()
VERB = "decisions:read"
MOST = 10_000
AT_ONCE = 500

Purpose = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Channel = Literal["", "email", "sms", "phone", "post", "push"]
Position = Annotated[int, Field(ge=0, le=2**53)]


class Check(Strict):
    person: PersonIn
    purpose: Purpose
    channel: Channel = ""


class DecisionIn(Check):
    min_position: Position | None = None


class DecisionOut(Strict):
    allowed: bool
    reason: Reason
    purpose: str
    channel: str
    proof: str | None
    position: int
    at: str


class ChecksIn(Strict):
    checks: Annotated[list[Check], Field(max_length=MOST)]
    min_position: Position | None = None


class DecisionLine(Strict):
    """One line of the answer; the last is {"end": true, "count", "position"}."""

    line: int
    allowed: bool
    reason: Reason
    proof: str | None


@router.post("/decisions", response=DecisionOut, auth=Bearer(VERB), summary="May I, of one person")
def decide(request: HttpRequest, asked: DecisionIn) -> Any:
    caller = _caller(request)
    caller.must_cover(asked.purpose)
    must_offer(caller, asked.purpose, asked.channel)
    must_have_come(caller, asked.min_position)
    now = timezone.now()
    found = _one(caller, asked)
    proof = used(caller, VERB, 1, (found.subject, found.decision.seq))
    return JsonResponse(
        {
            "allowed": found.decision.allowed, "reason": found.decision.reason, "purpose": asked.purpose, "channel": asked.channel,
            "proof": proof, "position": caller.position, "at": timestamp(now),
        }
    )  # fmt: skip


def _one(caller: Caller, asked: DecisionIn) -> Decided:
    name = asked.person.name()
    try:
        return together(
            decide_of(caller.brand, condition(caller.brand.pk, caller.partner_id, name), asked.purpose, asked.channel)
        ) or nobody(caller, asked)
    except Exception:  # whatever it was: nobody may be written to because something broke
        logger.exception("a decision failed and denied")
        return Decided(0, "", Decision(False, Reason.ERROR))


def together(found: list[Decided]) -> Decided | None:
    """Of several whom one address may mean: a yes only where all say it."""
    return next((each for each in found if not each.decision.allowed), found[0] if found else None)


def nobody(caller: Caller, check: Check) -> Decided:
    return Decided(0, "", reason_for_nobody(caller.brand, check.purpose, check.channel))


def must_offer(caller: Caller, purpose: str, channel: str) -> None:
    """Raises Problem. A purpose without channels is asked for as a whole, one with channels for one of them or as a whole."""
    offered = published(caller.brand).get(purpose)
    if offered is None or (channel and channel not in offered.channels):
        raise Problem("unknown-purpose")


def must_have_come(caller: Caller, position: int | None) -> None:
    if position is not None and position > caller.position:
        raise Problem("not-yet", headers={"Retry-After": "1"})


def _caller(request: HttpRequest) -> Caller:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


# ── Many ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/decisions/batch", auth=Bearer(VERB), summary="May I, of up to 10,000 people", openapi_extra=ndjson(DecisionLine))
def decide_many(request: HttpRequest, asked: ChecksIn) -> StreamingHttpResponse:
    caller = _caller(request)
    names = _names(caller, asked.checks)
    must_have_come(caller, asked.min_position)
    used(caller, VERB, len(set(names)))
    return StreamingHttpResponse(_lines(caller, asked.checks, names), content_type=NDJSON)


def _names(caller: Caller, checks: list[Check]) -> list[tuple[str, str]]:
    """Of each line. One that is wrong fails the whole call, and says which and why: nothing is answered by half."""
    names, errors = [], []
    for line, check in enumerate(checks, 1):
        try:
            caller.must_cover(check.purpose)
            must_offer(caller, check.purpose, check.channel)
            names.append(check.person.name())
        except Problem as problem:
            why = problem.errors[0]["why"] if problem.errors else problem.code
            errors.append({"line": line, "field": "person" if problem.errors else "purpose", "why": why})
    if errors:
        raise Problem("not-in-scope" if any(each["why"] == "not-in-scope" for each in errors) else "invalid", errors=errors)
    return names


def _lines(caller: Caller, checks: list[Check], names: list[tuple[str, str]]) -> Iterator[bytes]:
    for begin in range(0, len(checks), AT_ONCE):
        some, called = checks[begin : begin + AT_ONCE], names[begin : begin + AT_ONCE]
        lines = []
        for line, (decided, proof) in enumerate(answers(caller, some, called), begin + 1):
            decision = decided.decision
            shown = "null" if proof is None else f'"{proof}"'
            lines.append(
                f'{{"line":{line},"allowed":{"true" if decision.allowed else "false"},"reason":"{decision.reason}","proof":{shown}}}\n'
            )
        yield "".join(lines).encode()
    yield json.dumps({"end": True, "count": len(checks), "position": caller.position}).encode() + b"\n"


def answers(caller: Caller, checks: list[Check], names: list[tuple[str, str]]) -> list[tuple[Decided, str | None]]:
    """In the order asked: a few statements, whatever the number of checks."""
    try:
        people = find_all(caller.brand.pk, caller.partner_id, names)
        decided = _decide(caller, checks, names, people)
        proofs = _proofs(decided)
    except Exception:  # as for one
        logger.exception("decisions failed and denied")
        return [(Decided(0, "", Decision(False, Reason.ERROR)), None)] * len(checks)
    return [(each, proofs.get((each.subject, each.decision.seq or 0))) for each in decided]


def _decide(caller: Caller, checks: list[Check], names: list[tuple[str, str]], people: dict[tuple[str, str], list[int]]) -> list[Decided]:
    asked: dict[tuple[str, str], set[int]] = defaultdict(set)
    for check, name in zip(checks, names, strict=True):
        asked[check.purpose, check.channel].update(people.get(name, ()))
    found: dict[tuple[str, str], dict[int, Decided]] = {}
    for (purpose, channel), keys in asked.items():
        whom = Condition(f"c.id IN ({', '.join(['%s'] * len(keys))})", tuple(keys)) if keys else Condition("FALSE")
        found[purpose, channel] = {each.customer: each for each in decide_of(caller.brand, whom, purpose, channel)}
    result = []
    for check, name in zip(checks, names, strict=True):
        here = found[check.purpose, check.channel]
        mine = [here[customer] for customer in people.get(name, ()) if customer in here]
        result.append(together(mine) or nobody(caller, check))
    return result


def _proofs(decided: list[Decided]) -> dict[tuple[str, int], str]:
    """Public ids of the entries that prove them: one statement."""
    wanted = sorted({(each.subject, each.decision.seq) for each in decided if each.decision.seq is not None})
    if not wanted:
        return {}
    pairs = ", ".join(["(%s, %s)"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject, seq, public_id FROM ledger_entry WHERE (subject, seq) IN (VALUES {pairs})",  # noqa: S608  (marks alone)
            [value for pair in wanted for value in pair],
        )
        return {(subject, seq): as_uuid(public_id) for subject, seq, public_id in cursor.fetchall()}
