"""What every act on the catalogue shares: a turn on the brand's own chain, one hand at a time, and the epoch that it raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue.models.frozen import Version
from catalogue.problems import Problem, Refused
from catalogue.published import forget
from ledger.turns import Turn, turn

Published = TypeVar("Published", bound=Version)


@contextmanager
def public_act(brand: Brand, by: str) -> Iterator[Turn]:
    """A turn on the brand's own chain. What does not commit must not stay in memory under an epoch that will be given again."""
    try:
        with turn(brand.subject, brand=brand.key, actor=by) as t:
            hold(brand)
            yield t
    except BaseException:
        forget(brand)
        raise


def hold(brand: Brand) -> None:
    """One hand at a time in a brand's catalogue: what is judged is what is published, not what somebody changes meanwhile.
    Without the key, so that people may join the brand."""
    Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)


def raise_epoch(brand: Brand) -> None:
    Brand.objects.filter(pk=brand.pk).update(config_epoch=F("config_epoch") + 1)
    brand.refresh_from_db(fields=["config_epoch"])


# ── What is published in versions: a purpose, a policy, a question ──────────────────────────────────────────────────


def once_published(newest: Published | None, otherwise: str) -> Published:
    """The newest version; Refused, with the words `otherwise`, where nothing was ever published."""
    if newest is None:
        raise Refused([Problem("never_published", otherwise)])
    return newest


def number_after(newest: Version | None) -> int:
    return newest.number + 1 if newest and newest.number else 1


@transaction.atomic
def throw_away(version: Version, whole: Any) -> None:
    """The draft, and the `whole` that it is a version of with it when nothing of that was ever published."""
    hold(whole.brand)
    type(version).objects.get(pk=version.pk).delete()
    if not whole.versions.exists():
        whole.delete()


def end(whole: Any, word: str, otherwise: str, by: str) -> Any:
    """Retires it and says so in the ledger, as `<word>.retired`; twice is once. Returns it as it now is. Raises Refused."""
    with public_act(whole.brand, by) as t:
        current = type(whole).objects.select_related("brand").get(pk=whole.pk)
        if current.retired_at:
            return current
        newest = once_published(current.newest, otherwise)
        entry = t.append(current.brand.subject, f"{word}.retired", {word: current.key, "version": newest.number})
        current.retired_at = entry.recorded_at
        current.save(update_fields=["retired_at"])
        raise_epoch(whole.brand)
        return current


def too_early(start: datetime, newest: Version | None, now: datetime) -> list[Problem]:
    if start >= max(now, newest.in_force_from or now if newest else now):
        return []
    return [Problem("in_force_too_early", _("It cannot come into force in the past, nor before the version it follows."))]


def four_eyes(draft: Version, by: str) -> list[Problem]:
    """Whoever wrote a draft last does not publish it, unless the operator has said that there is one pair of eyes (FOUR_EYES)."""
    if not settings.FOUR_EYES or not by.startswith("staff:") or draft.written_by != by:
        return []
    return [Problem("four_eyes", _("You wrote this draft: somebody else has to read and publish it."))]


def first_midnight(days: int) -> datetime:
    """The first local midnight that is at least so many days ahead: what packs announce begins with a day, and all of it together."""
    day = timezone.localtime(timezone.now() + timedelta(days=days)).date()
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
