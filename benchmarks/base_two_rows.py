"""Baseline: the least that a Django product does to keep a decision with a trace. Two rows by the ORM, one transaction, same database.

The first row is as wide as an entry of the ledger, the second names it, as an outbox would. No chain, no hash, no question asked.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.utils import timezone

PAYLOAD = '{"purpose":"recs","state":"granted","filler":"' + "x" * 850 + '"}'  # the bytes of a choice.decided
SUBJECTS = [f"{number:032x}" for number in range(64)]


class Line(models.Model):
    subject = models.CharField(max_length=32, db_index=True)
    kind = models.CharField(max_length=40)
    payload = models.TextField()
    recorded_at = models.DateTimeField()

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return self.kind


class Outgoing(models.Model):
    line = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return str(self.line)


def make_tables() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Line)
        editor.create_model(Outgoing)


def two_rows(start: int = 0) -> Callable[[], None]:
    subjects = itertools.cycle(SUBJECTS[start:] + SUBJECTS[:start])

    def operation() -> None:
        now = timezone.now()
        with transaction.atomic():
            line = Line.objects.create(subject=next(subjects), kind="choice.decided", payload=PAYLOAD, recorded_at=now)
            Outgoing.objects.create(line=line.pk, recorded_at=now)

    return operation
