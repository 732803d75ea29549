from __future__ import annotations

from uuid_utils.compat import uuid7


def new_number() -> str:
    """A webhook-id: the same however often its event is sent."""
    return f"evt_{uuid7().hex}"
