"""How one decision stands, in words: what, since when, and the receipt that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consents.judging import Decision
from consents.models import Choice
from consents.states import Reason


@dataclass(frozen=True)
class StateLine:
    text: str
    open: bool = False
    receipt_url: str = ""
    label: str = ""


def control_state(decision: Decision) -> str:
    """Which of the two buttons is pressed. Never one that nobody has pressed."""
    if decision.reason is Reason.GRANTED:
        return "allow"
    if decision.seq is not None and not decision.allowed and decision.reason in PRESSED_NO:
        return "deny"
    return "open"


PRESSED_NO = frozenset(
    {
        Reason.REFUSED, Reason.WITHDRAWN, Reason.OBJECTED, Reason.OPTED_OUT, Reason.MARKETING_STOPPED, Reason.SALE_STOPPED,
        Reason.SENSITIVE_LIMITED,
    }
)  # fmt: skip


def state_line(decision: Decision, choice: Choice | None, hint: str, label: str, now: datetime) -> StateLine:
    """What stands, since when, and the receipt that proves it."""
    words = _state_words(decision, choice, now)
    proven = choice is not None and decision.seq == choice.seq
    receipt = reverse("consents:receipt", args=[choice.receipt]) if choice is not None and proven else ""
    return StateLine(
        format_html("{} {}", hint, words) if hint else words, control_state(decision) == "open" and not decision.allowed, receipt, label
    )


# What stands, with its date: of today, of another day. Translated one at a time, when it is said.
DATED = {
    Reason.GRANTED: (gettext_noop("Allowed {date}."), gettext_noop("Allowed on {date}.")),
    Reason.REFUSED: (gettext_noop("Not allowed since {date}."),) * 2,
    Reason.WITHDRAWN: (gettext_noop("Stopped {date}."), gettext_noop("Stopped on {date}.")),
    Reason.OBJECTED: (gettext_noop("You objected {date}. We have stopped."), gettext_noop("You objected on {date}. We have stopped.")),
    Reason.OPTED_OUT: (gettext_noop("Not allowed since {date}."),) * 2,
    Reason.EXPIRED: (gettext_noop("Your yes ran out on {date}. Not decided: we treat it as “Don’t allow”."),) * 2,
    Reason.UNCONFIRMED: (gettext_noop("Asked for on {date}. Nothing happens until you confirm it from your mailbox."),) * 2,
}
UNDATED = {
    Reason.MARKETING_STOPPED: gettext_noop("Not allowed: you stopped all marketing."),
    Reason.SALE_STOPPED: gettext_noop("Not allowed: you said no to selling and sharing."),
    Reason.SENSITIVE_LIMITED: gettext_noop("Not allowed: you limited the use of sensitive data."),
    Reason.RESTRICTED: gettext_noop("On hold: the use of your data is paused."),
    Reason.PROHIBITED: gettext_noop("The law does not let us do this, so we don’t."),
    Reason.GUARDIAN_MISSING: gettext_noop("A parent or guardian has to decide this. Until then we don’t do it."),
    Reason.NOT_OBJECTED: gettext_noop("You have not objected."),
}


def _state_words(decision: Decision, choice: Choice | None, now: datetime) -> str:
    if decision.reason in {Reason.CONTRACT, Reason.LEGAL_DUTY}:
        return ""
    if decision.reason in DATED and choice is not None:
        of_today, of_another_day = DATED[decision.reason]
        moment = ran_out(choice) if decision.reason is Reason.EXPIRED else choice.recorded_at
        return format_html(_(of_today if _today(moment, now) else of_another_day), date=day(moment, now))
    return _(UNDATED.get(decision.reason, gettext_noop("Not decided: we treat it as “Don’t allow”.")))


def ran_out(choice: Choice) -> datetime:
    """When a yes for a time was over; the night's job may not have written it down yet."""
    return choice.expires_at or choice.recorded_at


def day(moment: datetime, now: datetime) -> SafeString:
    """<time>: the date in full, or “today, 14:02”."""
    local = timezone.localtime(moment)
    words = _("today, %(time)s") % {"time": f"{local:%H:%M}"} if _today(moment, now) else date_format(local, "DATE_FORMAT")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), words)


def _today(moment: datetime, now: datetime) -> bool:
    return timezone.localtime(moment).date() == timezone.localtime(now).date()
