from __future__ import annotations

from django.urls import path

from data_requests import converters as converters  # its import registers <request_number:…> and <asker:…>
from data_requests.views import answering, appealing, asking, code, deleting, figures, following, one, own

app_name = "requests"
urlpatterns = [
    path("", own.hub, name="hub"),
    path("code/", code.code, name="code"),
    path("figures/", figures.page, name="figures"),
    path("figures/<int:year>/", figures.page, name="figures_of"),
    path("figures/<int:year>/csv/", figures.csv_file, name="figures_csv"),
    path("delete/", deleting.ask, name="delete"),
    path("delete/check/", deleting.check, name="delete_check"),
    path("limited/", asking.limited, name="limited"),
    path("agent/<request_number:mandate>/<slug:agent>/", following.mandate, name="mandate"),
    path("<asker:asker>/", asking.what, name="asking"),
    path("<asker:asker>/who/", asking.who, name="asking_who"),
    path("<asker:asker>/check/", asking.check, name="asking_check"),
    path("<request_number:reference>/", one.one, name="one"),
    path("<request_number:reference>/prove/", one.prove, name="prove"),
    path("<request_number:reference>/withdraw/", one.withdraw, name="withdraw"),
    path("<request_number:reference>/end-pause/", one.end_pause, name="end_pause"),
    path("<request_number:reference>/message/", one.message, name="message"),
    path("<request_number:reference>/file/", one.fetch, name="fetch"),
    path("<request_number:reference>/not-me/<slug:signature>/", one.not_me, name="not_me"),
    path("<request_number:reference>/keep/<slug:keeps>/", deleting.keep, name="keep"),
    path("<request_number:reference>/certificate/<slug:follows>/", following.certificate, name="certificate"),
    path("<request_number:reference>/answer/<slug:system>/", answering.answer, name="answer"),
    path("<request_number:reference>/appeal/", appealing.appeal, name="appeal"),
    path("<request_number:reference>/follow/<slug:follows>/", following.follow, name="follow"),
    path("<slug:kind>/", own.ask, name="ask"),
    path("<slug:kind>/check/", own.check, name="check"),
]
