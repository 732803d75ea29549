from __future__ import annotations

from django.urls import path

from preference_center.home import views

app_name = "home"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("contact/", views.contact, name="contact"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
