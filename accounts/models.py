"""People and what they are to a brand.

`Person` signs in, once per installation. `Customer` is that person with one brand; everything a brand knows hangs on it, and
nothing crosses from one brand to another. A customer may exist without a way to sign in: an imported address, a child.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin

from brands.models import Brand
from ledger.personal_data import DELETE, KEEP, Days, Nobody, Proof, WithPerson


def new_reference() -> str:
    """32 lower-case hex characters, 128 random bits: names a member of staff in the ledger without saying who."""
    return secrets.token_hex(16)


def new_code() -> str:
    """A customer's public code, for the telephone and for support: 10 characters without look-alikes, 50 random bits."""
    return "".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _unused in range(10))


class PersonManager(BaseUserManager["Person"]):
    """Takes addresses that are canonical already (`accounts.addresses.canonical_email`); it changes none."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=email, **fields)
        person.set_password(password)  # None makes it unusable: people sign in by code or passkey
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=username)


class Person(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # django-otp has no types
    """Somebody who signs in. `email` is for that alone, in canonical form; mail goes to a Contact."""

    email = models.EmailField(_("email address"), max_length=254, unique=True)
    reference = models.CharField(max_length=32, unique=True, default=new_reference, editable=False)
    is_staff = models.BooleanField(_("may work at the desk"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.CheckConstraint(condition=Q(reference__regex=r"^[0-9a-f]{32}$"), name="person_reference_is_hex"),
            models.CheckConstraint(condition=~Q(email=""), name="person_has_an_email"),
        )

    class PersonalData:
        of = "self"
        exported = {"email": "contact", "last_login": "sign_ins", "date_joined": "account"}
        withheld = {"password": "a secret that protects the account", "reference": "names a member of staff in the record of their work"}
        plain = ("id", "is_superuser", "is_staff", "is_active")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.email

    def get_short_name(self) -> str:
        return self.email


class CustomerQuerySet(models.QuerySet["Customer"]):
    def at(self, brand: Brand) -> CustomerQuerySet:
        return self.filter(brand=brand)

    def of_person(self, person: Person) -> CustomerQuerySet:
        return self.filter(person=person)


class Customer(models.Model):
    """A person with one brand. `subject` names them in the ledger; the `*_seq` columns are the ledger's positions of the wide words."""

    class CountryEvidence(models.TextChoices):
        BRAND = "brand", _("where the brand is")
        PERSON = "person", _("what you told us")
        IMPORT = "import", _("what the brand’s records say")

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="customers")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="customers")
    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    subject = models.CharField(max_length=32, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    language = models.CharField(_("language"), max_length=16)
    country = models.CharField(_("country"), max_length=2)
    country_evidence = models.CharField(max_length=16, choices=CountryEvidence, default=CountryEvidence.BRAND)
    region = models.CharField(_("region"), max_length=8, blank=True, default="")
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    minor_until = models.DateField(null=True, blank=True)
    marketing_stopped_seq = models.BigIntegerField(null=True, blank=True, editable=False)
    sale_stopped_seq = models.BigIntegerField(null=True, blank=True, editable=False)
    sensitive_limited_seq = models.BigIntegerField(null=True, blank=True, editable=False)
    restricted_seq = models.BigIntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = (
            models.UniqueConstraint(fields=("person", "brand"), name="customer_once_a_brand"),
            models.CheckConstraint(condition=Q(subject__regex=r"^[0-9a-f]{32}$"), name="customer_subject_is_hex"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="customer_country_is_a_code"),
            models.CheckConstraint(condition=Q(country_evidence__in=("brand", "person", "import")), name="customer_country_evidence"),
            models.CheckConstraint(condition=~Q(language=""), name="customer_has_a_language"),
        )

    class PersonalData:
        of = "self"
        exported = {
            "code": "account",
            "name": "account",
            "language": "account",
            "country": "account",
            "country_evidence": "account",
            "region": "account",
            "birth_date": "account",
            "minor_until": "account",
            "created_at": "account",
        }
        withheld = {"subject": "names the person in the ledger; each receipt carries it"}
        plain = ("id", "person", "brand", "marketing_stopped_seq", "sale_stopped_seq", "sensitive_limited_seq", "restricted_seq")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.code


class ContactQuerySet(models.QuerySet["Contact"]):
    def proven(self) -> ContactQuerySet:
        return self.filter(proven_at__isnull=False)

    def email(self, canonical: str) -> ContactQuerySet:
        return self.filter(channel=Contact.Channel.EMAIL, canonical=canonical)


class Contact(models.Model):
    """A way to reach a customer. All mail of a brand goes here. An address proven by our code is kept in the form we mailed to."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("Email")
        SMS = "sms", _("Text message")
        POST = "post", _("Post")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="contacts")
    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(max_length=500)
    canonical = models.CharField(max_length=500)
    proven_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = (
            models.UniqueConstraint(
                fields=("brand", "channel", "canonical"), condition=Q(proven_at__isnull=False), name="contact_proven_by_one_customer"
            ),
            models.UniqueConstraint(fields=("customer", "channel", "canonical"), name="contact_once_a_customer"),
            models.CheckConstraint(condition=Q(channel__in=("email", "sms", "post")), name="contact_channel"),
            models.CheckConstraint(condition=~Q(address="") & ~Q(canonical=""), name="contact_is_not_empty"),
        )

    class PersonalData:
        of = "customer"
        exported = {"channel": "contact", "address": "contact", "proven_at": "contact"}
        withheld = {"canonical": "the same address, as we compare it"}
        plain = ("id", "customer", "brand")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.address


class Guardianship(models.Model):
    """One adult who decides for one child, both customers of one brand: facts alone. The evidence itself is not kept, its hash is."""

    guardian = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="guardianships")
    child = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="guardians")
    guardian_subject = models.CharField(max_length=32)
    parenthood_claim = models.CharField(max_length=32)
    adulthood_method = models.CharField(max_length=32)
    allows_disclosure = models.BooleanField(default=False)
    evidence_sha256 = models.CharField(max_length=64, blank=True, default="")
    verified_by = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    started_seq = models.BigIntegerField()
    ended_seq = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        constraints = (
            models.UniqueConstraint(fields=("guardian", "child"), condition=Q(ended_at__isnull=True), name="guardianship_open_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_seq__isnull=True) | Q(ended_at__isnull=False, ended_seq__isnull=False),
                name="guardianship_ends_once_and_for_all",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="guardianship_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(ended_seq__isnull=True) | Q(ended_seq__gt=F("started_seq")), name="guardianship_ends_later_in_the_chain"
            ),
            models.CheckConstraint(condition=~Q(guardian=F("child")), name="guardianship_of_somebody_else"),
            models.CheckConstraint(condition=Q(guardian_subject__regex=r"^[0-9a-f]{32}$"), name="guardianship_subject_is_hex"),
        )
        indexes = (models.Index(fields=("child", "guardian_subject"), name="guardianship_by_party"),)

    class PersonalData:
        of = "child"
        exported = {
            "parenthood_claim": "account",
            "adulthood_method": "account",
            "allows_disclosure": "account",
            "started_at": "account",
            "ended_at": "account",
        }
        withheld = {
            "guardian": "another person",
            "guardian_subject": "another person",
            "evidence_sha256": "a fingerprint of another person’s evidence",
            "verified_by": "names a member of staff",
        }
        plain = ("id", "child", "started_seq", "ended_seq")
        keep = Proof()
        on_erasure = KEEP("proof that somebody was entitled to decide for the child", "the end of the proof period")

    def __str__(self) -> str:
        return f"{self.guardian_subject} → {self.child_id}"


class Challenge(models.Model):
    """A mailed code that one browser asked for. The address stands here alone, and only until the code is used."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in"
        STEP_UP = "step_up"
        CONFIRM = "confirm"
        REQUEST = "request"

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
            models.CheckConstraint(condition=Q(purpose__in=("sign_in", "step_up", "confirm", "request")), name="challenge_purpose"),
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
