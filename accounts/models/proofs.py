"""What somebody shows to get in: codes that were mailed, and what was set up at which brand."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin

from brands.models import Brand
from ledger.personal_data import DELETE, Days, Nobody, WithPerson

PURPOSES = ("sign_in", "step_up", "confirm", "request", "address", "child")


class Challenge(models.Model):
    """A mailed code that one browser asked for. The address stands here alone, and only until the code is used."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in"
        STEP_UP = "step_up"
        CONFIRM = "confirm"
        REQUEST = "request"
        ADDRESS = "address"
        CHILD = "child"

    browser = models.CharField(max_length=64)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="challenges")
    purpose = models.CharField(max_length=8, choices=Purpose)
    canonical = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=254, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, default="")
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(purpose__in=PURPOSES), name="challenge_purpose"),
            models.CheckConstraint(condition=Q(browser__regex=r"^[0-9a-f]{64}$"), name="challenge_browser_is_a_hash"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(canonical="", address="", code_hash=""), name="challenge_used_holds_nothing"
            ),
        )
        indexes = (
            models.Index(fields=("brand", "canonical", "sent_at"), name="challenge_by_address"),
            models.Index(fields=("browser", "brand", "purpose", "created_at"), name="challenge_by_browser"),
            models.Index(fields=("created_at",), name="challenge_by_age"),
        )

    class PersonalData:
        of = Nobody("gone within a day, and the address with the first use; it may not belong to anybody we know")
        exported: ClassVar[dict[str, str]] = {}
        withheld = {
            "canonical": "an address that has not been proven",
            "address": "an address that has not been proven",
            "browser": "the fingerprint of a random cookie",
            "code_hash": "a secret that protects the account",
        }
        plain = ("id", "brand", "purpose", "expires_at", "sent_at", "used_at", "created_at")
        keep = Days(1, after="created_at")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

    def is_over(self, now: datetime) -> bool:
        return self.expires_at <= now


class Attempt(models.Model):
    """One guess at a code, written down and committed before it is compared."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("challenge", "number"), name="attempt_counted_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="attempt_counts_from_one"),
        )

    class PersonalData:
        of = Nobody("a count that goes with its challenge, within a day")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "challenge", "number")
        keep = Days(1, after="challenge__created_at")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.challenge_id}/{self.number}"


class MadeAt(models.Model):
    """The brand at whose host a passkey, an authenticator app or recovery codes were made: it lists, exports and ends them."""

    authenticator = models.OneToOneField("mfa.Authenticator", on_delete=models.CASCADE, related_name="made_at")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="authenticators")

    class PersonalData:
        of = "authenticator__user"
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "authenticator", "brand")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.authenticator_id} {self.brand_id}"


class AllauthDevice(ThrottlingMixin, Device):  # type: ignore[misc]
    """Joins django-otp ("is this session verified") to the authenticators that allauth keeps. Holds no secret."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user",), name="device_once_a_person"),)

    class PersonalData:
        of = "user"
        exported: ClassVar[dict[str, str]] = {}
        withheld = {
            "throttling_failure_timestamp": "protects the account against guessing",
            "throttling_failure_count": "protects the account against guessing",
        }
        plain = ("id", "user", "name", "confirmed")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return str(self.name)

    def verify_token(self, token: str) -> bool:
        """One number from the authenticator app, or a recovery code. Each counts once; guesses wait 1, 2, 4 … seconds."""
        if not self.verify_is_allowed()[0]:
            return False
        for authenticator in Authenticator.objects.filter(user_id=self.user_id, type__in=("totp", "recovery_codes")):
            if authenticator.wrap().validate_code(token):
                authenticator.record_usage()
                self.throttle_reset()
                return True
        self.throttle_increment()
        return False

    def get_throttle_factor(self) -> float:
        return 1.0
