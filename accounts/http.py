from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Customer
from brands.http import BrandRequest

View = Callable[..., HttpResponse]


class PersonRequest(BrandRequest):
    """A request behind `accounts.middleware.customer`. `customer` is None when nobody is signed in at this brand."""

    customer: Customer | None


class CustomerRequest(BrandRequest):
    """A request of a view behind `customer_only`."""

    customer: Customer


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """`next` of the query or the form if it is a path of this host, else `default`. Never another host, never another scheme."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, {request.get_host()}, require_https=request.is_secure())
    return path if safe else default


def with_next(url: str, path: str) -> str:
    return url if path in {"", "/"} else f"{url}?{urlencode({'next': path}, safe='/')}"


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in, and back to this page afterwards; a POST comes back to the page that held its form."""
    path = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    return redirect(with_next(reverse("accounts:sign_in"), path))


def customer_only(view: View) -> View:
    """Only for a customer who is signed in at this brand; `request.customer` is never None inside."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return to_sign_in(request) if request.customer is None else view(request, *args, **kwargs)

    return guarded


def signed_in_only(view: View) -> View:
    """For a customer, and for staff who are nobody's customer."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.user.is_authenticated else to_sign_in(request)

    return guarded
