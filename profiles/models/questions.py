"""A question, its versions, and what each version says. A published version is never edited: see profiles/triggers.py."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from catalogue.models import DataCategory, Purpose
from catalogue.models.frozen import PUBLISHED_WHOLE, DraftsOnly, Part, Version
from catalogue.models.vocabulary import KEY, PUBLIC, STAYS
from ledger.personal_data import Nobody
from profiles.kinds import LARGEST, Kind
from profiles.models.journey import Stage

NOBODY: dict[str, str] = {}
LONGEST_KEPT = 3650  # days


class QuestionQuerySet(models.QuerySet["Question"]):
    def at(self, brand: Brand) -> QuestionQuerySet:
        return self.filter(brand=brand)


class Question(models.Model):
    """`topic`: what a refusal covers; the same thing asked in other words has the same one. `order`: which of several is put first."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="questions")
    key = models.SlugField(_("key"), max_length=KEY)
    topic = models.SlugField(_("topic"), max_length=KEY)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar = ["order", "key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "key"], name="question_key")]

    class PersonalData:
        of = Nobody("what the brand asks, not who was asked")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "brand", "key", "topic", "order", "retired_at")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key

    @property
    def newest(self) -> QuestionVersion | None:
        """The published version with the highest number."""
        return self.versions.published().last()

    @property
    def draft(self) -> QuestionVersion | None:
        return self.versions.drafts().first()


class QuestionVersion(Version):
    """`category`, `purpose`: what the answer is, and the one use it is given for. `stage`: from which on it is asked; null: from the first.
    `moments`: keys of the events after which it is asked."""

    question = models.ForeignKey(Question, verbose_name=_("question"), on_delete=models.PROTECT, related_name="versions")
    kind = models.CharField(_("kind of answer"), max_length=10, choices=Kind)
    purpose = models.ForeignKey(Purpose, verbose_name=_("purpose it serves"), on_delete=models.PROTECT, related_name="questions")
    category = models.ForeignKey(DataCategory, verbose_name=_("kind of data"), on_delete=models.PROTECT, related_name="questions")
    retention_days = models.PositiveSmallIntegerField(
        _("days it is kept"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST_KEPT)]
    )
    stage = models.ForeignKey(
        Stage, verbose_name=_("from this stage on"), on_delete=models.PROTECT, null=True, blank=True, related_name="questions"
    )
    moments = models.JSONField(_("moments"), default=list, blank=True)
    least = models.IntegerField(_("smallest number"), null=True, blank=True)
    most = models.IntegerField(_("largest number, or most letters"), null=True, blank=True)
    sensitive_reason = models.TextField(_("why it is asked although it is sensitive"), blank=True, default="")

    class Meta:
        verbose_name = _("version of a question")
        verbose_name_plural = _("versions of questions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_number"),
            models.UniqueConstraint(fields=["question"], condition=Q(number__isnull=True), name="question_one_draft"),
            models.CheckConstraint(condition=PUBLISHED_WHOLE, name="question_published_whole"),
            models.CheckConstraint(condition=Q(kind__in=list(Kind.values)), name="question_kind"),
            models.CheckConstraint(
                condition=Q(retention_days__gte=1, retention_days__lte=LONGEST_KEPT), name="question_is_not_kept_for_ever"
            ),
            models.CheckConstraint(
                condition=(Q(least=None) | Q(least__gte=-LARGEST, least__lte=LARGEST))
                & (Q(most=None) | Q(most__gte=-LARGEST, most__lte=LARGEST))
                & (Q(least=None) | Q(most=None) | Q(least__lte=models.F("most"))),
                name="question_bounds",
                violation_error_message=_("The smallest number is not above the largest."),
            ),
        ]
        permissions: ClassVar = [
            ("publish_question", "Can publish and retire questions"),
            ("allow_sensitive_question", "Can say why a sensitive question is asked"),
            ("read_relevance", "Can read which questions earn their place"),
        ]

    class PersonalData:
        of = Nobody("what the brand asks, not who was asked")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = (
            "id", "question", "number", "kind", "purpose", "category", "retention_days", "stage", "moments", "least", "most",
            "sensitive_reason", "in_force_from", "published_at", "sha256", "body", "entry", "entry_public_id", "written_by",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.question.key} {self.number or 'draft'}"


class QuestionText(Part):
    """What a person reads, in one language. `options`, `columns`: [[key, label], …], the same keys in every language."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("question"), max_length=120)
    why_now = models.TextField(_("why now"))
    benefit = models.CharField(_("what they get for it, in one sentence"), max_length=200)
    if_not = models.CharField(_("what happens if they don’t answer"), max_length=200)
    used_by = models.CharField(_("what uses it"), max_length=80)
    save_label = models.CharField(_("words of the button"), max_length=40)
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="")
    options = models.JSONField(_("options"), default=list, blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)

    objects = DraftsOnly.as_manager()

    class Meta:
        verbose_name = _("wording of a question")
        verbose_name_plural = _("wordings of questions")
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "language"], name="question_text_language")]

    class PersonalData:
        of = Nobody("what the brand says, about no person")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = (
            "id", "version", "language", "title", "why_now", "benefit", "if_not", "used_by", "save_label", "unit", "options", "columns",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class Condition(Part):
    """One row that must hold before it is asked: fact, is, value (profiles/eligibility.py)."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE, related_name="conditions")
    fact = models.CharField(_("fact"), max_length=10)
    about = models.CharField(_("of what"), max_length=100, blank=True, default="")
    relation = models.CharField(_("is"), max_length=12)
    value = models.CharField(_("value"), max_length=200, blank=True, default="")

    objects = DraftsOnly.as_manager()

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering: ClassVar = ["pk"]

    class PersonalData:
        of = Nobody("whom the brand would ask, about no person")
        exported: ClassVar = NOBODY
        withheld: ClassVar = NOBODY
        plain = ("id", "version", "fact", "about", "relation", "value")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.fact} {self.about} {self.relation} {self.value}"
