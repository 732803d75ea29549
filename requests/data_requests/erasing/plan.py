"""What the person reads before they confirm: what goes, what stays and why and until when, who else is told. A dry run: it changes
nothing, and asks no system that would learn of it by being asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.assurance import Proof
from accounts.models import Customer
from data_requests.actions.erasing import proof_until
from data_requests.connectors import Fault, Unreachable, connector_for, keys_of
from data_requests.connectors.base import in_language
from data_requests.erasing.asking import why_kept
from data_requests.erasing.scope import MESSAGES, Deletion, recipients_to_tell, systems_to_ask
from data_requests.models import System
from regimes.calendars import add_months

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stays:
    """One thing that stays: what, until which day, and the law. `text` says all of it."""

    text: str
    law: str = ""


@dataclass
class Plan:
    goes: list[str] = field(default_factory=list)
    stays: list[Stays] = field(default_factory=list)
    held: list[Stays] = field(default_factory=list)  # of these: what other systems must keep
    told: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)  # systems that could not be looked into now


def plan_of(customer: Customer, deletion: Deletion, today: date) -> Plan:
    plan = Plan(goes=list(_ours(deletion)))
    for system in systems_to_ask(customer.brand, deletion):
        _look_into(plan, system, customer, today)
    if deletion.is_whole:
        plan.told = recipients_to_tell(customer)
        plan.stays = [*plan.held, *_proof(customer, today)]
    else:
        plan.stays = plan.held
    return plan


def _ours(deletion: Deletion) -> Iterator[str]:
    if deletion.is_whole:
        yield _("Your account: name, place, addresses, and what opens it")
        yield _("Your choices, and how often we may write")
        yield _("What you wrote in requests, and copies that wait")
        yield _("Your sign-ins, with their browsers")
    if deletion.is_whole or MESSAGES in deletion.parts:
        yield _("The list of what we wrote to you")


def _look_into(plan: Plan, system: System, customer: Customer, today: date) -> None:
    try:
        connector = connector_for(system)
        tables = connector.plan(keys_of(customer), today) if connector else None
    except (Fault, Unreachable):  # whoever reads this can do nothing about it; the desk learns of it when it is asked for good
        logger.warning("system %s could not be looked into for a plan", system.pk)
        plan.unseen.append(system.name)
        return
    if tables is None:
        plan.goes.append(_("What “%(system)s” holds of you") % {"system": system.name})
        return
    language = get_language() or ""
    for table in tables:
        title = in_language(table.title, language)
        if table.count - table.kept:
            plan.goes.append(_("“%(system)s”: %(title)s") % {"system": system.name, "title": title})
        if table.kept:
            plan.held.append(Stays(why_kept(table, language), in_language(table.law, language)))


def _proof(customer: Customer, today: date) -> Iterator[Stays]:
    day = date_format(proof_until(customer), "DATE_FORMAT")
    text = _("The proof of what you allowed and refused, without your name, until %(day)s.") % {"day": day}
    yield Stays(text, _("GDPR Art. 5(2), 7(1), 17(3)(e)"))
    day = date_format(add_months(today, settings.REQUEST_LOG_MONTHS), "DATE_FORMAT")
    yield Stays(_("That there was this request and how it ended, without your name, until %(day)s.") % {"day": day}, _("GDPR Art. 5(2)"))
    yield Stays(_("A note that you asked us to delete, so that no list brings you back. It names nobody."), _("GDPR Art. 21(3)"))


def day_of(proof: Proof, now: datetime, regime: str = "") -> tuple[date, timedelta]:
    """When it would be deleted, and how long there is to change one's mind, with what the session has shown."""
    wait = settings.SLOW_LANE["delete"] if proof.waits("delete", regime) else settings.DELETE_COOLING_OFF
    return timezone.localdate(now + wait), wait
