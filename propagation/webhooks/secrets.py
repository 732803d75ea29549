"""An endpoint's secrets: the newest signs first, the one before it beside it until everybody has the new one."""

from __future__ import annotations

from datetime import datetime

from accounts.sealed import seal, unseal
from propagation.models import Endpoint


def secrets_of(endpoint: Endpoint, now: datetime) -> list[str]:
    """“whsec_…”, the newest first."""
    found = [str(unseal(endpoint.secret)["secret"])]
    if endpoint.secret_before and endpoint.secret_before_until and now < endpoint.secret_before_until:
        found.append(str(unseal(endpoint.secret_before)["secret"]))
    return found


def sealed(secret: str) -> str:
    return seal({"secret": secret})
