"""The law as the installation was told it: whole documents, each with its versions, nothing ever edited."""

from __future__ import annotations

from django.db import models

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
