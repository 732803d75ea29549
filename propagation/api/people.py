"""How a call names somebody, and who that is here."""

from __future__ import annotations

from typing import Annotated, Self

from django.core.exceptions import ValidationError
from ninja import Schema
from pydantic import ConfigDict, Field, model_validator

from accounts.addresses import canonical_email, canonical_phone
from accounts.models import LONGEST_ID
from propagation.api.problems import Problem

ID = r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class PersonIn(Strict):
    """Exactly one of: the brand's own id, an email address, a phone number in international form, the number that this partner has for
    them."""

    id: Annotated[str, Field(max_length=LONGEST_ID, pattern=ID)] | None = None
    email: Annotated[str, Field(max_length=320)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    pairwise: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None

    @model_validator(mode="after")
    def one_name(self) -> Self:
        if sum(value is not None for value in (self.id, self.email, self.phone, self.pairwise)) != 1:
            raise ValueError("name the person in exactly one way: id, email, phone or pairwise")
        return self

    def name(self) -> tuple[str, str]:
        """("email", canonical form). Raises Problem."""
        try:
            if self.email is not None:
                return "email", canonical_email(self.email)
            if self.phone is not None:
                return "phone", canonical_phone(self.phone)
        except ValidationError as error:
            raise Problem("invalid", errors=[{"field": "person", "why": " ".join(error.messages)}]) from None
        return ("id", self.id) if self.id is not None else ("pairwise", self.pairwise or "")
