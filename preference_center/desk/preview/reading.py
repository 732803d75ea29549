"""One draft on the brand's own page, as a customer reads it in a language and a place. Nothing on it can be pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from accounts.models import Customer
from brands.models import Brand
from catalogue.models.purposes import AGE_GROUPS
from catalogue.policies import Text
from catalogue.published import Published
from consents.screens import Reader
from profiles.cards import card as question_card
from profiles.published import PublishedQuestion
from regimes.resolver import Place

NO_FRAME = {"navigation": [], "footer": [], "signed_in": False, "language_switch": "", "sign_in": ""}


def language_of(request: HttpRequest, brand: Brand) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in brand.languages else str(brand.default_language)


def place_of(request: HttpRequest, brand: Brand) -> Place:
    """“US-CA”, “PL”; anything else is the brand's own country."""
    country, _hyphen, region = request.GET.get("place", "").upper().partition("-")
    if len(country) != 2 or not country.isascii() or not country.isalpha() or len(region) > 3 or (region and not region.isalnum()):
        return Place(brand.country)
    return Place(country, f"{country}-{region}" if region else "")


def purpose_page(request: HttpRequest, brand: Brand, purpose: Published) -> HttpResponseBase:
    language, place = language_of(request, brand), place_of(request, brand)
    reader = Customer(brand=brand, country=place.country, region=place.region, language=language, subject="")

    def card() -> dict[str, Any]:
        text = purpose.for_language(language)
        children = dict.fromkeys(text.child_words(group) for group in AGE_GROUPS) if text.for_children else {}
        return {"card": Reader(reader, {}, [], language, "", 0).card(purpose), "children": list(children)}

    return _page(request, language, card, purpose.texts)


def policy_page(request: HttpRequest, brand: Brand, texts: Mapping[str, Text]) -> HttpResponseBase:
    language = language_of(request, brand)
    return _page(request, language, lambda: {"text": texts[language]}, texts)


def question_page(request: HttpRequest, brand: Brand, question: PublishedQuestion) -> HttpResponseBase:
    language = language_of(request, brand)
    return _page(request, language, lambda: {"prompt": question_card(brand, question, language)}, question.texts)


def _page(request: HttpRequest, language: str, build: Callable[[], dict[str, Any]], texts: Mapping[str, object]) -> HttpResponseBase:
    """Without words in the language there is nothing to show."""
    if language not in texts:
        raise Http404
    with translation.override(language):
        built = build()
    return shown(request, language, built)


def shown(request: HttpRequest, language: str, context: Mapping[str, Any]) -> HttpResponseBase:
    """Forms lead nowhere: the browser is told so, and every field is off."""

    @csp_replace({"form-action": ["'none'"]})
    def page(request: HttpRequest) -> HttpResponseBase:
        with translation.override(language):
            return render(request, "preview.html", {**NO_FRAME, **context})

    return page(request)
