"""The words the catalogue is written in: kinds of data, where they come from, who receives them, what protects them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.personal_data import KEEP, ForEver, Nobody

KEY = 40  # characters
PUBLIC = ForEver("the published truth about data: what was said must stay provable")
STAYS = KEEP("about no person", "the brand goes")


class Word(models.Model):
    """`names` maps a language to the word a reader sees. Once a published use names it, only new languages are added."""

    names = models.JSONField(_("names"), default=dict)

    class Meta:
        abstract = True

    def name_in(self, language: str, fallback: str = "en") -> str:
        names: dict[str, str] = self.names
        return names.get(language) or names.get(fallback) or next(iter(names.values()), "")


class DataCategory(Word):
    brand = models.ForeignKey("brands.Brand", on_delete=models.CASCADE, related_name="data_categories")
    key = models.SlugField(_("key"), max_length=KEY)
    sensitive = models.BooleanField(_("sensitive"), default=False)  # GDPR Art. 9: health, belief, origin and the like

    class Meta:
        verbose_name = _("kind of data")
        verbose_name_plural = _("kinds of data")
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "key"], name="data_category_key")]

    class PersonalData:
        of = Nobody("a kind of data, not the data")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "names", "sensitive")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key


class Source(Word):
    class Kind(models.TextChoices):
        PERSON = "person", _("the person")
        OBSERVED = "observed", _("observed")
        INFERRED = "inferred", _("inferred")
        OTHER = "other", _("somebody else")

    brand = models.ForeignKey("brands.Brand", on_delete=models.CASCADE, related_name="sources")
    key = models.SlugField(_("key"), max_length=KEY)
    kind = models.CharField(_("where it comes from"), max_length=10, choices=Kind.choices)
    since = models.DateField(_("since"), null=True, blank=True)  # null: as long as the brand has had customers

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key"], name="source_key"),
            models.CheckConstraint(condition=models.Q(kind__in=["person", "observed", "inferred", "other"]), name="source_kind"),
        ]

    class PersonalData:
        of = Nobody("where data comes from, not the data")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "names", "kind", "since")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key


class Recipient(models.Model):
    """Somebody by name, never "partners". `third_party`: outside the brand and not its processor."""

    class Role(models.TextChoices):
        PROCESSOR = "processor", _("works on our instructions")
        CONTROLLER = "controller", _("works for itself")
        JOINT = "joint", _("decides together with us")

    brand = models.ForeignKey("brands.Brand", on_delete=models.CASCADE, related_name="recipients")
    key = models.SlugField(_("key"), max_length=KEY)
    name = models.CharField(_("company"), max_length=120)
    country = models.CharField(_("country"), max_length=2)  # ISO 3166-1: where it is established
    role = models.CharField(_("whom they work for"), max_length=10, choices=Role.choices)  # its usual one; each use says its own
    third_party = models.BooleanField(_("third party"), default=False)
    what_for = models.JSONField(_("what for"), default=dict)  # {language: "Prints the catalogue"}

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key"], name="recipient_key"),
            models.CheckConstraint(condition=models.Q(role__in=["processor", "controller", "joint"]), name="recipient_role"),
            # Whoever decides over the data, alone or with us, stands outside; whoever works on our instructions does not.
            models.CheckConstraint(
                condition=models.Q(role="processor", third_party=False) | ~models.Q(role="processor") & models.Q(third_party=True),
                name="recipient_outside_unless_processor",
                violation_error_message=_("Whoever works for itself is a third party; whoever works on our instructions is not."),
            ),
        ]

    class PersonalData:
        of = Nobody("a company and what it does")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "name", "country", "role", "third_party", "what_for")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.name

    def what_for_in(self, language: str, fallback: str = "en") -> str:
        words: dict[str, str] = self.what_for
        return words.get(language) or words.get(fallback) or ""


class Safeguard(Word):
    brand = models.ForeignKey("brands.Brand", on_delete=models.CASCADE, related_name="safeguards")
    key = models.SlugField(_("key"), max_length=KEY)

    class Meta:
        verbose_name = _("safeguard")
        verbose_name_plural = _("safeguards")
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "key"], name="safeguard_key")]

    class PersonalData:
        of = Nobody("a protection, in words")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "names")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key
