"""Who calls: a key of the brand whose host it is, what it may do, and that it was used."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils import timezone
from ninja.security import HttpBearer

from brands.models import Brand
from ledger.times import as_moment
from propagation.actions import digest_of
from propagation.api.parsing import JSON, body_of
from propagation.api.problems import Problem
from propagation.verbs import EVERY_PURPOSE

# The position first, then how people stand: what is answered is at least as new as the position beside it.
KEY = """
SELECT k.id, k.number, k.verbs, k.purposes, k.expires_at, k.revoked_at, p.id, p.key, p.names_people_by, b.id, b.config_epoch, b.host,
       (SELECT position FROM ledger_log WHERE id = 1)
FROM propagation_apikey k JOIN propagation_partner p ON p.id = k.partner_id JOIN brands_brand b ON b.id = p.brand_id
WHERE k.digest = %s AND p.in_use
"""
LOCAL = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


@dataclass(frozen=True)
class Caller:
    """The key that a call came with. `position`: of the ledger when it came."""

    key_id: int
    number: str
    verbs: frozenset[str]
    purposes: frozenset[str]
    partner_id: int
    partner: str
    names_people_by: str
    brand: Brand
    position: int

    @property
    def actor(self) -> str:
        return f"partner:{self.number}"

    def must_cover(self, *purposes: str) -> None:
        """Raises Problem."""
        if EVERY_PURPOSE not in self.purposes and not self.purposes.issuperset(purposes):
            raise Problem("not-in-scope", "The key is not for this purpose.")

    def may(self, verb: str) -> bool:
        return verb in self.verbs

    def must(self, verb: str) -> None:
        if verb not in self.verbs:
            raise Problem("not-in-scope", f"The key lacks {verb}.")


class Bearer(HttpBearer):
    """`limited`: whether the number of calls is bounded; nothing that takes a permission away ever is."""

    openapi_bearerFormat = "pck_<number>_<secret>"  # noqa: N815  (a name of OpenAPI)

    def __init__(self, *verbs: str, limited: bool = True) -> None:
        super().__init__()
        self.verbs, self.limited = verbs, limited

    def __call__(self, request: HttpRequest) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem("no-key")
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        caller = find(request, token)
        if not any(caller.may(verb) for verb in self.verbs):
            raise Problem("not-in-scope", f"The key lacks {' or '.join(self.verbs)}.")
        if self.limited:
            limit(caller)
        if request.content_type == JSON:
            body_of(request)  # ninja would read it within the bounds of forms
        return caller


def find(request: HttpRequest, token: str) -> Caller:
    """Raises Problem."""
    if not token.isascii() or len(token) > LONGEST_KEY:
        raise Problem("bad-key")
    with connection.cursor() as cursor:
        cursor.execute(KEY, [digest_of(token)])
        row = cursor.fetchone()
    if row is None:
        raise Problem("bad-key")
    pk, number, verbs, purposes, expires_at, revoked_at, partner_id, partner, naming, brand_id, epoch, host, position = row
    ends = as_moment(expires_at)
    if revoked_at is not None or ends is None or ends <= timezone.now() or not _is_at(request, host):
        raise Problem("bad-key")
    return Caller(pk, number, _words(verbs), _words(purposes), partner_id, partner, naming, _brand(brand_id, epoch), int(position))


LONGEST_KEY = 100


def _words(stored: Any) -> frozenset[str]:
    return frozenset(json.loads(stored) if isinstance(stored, str) else stored)


def _is_at(request: HttpRequest, host: str) -> bool:
    """A key opens the host of its brand; on a developer's machine the plain local names, too."""
    asked = split_domain_port(request.get_host())[0].rstrip(".")
    return asked == host or (settings.DEBUG and asked in LOCAL)


_brands: dict[int, tuple[int, Brand]] = {}


def _brand(pk: int, epoch: int) -> Brand:
    """From memory while nothing of it has changed; a copy, since whoever finds a newer catalogue notes that in it."""
    known = _brands.get(pk)
    if known is None or known[0] != epoch:
        known = _brands[pk] = (epoch, Brand.objects.select_related("theme").get(pk=pk))
    return copy(known[1])


# ── How often ───────────────────────────────────────────────────────────────────────────────────────────────────────

_full: dict[int, tuple[float, float]] = {}  # key -> (calls left, when that was so)
_filling = threading.Lock()


def limit(caller: Caller) -> None:
    """A bucket in each web process that fills evenly: API_CALLS_PER_MINUTE. Raises Problem with Retry-After."""
    most = settings.API_CALLS_PER_MINUTE
    now = time.monotonic()
    with _filling:
        left, then = _full.get(caller.key_id, (float(most), now))
        left = min(most, left + (now - then) * most / 60)
        if left < 1:
            _full[caller.key_id] = (left, now)
            raise Problem("too-many", headers={"Retry-After": str(max(1, round((1 - left) * 60 / most)))})
        _full[caller.key_id] = (left - 1, now)


# ── That it was used ────────────────────────────────────────────────────────────────────────────────────────────────

USED = """
INSERT INTO propagation_keyuse (key_id, day, verb, calls, people, last_at) VALUES (%s, %s, %s, 1, %s, %s)
ON CONFLICT (key_id, day, verb) DO UPDATE SET calls = propagation_keyuse.calls + 1, people = propagation_keyuse.people + excluded.people,
    last_at = excluded.last_at
"""
PROOF = "SELECT public_id FROM ledger_entry WHERE subject = %s AND seq = %s"
# The count is seen by everybody at once, and on the disk some tenths of a second later: no answer waits for it.
BOTH = f"WITH used AS ({USED}) SELECT set_config('synchronous_commit', 'off', true), ({PROOF})"  # noqa: S608  (statements of ours)


def used(caller: Caller, verb: str, people: int, proof: tuple[str, int | None] = ("", None)) -> str | None:
    """Counts the call; returns the public id of the entry (subject, seq) that proves its answer."""
    now = timezone.now()
    values: list[Any] = [caller.key_id, now.date(), verb, people, connection.ops.adapt_datetimefield_value(now)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not connection.in_atomic_block:  # else a choice would reach the disk as late as the count
            cursor.execute(BOTH, [*values, *proof])
            found = cursor.fetchone()[1]
            return None if found is None else as_uuid(found)
        cursor.execute(USED, values)
        if proof[1] is None:
            return None
        cursor.execute(PROOF, proof)
        row = cursor.fetchone()
    return as_uuid(row[0]) if row else None


def as_uuid(stored: Any) -> str:
    """SQLite keeps it without its dashes."""
    text = str(stored)
    return text if "-" in text else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def fingerprint(*parts: bytes) -> str:
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()
