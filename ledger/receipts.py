"""Receipts: one canonical JSON file that proves itself with no server. Version 1; `python -m ledger.verify` checks it."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from ledger.keys import KeySet, encoded, key_set
from ledger.models import Entry


def receipt(entry: Entry, keys: KeySet | None = None) -> bytes:
    """The receipt of an entry whose payload is there: the same bytes until the signing key changes."""
    if entry.payload is None or entry.salt is None:
        raise ValueError("the payload of this entry has gone")
    keys = keys or key_set()
    issued_at = entry.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = keys.signing.sign(signed_bytes(entry.commitment, entry.previous, issued_at))
    return canonical_receipt(
        {
            "receipt": 1, "payload": json.loads(entry.payload), "salt": bytes(entry.salt).hex(), "commitment": entry.commitment,
            "previous": entry.previous, "issued_at": issued_at, "key": keys.signing_id, "signature": encoded(signature),
        }
    )  # fmt: skip


def signed_bytes(commitment: str, previous: str | None, issued_at: str) -> bytes:
    return "\n".join(["pc-receipt-v1", commitment, previous or "-", issued_at]).encode()


def canonical_receipt(value: dict[str, Any]) -> bytes:
    # The payload alone may fill the limit of one payload: the receipt around it has a limit of its own in the verifier.
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
