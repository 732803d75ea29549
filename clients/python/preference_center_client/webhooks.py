"""What the center sends to a partner, signed as Standard Webhooks say (v1): HMAC-SHA256 over id.timestamp.body."""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from .answers import Event, as_event, parsed, taken
from .faults import NotGenuine, NotUnderstood
from .wire import Call, Wire, safe_origin

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
VISIBLE = re.compile(r"[\x20-\x7e]{1,2000}\Z")
SECONDS = re.compile(r"[1-9][0-9]{0,11}\Z")
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
SHORTEST = 24  # bytes of a secret

Done = Literal["done", "nothing", "kept"]
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


class Receiver:
    """`secrets`: whsec_…, one, or several while one takes the place of another. `tolerance`: seconds that a delivery may be old, and
    that two clocks may differ. Raises ValueError for a secret that is none."""

    def __init__(self, secrets: str | Iterable[str], tolerance: int = 300, timeout: tuple[float, float] = (2, 5), retries: int = 3) -> None:
        self._secrets = [_secret(each) for each in ([secrets] if isinstance(secrets, str) else secrets)]
        if not self._secrets:
            raise ValueError("a receiver needs a secret")
        self._tolerance = tolerance
        self._wire = Wire("", timeout, retries)

    def close(self) -> None:
        self._wire.close()

    def verify(self, headers: Headers, body: bytes) -> Event:
        """The event that a delivery tells of. `body`: its bytes as they came; parsed and written again they are others. The same delivery
        may come several times, and an attacker may repeat one within the tolerance: do each Event.id once (see Seen). Raises
        NotGenuine; answer 400 then."""
        if not isinstance(body, bytes):
            raise TypeError("a body is the bytes as they came")
        number, made, given = (_header(headers, name) for name in NAMES)
        if not SECONDS.match(made) or abs(time.time() - int(made)) > self._tolerance:
            raise NotGenuine("not of this time")
        genuine = False
        # Every signature against every secret, also after one fits: how long it takes tells nothing.
        for secret in self._secrets:
            wanted = _signature(secret, number, made, body).encode()
            for each in given.split(" "):
                genuine |= hmac.compare_digest(wanted, each.encode())
        if not genuine:
            raise NotGenuine("no signature fits")
        try:
            return as_event(parsed(body), number)
        except NotUnderstood as fault:
            raise NotGenuine(f"signed, and not an event: {fault}") from None

    def confirm(self, event: Event, outcome: Done = "done", note: str = "", evidence: str = "") -> None:
        """Tells the center what came of an event. `outcome`: "done", "nothing" (there was nothing to do) or "kept" (`note` says why).
        `evidence`: 64 hexadecimal digits, the SHA-256 of a record that you keep. Raises Problem, Unreachable; ValueError where the event
        asks for no confirmation."""
        if not event.confirm or not event.id:
            raise ValueError("this event asks for no confirmation")
        if outcome not in get_args(Done) or (evidence and not SHA256.match(evidence)):
            raise ValueError("an outcome is done, nothing or kept; evidence is a SHA-256 in hexadecimal digits")
        safe_origin(event.confirm)
        said = {"event": event.id, "outcome": outcome, "note": note, "evidence": evidence}
        body = json.dumps({name: value for name, value in said.items() if value}, separators=(",", ":")).encode()
        answer = self._wire.ask(Call("POST", event.confirm, headers=self._signed(body), body=body))
        if not taken(answer, "taken", bool):
            raise NotUnderstood("not taken")

    def _signed(self, body: bytes) -> dict[str, str]:
        """Signed with every secret: which of them the center still knows, or knows already, is not ours to tell."""
        number, made = f"cnf_{uuid.uuid4().hex}", str(int(time.time()))
        signatures = " ".join(_signature(secret, number, made, body) for secret in self._secrets)
        return dict(zip(NAMES, (number, made, signatures), strict=True)) | {"Content-Type": "application/json"}


class Seen:
    """Which deliveries have been here, for one process and the last `most` of them. Whoever has several processes, or cannot afford to do
    a thing twice after a restart, keeps Event.id in the database, in the transaction of what is done."""

    def __init__(self, most: int = 10_000) -> None:
        if most < 1:
            raise ValueError("it remembers one at least")
        self._most, self._ids, self._lock = most, OrderedDict[str, None](), threading.Lock()

    def first(self, number: str) -> bool:
        """Whether it has not been here, and is here now."""
        with self._lock:
            if number in self._ids:
                return False
            self._ids[number] = None
            if len(self._ids) > self._most:
                self._ids.popitem(last=False)
            return True

    def forget(self, number: str) -> None:
        """What was begun and failed may come again."""
        with self._lock:
            self._ids.pop(number, None)


def _secret(text: str) -> bytes:
    try:
        secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith("whsec_") or len(secret) < SHORTEST:
        raise ValueError(f"a secret is whsec_ and {SHORTEST} bytes or more in base64")
    return secret


def _header(headers: Headers, name: str) -> str:
    """Raises NotGenuine where it is missing, stands twice, or holds anything but visible ASCII."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found = [value for each, value in pairs if isinstance(each, str) and each.lower() == name]
    if len(found) != 1 or not isinstance(found[0], str) or not VISIBLE.match(found[0]):
        raise NotGenuine(f"{name} is missing, stands twice, or is not text")
    return found[0]


def _signature(secret: bytes, number: str, made: str, body: bytes) -> str:
    """As it stands in the header. Compared as text: base64 leaves two bits of its last letter open."""
    signed = b".".join([number.encode(), made.encode(), body])
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
