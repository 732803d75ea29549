from __future__ import annotations

from django.urls import path

from notifications import converters as converters  # its import registers <day:…>
from notifications import views

app_name = "notifications"
urlpatterns = [
    path("changes/<day:day>/", views.change, name="change"),
    path("hooks/mail/", views.mail_hook, name="mail_hook"),
]
