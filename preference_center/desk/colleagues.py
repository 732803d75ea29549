"""Colleagues: who works at the desk with which roles, what waits for a second officer, and the way out for whoever leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actions import colleagues
from accounts.actions.colleagues import AsTheyAre, NotGiven, NotYourself
from accounts.colleagues import STAFF
from accounts.models import Person, Role, RoleChange
from brands.http import SeeOther
from catalogue.admin.of_brand import brand_of, by

may_give = permission_required("accounts.give_roles", raise_exception=True)

# The roles that come with the product, in the words of the desk; an operator's own groups keep their names.
ROLES = {
    "agent": gettext_lazy("Agent: helps customers"), "editor": gettext_lazy("Editor: writes drafts"),
    "officer": gettext_lazy("Officer: answers for it"), "auditor": gettext_lazy("Auditor: reads, changes nothing"),
}  # fmt: skip


SHORT = {
    "agent": pgettext_lazy("role", "agent"), "editor": gettext_lazy("editor"), "officer": gettext_lazy("officer"),
    "auditor": gettext_lazy("auditor"),
}  # fmt: skip


def in_words(roles: Iterable[str]) -> str:
    """A role that somebody made besides ours by its own name."""
    return ", ".join(str(SHORT.get(name, name)) for name in sorted(roles))


class RolesForm(forms.Form):
    address = forms.EmailField(label=gettext_lazy("Email address they sign in with"), max_length=254)
    known_as = forms.CharField(label=gettext_lazy("Name that customers read"), max_length=colleagues.LONGEST_NAME, required=False)
    roles = forms.MultipleChoiceField(label=gettext_lazy("Roles"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["roles"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, ROLES.get(name, name)) for name in Group.objects.order_by("name").values_list("name", flat=True)]


@require_http_methods(["GET", "HEAD", "POST"])
@may_give
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    act, form = request.POST.get("act", ""), RolesForm()
    if act == "ask":
        form = RolesForm(request.POST)
        if form.is_valid() and _ask(request, form):
            return SeeOther(request.path)
    elif request.method == "POST":
        return _decide(request, act)
    brand = brand_of(request)
    roles = Prefetch("roles", Role.objects.at(brand).select_related("group"))
    staff = Person.objects.at_desk_of(brand).prefetch_related(roles).order_by("email")
    waiting = list(RoleChange.objects.at(brand).open().select_related("person").order_by("pk"))
    askers = _askers(waiting)
    context = {
        **site.each_context(request),
        "title": _("Colleagues"),
        "form": form,
        "staff": [(each, in_words(role.group.name for role in each.roles.all())) for each in staff],
        "waiting": [(each, in_words(each.roles), askers.get(each.asked_by, "–"), each.asked_by == by(request)) for each in waiting],
        "me": request.user.pk,
    }
    return TemplateResponse(request, "admin/colleagues.html", context, status=422 if form.errors else 200)


def _askers(waiting: Iterable[RoleChange]) -> dict[str, str]:
    """Addresses, by actor."""
    references = [each.asked_by.removeprefix(STAFF) for each in waiting]
    known = Person.objects.filter(reference__in=references).values_list("reference", "email")
    return {f"{STAFF}{reference}": address for reference, address in known}


def _ask(request: HttpRequest, form: RolesForm) -> bool:
    said = form.cleaned_data
    try:
        asked = colleagues.ask_for_roles(
            brand_of(request), said["address"], said["roles"], known_as=said["known_as"], by=by(request)
        )  # fmt: skip
    except ValidationError as refused:
        form.add_error("address", refused)
    except NotYourself:
        form.add_error(None, _("Nobody changes their own roles."))
    except AsTheyAre:
        form.add_error(None, _("These are their roles already."))
    except NotGiven:
        form.add_error(None, _("A change of this colleague’s roles waits already."))
    else:
        messages.success(request, _("Asked. Another officer has to confirm it.") if asked else _("Done: they have fewer roles at once."))
        if asked and not _another_officer(request):
            messages.warning(request, _("There is no other officer here yet. Whoever runs this site appoints one."))
        return True
    return False


def _another_officer(request: HttpRequest) -> bool:
    others = Role.objects.at(brand_of(request)).exclude(person=request.user.pk)
    return others.filter(group__permissions__codename="give_roles", person__is_active=True).exists()


def _decide(request: HttpRequest, act: str) -> HttpResponse:
    brand = brand_of(request)
    try:
        if act in {"give", "refuse"}:
            change = get_object_or_404(RoleChange.objects.at(brand), pk=_number(request, "change"))
            colleagues.decide_roles(brand, change, give=act == "give", by=by(request))
        elif act == "suspend":
            person = get_object_or_404(Person.objects.at_desk_of(brand), pk=_number(request, "person"))
            colleagues.suspend(brand, person, by=by(request))
        else:
            return HttpResponse(status=404)
    except NotYourself:
        messages.error(request, _("That takes somebody else."))
    else:
        messages.success(request, _("Done."))
    return SeeOther(reverse("desk:colleagues"))


def _number(request: HttpRequest, name: str) -> int:
    said = request.POST.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0


# (end of the address, view, name)
PAGES = (("", page, "colleagues"),)
