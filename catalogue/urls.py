from __future__ import annotations

from django.urls import path

from catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("policy/", views.policy, name="policy"),
    path("policy/<int:number>/", views.policy_version, name="policy_version"),
    path("policy/<int:number>.json", views.policy_json, name="policy_json"),
    path("policy/<int:number>.jsonld", views.policy_jsonld, name="policy_jsonld"),
    path("policy/<int:old>...<int:new>/", views.policy_compare, name="policy_compare"),
]
