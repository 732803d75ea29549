from __future__ import annotations

from django.urls import path, register_converter

from brands import views


class Digest:
    regex = "[0-9a-f]{8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Digest, "digest")

app_name = "brands"
urlpatterns = [
    path("brand/<slug:key>-<digest:digest>.css", views.stylesheet, name="stylesheet"),
    path("brand/<slug:key>-<digest:digest>.png", views.logo, name="logo"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
