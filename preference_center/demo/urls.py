from __future__ import annotations

from django.urls import path

from preference_center.demo import shop_views, views

app_name = "demo"
urlpatterns = [
    path("mailbox/", views.inbox, name="mailbox"),
    path("partners/", views.partners_page, name="partners"),
    path("partners/<slug:key>/", views.partner_hook, name="partner_hook"),
    path("shop/", shop_views.shelf, name="shop"),
    path("shop/checkout/", shop_views.checkout, name="checkout"),
    path("shop/pay/", shop_views.pay, name="pay"),
    path("shop/arrived/", shop_views.arrived, name="arrived"),
    path("shop/order/<slug:item>/", shop_views.order, name="order"),
    path("newsletter/", views.send_newsletter, name="newsletter"),
    path("mailbox/<slug:name>/", views.mail, name="mail"),
    path("mailbox/<slug:name>/html/", views.mail_html, name="mail_html"),
]
