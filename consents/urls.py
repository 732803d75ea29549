from __future__ import annotations

from django.urls import path

from consents.views import choices, history, links, opting_in, practices, privacy_choices, prospects, signal, taste

app_name = "consents"
urlpatterns = [
    path("choices/", choices.choices, name="choices"),
    path("choices/undo/", choices.undo, name="undo"),
    path("choices/deny-all/", choices.deny_all, name="deny_all"),
    path("choices/marketing/", choices.marketing, name="marketing"),
    path("choices/taste/", taste.save, name="taste"),
    path("choices/address/", prospects.address, name="address"),
    path("choices/address/code/", prospects.code, name="address_code"),
    path("choices/<slug:purpose>/", choices.decide, name="decide"),
    path("choices/<slug:purpose>/<slug:channel>/", choices.decide, name="decide_channel"),
    path("how-we-use-data/", practices.practices, name="practices"),
    path("how-we-use-data.csv", practices.csv_file, name="practices_csv"),
    path("how-we-use-data.jsonld", practices.jsonld_file, name="practices_jsonld"),
    path("yes/<str:token>/", opting_in.page, name="opt_in"),
    path("signal/", signal.take, name="signal"),
    path("privacy-choices/", privacy_choices.page, name="privacy_choices"),
    path("u/<str:token>/", links.link, name="link"),
    path("history/", history.record, name="history"),
    path("history/<uuid:receipt>/", history.receipt, name="receipt"),
    path("history/<uuid:receipt>.json", history.receipt_json, name="receipt_json"),
    path("history/<uuid:receipt>.jsonld", history.receipt_jsonld, name="receipt_jsonld"),
]
