"""Answers that are not one JSON object."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

NDJSON = "application/x-ndjson"


def ndjson(*lines: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a stream of lines: its media type, and one line of it."""
    shapes = [line.model_json_schema(ref_template="#/components/schemas/{model}") for line in lines]
    for shape in shapes:
        shape.pop("$defs", None)
    schema = shapes[0] if len(shapes) == 1 else {"oneOf": shapes}
    return {"responses": {200: {"description": "One JSON object a line", "content": {NDJSON: {"schema": schema}}}}}
