"""What somebody asked to have corrected, where the center itself holds it (GDPR Art. 16). Other systems answer for theirs."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import actions as account
from accounts.models import Customer
from data_requests.models import Request
from data_requests.states import WORKING, NotPossible


@dataclass(frozen=True)
class Changed:
    """`what`: "name" or "language"."""

    what: str
    before: str
    now: str


def changes(customer: Customer, *, name: str, language: str) -> list[Changed]:
    """What would be different; nothing is written."""
    wanted = (Changed("name", customer.name, name), Changed("language", customer.language, language))
    return [each for each in wanted if each.before != each.now]


def correct(request: Request, *, name: str, language: str, by: str) -> list[Changed]:
    """Only once whoever asked has proven who they are; twice is once. Raises NotPossible; ValidationError for a name that is none."""
    if request.kind != "correct" or request.state not in WORKING or request.verified_at is None or request.customer is None:
        raise NotPossible(f"{request.number} is no correction that is worked on")
    different = changes(request.customer, name=name, language=language)
    account.change_name(customer=request.customer, name=name, by=by)
    account.choose_language(customer=request.customer, language=language, by=by)
    return different
