from __future__ import annotations

from datetime import date

from django.urls import register_converter


class DayConverter:
    """2026-12-15. A day that is none is no address of ours."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayConverter, "day")
