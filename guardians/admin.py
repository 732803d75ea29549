"""Families at the desk: guardians to verify, families that dispute who decides, and what a document puts right. Each act is one of
`guardians.actions`; where two people have to agree, they are two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from accounts import gates, looking, uploads
from accounts.actions import AddressTaken, NotAChild
from accounts.actions.looking import searched
from accounts.gates import NotYours
from accounts.links import masked
from accounts.models import Customer, Guardianship
from accounts.opening import closed
from accounts.sealed import unseal
from accounts.words import CLAIMS
from brands.http import SeeOther
from catalogue.admin.list_only import ListOnly
from catalogue.admin.of_brand import OfBrand, brand_of, by
from guardians import desk_forms
from guardians.actions.becoming import NotNow
from guardians.desk_forms import named
from guardians.methods import METHODS
from guardians.models import ChildPage, Dispute, GuardianClaim
from ledger.models import Entry

REFUSED: Mapping[type[Exception], Any] = {
    NotNow: gettext_lazy("it has changed by now, or it takes somebody else"),
    NotYours: gettext_lazy("no adult who decides for the child asks for it any more"),
    NotAChild: gettext_lazy("by this birth date they are of age, and nobody decides for them"),
    AddressTaken: gettext_lazy("that address belongs to another account here"),
}


class OfFamily(ListOnly, OfBrand):
    """A list, a page of its own behind each row, and no page of the stock admin."""

    actions = None

    def done(self, request: HttpRequest, form: Any, found: Any) -> bool:
        """Whether the form that was sent made sense. What its action refuses is told."""
        if form is None or not form.is_valid():
            return False
        try:
            form.act(found, by(request))
        except tuple(REFUSED) as refused:
            self.message_user(request, gettext("That is not possible: %(why)s.") % {"why": REFUSED[type(refused)]}, messages.ERROR)
        else:
            self.message_user(request, gettext("Done."))
        return True

    def closed(self, request: HttpRequest, people: Iterable[Customer], title: str) -> HttpResponse | None:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        return closed(request, people, by=by(request), reason="family", template="admin/family_closed.html", context=context)

    def answer(self, request: HttpRequest, template: str, context: dict[str, Any], *, sent: bool) -> HttpResponse:
        """What was sent and makes no sense comes back with what is wrong with it."""
        around = {**self.admin_site.each_context(request), "opts": self.model._meta}
        return TemplateResponse(request, f"admin/{template}", around | context, status=422 if sent else 200)


def act_of(request: HttpRequest, may: bool) -> str:
    return request.POST.get("act", "") if request.method == "POST" and may else ""


# ── Guardians to verify ─────────────────────────────────────────────────────────────────────────────────────────────


class Movable(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", gettext("All that are open")), ("all", gettext("All, decided ones too"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext("What an agent can move on")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        claims = GuardianClaim.objects.open() if self.value() == "open" else GuardianClaim.objects.for_the_desk()
        return queryset.filter(pk__in=claims.values("pk"))


class ClaimAdmin(OfFamily):
    brand_path = "guardian__brand"
    list_display = ("adult", "way", "parenthood", "state", "since")
    list_filter = (Movable,)
    hides_some = True  # without a choice: what is decided
    list_select_related = ("guardian",)
    ordering = ("created_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GuardianClaim]:
        """Without what was shown, which is large and for one page."""
        return super().get_queryset(request).defer("evidence")

    def may_verify(self, request: HttpRequest) -> bool:
        return request.user.has_perm("guardians.verify_guardian")

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
            path("child/", wrapped(self.find), name="guardians_guardianclaim_find"),
            path("child/<slug:code>/", wrapped(self.child), name="guardians_guardianclaim_child"),
            path("<int:pk>/", wrapped(self.one), name="guardians_guardianclaim_one"),
            path("<int:pk>/evidence/", wrapped(self.evidence), name="guardians_guardianclaim_evidence"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "may_verify": self.may_verify(request)})

    @admin.display(description=gettext_lazy("Adult"))
    def adult(self, claim: GuardianClaim) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:guardians_guardianclaim_one", args=[claim.pk]), named(claim.guardian))

    @admin.display(description=gettext_lazy("Method"))
    def way(self, claim: GuardianClaim) -> str:
        return way(claim.method)

    @admin.display(description=gettext_lazy("Says that they are"))
    def parenthood(self, claim: GuardianClaim) -> str:
        return parenthood(claim.claim)

    @admin.display(description=gettext_lazy("Since"))
    def since(self, claim: GuardianClaim) -> datetime:
        return claim.created_at

    # ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One claim: who says what, what there is to compare it with, and what can be done."""
        found, may = self._found(request, pk), self.may_verify(request)
        if (first := self.closed(request, [found.guardian, *_here(found)], gettext("A guardian to verify"))) is not None:
            return first
        act = act_of(request, may)
        forms = desk_forms.of_claim(found, request.POST, act) if may else {}
        if self.done(request, forms.get(act), found):
            return SeeOther(request.path)
        contact = found.guardian.contacts.proven().filter(channel="email").first()
        context = {
            "title": named(found.guardian),
            "found": found,
            "address": masked(contact.address) if contact else "",
            "parenthood": parenthood(found.claim),
            "way": way(found.method),
            "inviter": named(found.invitation.invited_by) if found.invitation and found.invitation.invited_by else "",
            "new": _to_be(found) if may else None,
            "may_verify": may,
            "children": [(child, adults(child)) for child in _here(found)],
            "has_form": may and found.decided_at is None and bool(found.evidence_sha256),
            "forms": forms.items(),
        }
        return self.answer(request, "guardian_claim.html", context, sent=bool(act))

    def evidence(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The signed form, as a file for whoever has to look at it: never shown in place, never kept by a browser."""
        found = self._found(request, pk)
        if not self.may_verify(request) or not found.evidence:
            raise Http404
        if not looking.is_open(request, found.guardian):
            return SeeOther(reverse("admin:guardians_guardianclaim_one", args=[found.pk]))
        content, kind = uploads.opened(found.evidence)
        name = f"form-{found.guardian.code}.{'pdf' if kind == 'application/pdf' else 'jpg'}"
        return HttpResponse(content, content_type=kind, headers=AS_A_FILE | {"Content-Disposition": f'attachment; filename="{name}"'})

    def _found(self, request: HttpRequest, pk: int) -> GuardianClaim:
        if not self.has_view_permission(request):
            raise Http404
        rows = self.get_queryset(request).select_related("guardian__brand", "invitation__invited_by")
        found: GuardianClaim = get_object_or_404(rows, pk=pk)
        return found

    def find(self, request: HttpRequest) -> HttpResponse:
        """By POST: what somebody was found by stays out of the addresses that a server notes."""
        if not self.may_verify(request):
            raise Http404
        form = desk_forms.FindForm(request.POST if request.method == "POST" else None, brand=brand_of(request))
        if form.is_bound and form.is_valid():
            searched(brand_of(request), by=by(request), kind="child", found=1)
            return SeeOther(reverse("admin:guardians_guardianclaim_child", args=[form.cleaned_data["child"].code]))
        context = {"title": gettext("A child’s birth date or address"), "form": form}
        return self.answer(request, "guardian_find.html", context, sent=form.is_bound)

    def child(self, request: HttpRequest, code: str) -> HttpResponse:
        """One child: what a document puts right, and whether an address is theirs."""
        found = desk_forms.child_of(brand_of(request), code) if self.may_verify(request) else None
        if found is None:
            raise Http404
        if (first := self.closed(request, [found], gettext("A child"))) is not None:
            return first
        act = act_of(request, may=True)
        forms = desk_forms.of_child(found, request.POST, act)
        if self.done(request, forms.get(act), found):
            return SeeOther(request.path)
        page = ChildPage.objects.filter(child=found, asked_at__isnull=False).first()
        context = {
            "title": named(found),
            "found": found,
            "adults": adults(found),
            "asked_at": page.asked_at if page else None,
            "address": unseal(page.sealed)["to"] if page else "",
            "forms": forms.items(),
        }
        return self.answer(request, "guardian_child.html", context, sent=bool(act))


# Every page of the desk says no-store and nosniff. Where a browser opens the file nevertheless, it may do nothing.
AS_A_FILE = {"Content-Security-Policy": "sandbox; default-src 'none'"}


def way(method: str) -> str:
    return str(METHODS[method].title) if method in METHODS else method


def parenthood(claim: str) -> str:
    return gettext(CLAIMS[claim]) if claim in CLAIMS else claim


def adults(child: Customer) -> list[str]:
    return [named(tie.guardian) for tie in gates.guardians_of(child)]


def _to_be(claim: GuardianClaim) -> dict[str, Any] | None:
    """The child who is not here yet, as the adult wrote it."""
    if not claim.sealed:
        return None
    said = unseal(claim.sealed)
    return {"name": said["name"], "birth_date": date.fromisoformat(said["birth_date"])}


def _here(claim: GuardianClaim) -> QuerySet[Customer]:
    return Customer.objects.at(claim.guardian.brand).filter(subject__in=claim.children).order_by("pk")


# ── Disputed families ───────────────────────────────────────────────────────────────────────────────────────────────


class DisputeAdmin(OfFamily):
    brand_path = "child__brand"
    list_display = ("page", "opened_at", "proposal", "settled_at")
    list_select_related = ("child",)
    ordering = (F("settled_at").desc(nulls_first=True), "opened_at", "pk")

    def may_open(self, request: HttpRequest) -> bool:
        return request.user.has_perm("guardians.add_dispute")

    def may_work(self, request: HttpRequest) -> bool:
        return request.user.has_perm("guardians.change_dispute")

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
            path("open/", wrapped(self.open), name="guardians_dispute_open"),
            path("<int:pk>/", wrapped(self.one), name="guardians_dispute_one"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "may_open": self.may_open(request)})

    @admin.display(description=gettext_lazy("Child"))
    def page(self, dispute: Dispute) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:guardians_dispute_one", args=[dispute.pk]), named(dispute.child))

    # ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, request: HttpRequest) -> HttpResponse:
        if not self.may_open(request):
            raise Http404
        form = desk_forms.OpenForm(request.POST if request.method == "POST" else None, brand=brand_of(request))
        if form.is_bound and form.is_valid():
            found = form.open(by(request))
            self.message_user(request, gettext("Noted. Until it is settled, adults can only turn things off."))
            return SeeOther(reverse("admin:guardians_dispute_one", args=[found.pk]))
        context = {"title": gettext("Who decides for a child is contested"), "form": form}
        return self.answer(request, "dispute_open.html", context, sent=form.is_bound)

    def one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One dispute: who decides so far, what was proposed, and what can be done."""
        if not self.has_view_permission(request):
            raise Http404
        rows = self.get_queryset(request).select_related("child__brand", "tie__guardian")
        found: Dispute = get_object_or_404(rows, pk=pk)
        if (first := self.closed(request, [found.child], gettext("A disputed family"))) is not None:
            return first
        ties, may = gates.guardians_of(found.child), self.may_work(request)
        act = act_of(request, may)
        forms = desk_forms.of_dispute(found, ties, request.POST, act) if may else {}
        if self.done(request, forms.get(act), found):
            return SeeOther(request.path)
        context = {
            "title": named(found.child),
            "found": found,
            "adults": [_in_force(tie) for tie in ties],
            "ends": named(found.tie.guardian) if found.tie else "",
            "steps": list(_steps(found)),
            "forms": forms.items(),
        }
        return self.answer(request, "dispute.html", context, sent=bool(act))


def _in_force(tie: Guardianship) -> dict[str, Any]:
    return {
        "name": named(tie.guardian), "parenthood": parenthood(tie.parenthood_claim), "since": tie.started_at,
        "way": way(tie.adulthood_method), "frozen_at": tie.frozen_at,
    }  # fmt: skip


def _steps(dispute: Dispute) -> Iterator[tuple[datetime, str]]:
    """What happened since it was opened, as the child's chain has it."""
    yield dispute.opened_at, gettext("Opened")
    told = Entry.objects.filter(subject=dispute.child.subject, kind__in=STEPS, recorded_at__gte=dispute.opened_at)
    if dispute.settled_at is not None:
        told = told.filter(recorded_at__lte=dispute.settled_at)
    for entry in told.order_by("seq"):
        what = Dispute.Proposal(entry.act["proposal"]).label
        yield entry.recorded_at, STEPS[entry.kind] % {"what": what}


STEPS: Mapping[str, Any] = {
    "dispute.proposed": gettext_lazy("Proposed: %(what)s"),
    "dispute.settled": gettext_lazy("Settled: %(what)s"),
}

ADMINS: tuple[tuple[type[Any], type[OfFamily]], ...] = ((GuardianClaim, ClaimAdmin), (Dispute, DisputeAdmin))
