"""Mailed codes: asking, sending, proving. One flow for sign-in, step-up, confirming an address and requests without an account; a code of
one never opens another.

The request knows no more than the browser: it writes a Challenge and a job, the same for every address. The job makes the code,
so no byte and no moment of the answer tells whether an address is known.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Attempt, Challenge
from brands.models import Brand
from jobs.actions import enqueue

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BROWSER_COOKIE = "__Host-browser" if settings.HTTPS else "browser"


def minutes_valid() -> int:
    return int(settings.CODE_VALID.total_seconds() // 60)


class Outcome(Enum):
    PROVEN = "proven"
    WRONG = "wrong"
    EXPIRED = "expired"  # older than CODE_VALID, or used
    TOO_MANY = "too_many"  # CODE_TRIES at this code
    TOO_MANY_TODAY = "too_many_today"  # CODE_WRONG_PER_DAY in this browser
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class Answer:
    """What a guess came to. `canonical` and `address` are there when proven, `left` (tries) when wrong."""

    outcome: Outcome
    canonical: str = ""
    address: str = ""
    left: int = 0


# ── The browser ─────────────────────────────────────────────────────────────────────────────────────────────────────


def browser_of(request: HttpRequest) -> str:
    """SHA-256, in hex, of the browser's random cookie; "" when it has none yet."""
    cookie = request.COOKIES.get(BROWSER_COOKIE, "")
    return hashlib.sha256(cookie.encode()).hexdigest() if cookie else ""


def new_browser() -> tuple[str, str]:
    """A cookie value of 256 random bits, and its SHA-256 in hex."""
    cookie = secrets.token_urlsafe(32)
    return cookie, hashlib.sha256(cookie.encode()).hexdigest()


def remember_browser(response: HttpResponse, cookie: str) -> None:
    response.set_cookie(BROWSER_COOKIE, cookie, max_age=30 * DAY, secure=settings.HTTPS, httponly=True, samesite="Lax")


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def ask(*, browser: str, brand: Brand, purpose: str, canonical: str, address: str, language: str) -> Challenge | None:
    """Writes down that this browser wants a code at this address, and the job that will send it. None: this browser has guessed
    wrong too often today. Looks no address up."""
    now = timezone.now()
    if wrong_today(browser, brand, now) >= settings.CODE_WRONG_PER_DAY:
        return None
    with transaction.atomic():
        challenge = Challenge.objects.create(
            browser=browser, brand=brand, purpose=purpose, canonical=canonical, address=address,
            created_at=now, expires_at=now + settings.CODE_VALID,
        )  # fmt: skip
        enqueue("accounts.send_code", {"challenge": challenge.pk, "language": language})
    return challenge


def asked(browser: str, brand: Brand, purpose: str) -> Challenge | None:
    """The newest open question of this browser."""
    return _open(browser, brand, purpose).order_by("-created_at", "-pk").first()


def wrong_today(browser: str, brand: Brand, now: datetime) -> int:
    """Guesses of this browser in the last 24 hours that did not fit."""
    mine = Challenge.objects.filter(browser=browser, brand=brand, created_at__gt=now - DAY)
    guesses = Attempt.objects.filter(challenge__in=mine).count()
    return guesses - mine.filter(used_at__isnull=False).count()


def _open(browser: str, brand: Brand, purpose: str) -> QuerySet[Challenge]:
    return Challenge.objects.filter(browser=browser, brand=brand, purpose=purpose, used_at__isnull=True)


# ── Sending (in the job, never in the request) ──────────────────────────────────────────────────────────────────────


def make_code(challenge_id: int) -> tuple[Challenge, str] | None:
    """The challenge and its code, to be mailed now; None when it is used, too old, or the address has had its mails.

    The code stands nowhere but in the mail. A second run, after a crash, makes a new one and costs no second place in the budget.
    """
    with transaction.atomic():
        now = timezone.now()
        challenge = Challenge.objects.select_related("brand__theme").filter(pk=challenge_id, used_at__isnull=True).first()
        if challenge is None or challenge.created_at <= now - HOUR:
            return None
        _one_at_a_time(challenge)
        if challenge.sent_at is None and not _within_budget(challenge, now):
            return None
        code = "".join(secrets.choice("0123456789") for _unused in range(settings.CODE_DIGITS))
        challenge.sent_at = challenge.sent_at or now
        challenge.expires_at = now + settings.CODE_VALID
        challenge.code_hash = code_hash(challenge, code)
        open_still = Challenge.objects.filter(pk=challenge.pk, used_at__isnull=True)
        changed = open_still.update(sent_at=challenge.sent_at, expires_at=challenge.expires_at, code_hash=challenge.code_hash)
        return (challenge, code) if changed else None


def code_hash(challenge: Challenge, code: str) -> str:
    """HMAC-SHA256 in hex, under SECRET_KEY, over the challenge, its purpose and the code."""
    return salted_hmac("accounts.codes", f"{challenge.pk}:{challenge.purpose}:{code}", algorithm="sha256").hexdigest()


def _of_address(challenge: Challenge) -> QuerySet[Challenge]:
    return Challenge.objects.filter(brand=challenge.brand_id, canonical=challenge.canonical)


def _one_at_a_time(challenge: Challenge) -> None:
    """Two workers with two questions about one address must not both see the last free place: the oldest row is the lock."""
    for _unused in range(5):  # the oldest may be used and emptied while we wait for it; then the next one is
        if _of_address(challenge).order_by("pk").select_for_update().values_list("pk", flat=True)[:1]:
            return
    raise RuntimeError("an address whose questions change faster than they can be locked")


def _of_budget(challenge: Challenge) -> QuerySet[Challenge]:
    """What counts together. Codes that need a session have a budget of their own: who is signed in is not kept from proving it by
    strangers who ask for sign-in codes."""
    step_up = Q(purpose=Challenge.Purpose.STEP_UP)
    return _of_address(challenge).filter(step_up if challenge.purpose == Challenge.Purpose.STEP_UP else ~step_up)


def _within_budget(challenge: Challenge, now: datetime) -> bool:
    """Per brand and address: CODE_MAILS_PER_HOUR, CODE_MAILS_PER_DAY, and one an hour once many have guessed wrong."""
    mine = _of_budget(challenge)
    sent = mine.filter(sent_at__gt=now - DAY).aggregate(
        hour=Count("pk", filter=Q(sent_at__gt=now - HOUR)), day=Count("pk"), last=Max("sent_at")
    )  # fmt: skip
    if sent["hour"] >= settings.CODE_MAILS_PER_HOUR or sent["day"] >= settings.CODE_MAILS_PER_DAY:
        return False
    guesses = Attempt.objects.filter(challenge__in=mine.filter(sent_at__gt=now - DAY)).count()
    waits = guesses >= settings.CODE_WRONG_PER_DAY_AND_ADDRESS
    return not waits or sent["last"] <= now - HOUR


# ── Proving ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def prove(*, browser: str, brand: Brand, purpose: str, code: str) -> Answer:
    """One guess. It is written down, and committed, before it is compared: a hundred at once are no better than five."""
    now = timezone.now()
    challenge = _guessed_at(browser, brand, purpose)
    if challenge is None:
        return Answer(Outcome.NOT_ASKED)
    if challenge.is_over(now):
        return Answer(Outcome.EXPIRED)
    if wrong_today(browser, brand, now) >= settings.CODE_WRONG_PER_DAY:
        return Answer(Outcome.TOO_MANY_TODAY)
    number = _count(challenge)
    if number is None:
        return Answer(Outcome.TOO_MANY)
    if not challenge.code_hash or not constant_time_compare(challenge.code_hash, code_hash(challenge, code)):
        return Answer(Outcome.WRONG, left=settings.CODE_TRIES - number)
    if not _use_up(challenge, now):
        return Answer(Outcome.EXPIRED)
    return Answer(Outcome.PROVEN, canonical=challenge.canonical, address=challenge.address)


def _guessed_at(browser: str, brand: Brand, purpose: str) -> Challenge | None:
    """The newest code that was mailed. A question without a mail (over the budget) leaves the code before it good."""
    mailed = _open(browser, brand, purpose).filter(sent_at__isnull=False).order_by("-sent_at", "-pk").first()
    return mailed or asked(browser, brand, purpose)


def _count(challenge: Challenge) -> int | None:
    """The number of this guess, from 1; None when all tries are gone."""
    number = (challenge.attempts.aggregate(last=Max("number"))["last"] or 0) + 1
    while number <= settings.CODE_TRIES:
        try:
            with transaction.atomic(durable=True):
                Attempt.objects.create(challenge=challenge, number=number)
            return number
        except IntegrityError:  # somebody else's guess took it
            number += 1
    return None


def _use_up(challenge: Challenge, now: datetime) -> bool:
    fresh = Challenge.objects.filter(pk=challenge.pk, used_at__isnull=True, expires_at__gt=now, code_hash=challenge.code_hash)
    return bool(fresh.update(used_at=now, canonical="", address="", code_hash=""))
