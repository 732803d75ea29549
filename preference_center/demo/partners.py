"""Two partners of the demo's shop: Adfield, who confirms what it is told, and Lumera, who never does. Each is a receiver of its own, with
its secret and its list, as a company elsewhere would have; only that they live on the same machine."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from uuid_utils.compat import uuid7

from brands.models import Brand
from jobs.actions import enqueue
from jobs.handlers import Work, handler
from propagation.actions import name_partner, open_endpoint
from propagation.models import Endpoint, Partner
from propagation.webhooks.signing import headers, verify

BY = "system:demo"
PARTNERS = {"adfield": True, "lumera": False}  # whether it confirms
TOLD_OF = ("choice.changed", "scope.changed", "restriction.changed", "person.corrected", "deletion.requested", "person.deleted")
NEWEST = 20
CONFIRMS = "demo.confirm"


def connect(brand: Brand) -> None:
    """Each with an endpoint at this installation, whatever port it has this time. Twice is once."""
    for key in PARTNERS:
        recipient = brand.recipients.filter(key=key).first()
        if recipient is None:
            continue
        partner = Partner.objects.filter(brand=brand, key=key).first()
        partner = partner or name_partner(Partner(key=key, name=recipient.name, recipient=recipient), brand=brand, by=BY)
        url = f"http://127.0.0.1:{settings.PORT}/demo/partners/{key}/"
        endpoint = partner.endpoints.first()
        if endpoint is None:
            _own(key, "secret").write_text(open_endpoint(partner, url, by=BY, kinds=TOLD_OF)[1], encoding="utf-8")
        elif endpoint.url != url:
            Endpoint.objects.filter(pk=endpoint.pk).update(url=url)


def take(key: str, given: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """What the partner's server does with a call: checks it, keeps it once, and has it confirmed if it is one that confirms. Raises
    NotSigned."""
    number = verify([_own(key, "secret").read_text(encoding="utf-8")], given, body)
    event: dict[str, Any] = json.loads(body)
    if all(each["number"] != number for each in taken(key)):
        with _own(key, "events").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"number": number, **event}) + "\n")
        where = event["data"].get("confirm")
        if PARTNERS[key] and where:
            enqueue(CONFIRMS, {"partner": key, "event": number, "where": where}, once=f"{CONFIRMS} {number}")
    return event


def taken(key: str) -> list[dict[str, Any]]:
    """Newest first."""
    path = _own(key, "events")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines[-NEWEST:][::-1]]


@handler(CONFIRMS)
def confirm(work: Work) -> None:
    """The partner has stopped, and says so: a call to the address that came with the event, signed with the secret that they share."""
    said = work.payload
    body = json.dumps({"event": said["event"], "outcome": "done"}).encode()
    signed = headers([_own(said["partner"], "secret").read_text(encoding="utf-8")], f"msg_{uuid7().hex}", int(time.time()), body)
    where = urlsplit(said["where"])
    here = f"http://127.0.0.1:{where.port or 80}{where.path}"  # not every machine knows names under .localhost
    requests.post(here, data=body, headers={**signed, "host": where.netloc}, timeout=10).raise_for_status()


def _own(key: str, what: str) -> Path:
    folder = Path(settings.DATA_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{key}.{what}"
