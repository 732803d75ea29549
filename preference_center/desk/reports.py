"""What is handed to a regulator, or asked for by an auditor: logs as files, the self-check, and the ledger verified from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import looking
from accounts.actions.looking import taken_away
from accounts.models import Customer, Person
from brands.http import SeeOther
from brands.models import Brand
from brands.sheets import csv_lines
from catalogue.admin.of_brand import brand_of, by
from catalogue.self_check import gaps
from data_requests.models import Request
from data_requests.refusals import GROUNDS
from jobs.actions import enqueue
from jobs.models import Job
from ledger.models import Entry, Log, Verification
from preference_center.desk.jobs import in_words
from preference_center.desk.proof import consent_proof

may_read = permission_required("catalogue.read_record_of_processing", raise_exception=True)
VERIFIED = 10  # the newest
VERIFY = "desk.verify_ledger"
OF_THE_DESK = {"desk.viewed": "page", "desk.taken_away": "what"}  # kinds about no customer: the field that says about what


@require_safe
@may_read
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    reading = _reading()
    context = {
        **site.each_context(request),
        "title": _("Reports"),
        "gaps": gaps(brand_of(request), timezone.now()),
        "verifications": list(Verification.objects.all()[:VERIFIED]),
        "reading": reading,
        "how_far": in_words(reading) if reading else "",
        "now_at": Log.objects.get(pk=1).position,
    }
    return render(request, "admin/reports.html", context)


# ── The ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@permission_required("ledger.view_entry", raise_exception=True)
def verify(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """One reading at a time: asked for again while one goes on, that one is shown."""
    if _reading():
        messages.info(request, _("The ledger is being read already."))
    else:
        with transaction.atomic():
            asked = Verification.objects.create(asked_by=by(request), position=Log.objects.get(pk=1).position)
            enqueue(VERIFY, {"verification": asked.pk}, total=2 * asked.position)  # in two readings
        messages.success(request, _("The whole ledger is read in the background. The outcome stands here when it is done."))
    return SeeOther(f"{reverse('desk:reports')}#ledger")


def _reading() -> Job | None:
    """A reading whose job was given up is over."""
    return Job.objects.open().filter(handler=VERIFY).first()


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@permission_required("consents.export_proof", raise_exception=True)
def proof(request: HttpRequest, code: str, site: AdminSite) -> HttpResponse:
    """Of somebody whose record is open. They read that it was taken out."""
    customer = get_object_or_404(Customer.objects.at(brand_of(request)).select_related("brand"), code=code)
    if not looking.is_open(request, customer):
        return SeeOther(reverse("desk:person", args=[customer.code]))
    taken_away(customer.subject, customer.brand, by=by(request), what="proof")
    response = HttpResponse(consent_proof(customer, timezone.now()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="proof-{customer.code}.zip"'
    return response


@require_POST
@permission_required("requests.export_log", raise_exception=True)
def request_log(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """What 11 CCR 7101 asks to be kept: the day, the kind, how it came, when and how it was answered, and the ground of a refusal."""
    brand = brand_of(request)
    taken_away(brand.subject, brand, by=by(request), what="request_log")
    columns = ["number", "kind", "received_on", "how_it_came", "state", "answered_on", "ground", "law", "due"]
    return _file("requests.csv", columns, _logged(brand))


def _logged(brand: Brand) -> Iterator[list[str]]:
    for each in Request.objects.filter(brand=brand).order_by("pk").iterator(1000):
        ground = GROUNDS.get(each.ground)
        yield [
            each.number, each.kind, each.received_on.isoformat(), each.via, each.state,
            timezone.localdate(each.closed_at).isoformat() if each.closed_at else "", each.ground, ground.law if ground else "",
            each.due.isoformat() if each.due else "",
        ]  # fmt: skip


@require_POST
@permission_required("ledger.view_entry", raise_exception=True)
def audit(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """What people of the desk did at this brand: when, who, what sort of act, and the number of its entry. Nothing of its content, but
    which page was opened and what was taken away."""
    brand = brand_of(request)
    taken_away(brand.subject, brand, by=by(request), what="audit")
    return _file("audit.csv", ["recorded_at", "who", "kind", "about", "number"], _acts(brand))


def _acts(brand: Brand) -> Iterator[list[str]]:
    acting = {actor.removeprefix("staff:") for actor in _staff_of(brand).values_list("actor", flat=True).distinct()}
    known = Person.objects.filter(reference__in=acting).values_list("reference", "email")  # who has left, too
    names = {f"staff:{reference}": email for reference, email in known}
    for entry in _staff_of(brand).defer("salt").order_by("id").iterator(1000):
        about = entry.act[OF_THE_DESK[entry.kind]] if entry.kind in OF_THE_DESK and entry.payload else ""
        yield [timezone.localtime(entry.recorded_at).isoformat(), names.get(entry.actor, entry.actor), entry.kind, about, entry.number]


def _staff_of(brand: Brand) -> QuerySet[Entry]:
    """By the index of actors: "staff;" comes right after all that begins with "staff:"."""
    return Entry.objects.filter(actor__gte="staff:", actor__lt="staff;", brand=brand.key)


def _file(name: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# (end of the address, view, name)
PAGES: tuple[tuple[str, Any, str], ...] = (
    ("", page, "reports"), ("verify/", verify, "reports_verify"), ("requests/", request_log, "reports_requests"),
    ("audit/", audit, "reports_audit"), ("proof/<str:code>/", proof, "reports_proof"),
)  # fmt: skip
