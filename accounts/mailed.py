"""A mailed code as a page asks for it: the question is written down, a new browser gets a cookie, and the next page takes the code."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language

from accounts import codes
from accounts.http import CustomerRequest, PersonRequest, safe_next


def ask(request: PersonRequest | CustomerRequest, *, purpose: str, canonical: str, address: str, then: str, back: str = "") -> HttpResponse:
    """To the page `then`. Too many wrong codes today: says so, and sends nothing. Known and unknown addresses are answered alike."""
    browser, cookie = codes.browser_of(request), ""
    if not browser:
        cookie, browser = codes.new_browser()
    asked = codes.ask(
        browser=browser, brand=request.brand, purpose=purpose, canonical=canonical, address=address,
        language=get_language() or request.brand.default_language,
    )  # fmt: skip
    if asked is None:
        return render(request, "accounts/too_many.html", {"next": back or safe_next(request)}, status=429)
    response = HttpResponseRedirect(then)
    if cookie:
        codes.remember_browser(response, cookie)
    return response
