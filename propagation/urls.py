"""Beside the API itself, which the composition root mounts: what describes it."""

from __future__ import annotations

from django.urls import path

from propagation import views

app_name = "propagation"
urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    path("problems/<slug:code>", views.problem, name="problem"),
]
