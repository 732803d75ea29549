"""A signed-in browser without a browser: the cookies of a real session, made as the sign-in makes it."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from accounts.models import Customer
from accounts.signing_in import let_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


def session_cookie(customer: Customer) -> str:
    """name=value of a session in which the customer has just signed in with a code."""
    assert customer.person is not None
    request: Any = RequestFactory().get("/", headers={"host": customer.brand.host, "user-agent": FIREFOX})
    request.session, request.user = SessionStore(), AnonymousUser()
    request.brand, request.customer = customer.brand, None
    request._messages = default_storage(request)
    with context.request_context(request):
        if not let_in(request, person=customer.person, customer=customer, how="code"):
            raise RuntimeError("the customer may not sign in")
    request.session.save()
    return f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"
