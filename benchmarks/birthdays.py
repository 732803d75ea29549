"""Whose birthday is near, among very many children: against the bare SELECT by the same index that brings back the same rows."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks.crowd import gather
from benchmarks.harness import Paired, Row, whole
from benchmarks.options import Options
from brands.models import Brand
from guardians import birthdays

ROUNDS = 5
BORN = """
UPDATE accounts_customer SET birth_date = %s::date - (id %% 6570)::int, minor_until = %s::date + (6570 - id %% 6570)::int
WHERE brand_id = %s AND birth_date IS NULL
"""


def rows(options: Options) -> list[Row]:
    shop, today = Brand.objects.get(key="linden"), timezone.now().date()
    many = 50_000 if options.quick else 1_000_000
    gather(shop, many)
    with connection.cursor() as cursor:
        cursor.execute(BORN, [today, today, shop.pk])
        cursor.execute("VACUUM ANALYZE accounts_customer")
    found = list(birthdays.due(today, today - timedelta(days=1)))
    born = sorted({each.child.birth_date for each in found if each.child.birth_date})
    columns = ", ".join(field.column for field in birthdays.Customer._meta.concrete_fields)
    marks = ", ".join(["%s"] * len(born))

    def base() -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM accounts_customer WHERE birth_date IN ({marks}) AND country = 'PL'", born)
            return len(cursor.fetchall())

    assert base() == len({each.child.pk for each in found})
    done = Paired()
    ours, plain = whole(lambda: len(list(birthdays.due(today, today - timedelta(days=1))))), whole(base)
    for number in range(ROUNDS):
        sides = [(ours, done.ours), (plain, done.base)]
        for side, slices in sides if number % 2 == 0 else reversed(sides):
            slices.append(side(0))
    times = [mine.wall / theirs.wall for mine, theirs in zip(done.ours, done.base, strict=True)]
    times.sort()
    return [
        Row(
            f"{len(found):,} birthdays near, among {many:,} children", options.database, done.ours_text(),
            f"SELECT by the index: {done.base_text()}", f"{times[ROUNDS // 2]:.1f} [{times[0]:.1f}–{times[-1]:.1f}] × the time",
            "< 10 ×", times[ROUNDS // 2] < 10,
        )
    ]  # fmt: skip
