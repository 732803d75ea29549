from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseRedirectBase

from brands.models import Brand


class BrandRequest(HttpRequest):
    """A request to a brand's host: what every view behind `brands.middleware.brand` gets."""

    brand: Brand


class SeeOther(HttpResponseRedirectBase):
    """303: what was posted is done, here is the page about it. A reload repeats the page, not the act."""

    status_code = 303
