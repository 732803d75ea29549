from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.models import Customer
from brands.flash import flash
from brands.http import BrandRequest

View = Callable[..., HttpResponseBase]


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


def page_before(request: HttpRequest) -> str:
    """The page of ours that held the form of this request, as a path; else the start."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, allowed_hosts={request.get_host()}) or not before.startswith("http"):
        return "/"
    parts = urlsplit(before)
    path = "/" + parts.path.lstrip("/")  # two slashes would name another host
    return f"{path}?{parts.query}" if parts.query else path


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in, and back to this page afterwards; a POST says that it did nothing, and comes back to the page that held its form."""
    path = request.get_full_path()
    if request.method not in {"GET", "HEAD"}:
        path = page_before(request)
        text = _("Sign in again and you are back on the page you came from.")
        flash(request, "wait", _("Your sign-in has run out. Nothing was saved."), text)
    return redirect(with_next(reverse("accounts:sign_in"), path))


def customer_only(view: View) -> View:
    """Only for a customer who is signed in at this brand; `request.customer` is never None inside."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return to_sign_in(request) if request.customer is None else view(request, *args, **kwargs)

    return guarded


def signed_in_only(view: View) -> View:
    """For a customer, and for staff who are nobody's customer."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else to_sign_in(request)

    return guarded
