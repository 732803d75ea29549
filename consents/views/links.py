"""/u/<token>/: a signed link of a mail. GET shows, POST acts, and it can only reduce."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import links
from accounts.http import PersonRequest, with_next
from accounts.links import BadLink, Link
from accounts.models import Contact, Customer
from brands.http import BrandRequest, SeeOther
from catalogue.published import Published, published
from consents import actions, history, tasting
from consents.decide import decide
from consents.models import Topic
from consents.saying import Said
from consents.screens import Decide
from consents.standing import UnknownPurpose, offered_by
from consents.state_line import day
from consents.states import NO, How, Scope, Verb, Where
from consents.words import labelled

FAMILY = "/family/"  # where guardians decide: an app above this one
ONE_CLICK = "One-Click"  # RFC 8058: the body is List-Unsubscribe=One-Click


@dataclass(frozen=True)
class Page:
    token: str
    address: str  # masked; "" where there is none to mask
    what: str
    everything: bool  # all marketing is stopped already, or it is what this link stops
    stopped: str  # since when, as <time>; "" while it goes on
    number: str
    topics: list[tuple[str, str]]
    days: list[tuple[int, str]]
    pauses: list[tuple[str, date]]


@csrf_exempt  # the token is the authority: a mail program that posts has neither cookie nor form
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: PersonRequest, token: str) -> HttpResponse:
    try:
        found = links.read(request.brand, token)
        guardian = links.guardian_of(found)
    except BadLink:
        return render(request, "consents/link_over.html", status=410)
    if found.scope.change:
        return change_link(request, found, token, guardian)
    if request.method != "POST":
        return render(request, "consents/link.html", {"page": _page(found, token), "narrowed": "narrowed" in request.GET})
    if request.POST.get("List-Unsubscribe") == ONE_CLICK:
        stop(found, How.ONE_CLICK, Where.MAIL)
        return HttpResponse(_("Done. It has stopped."), content_type="text/plain; charset=utf-8")
    if request.POST.get("do") == "fewer":
        _narrow(request, found)
        return SeeOther(f"{reverse('consents:link', args=[token])}?narrowed")
    scope = Scope.MARKETING if request.POST.get("do") == "all" else None
    stop(found, How.LINK, Where.LINK, everything=scope is not None)
    return SeeOther(reverse("consents:link", args=[token]))


def stop(found: Link, how: How, where: Where, *, everything: bool = False, guardian: Customer | None = None) -> None:
    """Unconditional, and once is enough. A use no longer offered has nothing to stop. `guardian`: whose word about a child it is."""
    customer = found.customer
    if guardian is not None:
        said = Said(f"guardian:{guardian.subject}", guardian.subject, how, where, "IV1", guardian.language)
        actions.say_for(customer, guardian, found.scope.purpose, found.scope.channel, Verb.DENY, said)
        return
    said = Said(f"link:{customer.subject}", customer.subject, how, where, "IV1", customer.language)
    if everything or not found.scope.purpose:
        actions.stop(customer, Scope.MARKETING, said)
        return
    try:
        actions.say(customer, found.scope.purpose, found.scope.channel, Verb.DENY, said)
    except UnknownPurpose:
        actions.stop(customer, Scope.MARKETING, said)


# ── The link of a mail about a policy change ────────────────────────────────────────────────────────────────────────


def change_link(request: PersonRequest, found: Link, token: str, guardian: Customer | None = None) -> HttpResponse:
    """Two equal buttons. “Don’t allow” acts on one press; “Allow” is a yes, and asks to sign in first."""
    customer, scope = found.customer, found.scope
    try:
        purpose = offered_by(customer.brand, scope.purpose, scope.channel)
    except UnknownPurpose:
        return render(request, "consents/link_over.html", status=410)
    if request.method != "POST":
        return render(request, "consents/link_change.html", {"page": _change_page(found, purpose, token, guardian)})
    if request.POST.get("decision") == Verb.ALLOW:
        change = FAMILY if guardian else f"{reverse('notifications:change', args=[scope.change])}#{scope.purpose}"
        here = request.customer is not None and request.customer.pk == (guardian or customer).pk
        return SeeOther(change if here else with_next(reverse("accounts:sign_in"), change))
    one_click = request.POST.get("List-Unsubscribe") == ONE_CLICK
    stop(found, How.ONE_CLICK if one_click else How.LINK, Where.MAIL if one_click else Where.LINK, guardian=guardian)
    if one_click:
        return HttpResponse(_("Done. It has stopped."), content_type="text/plain; charset=utf-8")
    return SeeOther(reverse("consents:link", args=[token]))


@dataclass(frozen=True)
class ChangePage:
    address: str
    title: str
    sentence: str
    decide: Decide
    change_url: str
    stopped: str  # since when they don't allow it, as <time>; "" while they have not said no
    number: str
    begins: date | None  # the day it may begin on, while that is to come


def _change_page(found: Link, purpose: Published, token: str, guardian: Customer | None = None) -> ChangePage:
    customer, scope = found.customer, found.scope
    texts = purpose.for_language(get_language() or "")
    stopped, number = _stopped(customer, scope, guardian)
    allowed = decide(customer, scope.purpose, scope.channel, max(purpose.in_force_from, timezone.now())).allowed
    state = "deny" if number else "allow" if allowed else "open"
    title = labelled(texts.title, scope.channel)
    begins = timezone.localdate(purpose.in_force_from) if purpose.in_force_from > timezone.now() else None
    return ChangePage(
        address=links.masked(_address(guardian or customer, scope.channel)),
        title=title,
        sentence=texts.sentence,
        decide=Decide(reverse("consents:link", args=[token]), title, "", state, []),
        change_url=FAMILY if guardian else reverse("notifications:change", args=[scope.change]),
        stopped=stopped,
        number=number,
        begins=begins,
    )


# ── What a link page says ───────────────────────────────────────────────────────────────────────────────────────────


def _page(found: Link, token: str) -> Page:
    customer, scope = found.customer, found.scope
    purpose = published(customer.brand).get(scope.purpose)
    title = purpose.for_language(get_language() or "").title if purpose else _("All marketing")
    since, number = _stopped(customer, scope)
    today = timezone.localdate()
    return Page(
        token=token,
        address=links.masked(_address(customer, scope.channel)),
        what=labelled(title, scope.channel),
        everything=not scope.purpose or customer.marketing_stopped_seq is not None,
        stopped=since,
        number=number,
        topics=[(topic.key, _name(topic.names)) for topic in Topic.objects.filter(brand=customer.brand, purpose=scope.purpose)],
        days=[(each.days, _name(each.names)) for each in customer.brand.frequencies.exclude(days=0)],
        pauses=[(each.isoformat(), each) for each in (today + timedelta(days=30), today + timedelta(days=90))],
    )


def _stopped(customer: Customer, scope: links.Scope, guardian: Customer | None = None) -> tuple[str, str]:
    """Since when it has been off, and the number of the receipt."""
    now = timezone.now()
    if scope.purpose and decide(customer, scope.purpose, scope.channel, now).allowed:
        return "", ""
    party = (guardian or customer).subject
    choice = customer.choices.filter(purpose=scope.purpose, channel=scope.channel, party=party, state__in=NO).first()
    if choice is not None:
        digits = choice.receipt.hex[-8:].upper()
        return day(choice.recorded_at, now), f"C-{digits[:4]}-{digits[4:]}"
    if customer.marketing_stopped_seq is not None:
        entry = history.entry_at(customer, customer.marketing_stopped_seq)
        return (day(entry.recorded_at, now), entry.number) if entry else ("", "")
    return "", ""


def _narrow(request: BrandRequest, found: Link) -> None:
    """“Keep fewer”: topics off, less often, a break. Never wider than it was, whatever the form says."""
    topics = [topic.key for topic in Topic.objects.filter(brand=found.customer.brand)]
    days = request.POST.get("days", "")
    tasting.narrow(
        found.customer,
        found.scope.channel or "email",
        actor=f"link:{found.customer.subject}",
        topics_off=[key for key in request.POST.getlist("topic_off") if key in topics],
        days_between=int(days) if days.isdecimal() and int(days) <= 365 else 0,
        pause_until=_date(request.POST.get("pause", "")),
    )


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if timezone.localdate() < found <= timezone.localdate() + timedelta(days=366) else None


def _address(customer: Customer, channel: str) -> str:
    wanted = {"sms": Contact.Channel.SMS}.get(channel, Contact.Channel.EMAIL)
    return customer.contacts.filter(channel=wanted).values_list("address", flat=True).first() or ""


def _name(names: dict[str, str]) -> str:
    return names.get(get_language() or "") or next(iter(names.values()), "")
