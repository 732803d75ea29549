"""Whom the brand works with over the API and webhooks: partners, their keys, their endpoints, and what they call people."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from brands.models import PUBLIC, STAYS, Brand
from catalogue.models import Recipient
from ledger.personal_data import DELETE, Days, ForEver, Nobody, Reference, WithPerson
from propagation.verbs import EVERY_PURPOSE, VERBS

NOBODY: dict[str, str] = {}


class Partner(models.Model):
    """A system of the brand's own, or a recipient of its register. Each calls people by numbers that no other partner has."""

    class Naming(models.TextChoices):
        PAIRWISE = "pairwise", _("a number that only this partner has")
        EXTERNAL = "id", _("the brand’s own id as well")

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="partners")
    key = models.SlugField(_("key"), max_length=40, validators=[RegexValidator(r"^[a-z][a-z0-9-]*\Z")])
    name = models.CharField(_("company"), max_length=120)
    recipient = models.ForeignKey(
        Recipient, verbose_name=_("recipient of the register"), null=True, blank=True, on_delete=models.PROTECT, related_name="partners",
        help_text=_("Empty for a system of the brand’s own: it hears of every choice."),
    )  # fmt: skip
    secret = models.TextField(editable=False)  # of the pairwise numbers, encrypted
    names_people_by = models.CharField(_("how people are named to it"), max_length=8, choices=Naming, default=Naming.PAIRWISE)
    confirms_within_hours = models.PositiveIntegerField(_("confirms within so many hours"), default=72, validators=[MinValueValidator(1)])
    in_use = models.BooleanField(_("is told"), default=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key"], name="partner_once_a_brand"),
            models.UniqueConstraint(fields=["recipient"], condition=Q(recipient__isnull=False), name="partner_one_a_recipient"),
            models.CheckConstraint(condition=Q(names_people_by__in=["pairwise", "id"]), name="partner_names_people_by"),
        ]

    class PersonalData:
        of = Nobody("a company or a system of the brand")
        exported: ClassVar = NOBODY
        withheld: ClassVar = {"secret": "makes the numbers by which a partner knows people"}
        plain = ("id", "brand", "key", "name", "recipient", "names_people_by", "confirms_within_hours", "in_use")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.name


class Pseudonym(models.Model):
    """What one partner calls one customer: HMAC-SHA256(the partner's secret, subject), its first 32 hex digits."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="pseudonyms")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="pseudonyms")
    value = models.CharField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "value"], name="pseudonym_of_one_customer"),
            models.UniqueConstraint(fields=["customer", "partner"], name="pseudonym_once_a_partner"),
        ]

    class PersonalData:
        of = "customer"
        exported: ClassVar = NOBODY
        withheld: ClassVar = {"value": "a number by which one partner knows you, and nobody else"}
        plain = ("id", "partner", "customer")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.value


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def in_force(self, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)


class ApiKey(models.Model):
    """Opens the API to one partner, for some verbs and purposes, until a day. The key itself is shown once and stored nowhere."""

    partner = models.ForeignKey(Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(_("what it is for"), max_length=80)
    number = models.CharField(_("number"), max_length=12, unique=True, editable=False)  # the part of it that may be seen
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the whole, 256 random bits: no slow hash is needed
    verbs = models.JSONField(_("may"), default=list)
    purposes = models.JSONField(_("for the purposes"), default=list)
    made_at = models.DateTimeField(_("made"))
    made_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["-made_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="api_key_digest_is_hex"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("made_at")), name="api_key_expires"),
        ]

    class PersonalData:
        of = Nobody("a partner's key, in digests")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "partner", "name", "number", "digest", "verbs", "purposes", "made_at", "made_by", "expires_at", "revoked_at")
        keep = ForEver("who could read what, and when")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    def may(self, verb: str) -> bool:
        return verb in self.verbs and verb in VERBS

    def covers(self, purpose: str) -> bool:
        return EVERY_PURPOSE in self.purposes or purpose in self.purposes


class KeyUse(models.Model):
    """How often a key was used on a day for a verb, and about how many people: counts alone."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="uses")
    day = models.DateField(_("day"))
    verb = models.CharField(_("what for"), max_length=20)
    calls = models.PositiveBigIntegerField(_("calls"), default=0)
    people = models.PositiveBigIntegerField(_("people asked about"), default=0)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("use of a key")
        verbose_name_plural = _("uses of keys")
        ordering: ClassVar = ["-day", "verb"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "day", "verb"], name="key_use_once_a_day")]

    class PersonalData:
        of = Nobody("counts by day")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "key", "day", "verb", "calls", "people", "last_at")
        keep = Days(730, after="day")
        on_erasure = DELETE


class IdempotentAnswer(models.Model):
    """What a call with an Idempotency-Key was answered, so that it can be answered again."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="answers")
    name = models.CharField(max_length=80)  # the header, as sent
    body = models.CharField(max_length=64)  # SHA-256 of method, path and body
    subject = models.CharField(max_length=32, blank=True, default="", db_index=True)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "name"], name="idempotent_once")]

    class PersonalData:
        of = Reference("subject")
        exported: ClassVar = NOBODY
        withheld: ClassVar = {"answer": "a result and the number of a receipt", "subject": "names a person in the ledger, for a day"}
        plain = ("id", "key", "name", "body", "status", "at")
        keep = Days(1, after="at")
        on_erasure = DELETE
