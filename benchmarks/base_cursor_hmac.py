"""Baseline: the least that checking payloads can cost. One cursor over the same rows in the same order; each payload parsed and its HMAC
reckoned. On PostgreSQL the cursor is the server's, so that the rows do not all come at once.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

ROWS = "SELECT payload, salt, commitment FROM ledger_entry ORDER BY subject, seq"


def checked() -> int:
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            return _through(cursor.execute(ROWS))
    with transaction.atomic(), connection.connection.cursor(name="baseline") as cursor:
        cursor.itersize = 2000
        cursor.execute(ROWS)
        return _through(cursor)


def _through(rows: Iterable[tuple[Any, ...]]) -> int:
    count = 0
    for payload, salt, commitment in rows:
        json.loads(payload)
        if hmac.digest(bytes(salt), payload.encode(), "sha256").hex() != commitment:
            raise RuntimeError("a payload does not fit")
        count += 1
    return count
