from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Customer
from brands.models import Brand
from ledger.personal_data import DELETE, WithPerson

LONGEST_ID = 120  # characters


class ExternalId(models.Model):
    """What the brand's own systems call a customer: the number of a shop or of a list. One customer may have several."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="external_ids")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="external_ids")
    value = models.CharField(_("the brand’s own id"), max_length=LONGEST_ID)

    class Meta:
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "value"], name="external_id_of_one_customer"),
            models.CheckConstraint(condition=~Q(value=""), name="external_id_is_not_empty"),
        ]

    class PersonalData:
        of = "customer"
        exported: ClassVar[dict[str, str]] = {"value": "account"}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "customer", "brand")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.value
