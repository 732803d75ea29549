"""Background work of requests: making a copy, forgetting files, expiring what nobody proved, and looking at the clock."""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from accounts.holds import held_until
from accounts.sealed import unseal
from brands.models import Brand
from data_requests import actions
from data_requests.actions.answering import go_on, may_execute
from data_requests.actions.reminding import is_noted
from data_requests.attachments import mark_of
from data_requests.connectors import Later, Table, Unreachable, connector_for
from data_requests.erasing.asking import ask_systems, look_again
from data_requests.kinds import BY_MACHINE
from data_requests.mails import mail_agent, mail_erased, mail_officer
from data_requests.models import Attachment, Held, Item, Mandate, Package, Request
from data_requests.models.systems import Connector
from data_requests.package.sealing import path_of
from data_requests.package.writing import write_package
from data_requests.retention import carry_out
from data_requests.states import RELEASED, NotPossible
from jobs.actions import enqueue
from jobs.handlers import Work, daily, handler

logger = logging.getLogger(__name__)
BY = "system:requests"


@handler("data_requests.copy")
def copy(work: Work) -> None:
    """Begins the work once its wait is over, and makes the file as soon as no other system is missing. What stopped meanwhile stays so."""
    request = Request.objects.select_related("customer__brand__theme", "customer__person", "brand").get(pk=work.payload["request"])
    if not may_execute(request, work.now):
        return
    request = actions.start(request, by=BY, now=work.now)
    silent = ask_systems(request, today=timezone.localdate(work.now))
    missing = request.items.exclude(system="center").filter(outcome__in=(Item.Outcome.OPEN, Item.Outcome.FAILED))
    if silent:
        raise Unreachable(", ".join(silent))
    if missing.exists() or _waits_for_a_hold(request, work.now):
        return
    said = mark_of(request)
    sealed, rows = write_package(request, lambda: _still_at_it(work))
    try:
        with work.finishing():
            actions.fulfil_copy(request, sealed, rows, by=BY, now=work.now, said=said)
    except NotPossible:  # any other failure leaves the file, in case the commit was done: forget_files takes what no row knows
        path_of(sealed.name).unlink(missing_ok=True)
        logger.info("request %s was stopped while its copy was made", request.number)
        _waits_for_a_hold(request, work.now)


def _still_at_it(work: Work) -> None:
    """The lease goes on: a copy of very much takes longer than one."""
    with work.chunk(done=0, cursor={}):
        pass


def _waits_for_a_hold(request: Request, now: datetime) -> bool:
    """Somebody may have got into the account: it goes on when the hold is over, unless it is stopped until then."""
    held = held_until(request.customer, now) if request.customer else None
    if held is not None:
        go_on(request, held.isoformat(), run_after=held)
    return held is not None


@handler("data_requests.delete")
def delete(work: Work) -> None:
    """The other systems first, each as often as it takes; the center last, once nobody is missing. What was cancelled meanwhile stays."""
    request = Request.objects.select_related("customer__brand", "customer__person", "brand").get(pk=work.payload["request"])
    if not may_execute(request, work.now) or _waits_for_a_hold(request, work.now):
        return
    request = actions.start(request, by=BY, now=work.now)
    today = timezone.localdate(work.now)
    silent = ask_systems(request, today=today)
    if not silent and look_again(request, today=today):
        silent = ask_systems(request, today=today)
    if silent:
        raise Unreachable(", ".join(silent))
    try:
        with work.finishing():
            actions.erase(request, by=BY, now=work.now)
    except NotPossible:
        logger.info("request %s waits for a system, or was stopped", request.number)


@handler("data_requests.certify")
def certify(work: Work) -> None:
    actions.certify(work.payload["sealed"], by=BY)
    work.finish_and_forget()


@handler("data_requests.tell_erased")
def tell_erased(work: Work) -> None:
    mail_erased(unseal(work.payload["sealed"]))
    work.finish_and_forget()


@daily("data_requests.ask_again", at_hour=6)
def ask_again(work: Work) -> None:
    """Systems that have not answered since yesterday, however often they were tried."""
    waiting = Item.objects.filter(outcome__in=(Item.Outcome.OPEN, Item.Outcome.FAILED), connected__isnull=False)
    waiting = waiting.exclude(connected__connector=Connector.PERSON)
    for request in Request.objects.working().filter(kind__in=BY_MACHINE, items__in=waiting).distinct().select_related("brand"):
        if may_execute(request, work.now):
            go_on(request, timezone.localdate(work.now).isoformat())


@daily("data_requests.end_held", at_hour=7)
def end_held(work: Work) -> None:
    """What had to stay, and need not any more; asked again each day until it is done."""
    today = timezone.localdate(work.now)
    for held in Held.objects.due(today):
        enqueue("data_requests.erase_held", {"held": held.pk}, once=f"held {held.pk} {today.isoformat()}")


@handler("data_requests.erase_held")
def erase_held(work: Work) -> None:
    held = Held.objects.select_related("request__brand", "system__brand").get(pk=work.payload["held"])
    connector, today = connector_for(held.system), timezone.localdate(work.now)
    if held.ended_at is not None or connector is None or held.request.state not in RELEASED:
        return
    kept = [Table.from_json(each) for each in held.found]
    try:
        left = connector.end(actions.keys_of_held(held), kept, today, held.request.number)
    except Later:
        return
    with work.finishing():
        actions.note_held(held, left, by=BY, now=work.now)


@handler("data_requests.find_person")
def find_person(work: Work) -> None:
    mandate = Mandate.objects.select_related("brand__theme").get(pk=work.payload["mandate"])
    actions.find_person(mandate, by=f"{BY}.find_person")
    mail_agent(mandate, work.payload["language"])  # the same, whoever was found


@handler("data_requests.limit")
def limit(work: Work) -> None:
    asked = unseal(work.payload["sealed"])
    brand = Brand.objects.get(key=asked["brand"])
    actions.limit_by_address(brand, asked["address"], {"text": asked["text"]}, nonce=asked["nonce"], by=f"{BY}.limit")
    work.finish_and_forget()


@daily("data_requests.forget_files", at_hour=1)
def forget_files(work: Work) -> None:
    """Copies whose time is over; and files that no row knows, which a worker left that died while it wrote."""
    for package in Package.objects.filter(gone_at=None, expires_at__lte=work.now).select_related("request__brand"):
        actions.forget_file(package, by=BY)
    known = {*Package.objects.filter(gone_at=None).values_list("file", flat=True), *Attachment.objects.values_list("file", flat=True)}
    a_day_ago = work.now.timestamp() - 24 * 3600
    if settings.PACKAGES_DIR.is_dir():
        for path in settings.PACKAGES_DIR.glob("*.pcs"):
            if path.name not in known and path.stat().st_mtime < a_day_ago:
                path.unlink()


@daily("data_requests.expire", at_hour=2)
def expire(work: Work) -> None:
    for request in Request.objects.unverified_since(work.now - settings.UNVERIFIED_KEPT).select_related("brand"):
        actions.expire(request)
    Mandate.objects.filter(request=None, created_at__lt=work.now - settings.UNVERIFIED_KEPT).delete()


@daily("data_requests.retention", at_hour=3)
def retention(work: Work) -> None:
    carry_out(work.now)


@daily("data_requests.look_at_the_clock", at_hour=0)
def look_at_the_clock(work: Work) -> None:
    for request in Request.objects.late(work.now).select_related("brand"):
        actions.note_missed(request, by="system:requests.clock")


@daily("data_requests.remind", at_hour=5)
def remind(work: Work) -> None:
    """The officer of each brand, of the requests whose date comes near: one mail a day at most, and each date and number of days once."""
    today = timezone.localdate(work.now)
    for brand in Brand.objects.all():
        if any(_newly_near(brand, today, days) for days in settings.REQUEST_REMINDERS):
            enqueue("data_requests.remind_officer", {"brand": brand.key, "day": today.isoformat()})


@handler("data_requests.remind_officer")
def remind_officer(work: Work) -> None:
    """One brand a job: an officer's address that refuses mail keeps no other officer from theirs."""
    brand, today = Brand.objects.select_related("theme").get(key=work.payload["brand"]), date.fromisoformat(work.payload["day"])
    near = [(request, days) for days in settings.REQUEST_REMINDERS for request in _newly_near(brand, today, days)]
    if near:
        mail_officer(brand, [request for request, _days in near])
    for request, days in near:  # after the mail: rather twice than never
        actions.note_due_soon(request, days, by="system:requests.clock")


def _newly_near(brand: Brand, today: date, days: int) -> list[Request]:
    found = Request.objects.filter(brand=brand).due_within(today, days).select_related("brand")
    return [request for request in found if not is_noted(request, "due_soon", days)]


@daily("data_requests.lift_pauses", at_hour=4)
def lift_pauses(work: Work) -> None:
    for request in Request.objects.pauses_to_lift(timezone.localdate(work.now)).select_related("brand"):
        actions.lift_pause(request, by=f"{BY}.lift_pauses")
