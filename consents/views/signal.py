"""POST /signal/: what a page of the brand's forwards, its browser's privacy signal and a no that was said there. It can only reduce.

The page is of another origin: those that may call are named in SIGNAL_ORIGINS. static/js/forward.js is the caller, hosted by the brand.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from accounts.models import Customer
from consents import actions, privacy_choices, signals
from consents.saying import Result, Said
from consents.standing import UnknownPurpose
from consents.states import How, Scope, Verb, Where

MOST = 20  # uses in one call


@csrf_exempt  # the origin is looked at instead: what it may do is say no
@require_http_methods(["POST", "OPTIONS"])
def take(request: PersonRequest) -> HttpResponse:
    """`gpc=1`: the signal; `scope`: wide words; `deny`: uses by key, or key.channel, of somebody signed in. Answers what was taken."""
    origin = request.headers.get("Origin", "")
    if origin not in settings.SIGNAL_ORIGINS:
        return JsonResponse({"taken": []}, status=403)
    response = _taken(request) if request.method == "POST" else HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = origin
    response["Access-Control-Allow-Credentials"] = "true"
    response["Vary"] = "Origin"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _taken(request: PersonRequest) -> HttpResponse:
    scopes = {Scope(name) for name in request.POST.getlist("scope") if name in set(Scope)}
    if request.POST.get("gpc") == "1" or signals.gpc_sent(request):
        scopes.add(signals.GPC.scope)
    response = JsonResponse({"taken": sorted(scope.value for scope in scopes)})
    if request.customer is None:
        for scope in scopes:
            privacy_choices.opt_out_here(request, response, scope)
        return response
    by_signal = request.POST.get("gpc") == "1"
    for scope in scopes:
        if by_signal and scope is signals.GPC.scope:
            signals.record(request.customer, signals.GPC, where=Where.API)
        else:
            privacy_choices.opt_out(request.customer, scope, get_language() or "en")
    denied = [use for use in request.POST.getlist("deny")[:MOST] if _deny(request.customer, use)]
    response.content = JsonResponse({"taken": [*sorted(scope.value for scope in scopes), *denied]}).content
    return response


def _deny(customer: Customer, use: str) -> bool:
    purpose, _dot, channel = use.partition(".")
    said = Said(
        f"self:{customer.subject}", customer.subject, How.BUTTON, Where.API, "IV0", get_language() or "en"
    )  # a press on a page of the brand's
    try:
        outcome = actions.say(customer, purpose, channel, Verb.DENY, said)
    except UnknownPurpose:
        return False
    return outcome.result is not Result.NO_CONTROL
