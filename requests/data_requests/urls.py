from __future__ import annotations

from django.urls import path

from data_requests import converters as converters  # its import registers <request_number:…>
from data_requests import views

app_name = "requests"
urlpatterns = [
    path("", views.hub, name="hub"),
    path("<request_number:reference>/", views.one, name="one"),
    path("<request_number:reference>/prove/", views.prove, name="prove"),
    path("<request_number:reference>/withdraw/", views.withdraw, name="withdraw"),
    path("<request_number:reference>/message/", views.message, name="message"),
    path("<request_number:reference>/file/", views.fetch, name="fetch"),
    path("<request_number:reference>/not-me/<slug:signature>/", views.not_me, name="not_me"),
    path("<slug:kind>/", views.ask, name="ask"),
    path("<slug:kind>/check/", views.check, name="check"),
]
