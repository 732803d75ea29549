"""The pages of customers at the desk. A record is opened by POST, with a reason that is written down; GET shows it only while open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import looking
from accounts.actions.looking import ANSWERS, RECORD, look, searched
from accounts.http import safe_next
from accounts.models import Customer
from brands.http import SeeOther
from catalogue.admin.of_brand import brand_of, by
from preference_center.desk.people.finding import Search, find
from preference_center.desk.people.forms import ACTS, FindForm, LookForm
from preference_center.desk.people.page import PersonPage, person_page, rows_of
from profiles.telling import told_page

may_look = permission_required("accounts.look_up_customer", raise_exception=True)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@may_look
def people(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The search. By POST: what is typed stands in no address, no log and no history of a browser."""
    form = FindForm(request.POST if request.method == "POST" else None)
    found: Search | None = None
    if form.is_bound and form.is_valid():
        try:
            found = find(brand_of(request), form.cleaned_data["typed"])
        except ValidationError as refused:
            form.add_error("typed", refused)
        else:
            searched(brand_of(request), by=by(request), kind=found.by, found=len(found.people))
    context = {**site.each_context(request), "title": _("Customers"), "form": form, "found": found}
    return TemplateResponse(request, "admin/people.html", context, status=422 if form.errors else 200)


@get_or_post
@may_look
def person(request: HttpRequest, code: str, site: AdminSite) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.at(brand_of(request)).select_related("brand", "person"), code=code)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act in {"look", ANSWERS}:
        return _open(request, customer, site, RECORD if act == "look" else ANSWERS)
    if not looking.is_open(request, customer):
        return _ask_why(request, customer, site, LookForm(initial=_meant(request)))
    if act == "close":
        looking.closed(request, customer)
        return SeeOther(reverse("desk:people"))
    return _record(request, customer, site, act)


def _open(request: HttpRequest, customer: Customer, site: AdminSite, what: str) -> HttpResponse:
    """The look is written down first; then the record is open, for this session and a while."""
    if what == ANSWERS and not looking.is_open(request, customer):
        return _ask_why(request, customer, site, LookForm())
    if looking.is_open(request, customer, what):
        return SeeOther(_onward(request, customer))  # twice is once
    form = LookForm(request.POST)
    if not form.is_valid():
        if what == ANSWERS:
            messages.error(request, _("Choose a reason first. The customer reads it."))
            return SeeOther(_address(customer))
        return _ask_why(request, customer, site, form)
    look(customer, by=by(request), reason=form.cleaned_data["reason"], note=form.cleaned_data["note"], what=what)
    looking.opened(request, customer, what)
    return SeeOther(_onward(request, customer))


def _ask_why(request: HttpRequest, customer: Customer, site: AdminSite, form: LookForm) -> HttpResponse:
    """Nothing about the customer stands here but the code that was typed or followed."""
    context = {
        **site.each_context(request), "title": _("Customer %(code)s") % {"code": customer.code}, "form": form, "code": customer.code,
        "next": safe_next(request, ""),
    }  # fmt: skip
    return TemplateResponse(request, "admin/person_closed.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, customer: Customer, site: AdminSite, act: str) -> HttpResponse:
    may_act = request.user.has_perm("accounts.record_for_customer")
    bound = None
    if request.method == "POST":
        bound = _bound(request, customer, act) if may_act else None
        if bound is None:
            return HttpResponse(status=403 if not may_act else 404)
        if bound.is_valid() and _done(request, bound):
            return SeeOther(_address(customer))
        where = format_html('<a href="#act-{}">{}</a>', act, bound.title)  # the page is long, and the form stands at its foot
        messages.error(request, format_html(_("Nothing was recorded. Something is missing, or cannot be: {form}"), form=where))
    page = person_page(customer, get_language() or "en", _before(request))
    context = {
        **site.each_context(request),
        "title": customer.name or _("Customer %(code)s") % {"code": customer.code},
        "page": page,
        "told": told_page(customer, get_language() or "en") if looking.is_open(request, customer, ANSWERS) else None,
        "look": LookForm(auto_id="answers_%s"),
        "forms": _forms(customer, page, act, bound) if may_act else [],
    }
    return TemplateResponse(request, "admin/person.html", context, status=422 if bound else 200)


def _bound(request: HttpRequest, customer: Customer, act: str) -> Any:
    """The form that was sent; None where there is none of that name."""
    if act not in ACTS:
        return None
    return ACTS[act](request.POST, request.FILES, customer=customer, rows=rows_of(customer, get_language() or "en"), auto_id=f"{act}_%s")


def _done(request: HttpRequest, form: Any) -> bool:
    try:
        messages.success(request, form.act(by(request)))
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True


def _forms(customer: Customer, page: PersonPage, act: str, bound: Any) -> list[tuple[str, Any]]:
    """Each act's form; the one that was refused as it was sent, and open."""
    made = {
        name: bound if bound is not None and name == act else build(customer=customer, rows=page.rows, auto_id=f"{name}_%s")
        for name, build in ACTS.items()
        if page.rows or name not in {"no", "yes"}
    }
    return [(name, form) for name, form in made.items() if form.is_of_use]


def _meant(request: HttpRequest) -> dict[str, str]:
    """Whoever comes from a request comes to work on it."""
    return {"reason": "request"} if "/requests/" in request.GET.get("next", "") else {}


def _before(request: HttpRequest) -> int | None:
    before = request.GET.get("before", "")
    return int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None


def _address(customer: Customer) -> str:
    return reverse("desk:person", args=[customer.code])


def _onward(request: HttpRequest, customer: Customer) -> str:
    return safe_next(request, _address(customer))


# (end of the address, view, name)
PAGES = (("", people, "people"), ("<str:code>/", person, "person"))
