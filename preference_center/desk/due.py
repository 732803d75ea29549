"""What is to be done, on the desk's first page: what is late, what is due today and this week, and what waits for a hand. Each line leads
to where it is done. A line more than is shown is read of each sort, so that a long queue says so without being counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RoleChange
from brands.models import Brand
from catalogue.admin.of_brand import brand_of
from consents.models import Passing, Received
from data_requests.models import Request
from data_requests.tracking import left_in_words
from guardians.models import Dispute, GuardianClaim
from jobs.models import Job
from notifications.models import Campaign
from propagation.models import ApiKey, Endpoint
from regimes.confirmations import unconfirmed

MOST = 8  # lines of one sort
WEEK = timedelta(days=7)
KEYS_AHEAD = timedelta(days=14)  # before a key ends


@dataclass(frozen=True)
class Line:
    """`day`: when it is due; None where nothing but waiting is at stake. `clock`: how much time is left, in words."""

    what: str
    about: str
    url: str
    day: date | None = None
    clock: str = ""


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    lines: list[Line]


Sort = Callable[[Brand, date], Iterable[Line]]


def due(request: HttpRequest) -> list[Group]:
    """Late first, then today, this week, and what waits; of what this member of staff may see, and empty groups left out."""
    brand, today = brand_of(request), timezone.localdate()
    lines = [line for may, sort in SORTS if request.user.has_perm(may) for line in _cut(sort(brand, today))]
    groups = [
        Group("late", _("Late"), [line for line in lines if line.day is not None and line.day < today]),
        Group("today", _("Today"), [line for line in lines if line.day == today]),
        Group("week", _("This week"), [line for line in lines if line.day is not None and today < line.day <= today + WEEK]),
        Group("waits", _("Waits for a hand"), [line for line in lines if line.day is None]),
    ]
    return [replace(group, lines=sorted(group.lines, key=_by_day)) for group in groups if group.lines]


def _by_day(line: Line) -> date:
    return line.day or date.max


def _cut(lines: Iterable[Line]) -> list[Line]:
    """The first of them; where there are more, a line that says so and leads to the list."""
    found = list(lines)
    if len(found) <= MOST:
        return found
    last = found[MOST]
    return [*found[:MOST], replace(last, what=_("and more"), about="", url=last.url.rpartition("#")[0] or _list_of(last.url))]


def _list_of(url: str) -> str:
    """/desk/requests/request/7/ → /desk/requests/request/"""
    return "/".join(url.split("/")[:4]) + "/"


# ── The sorts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _late_requests(brand: Brand, today: date) -> Iterator[Line]:
    for each in Request.objects.filter(brand=brand).overdue(timezone.now()).order_by("until")[: MOST + 1]:
        yield _request(each, min(each.due or today, today - timedelta(days=1)), today)


def _soon_requests(brand: Brand, today: date) -> Iterator[Line]:
    for each in Request.objects.filter(brand=brand).due_within(today, WEEK.days).order_by("due", "pk")[: MOST + 1]:
        yield _request(each, each.due or today, today)


def _request(each: Request, day: date, today: date) -> Line:
    url = reverse("admin:requests_request_one", args=[each.pk])
    return Line(f"{each.number}: {each.get_kind_display()}", each.get_state_display(), url, day, left_in_words(each, today))


def _second_looks(brand: Brand, today: date) -> Iterator[Line]:
    """A refusal that takes two: somebody has proposed it."""
    proposed = Request.objects.filter(brand=brand).open().exclude(proposed_by="").order_by("until")[: MOST + 1]
    for each in proposed:
        yield Line(_("A refusal waits for a second look"), each.number, reverse("admin:requests_request_one", args=[each.pk]))


def _roles(brand: Brand, today: date) -> Iterator[Line]:
    for each in RoleChange.objects.at(brand).open().select_related("person").order_by("asked_at")[: MOST + 1]:
        yield Line(_("Roles wait for a second officer"), each.person.email, reverse("admin:colleagues"), clock=_since(each.asked_at, today))


def _guardians(brand: Brand, today: date) -> Iterator[Line]:
    claims = GuardianClaim.objects.for_the_desk().filter(guardian__brand=brand).defer("evidence").order_by("created_at")[: MOST + 1]
    for each in claims:
        yield Line(
            _("A guardian waits to be verified"), each.get_state_display(), reverse("admin:guardians_guardianclaim_one", args=[each.pk]),
            clock=_since(each.created_at, today),
        )  # fmt: skip


def _disputes(brand: Brand, today: date) -> Iterator[Line]:
    for each in Dispute.objects.open().filter(child__brand=brand).order_by("opened_at")[: MOST + 1]:
        about = _("proposed, waits for a second look") if each.proposal else _("nothing proposed yet")
        yield Line(_("A disputed family"), about, reverse("admin:guardians_dispute_changelist"), clock=_since(each.opened_at, today))


def _campaigns(brand: Brand, today: date) -> Iterator[Line]:
    stopped = Campaign.objects.filter(brand=brand, ended_at=None, paused_at__isnull=False).select_related("version")
    for each in stopped.order_by("paused_at")[: MOST + 1]:
        about = each.error or each.get_kind_display()
        title = _("Telling of version %(version)s is paused") % {"version": each.version.number}
        yield Line(title, about, reverse("admin:notifications_campaign_change", args=[each.pk]), clock=_since(each.paused_at, today))


def _untold(brand: Brand, today: date) -> Iterator[Line]:
    """Data that came from somebody else, and the person has not been told."""
    rows = Received.objects.at(brand.pk).filter(told_at=None, tell_by__lte=today + WEEK).select_related("customer").order_by("tell_by")
    for each in rows[: MOST + 1]:
        url = reverse("admin:consents_received_changelist")
        yield Line(_("Somebody must be told of data that came in"), each.customer.code, url, each.tell_by, _days(each.tell_by, today))


def _partners(brand: Brand, today: date) -> Iterator[Line]:
    for endpoint in Endpoint.objects.open().filter(partner__brand=brand, failing_since__isnull=False).order_by("failing_since")[: MOST + 1]:
        yield Line(
            _("A partner does not answer"), endpoint.url, reverse("admin:propagation_endpoint_changelist"),
            clock=_since(endpoint.failing_since, today),
        )  # fmt: skip


def _confirmations(brand: Brand, today: date) -> Iterator[Line]:
    late = Passing.objects.late(timezone.now()).filter(customer__brand=brand).order_by("confirm_by").first()
    if late is not None:
        day, url = timezone.localdate(late.confirm_by), reverse("admin:consents_passing_changelist")
        yield Line(_("Partners owe a confirmation"), late.recipient, url, min(day, today - timedelta(days=1)), _days(day, today))


def _keys(brand: Brand, today: date) -> Iterator[Line]:
    now = timezone.now()
    soon = ApiKey.objects.in_force(now).filter(partner__brand=brand, expires_at__lt=now + KEYS_AHEAD)
    for each in soon.order_by("expires_at")[: MOST + 1]:
        day = timezone.localdate(each.expires_at)
        line = Line(_("An API key ends"), str(each), reverse("admin:propagation_apikey_changelist"), day, _days(day, today))
        yield line if day <= today + WEEK else replace(line, day=None)


def _policies(brand: Brand, today: date) -> Iterator[Line]:
    for policy in brand.policies.all():
        read_by = policy.review_due()
        if read_by and read_by < timezone.now():
            day = timezone.localdate(read_by)
            about = _("“%(key)s” was to be read again by %(day)s") % {"key": policy.key, "day": date_format(day, "DATE_FORMAT")}
            yield Line(_("A policy waits to be read again"), about, reverse("admin:catalogue_policy_changelist"))


def _law(brand: Brand, today: date) -> Iterator[Line]:
    if waiting := len(unconfirmed()):
        text = ngettext("%(n)d value of the law is unconfirmed", "%(n)d values of the law are unconfirmed", waiting) % {"n": waiting}
        yield Line(text, _("each takes a source"), reverse("admin:regimes_confirmation_changelist"))


def _jobs(brand: Brand, today: date) -> Iterator[Line]:
    """Whose they are, no row says: background work is the installation's."""
    for each in Job.objects.filter(gave_up_at__isnull=False).order_by(F("gave_up_at").desc())[: MOST + 1]:
        yield Line(
            _("Background work was given up"), each.handler, reverse("admin:jobs_job_changelist"), clock=_since(each.gave_up_at, today)
        )


def _since(moment: Any, today: date) -> str:
    days = (today - timezone.localdate(moment)).days
    return ngettext("for %(n)d day", "for %(n)d days", days) % {"n": days} if days else _("since today")


def _days(day: date, today: date) -> str:
    left = (day - today).days
    if left < 0:
        return ngettext("%(n)d day late", "%(n)d days late", -left) % {"n": -left}
    return ngettext("%(n)d day left", "%(n)d days left", left) % {"n": left} if left else _("today")


# What one must be allowed to see, and what there is of it.
SORTS: tuple[tuple[str, Sort], ...] = (
    ("requests.view_request", _late_requests),
    ("requests.view_request", _soon_requests),
    ("requests.work_request", _second_looks),
    ("guardians.verify_guardian", _guardians),
    ("guardians.view_dispute", _disputes),
    ("consents.view_received", _untold),
    ("notifications.view_campaign", _campaigns),
    ("propagation.view_endpoint", _partners),
    ("consents.view_passing", _confirmations),
    ("propagation.view_apikey", _keys),
    ("catalogue.publish_policy", _policies),
    ("regimes.add_confirmation", _law),
    ("jobs.view_job", _jobs),
    ("accounts.give_roles", _roles),
)
