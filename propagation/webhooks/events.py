"""The events that partners are told of: one model each, whose JSON schema is published at /api/v1/events/<type>.json.

Thin by default: who, what about, and that it changed; how it stands is asked of the API. `full` adds the state and what it rests on.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", description="UTC")]
Position = Annotated[int, Field(ge=1, description="Place in the order of everything that happened: for min_position, and for /changes")]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Event(Model):
    type: ClassVar[str]


class Named(Model):
    """Somebody, by the number that this partner alone has for them, and by the brand's own ids where it is named by those."""

    pairwise: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    ids: list[str] | None = None


class Confirmable(Event):
    """What has to be confirmed: `confirm` is where to, `confirm_by` until when."""

    confirm: str | None = None
    confirm_by: Time | None = None


class ChoiceChanged(Confirmable):
    """One use is allowed from now on, or no longer."""

    type: ClassVar[str] = "choice.changed"
    person: Named
    position: Position
    purpose: str
    channel: Annotated[str, Field(description="“” is the use as a whole")]
    change: Literal["stopped", "started", "other"]
    delete_within_days: int | None = None
    state: str | None = None
    version: int | None = None
    how: str | None = None


class ScopeChanged(Confirmable):
    """A wide word: everything of its kind has stopped; lifted, each use stands as it was decided."""

    type: ClassVar[str] = "scope.changed"
    person: Named
    position: Position
    scope: Literal["marketing", "sale", "sensitive"]
    state: Literal["on", "off"]
    purposes: list[str]
    how: str | None = None


class RestrictionChanged(Confirmable):
    """The person's data may be kept and used for nothing, until it is lifted (GDPR Art. 18)."""

    type: ClassVar[str] = "restriction.changed"
    person: Named
    position: Position
    state: Literal["on", "off"]


class PersonCorrected(Confirmable):
    """Something about the person is right now and was not (GDPR Art. 16, 19); what, is read from the API by whoever may."""

    type: ClassVar[str] = "person.corrected"
    person: Named
    position: Position
    what: Literal["name", "email", "place", "language", "other"]


class PersonCameOfAge(Event):
    """Somebody who was a child here decides alone from this day on: about most uses, or, of age, about all. What adults had allowed for
    them counts no more; each such use is a change of its own."""

    type: ClassVar[str] = "person.came_of_age"
    person: Named
    position: Position
    age: Annotated[int, Field(ge=1, le=30, description="In completed years")]
    of_age: Annotated[bool, Field(description="Whether nobody decides anything for them any more")]


class DeletionRequested(Confirmable):
    """The person wants to be deleted, and has proven that it is they; their deletion waits until this is confirmed."""

    type: ClassVar[str] = "deletion.requested"
    person: Named
    position: Position
    request: str


class PersonDeleted(Event):
    """The person is gone here. Whoever still has something deletes it."""

    type: ClassVar[str] = "person.deleted"
    person: Named
    position: Position


class PurposePublished(Event):
    """A use, or a new version of one."""

    type: ClassVar[str] = "purpose.published"
    position: Position
    purpose: str
    version: int


class ReconciliationRequested(Event):
    """How many events were delivered on a day (UTC), and the exclusive or of the SHA-256 of their webhook-ids, in hex. Answer 200 with
    {"count", "digest"} of what arrived."""

    type: ClassVar[str] = "reconciliation.requested"
    day: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    count: int
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class EndpointTested(Event):
    """Somebody at the desk pressed “Test”."""

    type: ClassVar[str] = "endpoint.tested"


EVENTS: tuple[type[Event], ...] = (
    ChoiceChanged, ScopeChanged, RestrictionChanged, PersonCorrected, PersonCameOfAge, DeletionRequested, PersonDeleted,
    PurposePublished, ReconciliationRequested, EndpointTested,
)  # fmt: skip
TYPES = tuple(event.type for event in EVENTS)


def envelope(event: Event, timestamp: str) -> dict[str, Any]:
    """The body of a webhook, and one event of /changes."""
    return {"type": event.type, "timestamp": timestamp, "data": event.model_dump(exclude_none=True)}


def schema(event: type[Event]) -> dict[str, Any]:
    """JSON Schema (2020-12) of the whole body."""
    data = event.model_json_schema(ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    kind = event.type
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind, "description": data.get("description", ""),
        "type": "object", "required": ["type", "timestamp", "data"], "additionalProperties": False, "$defs": definitions,
        "properties": {
            "type": {"const": kind},
            "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"},
            "data": data,
        },
    }  # fmt: skip
