"""The product's pages and those of the demo."""

from __future__ import annotations

from django.urls import include, path

from preference_center.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

if not any(getattr(each, "app_name", "") == "demo" for each in urlpatterns):
    urlpatterns = [*urlpatterns, path("demo/", include("preference_center.demo.urls"))]
