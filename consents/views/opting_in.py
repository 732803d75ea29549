"""/yes/<token>/: from the mail that asks once more. GET shows the wording, POST says yes."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.actions import AddressRetired
from accounts.http import PersonRequest
from brands.models import Brand
from consents import forms, opting_in, screens
from consents.opting_in import LinkOver, OptIn, OtherWording
from consents.saying import Result
from consents.standing import UnknownPurpose
from consents.words import labelled


@csrf_exempt  # the token is the authority: the press may come from a mail program that keeps no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: PersonRequest, token: str) -> HttpResponse:
    try:
        wanted = opting_in.read(request.brand, token)
        purpose = opting_in.offered(request.brand, wanted)
    except (LinkOver, UnknownPurpose):
        return render(request, "consents/opt_in_over.html", status=410)
    language = get_language() or wanted.language
    texts = purpose.for_language(language)
    hint = texts.channel_hints.get(wanted.channel, "")
    context: dict[str, object] = {
        "what": labelled(texts.title, wanted.channel), "sentence": " ".join(filter(None, [texts.sentence, hint])),
        "facts": screens.facts(texts), "token": token,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "consents/opt_in.html", context | {"page": _page(request.brand, wanted, language)})
    return _say(request, wanted, context)


def _page(brand: Brand, wanted: OptIn, language: str) -> forms.Page:
    screen = opting_in.screen_of(brand, wanted, language)
    return forms.Page(forms.new_nonce(), 0, screen.version, screen.language, screen.sha256)


def _say(request: PersonRequest, wanted: OptIn, context: dict[str, object]) -> HttpResponse:
    try:
        _customer, outcome = opting_in.confirm(request.brand, wanted, forms.Page.parse(request.POST.get("page", "")))
    except OtherWording:
        language = get_language() or wanted.language
        return render(request, "consents/opt_in.html", context | {"page": _page(request.brand, wanted, language), "other_wording": True})
    except (AddressRetired, UnknownPurpose):
        return render(request, "consents/opt_in_over.html", status=410)
    done = outcome.result in {Result.SAVED, Result.STANDS}
    number = outcome.entry.number if outcome.entry else ""
    return render(request, "consents/opt_in_done.html", context | {"done": done, "number": number})
