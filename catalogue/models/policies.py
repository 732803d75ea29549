"""A policy, its versions, and what each says and changes. A published version is never edited: see catalogue/triggers.py."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.models.frozen import PUBLISHED_WHOLE, DraftsOnly, Part, Version
from catalogue.models.vocabulary import KEY, PUBLIC, STAYS
from ledger.personal_data import Nobody

PRIVACY = "privacy"  # the policy that /policy/ shows
ANCHOR = 60  # characters


class Policy(models.Model):
    brand = models.ForeignKey("brands.Brand", on_delete=models.PROTECT, related_name="policies")
    key = models.SlugField(_("key"), max_length=KEY)
    reviewed_at = models.DateTimeField(null=True, blank=True)  # when somebody last said that it still tells the truth

    class Meta:
        ordering: ClassVar = ["key"]
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "key"], name="policy_key")]

    class PersonalData:
        of = Nobody("what the brand promises, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "reviewed_at")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key

    @property
    def newest(self) -> PolicyVersion | None:
        """The published version with the highest number, in force or not yet."""
        return self.versions.published().last()

    @property
    def draft(self) -> PolicyVersion | None:
        return self.versions.drafts().first()

    def review_due(self) -> datetime | None:
        """A policy is looked at anew within twelve months (Cal. Civ. Code 1798.130(a)(5)); None while nothing is published."""
        newest = self.newest
        if newest is None or newest.published_at is None:
            return None
        return max(newest.published_at, self.reviewed_at or newest.published_at) + settings.POLICY_REVIEWED_EVERY


class PolicyVersion(Version):
    policy = models.ForeignKey(Policy, verbose_name=_("policy"), on_delete=models.PROTECT, related_name="versions")
    # Anchors of the version before that this one gives up, knowingly.
    removed = models.JSONField(_("clauses that go"), default=list, blank=True)

    class Meta:
        verbose_name = _("version of a policy")
        verbose_name_plural = _("versions of policies")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number"),
            models.UniqueConstraint(fields=["policy"], condition=Q(number__isnull=True), name="policy_one_draft"),
            models.CheckConstraint(condition=PUBLISHED_WHOLE, name="policy_published_whole"),
        ]
        permissions: ClassVar = [("publish_policy", "Can publish policies")]

    class PersonalData:
        of = Nobody("what the brand promises, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = (
            "id", "policy", "number", "removed", "in_force_from", "published_at", "sha256", "body", "entry", "entry_public_id",
            "written_by",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.policy.key} {self.number or 'draft'}"


class PolicyText(Part):
    """What stands above the clauses, in one language."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=120)
    summary = models.TextField(_("summary"))

    objects = DraftsOnly.as_manager()

    class Meta:
        verbose_name = _("wording of a policy")
        verbose_name_plural = _("wordings of policies")
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "language"], name="policy_text_language")]

    class PersonalData:
        of = Nobody("what the brand promises, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "version", "language", "title", "summary")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class Clause(Part):
    """One clause in one language. `anchor` names it in every version and language, so links to it and comparisons hold."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="clauses")
    language = models.CharField(max_length=10)
    anchor = models.SlugField(max_length=ANCHOR)
    parent = models.CharField(max_length=ANCHOR, blank=True, default="")  # the anchor of the clause above it; "" on the first level
    order = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=12, blank=True)  # "3.2", reckoned from the tree; "" while the tree is broken
    heading = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)  # Markdown: see catalogue/markdown.py

    objects = DraftsOnly.as_manager()

    class Meta:
        ordering: ClassVar = ["language", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "language", "anchor"], name="clause_anchor"),
            models.UniqueConstraint(fields=["version", "language", "order"], name="clause_order"),
            models.CheckConstraint(condition=~Q(parent=models.F("anchor")), name="clause_not_its_own_parent"),
        ]

    class PersonalData:
        of = Nobody("what the brand promises, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "version", "language", "anchor", "parent", "order", "number", "heading", "body")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.number} {self.heading} ({self.language})".strip()


class Change(Part):
    """One change for people to read. `anchors` are the clauses that say it, `purposes` the uses that it touches and whose control it
    offers; `countries` (ISO 3166-1) and `audience` narrow whom it concerns. Nothing named concerns everybody."""

    class Kind(models.TextChoices):
        PURPOSE = "purpose", _("a use of data")
        DATA = "data", _("a kind of data")
        RECIPIENT = "recipient", _("who gets it")
        SALE = "sale", _("selling or sharing")
        RETENTION = "retention", _("how long it is kept")
        TRANSFER = "transfer", _("a transfer abroad")
        BASIS = "basis", _("the legal ground")
        RIGHTS = "rights", _("what people can do")
        WORDING = "wording", _("the wording")

    class Materiality(models.TextChoices):
        EDITORIAL = "editorial", _("editorial: nobody is written to")
        MATERIAL = "material", _("material: those affected are told in time")
        NEEDS_CONSENT = "needs_consent", _("needs consent: off until each says yes")

    class Audience(models.TextChoices):
        EVERYBODY = "everybody", _("everybody")
        ADULTS = "adults", _("adults")
        MINORS = "minors", _("minors")

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="changes")
    key = models.SlugField(_("key"), max_length=KEY)
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("what changes"), max_length=10, choices=Kind)
    materiality = models.CharField(_("how much it matters"), max_length=13, choices=Materiality)
    favourable = models.BooleanField(_("in people’s favour"), default=False)
    anchors = models.JSONField(default=list, blank=True)
    purposes = models.JSONField(default=list, blank=True)  # keys
    countries = models.JSONField(default=list, blank=True)
    audience = models.CharField(_("for whom"), max_length=9, choices=Audience, default=Audience.EVERYBODY)
    titles = models.JSONField(default=dict)  # {language: "A new parcel company"}
    for_you = models.JSONField(default=dict)  # {language: "Only the company you pick gets your address."}

    objects = DraftsOnly.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering: ClassVar = ["version", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "key"], name="change_key"),
            models.UniqueConstraint(fields=["version", "order"], name="change_order"),
            models.CheckConstraint(condition=Q(materiality__in=["editorial", "material", "needs_consent"]), name="change_materiality"),
            models.CheckConstraint(condition=Q(audience__in=["everybody", "adults", "minors"]), name="change_audience"),
            models.CheckConstraint(
                condition=Q(kind__in=["purpose", "data", "recipient", "sale", "retention", "transfer", "basis", "rights", "wording"]),
                name="change_kind",
            ),
        ]

    class PersonalData:
        of = Nobody("what the brand promises, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = (
            "id", "version", "key", "order", "kind", "materiality", "favourable", "anchors", "purposes", "countries", "audience",
            "titles", "for_you",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key
