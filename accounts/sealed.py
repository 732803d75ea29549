"""Answers with an address in them, encrypted where they wait: in a session, in a job, in a row that nobody has looked into yet."""

from __future__ import annotations

import json
from typing import Any

from accounts.adapters import encryption


def seal(values: dict[str, Any]) -> str:
    return encryption().encrypt(json.dumps(values).encode()).decode()


def unseal(token: str) -> dict[str, Any]:
    """Raises cryptography.fernet.InvalidToken where it is none of ours, or its key has gone."""
    values: dict[str, Any] = json.loads(encryption().decrypt(token.encode()))
    return values
