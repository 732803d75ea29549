from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def as_moment(value: Any) -> datetime | None:
    """A time as a raw cursor gives it. SQLite has no type for time: Django keeps naive UTC in text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
