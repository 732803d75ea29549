"""A brand's look before it is saved: a page of the center in the colours of the form, from a style sheet that is kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from brands import tokens
from brands.dress import dress
from brands.models import Brand, Theme
from catalogue.admin.of_brand import brand_of
from consents.screens import prospect_page
from preference_center.desk.forms import ThemeForm
from preference_center.desk.preview.reading import shown

may_restyle = permission_required("brands.change_theme", raise_exception=True)


@require_POST
@may_restyle
def theme(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """By POST, as the form sends it; nothing is saved."""
    brand = brand_of(request)
    form = _form(brand, request.POST)
    if not form.is_valid():
        context = {**site.each_context(request), "title": _("A preview"), "form": form, "theme": brand.theme}
        return render(request, "admin/preview_refused.html", context, status=422)
    values = {name: form.cleaned_data[name] for name in tokens.FORMS}
    sheet = f"{reverse('desk:preview_theme_css')}?{urlencode(values)}"
    look = replace(dress(brand), css_url=sheet, light_only=form.cleaned_data["light_only"])
    language = get_language() or brand.default_language
    page = prospect_page(brand, language)
    return shown(request, language, {"cards": [*page.optional, *page.fixed], "dress": look})


@require_safe
@may_restyle
def stylesheet(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Of the values in the address, if each is well-formed and all of it can be read; else there is none."""
    form = _form(brand_of(request), request.GET)
    if not form.is_valid():
        raise Http404
    css = tokens.stylesheet({name: form.cleaned_data[name] for name in tokens.FORMS})
    return HttpResponse(css, content_type="text/css; charset=utf-8")


def _form(brand: Brand, values: Mapping[str, Any]) -> ThemeForm:
    """Over a copy: a form writes into its row as soon as it is asked whether it is right."""
    kind = type("PreviewForm", (ThemeForm,), {"brand": brand})
    found: ThemeForm = kind(values, instance=Theme.objects.get(pk=brand.theme.pk))
    return found


# (end of the address, view, name)
PAGES = (("theme/", theme, "preview_theme"), ("theme.css", stylesheet, "preview_theme_css"))
