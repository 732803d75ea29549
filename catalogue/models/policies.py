"""A policy, its versions, and the clauses of each in every language. A published version is never edited: see catalogue/triggers.py."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalogue.models.frozen import PUBLISHED_WHOLE, DraftsOnly, Freezable, Version
from catalogue.models.vocabulary import KEY, PUBLIC, STAYS
from ledger.personal_data import Nobody

PRIVACY = "privacy"  # the policy that /policy/ shows
ANCHOR = 60  # characters


class Policy(models.Model):
    brand = models.ForeignKey("brands.Brand", on_delete=models.PROTECT, related_name="policies")
    key = models.SlugField(max_length=KEY)
    reviewed_at = models.DateTimeField(null=True, blank=True)  # when somebody last said that it still tells the truth

    class Meta:
        ordering: ClassVar = ["key"]
        verbose_name_plural = "policies"
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
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    removed = models.JSONField(default=list, blank=True)  # anchors of the version before that this one gives up, knowingly

    class Meta:
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
        plain = ("id", "policy", "number", "removed", "in_force_from", "published_at", "sha256", "body", "entry", "entry_public_id")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.policy.key} {self.number or 'draft'}"


class PolicyText(Freezable):
    """What stands above the clauses, in one language."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    summary = models.TextField()

    objects = DraftsOnly.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "language"], name="policy_text_language")]

    class PersonalData:
        of = Nobody("what the brand promises, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "version", "language", "title", "summary")
        keep = PUBLIC
        on_erasure = STAYS

    @property
    def frozen(self) -> bool:
        return self.version.frozen

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class Clause(Freezable):
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

    @property
    def frozen(self) -> bool:
        return self.version.frozen

    def __str__(self) -> str:
        return f"{self.number} {self.heading} ({self.language})".strip()
