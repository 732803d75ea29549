from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse

from accounts.actions import NotAChild
from accounts.gates import NotYours
from accounts.models import Customer, Guardianship
from accounts.sealed import unseal
from brands import mail
from consents.actions import record_lapse
from guardians import birthdays
from guardians.actions.becoming import BY_MAIL, NotNow, accept, over
from guardians.actions.growing import end_of_age, tell
from guardians.actions.leaving import end
from guardians.claim_links import link_of
from guardians.models import GuardianClaim, Invitation
from jobs.handlers import Work, daily, handler
from jobs.models import Job
from ledger.turns import turn

MADE_UP, MOST_DAYS = 7, 30  # days that are made up for: without a trace of an earlier run, and at most


@handler("guardians.invite")
def send_invitation(work: Work) -> None:
    """To an address that nobody has proven: it says who invites and to what, and names no child of the brand's."""
    invitation = (
        Invitation.objects.open(work.now).select_related("brand__theme", "invited_by").filter(pk=work.payload["invitation"]).first()
    )
    if invitation is not None:
        code, said = unseal(work.payload["sealed"])["code"], unseal(invitation.sealed)
        url = f"{mail.origin(invitation.brand)}{reverse('guardians:invitation', args=[code])}"
        inviter = invitation.invited_by.name if invitation.invited_by else ""
        child = said["name"] if invitation.invited_by is None else ""
        context = {"url": url, "code": code, "inviter": inviter, "child": child, "days": settings.GUARDIAN_CONTACT_KEPT.days}
        mail.build(invitation.brand, "guardian_invitation", said["to"], work.payload["language"], context).send()
    work.finish_and_forget()


@handler("guardians.confirm_first")
def send_first(work: Work) -> None:
    _send(work, "guardian_confirm")


@handler("guardians.confirm_again")
def send_second(work: Work) -> None:
    """A day later: the second mail, and with it the guardianship begins. Its link takes everything back, at any time."""
    claim = GuardianClaim.objects.filter(pk=work.payload["claim"]).first()
    if claim is None:
        return
    try:
        accept(claim, by=BY_MAIL)
    except (NotNow, NotYours, NotAChild):  # taken back meanwhile, the inviter gone, the child of age
        over(claim, by=BY_MAIL)
        return
    _send(work, "guardian_confirmed")


def _send(work: Work, kind: str) -> None:
    claim = GuardianClaim.objects.select_related("guardian__brand__theme").filter(pk=work.payload["claim"]).first()
    contact = claim.guardian.contacts.proven().filter(channel="email").first() if claim else None
    if claim is None or contact is None:
        return
    brand = claim.guardian.brand
    urls = {name: f"{mail.origin(brand)}{reverse(f'guardians:{name}', args=[link_of(claim)])}" for name in ("confirm", "revoke")}
    mail.build(brand, kind, contact.address, claim.guardian.language, {"name": claim.guardian.name, **urls}).send()


@handler("guardians.lapse")
def lapse(work: Work) -> None:
    """What a former guardian allowed no longer counts: everybody downstream hears of it."""
    child = Customer.objects.select_related("brand").filter(subject=work.payload["child"]).first()
    if child is not None:
        with turn(child.subject, brand=child.brand.key, actor="system:families") as this:
            record_lapse(this, child, work.payload["party"], actor="system:families")


@handler("guardians.end_of_erased")
def end_of_erased(work: Work) -> None:
    """Who was deleted guards nobody, and is guarded by nobody."""
    subject = work.payload["subject"]
    ties = Guardianship.objects.open().select_related("child__brand", "guardian")
    for tie in [*ties.filter(guardian_subject=subject), *ties.filter(child_subject=subject, child__isnull=False)]:
        end(tie, why="erased", by="system:families")


@daily("guardians.forget_contacts", at_hour=3)
def forget_contacts(work: Work) -> None:
    """Addresses of adults who were invited and never came, and claims that nobody went on with (16 CFR 312.5(c)(1))."""
    Invitation.objects.forgotten(work.now).delete()
    for claim in GuardianClaim.objects.open().filter(created_at__lte=work.now - settings.GUARDIAN_CONTACT_KEPT):
        over(claim, by="system:families")


@daily("guardians.coming_of_age", at_hour=12)
def coming_of_age(work: Work) -> None:
    """At noon UTC it is the same day everywhere on earth. Days on which nothing ran are made up for. One turn a child."""
    today = work.now.date()
    for done, each in enumerate(birthdays.due(today, _last_run(today)), start=1):
        with work.chunk(done=done, cursor={}):
            tell(each)
    end_of_age()


def _last_run(today: date) -> date:
    """The day up to which people were told."""
    last = Job.objects.filter(handler="guardians.coming_of_age", done_at__isnull=False).order_by("-done_at").first()
    if last is None or last.done_at is None:
        return today - timedelta(days=MADE_UP)
    return max(min(last.done_at.date(), today - timedelta(days=1)), today - timedelta(days=MOST_DAYS))
