from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from brands import gallery
from brands.dress import dress
from brands.http import BrandRequest

FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def stylesheet(request: BrandRequest, key: str, digest: str) -> HttpResponse:
    """The brand's tokens. An address of an earlier look still gets the present one, but is not kept."""
    if key != request.brand.key:
        raise Http404
    css = dress(request.brand).css
    return _file(request, css.encode(), "text/css; charset=utf-8", digest)


@require_safe
def logo(request: BrandRequest, key: str, digest: str) -> HttpResponse:
    if key != request.brand.key:
        raise Http404
    found = get_object_or_404(request.brand.logos, sha256__startswith=digest)
    return _file(request, bytes(found.png), "image/png", digest)


def _file(request: BrandRequest, content: bytes, content_type: str, digest: str) -> HttpResponse:
    sha256 = hashlib.sha256(content).hexdigest()
    etag = f'"{sha256[:32]}"'
    known = request.headers.get("If-None-Match") == etag
    response = HttpResponse(status=304) if known else HttpResponse(content, content_type=content_type)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER if sha256.startswith(digest) else "no-cache"
    return response


@require_safe
def styleguide(request: BrandRequest) -> HttpResponse:
    """Every component in every state: for designers and for the accessibility tests. Not for customers."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    return render(request, "styleguide.html", gallery.everything())
