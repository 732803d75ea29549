"""Whom a policy change concerns, of a million customers: the whole job, rows written, against a bare COUNT of the same join."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from benchmarks.crowd import gather
from benchmarks.harness import Row
from benchmarks.options import Options
from brands.models import Brand
from jobs.actions import run_due
from notifications.models import Campaign, Message
from notifications.preview import dry_run

GOAL = 30
COUNT = """
SELECT COUNT(*) FROM accounts_customer c
LEFT JOIN consents_choice w ON w.customer_id = c.id AND w.purpose IN ('delivery', 'room-photos') AND w.party = c.subject
LEFT JOIN accounts_contact k ON k.customer_id = c.id AND k.channel = 'email'
WHERE c.brand_id = %s
"""


def rows(options: Options) -> list[Row]:
    shop = Brand.objects.get(key="linden")
    people = 20_000 if options.quick else 1_000_000
    gather(shop, people)
    settings.CELERY_BROKER_URL = ""
    campaign = Campaign.objects.get(brand=shop)
    _timed(lambda: counted(shop))
    bare = [_timed(lambda: counted(shop)) for _round in range(3)]
    asked = _timed(lambda: dry_run(campaign.version))
    whole = _timed(run_due)
    bare.append(_timed(lambda: counted(shop)))
    base = sorted(bare)[len(bare) // 2]
    chosen = Message.objects.filter(campaign=campaign).count()
    return [
        Row(
            f"choosing {chosen:,} of {people:,} people, rows written", options.database, f"{whole:.1f} s", f"bare COUNT: {base:.2f} s",
            f"{whole / base:.1f}×", f"< {GOAL}×", whole / base < GOAL,
        ),
        Row("the dry run of the same", options.database, f"{asked:.1f} s", f"bare COUNT: {base:.2f} s", f"{asked / base:.1f}×"),
    ]  # fmt: skip


def counted(shop: Brand) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [shop.pk])
        return int(cursor.fetchone()[0])


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started
