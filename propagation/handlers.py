"""Background work: numbers for people who were here before a partner, the nightly comparison, and telling whoever owns an endpoint."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings

from accounts.models import Customer
from brands import mail
from jobs.handlers import Work, daily, handler
from jobs.models import Job
from propagation import reconciling
from propagation.importing.running import forget_file, work_on
from propagation.models import Delivery, Endpoint, Import, Partner
from propagation.pseudonyms import Pseudonyms

AT_ONCE = 1000


@handler("propagation.pseudonyms")
def number_everybody(work: Work) -> None:
    """Whoever comes later is numbered as they come (follower.py)."""
    partner = Partner.objects.select_related("brand").get(pk=work.payload["partner"])
    pseudonyms, after, done = Pseudonyms(partner), work.cursor.get("after", 0), work.cursor.get("done", 0)
    people = Customer.objects.at(partner.brand).order_by("pk").values_list("pk", "subject")
    while some := list(people.filter(pk__gt=after)[:AT_ONCE]):
        after, done = some[-1][0], done + len(some)
        with work.chunk(done=done, cursor={"after": after, "done": done}):
            pseudonyms.keep(some)


@handler("propagation.tell_of_failing")
def tell_of_failing(work: Work) -> None:
    """A partner has not taken anything for a day: somebody has to ask them. Twice says the same."""
    endpoint = Endpoint.objects.select_related("partner__brand__theme").get(pk=work.payload["endpoint"])
    if endpoint.failing_since is None:
        return  # it has come back meanwhile
    brand = endpoint.partner.brand
    context = {
        "partner": endpoint.partner.name,
        "since": endpoint.failing_since,
        "waiting": Delivery.objects.waiting().filter(endpoint=endpoint).count(),
    }
    mail.build(brand, "partner_failing", brand.privacy_officer_email, brand.default_language, context).send()


@daily("propagation.reconcile", at_hour=3)
def reconcile(work: Work) -> None:
    """Of the day before, with everybody who counts along."""
    day = (work.now - timedelta(days=1)).date()
    for endpoint in Endpoint.objects.open().filter(reconciles=True).select_related("partner__brand"):
        reconciling.ask(endpoint, day, work.now)


@handler("propagation.import")
def import_choices(work: Work) -> None:
    run = Import.objects.select_related("brand").get(pk=work.payload["run"])
    if run.state in {Import.State.WAITING, Import.State.RUNNING}:
        work_on(run, work)


@daily("propagation.forget_files", at_hour=2)
def forget_files(work: Work) -> None:
    """Of looks that nobody carried out; and whatever a crash left, which no row names."""
    old = work.now - FILES_KEPT
    at_work = set(Job.objects.filter(handler="propagation.import", done_at=None, gave_up_at=None).values_list("payload__run", flat=True))
    for run in Import.objects.filter(state__in=(Import.State.WAITING, Import.State.RUNNING), made_at__lt=old).exclude(pk__in=at_work):
        Import.objects.filter(pk=run.pk).update(state=Import.State.FAILED, error="it was given up", ended_at=work.now)
        forget_file(run)
    for run in Import.objects.filter(state=Import.State.DRY, ended_at__lt=old).exclude(file=""):
        forget_file(run)
    known = set(Import.objects.exclude(file="").values_list("file", flat=True))
    for path in Path(settings.IMPORTS_DIR).glob("*.pcs"):
        if path.name not in known and path.stat().st_mtime < (work.now - timedelta(days=1)).timestamp():
            path.unlink(missing_ok=True)


FILES_KEPT = timedelta(days=7)
