"""What a connected system says later of a request, by a call that it signs (data_requests/connectors/http.py)."""

from __future__ import annotations

import logging

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from brands.http import BrandRequest
from data_requests import actions
from data_requests.connectors import AnotherPersons, Fault, keys_of
from data_requests.connectors.http import HttpConnector, answer_of, as_tables
from data_requests.erasing.asking import BY, take_answer
from data_requests.models import Held, Item
from data_requests.models.systems import Connector
from data_requests.states import NotPossible

logger = logging.getLogger(__name__)


@csrf_exempt  # no browser comes here: the signature says who it is
@never_cache
@require_POST
def answer(request: BrandRequest, reference: str, system: str) -> HttpResponse:
    """200 taken, or taken before; 401 not signed by that system; 404 no such question; 409 about another request, or too late; 422 no
    answer. Problem details of RFC 9457."""
    item = _asked(request, reference, system)
    held = _held(request, reference, system) if item is None else None
    if item is None and held is None:
        return _problem(404, "no such question")
    try:
        if not HttpConnector.of(request.brand.key, system).verify(request.headers, request.body):
            logger.warning("a call-back about %s was not signed by %s", reference, system)
            return _problem(401, "not signed by this system, or too long ago")
        said = answer_of(request.body, reference)
        if held is not None:
            left = [table for table in as_tables(held.system.name, said) if table.kept]
            actions.note_held(held, left, by=BY, now=timezone.now())
        elif item is None or item.request.customer is None:
            return _problem(409, "the request is closed")
        else:
            take_answer(item, said, keys_of(item.request.customer))
    except NotPossible:
        return _problem(409, "the request is closed")
    except Fault as fault:
        logger.warning("a call-back about %s by %s was refused", reference, system)
        return _problem(409 if isinstance(fault, AnotherPersons) else 422, str(fault))
    return JsonResponse({"taken": True})


def _asked(request: BrandRequest, reference: str, system: str) -> Item | None:
    asked = Item.objects.filter(request__number=reference, connected__key=system, connected__connector=Connector.HTTP)
    return asked.filter(request__brand=request.brand).select_related("request__customer__brand", "request__brand", "connected").first()


def _held(request: BrandRequest, reference: str, system: str) -> Held | None:
    """What the system had to keep of somebody who is gone, and is asked for again."""
    rows = Held.objects.filter(
        request__brand=request.brand, request__number=reference, system__key=system, system__connector=Connector.HTTP
    )
    return rows.select_related("system", "request__brand").first()


def _problem(status: int, title: str) -> HttpResponse:
    return JsonResponse({"title": title, "status": status}, status=status, content_type="application/problem+json")
