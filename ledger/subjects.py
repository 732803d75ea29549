from __future__ import annotations

import secrets

from ledger.models import Head


def new_subject() -> str:
    """A random reference for somebody, and the head of their chain. 128 bits in hex: never an address, never guessable."""
    return Head.objects.create(subject=secrets.token_hex(16)).subject
