from __future__ import annotations

from django.urls import path

from consents.views import choices, history

app_name = "consents"
urlpatterns = [
    path("choices/", choices.choices, name="choices"),
    path("choices/undo/", choices.undo, name="undo"),
    path("choices/deny-all/", choices.deny_all, name="deny_all"),
    path("choices/marketing/", choices.marketing, name="marketing"),
    path("choices/<slug:purpose>/", choices.decide, name="decide"),
    path("choices/<slug:purpose>/<slug:channel>/", choices.decide, name="decide_channel"),
    path("history/", history.record, name="history"),
    path("history/<uuid:receipt>/", history.receipt, name="receipt"),
    path("history/<uuid:receipt>.json", history.receipt_json, name="receipt_json"),
    path("history/<uuid:receipt>.jsonld", history.receipt_jsonld, name="receipt_jsonld"),
]
