"""Pages of the demo's shop: the brand's own, not the center's. Who is signed in at the center is signed in here."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from accounts.http import CustomerRequest, PersonRequest, customer_only
from accounts.models import Customer
from brands.http import BrandRequest, SeeOther
from preference_center.demo.cast import LINDEN
from preference_center.demo.shop import ARRIVED, CHECKOUT, ORDERED, SHELF, Heard, Item, Shop


def _shop(request: BrandRequest, customer: Customer) -> Shop:
    if request.brand.key != LINDEN:
        raise Http404
    email = customer.contacts.proven().filter(channel="email").values_list("canonical", flat=True).first()
    visit = hashlib.sha256(f"shop|{request.session.session_key}".encode()).hexdigest()
    return Shop(request.brand, customer.code, email or "", visit, get_language() or "en")


@require_safe
def shelf(request: PersonRequest) -> HttpResponse:
    """What fits comes first, and the page says why."""
    if request.brand.key != LINDEN:
        raise Http404
    heard = _shop(request, request.customer).heard() if request.customer else Heard({}, {})
    items = sorted(SHELF, key=lambda item: not _fits(item, heard))
    rows = [{"item": item, "name": item.name_in(get_language() or "en"), "fits": _fits(item, heard)} for item in items]
    because = [{"title": title, "words": words, "url": reverse("profiles:one", args=[key])} for key, (title, words) in heard.words.items()]
    return render(request, "demo/shop.html", {"rows": rows, "because": because})


def _fits(item: Item, heard: Heard) -> bool:
    by_size = bool(heard.size) and heard.size in item.sizes
    return by_size or (bool(heard.rooms) and item.room in heard.rooms and not item.sizes)


@require_POST
@customer_only
def checkout(request: CustomerRequest) -> HttpResponse:
    """On the way to paying: the center is told, and nothing is asked."""
    item = _item(request.POST.get("item", ""))
    shop = _shop(request, request.customer)
    shop.happened(CHECKOUT)
    return render(
        request, "demo/checkout.html", {"item": item, "name": item.name_in(get_language() or "en"), **_asked(shop, "", paying=True)}
    )


@require_POST
@customer_only
def pay(request: CustomerRequest) -> HttpResponse:
    return _happened(request, ORDERED)


@require_POST
@customer_only
def arrived(request: CustomerRequest) -> HttpResponse:
    """The parcel comes, some days early."""
    return _happened(request, ARRIVED)


def _happened(request: CustomerRequest, event: str) -> HttpResponse:
    item = _item(request.POST.get("item", ""))
    _shop(request, request.customer).happened(event)
    return SeeOther(reverse("demo:order", args=[item.key]))


@require_safe
@customer_only
def order(request: CustomerRequest, item: str) -> HttpResponse:
    found = _item(item)
    asked = _asked(_shop(request, request.customer), request.build_absolute_uri())
    return render(request, "demo/order.html", {"item": found, "name": found.name_in(get_language() or "en"), **asked})


def _asked(shop: Shop, back: str, *, paying: bool = False) -> dict[str, Any]:
    """The question as the center gave it, included as it is: its HTML comes from the brand's own installation."""
    prompt = shop.prompt(back, paying=paying)
    return {"prompt": mark_safe(prompt["html"]) if prompt else "", "style": prompt["style"] if prompt else ""}  # noqa: S308 # as the center wrote it


def _item(key: str) -> Item:
    found = next((each for each in SHELF if each.key == key), None)
    if found is None:
        raise Http404
    return found
