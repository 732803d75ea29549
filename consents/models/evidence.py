"""What shows that somebody said yes to us and not to a page: a signed form, a letter, the transcript of a call."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from ledger.personal_data import DELETE, WithPerson


class Evidence(models.Model):
    """One document, encrypted; the entry of the decision carries its SHA-256 and stays when the document goes."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="evidence")
    entry = models.BigIntegerField(unique=True)  # of the decision it is for
    sha256 = models.CharField(max_length=64)  # of the document as it is kept
    document = models.TextField()  # encrypted
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("evidence of a consent")
        verbose_name_plural = _("evidence of consents")
        permissions: ClassVar = [("export_proof", "Can take away the proof of what one person decided")]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="evidence_is_hashed")]

    class PersonalData:
        of = "customer"
        exported: ClassVar = {"sha256": "choices", "kept_at": "choices"}
        withheld: ClassVar = {"document": "encrypted: a copy of it on request"}
        plain = ("id", "customer", "entry")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.sha256
