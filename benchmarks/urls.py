"""The product's own addresses, and two trivial pages behind the same middleware."""

from __future__ import annotations

from django.urls import path

from benchmarks.base_trivial_page import bare, framed
from preference_center import urls as product

urlpatterns = [*product.urlpatterns, path("bench/bare/", bare), path("bench/framed/", framed)]
handler400, handler403, handler404, handler500 = product.handler400, product.handler403, product.handler404, product.handler500
