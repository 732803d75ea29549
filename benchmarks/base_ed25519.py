"""Baseline: the signatures of the same receipts, keys and bytes at hand, and nothing else looked at."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterable

from ledger.receipts import signed_bytes
from ledger.verify import Keys


def bare(receipts: Iterable[bytes], keys: Keys) -> Callable[[], None]:
    signed = []
    for data in receipts:
        said = json.loads(data)
        signature = base64.urlsafe_b64decode(said["signature"] + "==")
        signed.append((keys[said["key"]], signature, signed_bytes(said["commitment"], said["previous"], said["issued_at"])))
    turns = itertools.cycle(signed)

    def operation() -> None:
        key, signature, message = next(turns)
        key.verify(signature, message)

    return operation
