"""What somebody asked to have corrected, where the center itself holds it (GDPR Art. 16). Other systems answer for theirs."""

from __future__ import annotations

from accounts.actions.details import Changed, compared, correct_in
from accounts.models import Customer
from data_requests.models import Request
from data_requests.states import WORKING, NotPossible
from data_requests.steps import at_work_on


def changes(customer: Customer, *, name: str, language: str) -> list[Changed]:
    """What would be different; nothing is written."""
    return compared({"name": customer.name, "language": customer.language}, {"name": name, "language": language})


def correct(request: Request, *, name: str, language: str, by: str) -> list[Changed]:
    """Only while it is worked on, once whoever asked has proven who they are; all of it or nothing, and twice is once. Raises NotPossible;
    ValidationError for a name that is none."""
    with at_work_on(request, by=by) as (this, found):
        if found.kind != "correct" or found.state not in WORKING or found.verified_at is None or found.customer is None:
            raise NotPossible(f"{found.number} is no correction that is worked on")
        return correct_in(this, found.customer, {"name": name, "language": language})
