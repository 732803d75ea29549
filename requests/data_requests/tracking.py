"""What the page of one request says: where it is, how much time is left, what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.holds import held_until
from accounts.models import Customer
from data_requests.erasing.scope import deletion_of
from data_requests.kinds import BY_MACHINE, COPY, DELETE, KINDS
from data_requests.models import Claim, Item, Package, Request
from data_requests.refusals import GROUNDS, Ground
from data_requests.states import OPEN, RELEASED, UNVERIFIED, WORKING, State

CAPITAL_DAYS = frozenset({"en", "de"})  # where the days of the week are written with a capital
TONES = {State.FULFILLED: "good", State.PARTLY_FULFILLED: "good", State.REFUSED: "bad"}


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    stands: str  # "done", "now" or "" for what is still to come


@dataclass(frozen=True)
class Line:
    """One request in a list."""

    number: str
    title: str
    state: str
    tone: str
    text: str


@dataclass(frozen=True)
class Clock:
    """Days of the law's time: used, of all; `left` may be below nought."""

    due_in_words: str
    used: int
    of: int
    late: bool
    left_in_words: str


@dataclass(frozen=True)
class Page:
    request: Request
    title: str
    steps: list[Step]
    clock: Clock | None
    package: Package | None  # that can still be fetched
    gone: Package | None  # that cannot
    downloads_left: int
    claim: Claim | None  # of somebody without an account
    ground: Ground | None
    items: list[Item] = field(default_factory=list)

    @property
    def kept(self) -> list[Item]:
        """What a system held back, and says why."""
        return [item for item in self.items if item.outcome == Item.Outcome.KEPT]


def line(request: Request, today: date) -> Line:
    asked = date_format(request.received_on, "MONTH_DAY_FORMAT")
    text = _("%(number)s, asked on %(day)s.") % {"number": request.number, "day": asked}
    if request.is_open and request.due:
        said = {"due": date_format(request.due, "DATE_FORMAT"), "left": left_in_words(request, today)}
        text += " " + _("Due by %(due)s, %(left)s.") % said
    elif request.closed_at:
        day = date_format(timezone.localtime(request.closed_at), "DATE_FORMAT")
        text += " " + _("Closed on %(day)s.") % {"day": day}
    tone = TONES.get(State(request.state), "wait" if request.state in OPEN else "")
    return Line(request.number, str(KINDS[request.kind].title), str(State(request.state).label), tone, text)


def left_in_words(request: Request, today: date) -> str:
    assert request.due
    left = (request.due - today).days
    if left < 0:
        return ngettext("%(n)d day late", "%(n)d days late", -left) % {"n": -left}
    return ngettext("%(n)d day left", "%(n)d days left", left) % {"n": left}


def clock(request: Request, now: datetime) -> Clock | None:
    if request.due is None or not request.is_open:
        return None
    today = timezone.localdate(now)
    of = max((request.due - request.received_on).days, 1)
    used = min(max((today - request.received_on).days, 0), of)
    left = (request.due - today).days
    words = ngettext("%(left)d of %(of)d day left", "%(left)d of %(of)d days left", of) % {"left": max(left, 0), "of": of}
    return Clock(_with_weekday(request.due), used, of, request.is_late(now), left_in_words(request, today) if left < 0 else words)


def _with_weekday(day: date) -> str:
    """Wednesday, 16 December 2026; środa, 16 grudnia 2026."""
    words = date_format(day, "l, j E Y")
    return words if (get_language() or "") in CAPITAL_DAYS else words[:1].lower() + words[1:]


def page(request: Request, downloads: int, now: datetime) -> Page:
    items = list(request.items.all())
    package = Package.objects.filter(request=request).first()
    there = package if package is not None and package.is_there(now) and request.state in RELEASED else None
    return Page(
        request=request,
        title=str(KINDS[request.kind].title),
        steps=_steps(request, items, now) if request.is_open else [],
        clock=clock(request, now),
        package=there,
        gone=package if package is not None and there is None else None,
        downloads_left=max(downloads - there.downloads, 0) if there else 0,
        claim=Claim.objects.filter(request=request).first(),
        ground=GROUNDS.get(request.ground),
        items=items,
    )


def _steps(request: Request, items: list[Item], now: datetime) -> list[Step]:
    received = Step(_("Received"), _moment(request.created_at), "done")
    return [received, _identity(request), _work(request, items, now), _last(request)]


def _identity(request: Request) -> Step:
    if request.state in UNVERIFIED:
        text = _("We have not seen enough to know that it is you. Until then nothing happens with it, and the law’s time runs.")
        return Step(_("We know it is you"), text, "now")
    assert request.verified_at
    how = {
        "passkey": _("You signed in with a passkey. We asked for nothing more."),
        "code_and_app": _("A code by email, and your authenticator app. We asked for nothing more."),
        "slow": _("A code by email. With nothing else to go by, we wait before anything leaves, and tell every address we know."),
        "session": _("You were signed in. We asked for nothing more."),
        "link": _("A link that went to your address. We asked for nothing more."),
        "code": _("A code by email. We asked for nothing more."),
        "claim": _("A code by email, and what you know, which two of us compared. We wait before anything leaves, and tell every address."),
    }.get("slow" if request.assurance == "IV3W" else request.method, "")
    return Step(_("We know it is you"), f"{_moment(request.verified_at)}. {how}", "done")


def _work(request: Request, items: list[Item], now: datetime) -> Step:
    title = {COPY: _("Collecting"), DELETE: _("Deleting")}.get(request.kind, _("A person looks at it"))
    if request.not_before and request.not_before > now:
        text = _("It begins on %(moment)s. Until then anybody who reads your mail can stop it.")
        return Step(title, text % {"moment": _moment(request.not_before)}, "now")
    if request.state not in WORKING and request.state != State.VERIFIED:
        return Step(title, "", "")
    held = held_until(request.customer, now) if request.kind in BY_MACHINE and request.customer else None
    if held:
        text = _("It waits until %(moment)s: your address has changed, or somebody said that it was not you.")
        return Step(title, text % {"moment": _moment(held)}, "now")
    return Step(title, _answered(items) if request.kind in BY_MACHINE else _("We answer here, and write to you."), "now")


def _answered(items: list[Item]) -> str:
    open_still = [item for item in items if item.outcome in {Item.Outcome.OPEN, Item.Outcome.FAILED}]
    said = {"n": len(items) - len(open_still), "of": len(items)}
    text = ngettext("%(n)d of %(of)d system has answered.", "%(n)d of %(of)d systems have answered.", len(items)) % said
    missing = [item.system for item in open_still if item.system != "center"]
    return f"{text} " + _("Waiting for: %(who)s.") % {"who": ", ".join(missing)} if missing else text


def _last(request: Request) -> Step:
    if request.kind == COPY:
        text = _("We write to you. The file stays here for some days, then we delete it.")
        return Step(pgettext("the last step of a copy", "Ready"), text, "")
    if request.kind == DELETE:
        text = _("Your account ends with it. We look a second time, and mail you a certificate.")
        whole = deletion_of(request.asked).is_whole
        return Step(pgettext("the last step of a deletion", "Deleted"), text if whole else _("Your account stays open."), "")
    return Step(pgettext("the last step of a request", "Answered"), "", "")


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local, 'MONTH_DAY_FORMAT')}, {date_format(local, 'H:i')}"


@dataclass(frozen=True)
class Attention:
    """A request that the person can do something about."""

    number: str
    title: str
    text: str


def attention(customer: Customer, now: datetime) -> list[Attention]:
    """What waits for proof, then copies that wait to be fetched. One query."""
    waits = Q(state=State.IDENTITY_PENDING)
    ready = Q(package__isnull=False, package__gone_at=None, package__expires_at__gt=now, package__downloads__lt=settings.PACKAGE_DOWNLOADS)
    unproven, copies = [], []
    for request in Request.objects.of(customer).filter(waits | ready).select_related("package").order_by("created_at"):
        if request.state == State.IDENTITY_PENDING:
            unproven.append(Attention(request.number, str(KINDS[request.kind].title), _("It waits until you show that it is you.")))
        else:
            day = date_format(timezone.localtime(request.package.expires_at), "MONTH_DAY_FORMAT")
            copies.append(Attention(request.number, _("Your copy is ready"), _("You can download it until %(day)s.") % {"day": day}))
    return [*unproven, *copies]
