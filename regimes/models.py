"""The law as the installation was told it: whole documents, each with its versions, nothing ever edited."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.personal_data import KEEP, ForEver, Nobody


class RegimeVersionQuerySet(models.QuerySet["RegimeVersion"]):
    def current(self) -> RegimeVersionQuerySet:
        return self.filter(superseded_at=None)


class RegimeVersion(models.Model):
    """One document of the law, as loaded once.

    `key` is a regime's id (`eu-gdpr`), `age:<ISO code>` (the ages of digital consent there), or `common` (what all share).
    `body` is canonical JSON: for a regime and for ages a list of entries, told apart by their own `effective_from`, so that
    one file can hold the law of today and the law already enacted for next year; for `common` an object.
    A change is a new row. The old row keeps every word and is given `superseded_at`, so what we held when can be shown.
    """

    key = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)  # of `body`, lower-case hex
    effective_from = models.DateField(null=True)  # first day any entry of the document applies; null: no day is named
    body = models.TextField()
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=64)  # an actor as in the ledger: `system:load_regimes`, `staff:<reference>`
    superseded_at = models.DateTimeField(null=True)

    objects = RegimeVersionQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(superseded_at=None), name="regimes_one_current_version"),
            models.CheckConstraint(
                condition=models.Q(superseded_at=None) | models.Q(superseded_at__gte=models.F("loaded_at")),
                name="regimes_superseded_after_loaded",
            ),
        ]

    class PersonalData:
        of = Nobody("the law is about everybody; who loaded it is kept as a random staff reference")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("id", "key", "sha256", "effective_from", "body", "loaded_at", "loaded_by", "superseded_at")
        keep = ForEver("shows which law an earlier decision was measured by")
        on_erasure = KEEP("names nobody", "for ever")

    def __str__(self) -> str:
        return f"{self.key} ({self.sha256[:8]})"


class Confirmation(models.Model):
    """Somebody's word that a value the law data marks as unsure is what a source says.

    It speaks of the value as it was: `sha256` is of its canonical JSON. A value that changes is unconfirmed again; the row stays
    and shows what was confirmed before. Which values wait: regimes.confirmations.
    """

    key = models.CharField(_("regime"), max_length=64)  # as in RegimeVersion
    path = models.CharField(_("value"), max_length=200, blank=True)  # in the regime's entry; "" is the whole entry
    sha256 = models.CharField(max_length=64)  # lower-case hex
    source = models.URLField(_("source"), max_length=500)
    confirmed_by = models.CharField(_("confirmed by"), max_length=64)  # `staff:<reference>`
    confirmed_at = models.DateTimeField(_("confirmed"))

    class Meta:
        verbose_name = _("confirmed value of the law")
        verbose_name_plural = _("confirmed values of the law")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["key", "path", "sha256"], name="regimes_confirmed_once"),
            models.CheckConstraint(
                condition=models.Q(source__startswith="https://") | models.Q(source__startswith="http://"),
                name="regimes_confirmed_with_a_source",
            ),
            models.CheckConstraint(condition=models.Q(confirmed_by__startswith="staff:"), name="regimes_confirmed_by_a_person"),
        ]

    class PersonalData:
        of = Nobody("the law is about everybody; who confirmed it is kept as a random staff reference")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("id", "key", "path", "sha256", "source", "confirmed_by", "confirmed_at")
        keep = ForEver("shows on whose word a value of the law was relied on")
        on_erasure = KEEP("names nobody", "for ever")

    def __str__(self) -> str:
        return f"{self.key} {self.path}".strip()
