"""The pages that show a draft: what publishing it does, and beside it the page that a customer will read."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from brands.languages import spoken
from brands.models import Brand
from catalogue import policies
from catalogue.admin.of_brand import brand_of, by
from catalogue.models import PolicyVersion, PurposeVersion
from catalogue.published import imagined
from preference_center.desk.preview import doing, reading, themes
from profiles.models import QuestionVersion
from profiles.published import imagined as imagined_question

see_purposes = permission_required("catalogue.view_purposeversion", raise_exception=True)
see_policies = permission_required("catalogue.view_policyversion", raise_exception=True)
see_questions = permission_required("profiles.view_questionversion", raise_exception=True)


@require_safe
@see_purposes
def purpose(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    draft = _draft(_purpose(request, pk))
    return _page(request, site, draft, doing.of_purpose(draft, by(request), counts=_counts(request)), "purpose")


@require_safe
@see_purposes
def purpose_as_read(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponseBase:
    return reading.purpose_page(request, brand_of(request), imagined(_purpose(request, pk)))


@require_safe
@see_policies
def policy_as_read(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponseBase:
    rows = PolicyVersion.objects.filter(policy__brand=brand_of(request)).select_related("policy__brand")
    return reading.policy_page(request, brand_of(request), policies.imagined(get_object_or_404(rows, pk=pk)))


@require_safe
@see_questions
def question(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    draft = _draft(_question(request, pk))
    return _page(request, site, draft, doing.of_question(draft, by(request), counts=_counts(request)), "question")


@require_safe
@see_questions
def question_as_read(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponseBase:
    return reading.question_page(request, brand_of(request), imagined_question(_question(request, pk)))


def _purpose(request: HttpRequest, pk: int) -> PurposeVersion:
    rows = PurposeVersion.objects.filter(purpose__brand=brand_of(request)).select_related("purpose__brand")
    found: PurposeVersion = get_object_or_404(rows, pk=pk)
    return found


def _question(request: HttpRequest, pk: int) -> QuestionVersion:
    rows = QuestionVersion.objects.filter(question__brand=brand_of(request)).select_related("question__brand", "purpose", "category")
    found: QuestionVersion = get_object_or_404(rows, pk=pk)
    return found


def _counts(request: HttpRequest) -> bool:
    return request.user.has_perm("consents.read_figures")


AnyDraft = TypeVar("AnyDraft", PurposeVersion, QuestionVersion)


def _draft(version: AnyDraft) -> AnyDraft:
    """Of what is published nothing is still to be done."""
    if version.number is not None:
        raise Http404
    return version


def _page(request: HttpRequest, site: AdminSite, draft: PurposeVersion | QuestionVersion, does: doing.Doing, kind: str) -> HttpResponse:
    brand = brand_of(request)
    whole = draft.purpose if isinstance(draft, PurposeVersion) else draft.question
    app, model = draft._meta.app_label, draft._meta.model_name
    context = {
        **site.each_context(request),
        "title": _("Before it is published: %(draft)s") % {"draft": draft},
        "draft": draft,
        "draft_url": reverse(f"desk:{app}_{model}_change", args=[draft.pk]),
        "as_read": reverse(f"desk:preview_{kind}_as_read", args=[draft.pk]),
        "written_in": _written_in(draft, brand),
        "does": does,
        "first": whole.newest is None,
    }
    return render(request, "admin/preview.html", context)


def _written_in(draft: PurposeVersion | QuestionVersion, brand: Brand) -> list[tuple[str, str]]:
    """(code, own name) of the brand's languages that the draft has words in."""
    has = set(draft.texts.values_list("language", flat=True))
    return [(code, name) for code, name in spoken(brand) if code in has]


# (end of the address, view, name)
PAGES = (
    ("purpose/<int:pk>/", purpose, "preview_purpose"),
    ("purpose/<int:pk>/as-read/", purpose_as_read, "preview_purpose_as_read"),
    ("policy/<int:pk>/as-read/", policy_as_read, "preview_policy_as_read"),
    ("question/<int:pk>/", question, "preview_question"),
    ("question/<int:pk>/as-read/", question_as_read, "preview_question_as_read"),
    *themes.PAGES,
)
