from __future__ import annotations

import secrets

from ledger.models import Head


def new_subject() -> str:
    """A random reference for somebody, and the head of their chain. 128 bits in hex: never an address, never guessable."""
    return new_subjects(1)[0]


def new_subjects(count: int) -> list[str]:
    """As many of them, in one statement."""
    return [head.subject for head in Head.objects.bulk_create(Head(subject=secrets.token_hex(16)) for _ in range(count))]
