from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.http import CustomerRequest, customer_only
from brands.http import BrandRequest
from consents import history
from consents.asking import waiting
from consents.naming import news_from_others
from consents.screens import reader_of
from data_requests.tracking import attention
from guardians.reading import has_grown_up, who_asks
from notifications.waiting import coming
from preference_center.home.statement import runs_undecided, standing, statement
from profiles.visits import prompt_for

LATEST = 3


@require_safe
@customer_only
def overview(request: CustomerRequest) -> HttpResponse:
    customer = request.customer
    reader = reader_of(customer, get_language() or "en")
    page = reader.page()
    context = {
        "statement": statement(customer, page),
        "standing": standing(page),
        "first_visit": all(row.stitch == "open" for row in page.rows),
        "runs_undecided": runs_undecided(page.rows),
        "marketing_stopped": page.marketing_stopped,
        "prompt": prompt_for(request, reader),
        "coming": coming(customer),
        "requests": attention(customer, reader.now),
        "waiting": waiting(reader),
        "received": news_from_others(customer, reader.now),
        "latest": history.latest(customer, LATEST),
        "family": who_asks(customer, reader.now) if customer.brand.has_minors else [],
        "grown": has_grown_up(customer, reader.now),
    }
    return render(request, "home/overview.html", context)


@require_safe
def contact(request: BrandRequest) -> HttpResponse:
    """Who answers for the data: the controller, its data protection officer, the supervisory authority (GDPR Art. 13(1), 77)."""
    return render(request, "home/contact.html")


@require_safe
def accessibility(request: BrandRequest) -> HttpResponse:
    return render(request, "home/accessibility.html")
