from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.models import Customer
from consents import privacy_choices, signals

GetResponse = Callable[[HttpRequest], HttpResponse]


def signals_and_opt_outs(get_response: GetResponse) -> GetResponse:
    """Obeys the browser's signal, and takes what was opted out of before signing in over into the account.

    The one thing that a GET may write: that a signal was seen, once (design of GET: seeing is not deciding). An opt-out made
    while signed out is written by the request that signs in.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.gpc = signals.gpc_sent(request)  # type: ignore[attr-defined]
        if _customer(request) is not None:
            signals.record_all(request, _customer(request))  # type: ignore[arg-type]
        response = get_response(request)
        customer = _customer(request)
        if customer is not None and privacy_choices.COOKIE in request.COOKIES:
            privacy_choices.merge(request, customer)
            response.delete_cookie(privacy_choices.COOKIE)
        return response

    return middleware


def _customer(request: HttpRequest) -> Customer | None:
    customer: Customer | None = getattr(request, "customer", None)
    return customer
