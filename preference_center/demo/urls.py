from __future__ import annotations

from django.urls import path

from preference_center.demo import views

app_name = "demo"
urlpatterns = [
    path("mailbox/", views.inbox, name="mailbox"),
    path("partners/", views.partners_page, name="partners"),
    path("partners/<slug:key>/", views.partner_hook, name="partner_hook"),
    path("newsletter/", views.send_newsletter, name="newsletter"),
    path("mailbox/<slug:name>/", views.mail, name="mail"),
    path("mailbox/<slug:name>/html/", views.mail_html, name="mail_html"),
]
