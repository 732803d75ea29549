"""An import of choices from an earlier system: a file, how far it has come, and what became of each line."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from ledger.personal_data import DELETE, Days, Nobody
from propagation.models.partners import NOBODY, ApiKey

KEPT_DAYS = 30


class Import(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("at work")
        DRY = "dry", _("looked at, nothing was changed")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped")

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="imports")
    number = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    preset = models.CharField(_("made by"), max_length=40)
    settings = models.JSONField(default=dict)  # which purpose, language and status of file, where the preset leaves it open
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    dry = models.BooleanField(_("only to look"), default=True)
    file = models.CharField(max_length=40, blank=True, default="")  # encrypted on disk until it is done
    key = models.TextField(blank=True, default="")
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    by = models.CharField(max_length=80)
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.SET_NULL, related_name="imports")
    made_at = models.DateTimeField(_("made"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    done = models.PositiveBigIntegerField(_("lines done"), default=0)
    counts = models.JSONField(_("outcomes"), default=dict)
    error = models.CharField(_("error"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ["-made_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "running", "dry", "done", "failed"]), name="import_state"),
        ]

    class PersonalData:
        of = Nobody("a file of many people, encrypted, for as long as it is worked on; what became of them is theirs")
        exported: ClassVar = NOBODY
        withheld: ClassVar = {"key": "opens the file", "file": "a place on our disk"}
        plain = (
            "id", "brand", "number", "preset", "settings", "state", "dry", "size", "sha256", "by", "api_key", "made_at", "ended_at",
            "done", "counts", "error",
        )  # fmt: skip
        keep = Days(730, after="ended_at")
        on_erasure = DELETE

    def __str__(self) -> str:
        return str(self.number)


class ImportLine(models.Model):
    """What became of one line: no value of it is here."""

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=12)
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["line", "pk"]
        indexes: ClassVar = [models.Index(fields=["run", "line"], name="import_line")]

    class PersonalData:
        of = Nobody("the number of a line and what became of it")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "run", "line", "outcome", "why")
        keep = Days(KEPT_DAYS, after="run__ended_at")
        on_erasure = DELETE
