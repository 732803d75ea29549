from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from brands.http import BrandRequest
from propagation.api.problems import CODES
from propagation.api.root import api, with_problems


@require_safe
def openapi(request: BrandRequest) -> JsonResponse:
    """OpenAPI 3.1; the same for everybody."""
    described = with_problems(api.get_openapi_schema(path_prefix="/api/v1/"))
    return JsonResponse(described, headers={"Cache-Control": "public, max-age=300"})


@require_safe
def problem(request: BrandRequest, code: str) -> HttpResponse:
    """What the `type` of a problem leads to: its words."""
    if code not in CODES:
        raise Http404
    status, title = CODES[code]
    return HttpResponse(
        f"{status} {code}: {title}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"}
    )
