from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.personal_data import DELETE, Days, Nobody


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> Self:
        return self.filter(done_at=None, gave_up_at=None)

    def idle(self, now: datetime) -> Self:
        """Held by no living worker."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lt=now))

    def due(self, now: datetime) -> Self:
        """Open, wanted by now, and held by no living worker."""
        return self.open().idle(now).filter(run_after__lte=now)

    def unhinted(self, now: datetime) -> Self:
        return self.filter(Q(hinted_until=None) | Q(hinted_until__lt=now))


class Job(models.Model):
    """Work to be done: the row is the truth, a Celery message only says "look now".

    Enqueued in the business transaction, claimed by one conditional UPDATE, done exactly once in the database. Long work keeps
    its place in `cursor` and its progress in done/total.
    """

    handler = models.CharField(_("what to do"), max_length=60)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("enqueued"), auto_now_add=True)
    run_after = models.DateTimeField(_("not before"))
    hinted_until = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    cursor = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    # Of the worker that has it: when it began, with how much done, and when it last got on. What others did before is no rate of its.
    began_at = models.DateTimeField(null=True)
    began_with = models.PositiveBigIntegerField(default=0, db_default=0)
    moved_at = models.DateTimeField(_("got on"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    gave_up_at = models.DateTimeField(_("given up"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    once = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001  (null: any number of these)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["run_after"], name="job_open", condition=Q(done_at=None, gave_up_at=None)),
            models.Index(fields=["done_at"], name="job_done", condition=Q(done_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(done_at=None) | Q(gave_up_at=None), name="job_one_end"),
        ]

    class PersonalData:
        of = Nobody("names of handlers and ids of rows; a payload never holds an address")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = (
            "id", "handler", "payload", "created_at", "run_after", "hinted_until", "leased_until", "lease", "attempts", "cursor",
            "done", "total", "began_at", "began_with", "moved_at", "done_at", "gave_up_at", "error", "once",
        )  # fmt: skip
        keep = Days(7, after="done_at")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.handler} {self.pk}"

    @property
    def rate(self) -> float | None:
        """A second, as it went so far; None while nobody can say."""
        if self.began_at is None or self.moved_at is None or self.moved_at <= self.began_at or self.done <= self.began_with:
            return None
        return (self.done - self.began_with) / (self.moved_at - self.began_at).total_seconds()

    @property
    def time_left(self) -> timedelta | None:
        """At that rate; None while nobody can say."""
        rate = self.rate
        return timedelta(seconds=(self.total - self.done) / rate) if rate and self.total >= self.done else None
