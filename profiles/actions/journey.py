"""The stages and moments of a brand: set, taken away, each time with an entry on the brand's own chain; and that an event happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.ages import is_minor
from accounts.models import Customer
from brands.models import Brand
from catalogue.actions.acts import public_act, raise_epoch
from catalogue.problems import Problem, Refused
from ledger.turns import Turn
from profiles.models import Moment, QuestionVersion, Stage
from profiles.models.journey import OURS
from profiles.published import questions
from profiles.validation import stage_opens_on


class UnknownEvent(LookupError):
    """This brand has no moment of that name, or it is the center's own."""


def set_moment(brand: Brand, *, key: str, names: Mapping[str, str], days: int = 7, on_the_way_to_pay: bool = False, by: str) -> Moment:
    """Twice is once. Raises Refused."""
    values = {"names": dict(names), "days": days, "on_the_way_to_pay": on_the_way_to_pay}
    with public_act(brand, by) as t:
        moment = Moment.objects.filter(brand=brand, key=key).first() or Moment(brand=brand, key=key)
        before = _facts(moment)
        if before == values:
            return moment
        if on_the_way_to_pay and _names(brand, key):
            raise Refused([Problem("moment_in_use", _("Something is asked or opened at “%(key)s”.") % {"key": key})])
        _save(moment, values)
        _changed(t, brand, moment, before, values)
    return moment


def remove_moment(moment: Moment, *, by: str) -> None:
    """Raises Refused while a question or a stage names it."""
    brand = moment.brand
    with public_act(brand, by) as t:
        if _names(brand, moment.key):
            raise Refused([Problem("moment_in_use", _("Something is asked or opened at “%(key)s”.") % {"key": moment.key})])
        before = _facts(moment)
        moment.delete()
        _changed(t, brand, moment, before, None)


def set_stage(brand: Brand, *, key: str, names: Mapping[str, str], order: int, opens_on: str = "", by: str) -> Stage:
    """Twice is once. Raises Refused for an event that delivers nothing to anybody."""
    values = {"names": dict(names), "order": order, "opens_on": opens_on}
    with public_act(brand, by) as t:
        stage = Stage.objects.filter(brand=brand, key=key).first() or Stage(brand=brand, key=key)
        before = _facts(stage)
        if before == values:
            return stage
        if order > 0 and opens_on not in stage_opens_on(brand):
            message = _("A stage opens when something was delivered: “%(key)s” delivers nothing.")
            raise Refused([Problem("stage_opens_on", message % {"key": opens_on})])
        _save(stage, values)
        _changed(t, brand, stage, before, values)
    return stage


def remove_stage(stage: Stage, *, by: str) -> None:
    """Raises Refused while a question or a condition names it."""
    brand = stage.brand
    with public_act(brand, by) as t:
        if stage.questions.exists() or _conditions(brand).filter(conditions__fact="stage", conditions__about=stage.key).exists():
            raise Refused([Problem("stage_in_use", _("A question names the stage “%(key)s”.") % {"key": stage.key})])
        before = _facts(stage)
        stage.delete()
        _changed(t, brand, stage, before, None)


def _save(row: Moment | Stage, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean(exclude=["names"])
    row.save()


FACTS = {Moment: ("names", "days", "on_the_way_to_pay"), Stage: ("names", "order", "opens_on")}


def _facts(row: Moment | Stage) -> dict[str, Any] | None:
    """None of what is not there yet."""
    return {name: getattr(row, name) for name in FACTS[type(row)]} if row.pk else None


def _changed(this: Turn, brand: Brand, row: Moment | Stage, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    act = {"what": row._meta.model_name, "key": row.key, "before": before, "after": after}
    this.append(brand.subject, "journey.changed", act)
    raise_epoch(brand)


def _names(brand: Brand, event: str) -> bool:
    """Whether a question is asked, or a stage opens, at this event."""
    asked = any(event in moments for moments in _conditions(brand).values_list("moments", flat=True))
    return asked or Stage.objects.filter(brand=brand, opens_on=event).exists()


def _conditions(brand: Brand) -> Any:
    """Versions of questions that are asked, and drafts."""
    return QuestionVersion.objects.filter(question__brand=brand, question__retired_at=None)


# ── What happens to people ──────────────────────────────────────────────────────────────────────────────────────────

HAPPENED = """
INSERT INTO profiles_happening (customer_id, event, first_at, last_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (customer_id, event) DO UPDATE SET last_at = {greatest}(profiles_happening.last_at, excluded.last_at),
    first_at = {least}(profiles_happening.first_at, excluded.first_at)
"""


def happen(customer: Customer, event: str, at: datetime | None = None) -> bool:
    """Notes that the event happened, once and last: a thousand of the same are one row. Nothing is kept of a minor, nor while the use of
    somebody's data is restricted: False."""
    now = timezone.now()
    if customer.restricted_seq is not None or is_minor(customer, now):
        return False
    moment = connection.ops.adapt_datetimefield_value(min(at or now, now))
    on_postgresql = connection.vendor == "postgresql"
    sql = HAPPENED.format(greatest="GREATEST" if on_postgresql else "MAX", least="LEAST" if on_postgresql else "MIN")
    with connection.cursor() as cursor:
        cursor.execute(sql, [customer.pk, event, moment, moment])
    return True


def happen_at_brand(customer: Customer, event: str, at: datetime | None = None) -> bool:
    """The same, told by one of the brand's systems. Raises UnknownEvent."""
    if not is_told(customer.brand, event):
        raise UnknownEvent(event)
    return happen(customer, event, at)


def is_told(brand: Brand, event: str) -> bool:
    """Whether this brand has a moment of that name, and it is one that the brand itself tells of."""
    return event not in OURS and event in questions(brand).moments
