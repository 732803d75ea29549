from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from brands.http import BrandRequest
from catalogue import compared, policies
from catalogue.policies import Line
from catalogue.policy_jsonld import policy_jsonld as linked_data


@require_safe
def policy(request: BrandRequest) -> HttpResponse:
    """The version in force; before the first comes into force, that one."""
    versions = policies.lines(request.brand)
    line = policies.in_force(versions, timezone.now())
    if line is None:
        return render(request, "catalogue/no_policy.html")
    return _read(request, versions, line)


@require_safe
def policy_version(request: BrandRequest, number: int) -> HttpResponse:
    versions = policies.lines(request.brand)
    return _read(request, versions, _line(versions, number), permanent=True)


@require_safe
def policy_json(request: BrandRequest, number: int) -> HttpResponse:
    """The very bytes that were hashed: their SHA-256 is the fingerprint on the page."""
    return HttpResponse(policies.stored(_line(policies.lines(request.brand), number)), content_type="application/json")


@require_safe
def policy_jsonld(request: BrandRequest, number: int) -> HttpResponse:
    line = _line(policies.lines(request.brand), number)
    address = request.build_absolute_uri(reverse("catalogue:policy_version", args=[number]))
    return HttpResponse(linked_data(request.brand, line, address), content_type="application/ld+json")


@require_safe
def policy_compare(request: BrandRequest, old: int, new: int) -> HttpResponse:
    """Two versions side by side, the older one first at one address only."""
    versions = policies.lines(request.brand)
    was, now = _line(versions, old), _line(versions, new)
    if old == new:
        return redirect("catalogue:policy_version", number=new)
    if old > new:
        return redirect("catalogue:policy_compare", old=new, new=old)
    found = policies.comparison(was, now, get_language() or "", request.brand.default_language)
    moment = timezone.now()
    context = {
        "old": was,
        "new": now,
        "old_when": was.when(moment),
        "new_when": now.when(moment),
        "comparison": found,
        "counted": compared.counted(found),
        "parts": compared.parts(found),
    }
    return render(request, "catalogue/policy_compare.html", context)


def _read(request: BrandRequest, versions: list[Line], line: Line, *, permanent: bool = False) -> HttpResponse:
    moment = timezone.now()
    coming = next((each for each in reversed(versions) if each.number > line.number and each.in_force_from > moment), None)
    context = {
        "text": policies.text(line, get_language() or "", request.brand.default_language),
        "line": line,
        "when": line.when(moment),
        "stands": line.stands(moment),
        "permanent": permanent,
        "coming": coming,
        "coming_when": coming.when(moment) if coming else "",
        "versions": [_row(each, line, moment) for each in versions],
    }
    return render(request, "catalogue/policy.html", context)


def _row(each: Line, shown: Line, moment: datetime) -> dict[str, Any]:
    older, newer = sorted((each.number, shown.number))
    compare = reverse("catalogue:policy_compare", args=[older, newer]) if older != newer else ""
    return {"number": each.number, "day": each.day, "when": each.when(moment), "shown": each == shown, "compare": compare}


def _line(versions: list[Line], number: int) -> Line:
    found = next((line for line in versions if line.number == number), None)
    if found is None:
        raise Http404
    return found
