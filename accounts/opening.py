"""Pages of the desk that show somebody: closed until a press, which is written down where each person whom they show can read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from accounts import looking
from accounts.models import Customer
from brands.http import SeeOther

LOOK = "look"


def closed(
    request: HttpRequest, people: Iterable[Customer], *, by: str, reason: str, note: str = "", template: str, context: dict[str, Any]
) -> HttpResponse | None:
    """None once all of them are open in this session. Before that, the page with the press, or what follows it; whatever else was sent does
    nothing, and says so. `by`: "staff:<reference>"; `reason`: one of accounts.actions.looking.REASONS."""
    missing = [each for each in people if not looking.is_open(request, each)]
    pressed = request.method == "POST" and request.POST.get("act") == LOOK
    if not (missing or pressed):
        return None
    if pressed:
        for each in missing:
            looking.opened_to_work(request, each, by=by, reason=reason, note=note)
        return SeeOther(request.path)
    if request.method == "POST":
        messages.error(request, gettext("Nothing was done: this page is not open. Open it and send that again."))
        return SeeOther(request.path)
    return TemplateResponse(request, template, context)
