"""The ways in which an adult shows that they are one. A further way is one more class in this list."""

from __future__ import annotations

from collections.abc import Mapping

from guardians.methods.base import Method
from guardians.methods.email_plus import EmailPlus
from guardians.methods.in_person import InPerson
from guardians.methods.signed_form import SignedForm

METHODS: Mapping[str, Method] = {method.key: method for method in (InPerson(), SignedForm(), EmailPlus())}

__all__ = ["METHODS", "Method"]
