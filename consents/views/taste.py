from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import CustomerRequest, customer_only
from brands.flash import flash
from brands.http import SeeOther
from consents import tasting
from consents.models import Topic


@require_POST
@customer_only
def save(request: CustomerRequest) -> HttpResponse:
    """One ordinary form with one Save: taste may be changed in both directions, and grants nothing."""
    days = request.POST.get("days", "0")
    keys = [topic.key for topic in Topic.objects.filter(brand=request.brand)]
    chosen = set(request.POST.getlist("topic"))
    entry = tasting.choose_taste(
        request.customer, "email", actor=f"self:{request.customer.subject}", where="choices",
        topics_off=[key for key in keys if key not in chosen],
        days_between=int(days) if days.isdecimal() and int(days) <= 365 else 0,
        pause_until=_date(request.POST.get("pause", "")),
    )  # fmt: skip
    if entry is None:
        flash(request, "", _("Nothing to change: it stands so already."))
    else:
        text = _("It narrows what you allow, and never widens it.")
        flash(
            request, "good", _("Saved what you like to hear about."), text, receipt_url=reverse("consents:receipt", args=[entry.public_id])
        )
    return SeeOther(f"{reverse('consents:choices')}#prefs")


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    today = timezone.localdate()
    return found if today < found <= today + timedelta(days=366) else None
