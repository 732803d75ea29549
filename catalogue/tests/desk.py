"""A desk of the catalogue alone, for its tests: an admin site with its classes, and the brand by host, where whoever asks is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.messages import get_messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from brands.models import Brand
from catalogue.admin import ADMINS

site = AdminSite(name="admin")
for model, admin_class in ADMINS:
    site.register(model, admin_class)
urlpatterns = [path("desk/", site.urls)]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "catalogue.tests.desk.brand_of_host",
]


# Django's own pages: the house's look needs the house's addresses.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def brand_of_host(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: Any) -> HttpResponse:
        request.brand = request.user.at = Brand.objects.at_host(request.get_host())
        return get_response(request)

    return middleware


def told(response: Any) -> str:
    """The messages that a page leaves for the next one."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def run(client: Client, url: str, action: str, *rows: Model, **more: Any) -> Any:
    """An action of a list, on these rows."""
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows], **more})
