"""The schema of data.json (JSON Schema 2020-12), of the tables that are in it."""

from __future__ import annotations

from typing import Any

from data_requests.collect import Section

FORMAT = "preference-center-copy/1"


def schema(held: list[Section]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "type": "object",
        "required": ["format", "brand", "request", "made_at", "code", "tables"],
        "properties": {
            "format": {"const": FORMAT},
            "brand": {"type": "string"},
            "request": {"type": "string"},
            "made_at": {"type": "string", "format": "date-time"},
            "code": {"type": "string"},
            "tables": {
                "type": "object",
                "properties": {section.key: _table(section) for section in held},
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }


def _table(section: Section) -> dict[str, Any]:
    return {
        "type": "array",
        "title": section.title,
        "items": {
            "type": "object",
            "required": list(section.fields),
            "properties": {name: {"title": f"{name} ({kind})"} for name, kind in section.fields.items()},
            "additionalProperties": False,
        },
        "$comment": "; ".join(f"{name} is left out: {why}" for name, why in section.withheld.items()),
    }
