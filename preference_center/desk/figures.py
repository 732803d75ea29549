"""The figures of a brand: charts with the tables they were drawn from, and each table as a file. Read from roll-ups, never counted here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_safe

from brands.models import Brand
from brands.sheets import csv_lines
from catalogue.admin.of_brand import brand_of
from consents import figures
from consents.parity import WAYS
from consents.words import where_words
from data_requests import figures as request_figures
from ledger.models import Cursor, Log, Verification
from notifications.models import Campaign
from preference_center.desk.charts import Series, line_chart
from propagation.models import Endpoint

may_read = permission_required("consents.read_figures", raise_exception=True)
SPANS = {"90": 90, "365": 365, "1095": 1095}  # days that a chart reaches back
HIDDEN = "<10"
CAMPAIGNS = 12  # the newest
DELIVERIES = 500  # the newest of each partner
VERIFIED = 3  # the newest


@dataclass(frozen=True)
class Table:
    """`columns` and rows of text, as page and file show them."""

    key: str
    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""
    chart: SafeString = SafeString("")
    may: tuple[str, ...] = ()  # what one must be allowed to see besides the figures


@require_safe
@may_read
def page(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    brand = brand_of(request)
    standing = figures.standing(brand)
    purpose, channel = _chosen(request, standing)
    span = SPANS.get(request.GET.get("days", ""), SPANS["90"])
    tables = [table for table in _tables(brand, standing, purpose, channel, span) if request.user.has_perms(table.may)]
    wanted = request.GET.get("csv", "")
    if wanted:
        return _file(next((table for table in tables if table.key == wanted), None))
    context = {
        **site.each_context(request),
        "title": _("Figures"),
        "tables": tables,
        "uses": [(f"{each.purpose}/{each.channel}", _title(each)) for each in standing],
        "use": f"{purpose}/{channel}",
        "spans": [(key, _("%(days)d days") % {"days": days}, days == span) for key, days in SPANS.items()],
        "days": str(span),
        "behind": Log.objects.get(pk=1).position - _position(),
    }
    return render(request, "admin/figures.html", context)


def _chosen(request: HttpRequest, standing: list[figures.Standing]) -> tuple[str, str]:
    """What the chart is of: as asked, where there is such a use; else the first."""
    asked = request.GET.get("use", "")
    known = [(each.purpose, each.channel) for each in standing]
    found = next((each for each in known if f"{each[0]}/{each[1]}" == asked), None)
    return found or (known[0] if known else ("", ""))


def _position() -> int:
    cursor = Cursor.objects.filter(follower="figures").first()
    return cursor.position if cursor else 0


def _file(table: Table | None) -> HttpResponseBase:
    if table is None:
        return HttpResponse(status=404)
    response = StreamingHttpResponse(csv_lines(table.columns, table.rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.key}.csv"'
    return response


# ── The tables ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _tables(brand: Brand, standing: list[figures.Standing], purpose: str, channel: str, span: int) -> Iterable[Table]:
    until = timezone.localdate()
    since = until - timedelta(days=span - 1)
    yield _now(standing)
    if purpose:
        yield _course(brand, next(each for each in standing if (each.purpose, each.channel) == (purpose, channel)), since, until)
        yield _shares(brand, "language", _("By language"), since, until, purpose, channel)
        yield _shares(brand, "place", _("By place"), since, until, purpose, channel)
    yield _after_mails(brand)
    yield _requests(brand)
    yield _partners(brand)
    yield _parity()
    yield _verified()


def _now(standing: list[figures.Standing]) -> Table:
    columns = [_("Use"), _("Allowed"), _("Not allowed"), _("Not decided")]
    rows = [[_title(each), *_cells(each.allowed, each.refused, each.undecided)] for each in standing]
    return Table("standing", _("How people stand"), columns, rows, _("A child counts by the words of each who decides."))


def _course(brand: Brand, use: figures.Standing, since: date, until: date) -> Table:
    points = figures.over_time(brand, use.purpose, use.channel, since, until)
    labels = [date_format(point.day, "SHORT_DATE_FORMAT") for point in points]
    series = [
        Series(_("Allowed"), "yes", [point.allowed for point in points]),
        Series(_("Not allowed"), "no", [point.refused for point in points]),
        Series(_("Not decided"), "open", [point.undecided for point in points]),
    ]
    title = _title(use)
    last = _("at the end: %(yes)s allowed, %(no)s not, %(open)s not decided") % dict(
        zip(("yes", "no", "open"), _cells(points[-1].allowed, points[-1].refused, points[-1].undecided), strict=True)
    )
    columns = [_("Day"), _("Allowed"), _("Not allowed"), _("Not decided")]
    hidden = [each.name for each in series if all(value is None for value in each.values)]
    note = _("Too few people to draw: %(lines)s.") % {"lines": ", ".join(hidden)} if hidden else ""
    rows = [[point.day.isoformat(), *_cells(point.allowed, point.refused, point.undecided)] for point in points]
    return Table("over-time", _("Over time: %(use)s") % {"use": title}, columns, rows, note, line_chart(title, last, labels, series))


def _shares(brand: Brand, by: str, title: str, since: date, until: date, purpose: str, channel: str) -> Table:
    found = figures.shares(brand, by, since, until, purpose, channel)
    names = {each.name: _place(each.name) if by == "place" else each.name for each in found}
    columns = [{"language": _("Language"), "place": _("Place")}[by], _("Said yes"), _("Said no"), _("Of these, taken back")]
    return Table(by, title, columns, [[names[each.name], *_cells(each.yes, each.no, each.taken_back)] for each in found])


def _place(where: str) -> str:
    return where_words(where).rstrip(".") or str(ELSEWHERE.get(where, where))


# Where people say yes and no besides the pages of their own center.
ELSEWHERE = {
    "change": gettext_lazy("On a page about a change"), "mail": gettext_lazy("From a mail"), "link": gettext_lazy("By a link"),
    "family": gettext_lazy("On the family page"), "child": gettext_lazy("On the child’s own page"),
    "desk": gettext_lazy("Told to a colleague"), "api": gettext_lazy("Through another system"),
    "import": gettext_lazy("Brought from an earlier system"), "job": gettext_lazy("By the clock"),
}  # fmt: skip


def _after_mails(brand: Brand) -> Table:
    campaigns = list(Campaign.objects.filter(brand=brand).select_related("version").order_by("-pk")[:CAMPAIGNS])
    columns = [_("Told of"), _("Day"), _("Taken back in the week before"), _("Taken back in the week after")]
    days = [timezone.localdate(each.created_at) for each in campaigns]
    rows = []
    for each, day, around in zip(campaigns, days, figures.taken_back_around(brand, days), strict=True):
        about = _("Version %(version)s: %(kind)s") % {"version": each.version.number, "kind": each.get_kind_display()}
        rows.append([about, day.isoformat(), *_cells(*around)])
    return Table("after-mails", _("After what was told"), columns, rows, may=("notifications.view_campaign",))


def _requests(brand: Brand) -> Table:
    year = timezone.localdate().year
    found = request_figures.public_figures(brand, year)
    columns = [_("Kind"), _("Received"), _("Done"), _("Done in part"), _("Denied"), pgettext("requests", "Open"), _("Median days")]
    rows = [
        [
            str(line.title), *_cells(*map(figures.told, (line.received, line.whole, line.in_part, line.denied, line.still_open))),
            "–" if line.median is None or figures.told(line.received) is None else f"{line.median:g}",
        ]
        for line in found.lines if line.received
    ]  # fmt: skip
    return Table("requests", _("Requests in %(year)d") % {"year": year}, columns, rows, _("Counted once an hour."))


def _partners(brand: Brand) -> Table:
    """By the last of what each took: seconds from the entry to the answer."""
    rows = []
    for endpoint in Endpoint.objects.filter(partner__brand=brand, closed_at=None).select_related("partner").order_by("pk"):
        newest = endpoint.deliveries.filter(delivered_at__isnull=False).order_by("-delivered_at")
        taken = newest.values_list("created_at", "delivered_at")[:DELIVERIES]
        waits = sorted((ended - began).total_seconds() for began, ended in taken if ended)
        waiting = _("yes") if endpoint.deliveries.waiting().exists() else _("no")
        slow = [f"{waits[len(waits) // 2]:.1f}", f"{waits[len(waits) * 95 // 100]:.1f}"] if waits else ["–", "–"]
        rows.append([f"{endpoint.partner.name}: {endpoint.url}", *slow, waiting])
    columns = [_("Partner"), _("Half were told within, seconds"), _("95 of 100 within, seconds"), _("Something waits")]
    return Table(
        "partners",
        _("How soon partners hear"),
        columns,
        rows,
        _("Of the last 500 events that each took."),
        may=("propagation.view_endpoint",),
    )


def _parity() -> Table:
    rows = [[str(way.name), str(way.give), str(way.take_back)] for way in WAYS]
    columns = [_("From"), _("Presses to allow"), _("Presses to take back")]
    return Table(
        "parity", _("Taking back costs no more than giving"), columns, rows, _("As a browser walks them whenever the product is tested.")
    )


def _verified() -> Table:
    """When somebody last had the whole ledger read from the desk, and what came of it."""
    rows = []
    for each in Verification.objects.exclude(ended_at=None)[:VERIFIED]:
        ended = date_format(timezone.localtime(each.ended_at), "DATETIME_FORMAT")
        outcome = ngettext("%(n)d fault", "%(n)d faults", each.faults) % {"n": each.faults} if each.faults else _("everything fits")
        rows.append([ended, str(each.position), str(each.entries), outcome])
    columns = [_("Read through on"), _("Up to position"), _("Entries read"), _("Outcome")]
    return Table("verified", _("The ledger verified"), columns, rows, may=("ledger.view_entry",))


def _title(use: figures.Standing) -> str:
    words = {"*marketing": _("All marketing stopped"), "*sale": _("Selling and sharing stopped"), "*sensitive": _("Sensitive data limited")}
    return words.get(use.purpose, use.title)


def _cells(*counts: int | None) -> list[str]:
    return [HIDDEN if count is None else str(count) for count in counts]


# (end of the address, view, name)
PAGES = (("", page, "figures"),)
