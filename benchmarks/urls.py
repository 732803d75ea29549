"""The product's own addresses, and baselines behind the same middleware."""

from __future__ import annotations

from django.urls import path

from benchmarks.base_keyed_row import keyed_row
from benchmarks.base_trivial_page import bare, framed
from preference_center import urls as product

urlpatterns = [*product.urlpatterns, path("bench/bare/", bare), path("bench/framed/", framed), path("api/bench/<int:pk>/", keyed_row)]
handler400, handler403, handler404, handler500 = product.handler400, product.handler403, product.handler404, product.handler500
