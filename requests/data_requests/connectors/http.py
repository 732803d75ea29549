"""A system that is asked over HTTP, and answers at once or by a call of its own (signed as Standard Webhooks say).

    url: https://listova.example/privacy/
    secret_file: /etc/center/listova.secret        # whsec_… , or secret_env: LISTOVA_SECRET

We send {"type": "privacy.erasure" | "privacy.access", "request", "keys": {"emails", "code"}, "answer_to"}; and when the day has come of
what it said it keeps, "privacy.kept_data_due" with the number of that request and no address: only that is meant. It answers 200 with
{"request", "outcome": "done" | "nothing" | "kept", "count", "note", "until", "tables": {name: {"columns", "rows"}}}, or 202 and the same
later, as a POST to `answer_to`, signed with the same secret. A question that is asked again carries the same webhook-id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Generator, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse

from brands import mail
from brands.models import Brand
from data_requests.connectors.base import AnotherPersons, Fault, Keys, Later, Rows, Table, Unreachable
from data_requests.connectors.files import described

TIMEOUT = (5, 10)  # seconds to connect, and between two bytes
AT_LONGEST = 20.0  # seconds for an answer as a whole
LARGEST = 1024 * 1024  # bytes of an answer
TOLERANCE = 300  # seconds that the clocks of two machines may differ
OUTCOMES = ("done", "nothing", "kept")
MOST = 2**53  # rows


class HttpConnector:
    def __init__(self, brand: str, system: str, name: str, url: str, secret: bytes) -> None:
        self._brand, self._system, self._name, self._url, self._secret = brand, system, name, url, secret

    @classmethod
    def of(cls, brand: str, system: str, name: str = "") -> HttpConnector:
        """`name`: as the person reads it."""
        values = described(brand, system)
        url = str(values.get("url") or "")
        try:
            scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
        except ValueError:
            scheme, host = "", None
        plain = scheme == "http" and (settings.EMBEDDED or settings.DEBUG)
        if not host or not (scheme == "https" or plain):
            raise Fault(f"{system}: its url is not https")
        return cls(brand, system, name or system, url, _secret(values, system))

    def check(self) -> None:
        """Its file can be read; whether it answers, the first question shows."""

    def locate(self, keys: Keys) -> Keys:
        return keys

    def plan(self, keys: Keys, today: date) -> list[Table] | None:
        """It is not asked before somebody has confirmed: who is about to delete themselves is nobody's business yet."""
        return None

    def read(self, keys: Keys, reference: str) -> Generator[Rows]:
        yield from tables_of(self._ask("privacy.access", keys, reference))

    def erase(self, keys: Keys, today: date, reference: str) -> list[Table]:
        return as_tables(self._name, self._ask("privacy.erasure", keys, reference))

    def end(self, keys: Keys, kept: list[Table], today: date, reference: str) -> list[Table]:
        """About what it said then that it keeps, by the number of that request and our code alone: an address may be another person's by
        now, or theirs again."""
        bare = Keys(frozenset(), keys.code)
        found = as_tables(self._name, self._ask("privacy.kept_data_due", bare, reference, again=today.isoformat()))
        return [table for table in found if table.kept]

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a call-back is signed with the secret of this system, lately."""
        made = headers.get("webhook-timestamp", "")
        if not made.isascii() or not made.isdigit() or abs(time.time() - int(made[:12])) > TOLERANCE:
            return False
        wanted = self._signature(headers.get("webhook-id", ""), made, body)
        given = headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(wanted.encode(), each.encode()) for each in given)

    def _ask(self, kind: str, keys: Keys, reference: str, *, again: str = "") -> dict[str, Any]:
        body = json.dumps({
            "type": kind, "request": reference, "keys": {"emails": sorted(keys.emails), "code": keys.code},
            "answer_to": mail.origin(Brand.objects.get(key=self._brand)) + reverse("requests:answer", args=[reference, self._system]),
        }).encode()  # fmt: skip
        made, number = str(int(time.time())), hashlib.sha256(f"{kind} {reference} {self._system}{again}".encode()).hexdigest()[:32]
        headers = {
            "content-type": "application/json", "webhook-id": number, "webhook-timestamp": made,
            "webhook-signature": self._signature(number, made, body),
        }  # fmt: skip
        try:
            with requests.post(self._url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
                content, status = _read(response), response.status_code
        except (requests.RequestException, OSError) as error:
            raise Unreachable(f"{self._system}: {type(error).__name__}") from error
        if status == 202:
            raise Later(self._system)
        if status != 200 or len(content) > LARGEST:
            raise Unreachable(f"{self._system} answered {status}, {len(content)} bytes")
        return answer_of(content, reference)

    def _signature(self, number: str, made: str, body: bytes) -> str:
        signed = b".".join([number.encode(), made.encode(), body])
        return "v1," + base64.b64encode(hmac.digest(self._secret, signed, "sha256")).decode()


def _read(response: requests.Response) -> bytes:
    """No more than is needed to see that it is too much, and for no longer than AT_LONGEST: a drip would hold the worker up."""
    content, ends = b"", time.monotonic() + AT_LONGEST
    for piece in response.iter_content(64 * 1024):
        content += piece
        if len(content) > LARGEST:
            break
        if time.monotonic() > ends:
            raise requests.Timeout("an answer that does not end")
    return content


def _secret(values: Mapping[str, Any], system: str) -> bytes:
    text = os.environ.get(str(values.get("secret_env") or ""), "")
    if not text and values.get("secret_file"):
        try:
            text = Path(str(values["secret_file"])).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Fault(f"{system}: its secret cannot be read") from error
    try:
        secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        secret = b""
    if len(secret) < 24:
        raise Fault(f"{system}: its secret is missing, or shorter than 24 bytes")
    return secret


def answer_of(body: bytes, reference: str) -> dict[str, Any]:
    """What a system says of a request. Raises Fault where it is none, AnotherPersons where it is about another request."""
    try:
        answer = json.loads(body)
        count, said = answer.get("count", 0), json.dumps(answer, ensure_ascii=False, allow_nan=False)
        right = answer["outcome"] in OUTCOMES and type(count) is int and 0 <= count <= MOST and "\\u0000" not in said
        said.encode()  # half a letter is none
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        right = False
    if not right or not isinstance(answer.get("note", ""), str) or not isinstance(answer.get("tables", {}), dict):
        raise Fault("an answer that is none")
    if answer.get("request") != reference:
        raise AnotherPersons("an answer to another request")
    return dict(answer)


def as_tables(name: str, answer: Mapping[str, Any]) -> list[Table]:
    """None where it says that there was nothing. `name`: of the system. Raises Fault: what is kept says how much, why, and until when."""
    count = answer.get("count", 0)
    if answer["outcome"] == "nothing":
        return []
    if answer["outcome"] == "done":
        return [Table(name, {"en": name}, count)]
    try:
        until = date.fromisoformat(answer["until"])
    except (KeyError, TypeError, ValueError):
        raise Fault("what is kept says until when") from None
    if not count or not answer.get("note"):
        raise Fault("what is kept says how much, and why")
    return [Table(name, {"en": name}, count, kept=count, ground={"en": answer["note"]}, until=until, first=until)]


def tables_of(answer: Mapping[str, Any]) -> Iterator[Rows]:
    """Raises Fault."""
    for name, table in answer.get("tables", {}).items():
        columns, rows = (table.get("columns"), table.get("rows")) if isinstance(table, dict) else (None, None)
        if not isinstance(columns, list) or not isinstance(rows, list) or len(set(map(str, columns))) < len(columns):
            raise Fault("a table that is none")
        if any(not isinstance(row, list) or len(row) != len(columns) for row in rows):
            raise Fault("a table that is none")
        yield str(name), [str(column) for column in columns], rows
