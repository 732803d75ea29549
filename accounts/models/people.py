"""People and what they are to a brand.

`Person` signs in, once per installation. `Customer` is that person with one brand; everything a brand knows hangs on it, and
nothing crosses from one brand to another. A customer may exist without a way to sign in: an imported address, a child.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from ledger.personal_data import DELETE, KEEP, Days, ForEver, Nobody, Proof, WithPerson


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

    def at_desk_of(self, brand: Brand) -> models.QuerySet[Person]:
        """Those with a role there."""
        return self.filter(roles__brand=brand).distinct()

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=username)


class Person(AbstractBaseUser):  # type: ignore[django-manager-missing]  # django-otp has no types
    """Somebody who signs in. `email` is for that alone, in canonical form; mail goes to a Contact.

    What they may do at a desk is a matter of their roles at its brand. There is nobody who may do everything, and nobody who may do
    anything where it is not said at which brand they are signed in.
    """

    email = models.EmailField(_("email address"), max_length=254, unique=True)
    reference = models.CharField(max_length=32, unique=True, default=new_reference, editable=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    known_as = models.CharField(_("name that customers read"), max_length=80, blank=True, default="")
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    # Where they are signed in: said by whoever made out the session (accounts.middleware), stored nowhere.
    at: Brand | None = None
    _remembered: tuple[int, frozenset[str] | None] | None = None

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
        exported = {"email": "contact", "known_as": "account", "last_login": "sign_ins", "date_joined": "account"}
        withheld = {"password": "a secret that protects the account", "reference": "names a member of staff in the record of their work"}
        plain = ("id", "is_active")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """Whether they work at the desk of the brand where they are signed in."""
        return self._granted() is not None

    @property
    def works_somewhere(self) -> bool:
        """At the desk of any brand of this installation."""
        return self.roles.exists()

    def has_perm(self, permission: str, row: object = None) -> bool:
        """`permission`: "app.codename". No row asks for more than its model does."""
        return self.is_active and permission in (self._granted() or ())

    def has_perms(self, permissions: Iterable[str], row: object = None) -> bool:
        return all(self.has_perm(each) for each in permissions)

    def has_module_perms(self, app: str) -> bool:
        return self.is_active and any(each.startswith(f"{app}.") for each in self._granted() or ())

    def _granted(self) -> frozenset[str] | None:
        """By their roles where they are signed in; None for whoever has none there. Asked once of each person loaded, and brand."""
        if self.at is None:
            return None
        if self._remembered is None or self._remembered[0] != self.at.pk:
            self._remembered = (self.at.pk, self.roles.at(self.at).permissions())
        return self._remembered[1]

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
        indexes = (
            # Whose birthday is near: few customers have one here.
            models.Index(fields=("birth_date", "country"), condition=Q(birth_date__isnull=False), name="customer_by_birthday"),
            models.Index(Lower("name"), "brand", condition=~Q(name=""), name="customer_by_name"),
        )
        permissions = (
            ("look_up_customer", "Can find customers and open their record with a reason"),
            ("record_for_customer", "Can record what customers say, and act for them"),
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
        # Whoever asks by an address means whoever has it, proven or not.
        indexes = (models.Index(fields=("brand", "channel", "canonical"), name="contact_by_address"),)

    class PersonalData:
        of = "customer"
        exported = {"channel": "contact", "address": "contact", "proven_at": "contact"}
        withheld = {"canonical": "the same address, as we compare it"}
        plain = ("id", "customer", "brand")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return self.address


class ReplacedAddressQuerySet(models.QuerySet["ReplacedAddress"]):
    def open_at(self, brand: Brand, canonical: str, now: datetime) -> ReplacedAddressQuerySet:
        """Those that can still be put back."""
        since = now - settings.PUT_BACK_VALID
        return self.filter(customer__brand=brand, canonical=canonical, put_back_at=None, replaced_at__gt=since)


class ReplacedAddress(models.Model):
    """An address that another one took the place of, for as long as whoever reads its mail can put it back."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="replaced_addresses")
    canonical = models.CharField(max_length=254)
    replaced_at = models.DateTimeField(default=timezone.now)
    put_back_at = models.DateTimeField(null=True)

    objects = ReplacedAddressQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(canonical=""), name="replaced_address_is_one"),)
        indexes = (models.Index(fields=("replaced_at",), name="replaced_address_by_age"),)

    class PersonalData:
        of = "customer"
        exported = {"canonical": "contact", "replaced_at": "contact", "put_back_at": "contact"}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "customer")
        keep = Days(7, after="replaced_at")
        on_erasure = DELETE

    def __str__(self) -> str:
        return str(self.pk)


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    def open(self) -> GuardianshipQuerySet:
        return self.filter(ended_at=None)

    def in_force(self, at: datetime) -> GuardianshipQuerySet:
        """Begun, not ended, and the child not of age: nothing waits for the job that writes the end down."""
        return self.open().filter(Q(until=None) | Q(until__gt=at), started_at__lte=at)

    def of_age(self, at: datetime) -> GuardianshipQuerySet:
        """Over by the child's birthday, and not yet written down as ended."""
        return self.open().filter(until__lte=at)


class Guardianship(models.Model):
    """One adult who decides for one child, both customers of one brand: facts alone. The evidence itself is not kept, its hash is."""

    # Null once one of the two was deleted: that somebody was entitled stays to be proven, by the references alone.
    guardian = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="guardianships")
    child = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="guardians")
    guardian_subject = models.CharField(max_length=32)
    child_subject = models.CharField(max_length=32)
    parenthood_claim = models.CharField(max_length=32)
    adulthood_method = models.CharField(max_length=32)
    allows_disclosure = models.BooleanField(default=False)
    evidence_sha256 = models.CharField(max_length=64, blank=True, default="")
    verified_by = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)  # the child comes of age: over from this moment, with or without an entry
    frozen_at = models.DateTimeField(null=True, blank=True)  # support looks into a dispute: until then it can only reduce
    ended_at = models.DateTimeField(null=True, blank=True)
    started_seq = models.BigIntegerField()
    ended_seq = models.BigIntegerField(null=True, blank=True)

    objects = GuardianshipQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=Q(guardian_subject__regex=r"^[0-9a-f]{32}$", child_subject__regex=r"^[0-9a-f]{32}$"),
                name="guardianship_subject_is_hex",
            ),
        )
        indexes = (
            models.Index(fields=("child", "guardian_subject"), name="guardianship_by_party"),
            models.Index(fields=("until",), condition=Q(ended_at__isnull=True), name="guardianship_by_end"),
        )

    class PersonalData:
        of = "child"
        exported = {
            "parenthood_claim": "account",
            "adulthood_method": "account",
            "allows_disclosure": "account",
            "started_at": "account",
            "until": "account",
            "frozen_at": "account",
            "ended_at": "account",
        }
        withheld = {
            "guardian": "another person",
            "guardian_subject": "another person",
            "evidence_sha256": "a fingerprint of another person’s evidence",
            "verified_by": "names a member of staff",
        }
        plain = ("id", "child", "child_subject", "started_seq", "ended_seq")
        keep = Proof()
        on_erasure = KEEP("proof that somebody was entitled to decide for the child", "the end of the proof period")

    def __str__(self) -> str:
        return f"{self.guardian_subject} → {self.child_subject}"


class Suppression(models.Model):
    """That somebody was deleted at this brand: a keyed hash of how they were reached (accounts/suppression.py)."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="suppressions")
    digest = models.CharField(max_length=64)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("brand", "digest"), name="suppression_once"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="suppression_is_a_hash"),
        )

    class PersonalData:
        of = Nobody("a keyed hash that names nobody; whose it was is not kept")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "digest", "since")
        keep = ForEver("so that no list brings back who was deleted (GDPR Art. 21(3), CCPA 1798.105(c)(2))")
        on_erasure = KEEP("so that no list brings back who was deleted", "they come back themselves")

    def __str__(self) -> str:
        return str(self.pk)
