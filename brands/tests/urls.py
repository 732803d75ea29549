"""The addresses of this app with the error pages of the whole: what its tests run on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

handler400 = "preference_center.errors.bad_request"
handler403 = "preference_center.errors.forbidden"
handler404 = "preference_center.errors.not_found"
handler500 = "preference_center.errors.server_error"


def plain(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def database_away(request: HttpRequest) -> HttpResponse:
    from django.db import OperationalError

    raise OperationalError("away on purpose")


urlpatterns = [
    path("", include("brands.urls")),
    path("plain/", plain),
    path("form/", plain),
    path("broken/", broken),
    path("database-away/", database_away),
]
