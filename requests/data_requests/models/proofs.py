"""What stands for proof where there is no account: a claim that people look at, and the mandate of somebody who asks for another."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from data_requests.kinds import KINDS
from data_requests.models.request import LOG_DAYS, Request
from ledger.personal_data import DELETE, Days


class Claim(models.Model):
    """Somebody without an account: their address is proven by a code, and what else they know is compared with our records by one person,
    and agreed to by another. What they knew is forgotten with the decision, or with the request; what was compared stays."""

    class Finding(models.TextChoices):
        NONE = "", _("Nobody has looked yet")
        MATCHES = "matches", _("It matches")
        DIFFERS = "differs", _("It does not match")

    class Compared(models.TextChoices):
        ORDER = "order", _("Number of an order")
        AMOUNT = "amount", _("Amount of an invoice")
        CUSTOMER_NUMBER = "customer_number", _("Customer number")
        ADDRESS = "address", _("Postal address")
        OTHER = "other", _("Something else")

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="claim")
    name = models.CharField(_("name"), max_length=200)
    declared_at = models.DateTimeField(default=timezone.now)  # that they are this person: a ticked box and their name
    shown = models.TextField(blank=True)
    finding = models.CharField(max_length=8, choices=Finding, default=Finding.NONE, blank=True)
    compared = models.JSONField(default=list)
    carries_address = models.BooleanField(default=False)  # the record that was found has the proven address
    found_by = models.CharField(max_length=80, blank=True)
    found_at = models.DateTimeField(null=True)
    agreed_by = models.CharField(max_length=80, blank=True)
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="claim_is_signed"),
            models.CheckConstraint(condition=Q(finding="") | (~Q(found_by="") & Q(found_at__isnull=False)), name="claim_found_says_who"),
            # Knowledge alone proves nothing: it counts with an address that stood in the record before (docs/threats.md).
            models.CheckConstraint(condition=~Q(finding="matches") | Q(carries_address=True), name="claim_matches_with_the_address"),
            models.CheckConstraint(
                condition=Q(agreed_by="") | (Q(finding="matches", shown="", agreed_at__isnull=False) & ~Q(agreed_by=F("found_by"))),
                name="claim_takes_two",
            ),
        ]

    class PersonalData:
        of = "request__customer"
        exported: ClassVar[dict[str, str]] = {
            "name": "requests", "declared_at": "requests", "shown": "requests", "finding": "requests", "compared": "requests",
            "found_at": "requests", "agreed_at": "requests",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {"found_by": "names a member of staff", "agreed_by": "names a member of staff"}
        plain = ("id", "request", "carries_address")
        keep = Days(LOG_DAYS, after="request__closed_at")
        on_erasure = DELETE


class Mandate(models.Model):
    """Somebody who asks for another, and says that they hold their signed permission (CCPA regulations 7063). Whom it is for stands here
    encrypted until they were looked for; `request` stays empty where nobody has that address, which the agent is not told."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="mandates")
    request = models.OneToOneField(Request, on_delete=models.CASCADE, null=True, related_name="mandate")
    number = models.CharField(max_length=11, unique=True)
    kind = models.CharField(max_length=12, choices=[(key, kind.title) for key, kind in KINDS.items()])
    agent = models.CharField(_("agent"), max_length=200)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    address = models.EmailField(_("address of the agent"), max_length=254)
    permission_on = models.DateField(_("permission signed on"))
    sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(agent="") & ~Q(address=""), name="mandate_names_the_agent"),
            models.CheckConstraint(condition=Q(request__isnull=True) | Q(sealed=""), name="mandate_found_holds_nothing"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="mandate_by_age")]

    class PersonalData:
        of = "request__customer"
        exported: ClassVar[dict[str, str]] = {
            "agent": "requests", "organisation": "requests", "permission_on": "requests", "created_at": "requests",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {
            "address": "another person’s address",
            "sealed": "an address that has not been looked for yet",
        }
        plain = ("id", "brand", "request", "number", "kind")
        keep = Days(LOG_DAYS, after="created_at")
        on_erasure = DELETE
