"""A purpose, its versions, and what each version says and does. A published version is never edited: see catalogue/triggers.py."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.models.frozen import PUBLISHED_WHOLE, DraftsOnly, Part, Version
from catalogue.models.vocabulary import KEY, PUBLIC, STAYS, DataCategory, Recipient, Source
from ledger.personal_data import Nobody

FACTS = ("data", "recipients", "sold", "kept", "if_no", "ground")  # the second layer, in the order it is shown
AGE_GROUPS = ("younger", "older")  # of children who are spoken to: 8 to 12 years, 13 to 15


class Purpose(models.Model):
    brand = models.ForeignKey("brands.Brand", on_delete=models.PROTECT, related_name="purposes")
    key = models.SlugField(_("key"), max_length=KEY)
    order = models.PositiveSmallIntegerField(_("order"), default=0)  # fixed by the catalogue, never by commercial wish
    parent = models.ForeignKey(
        "self", verbose_name=_("grew out of"), on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    retired_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        ordering: ClassVar = ["order", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key"], name="purpose_key"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")), name="purpose_not_its_own_parent"),
        ]

    class PersonalData:
        of = Nobody("what the brand does, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "order", "parent", "retired_at")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.key

    @property
    def newest(self) -> PurposeVersion | None:
        """The published version with the highest number, in force or not yet."""
        return self.versions.published().last()

    @property
    def draft(self) -> PurposeVersion | None:
        return self.versions.drafts().first()


class PurposeVersion(Version):
    class Basis(models.TextChoices):
        CONSENT = "consent", _("Your consent")
        LEGITIMATE_INTEREST = "legitimate_interest", _("Our legitimate interest")
        OPT_OUT = "opt_out", _("Allowed until you opt out")
        CONTRACT = "contract", _("Needed for the contract")
        LEGAL_DUTY = "legal_duty", _("Required by law")

    class Channel(models.TextChoices):
        EMAIL = "email", _("Email")
        SMS = "sms", _("Text message")
        PHONE = "phone", _("Phone")
        POST = "post", _("Post")
        PUSH = "push", _("Push message")

    class Audience(models.TextChoices):
        EVERYBODY = "everybody", _("everybody")
        ADULTS = "adults", _("adults")
        CHILDREN = "children", _("children")

    class Pictogram(models.TextChoices):
        NONE = "", _("no picture")
        CAMERA = "camera", _("camera")
        WATCH = "watch", _("watch")
        HAND = "hand", _("hand")
        EYE = "eye", _("eye")
        FILM = "film", _("film")
        HEART = "heart", _("heart")

    purpose = models.ForeignKey(Purpose, verbose_name=_("purpose"), on_delete=models.PROTECT, related_name="versions")
    basis = models.CharField(_("legal ground"), max_length=20, choices=Basis.choices)
    # Of the canonical purposes of the regimes.
    classes = models.JSONField(_("kinds of use, as the law sorts them"), default=list, blank=True)
    channels = models.JSONField(_("channels"), default=list, blank=True)  # empty: decided as a whole
    lifetime_months = models.PositiveSmallIntegerField(_("months that a yes stands (empty: until taken back)"), null=True, blank=True)
    explicit = models.BooleanField(_("asks for an explicit yes"), default=False)  # asks for the express words of GDPR Art. 9(2)(a)
    conditional_benefit = models.BooleanField(_("a benefit hangs on the answer"), default=False)  # a discount, or the like
    audience = models.CharField(_("for whom"), max_length=10, choices=Audience, default=Audience.EVERYBODY)  # whose data it is about
    pictogram = models.CharField(_("pictogram"), max_length=10, choices=Pictogram, default=Pictogram.NONE, blank=True)  # decoration

    class Meta:
        verbose_name = _("version of a purpose")
        verbose_name_plural = _("versions of purposes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "number"], name="version_number"),
            models.UniqueConstraint(fields=["purpose"], condition=Q(number__isnull=True), name="version_one_draft"),
            models.CheckConstraint(condition=PUBLISHED_WHOLE, name="version_published_whole"),
            models.CheckConstraint(
                condition=Q(basis__in=["consent", "legitimate_interest", "opt_out", "contract", "legal_duty"]), name="version_basis"
            ),
            models.CheckConstraint(condition=Q(audience__in=["everybody", "adults", "children"]), name="version_audience"),
        ]
        permissions: ClassVar = [
            ("publish_purpose", "Can publish and retire purposes"),
            ("vouch_for_prose", "Can say that a new wording says the same"),
            ("read_record_of_processing", "Can read the record of processing activities"),
        ]

    class PersonalData:
        of = Nobody("what the brand does, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = (
            "id", "purpose", "number", "basis", "classes", "channels", "lifetime_months", "explicit", "conditional_benefit",
            "audience", "pictogram", "in_force_from", "published_at", "sha256", "body", "entry", "entry_public_id", "written_by",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.purpose.key} {self.number or 'draft'}"


class PurposeText(Part):
    """What a person reads, in one language: a title, one sentence, and the six facts of the second layer."""

    version = models.ForeignKey(PurposeVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=120)
    sentence = models.TextField(_("one sentence"))
    data = models.TextField(_("which data"), blank=True)
    recipients = models.TextField(_("who gets it"), blank=True)
    sold = models.TextField(_("whether it is sold"), blank=True)
    kept = models.TextField(_("how long it is kept"), blank=True)
    if_no = models.TextField(_("what happens at a no"), blank=True)
    ground = models.TextField(_("legal ground, in words"), blank=True)
    channel_hints = models.JSONField(_("a word on each channel"), default=dict, blank=True)  # {channel: "At most one a month."}
    for_children = models.JSONField(_("words for children"), default=dict, blank=True)  # {group: {"title": …, "sentence": …}}

    objects = DraftsOnly.as_manager()

    class Meta:
        verbose_name = _("wording of a purpose")
        verbose_name_plural = _("wordings of purposes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "language"], name="text_language")]

    class PersonalData:
        of = Nobody("what the brand says, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "version", "language", "title", "sentence", *FACTS, "channel_hints", "for_children")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class Use(Part):
    """Which data, from which source, to whom, how long: what "wider" is judged on, never the prose."""

    class After(models.TextChoices):
        COLLECTED = "collected", _("after we got it")
        YEAR_END = "year_end", _("after the end of that year")
        STOPPED = "stopped", _("after it has stopped")  # the yes taken back, the contract or season over

    version = models.ForeignKey(PurposeVersion, on_delete=models.CASCADE, related_name="uses")
    category = models.ForeignKey(DataCategory, verbose_name=_("kind of data"), on_delete=models.PROTECT, related_name="uses")
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="uses")
    # Null: nobody.
    recipient = models.ForeignKey(
        Recipient, verbose_name=_("who gets it"), on_delete=models.PROTECT, null=True, blank=True, related_name="uses"
    )
    role = models.CharField(_("whom they work for"), max_length=10, choices=Recipient.Role.choices, blank=True)
    sold = models.BooleanField(_("sold"), default=False)
    # Passed on for the recipient's own ends, or for ads elsewhere, without money.
    shared = models.BooleanField(_("shared for their own ends"), default=False)
    country = models.CharField(_("country"), max_length=2)  # ISO 3166-1: where the data is
    # GDPR Art. 45 to 49, for a country outside the EEA.
    transfer_ground = models.CharField(_("ground of the transfer"), max_length=200, blank=True)
    safeguards = models.JSONField(_("safeguards"), default=list, blank=True)  # keys of Safeguard
    retention_days = models.PositiveIntegerField(_("days it is kept"))
    retention_after = models.CharField(_("counted from"), max_length=10, choices=After.choices)

    objects = DraftsOnly.as_manager()

    class Meta:
        verbose_name = _("use of data")
        verbose_name_plural = _("uses of data")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "category", "source", "recipient", "country"], condition=Q(recipient__isnull=False), name="use_once"
            ),
            models.UniqueConstraint(
                fields=["version", "category", "source", "country"], condition=Q(recipient__isnull=True), name="use_by_nobody_else_once"
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=True, role="", sold=False, shared=False)
                | Q(recipient__isnull=False, role__in=["processor", "controller", "joint"]),
                name="use_role_with_recipient",
                violation_error_message=_("Say whom the recipient works for; what nobody gets is neither sold nor shared."),
            ),
            models.CheckConstraint(condition=Q(retention_after__in=["collected", "year_end", "stopped"]), name="use_retention_after"),
        ]

    class PersonalData:
        of = Nobody("what the brand does, about no person")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = (
            "id", "version", "category", "source", "recipient", "role", "sold", "shared", "country", "transfer_ground",
            "safeguards", "retention_days", "retention_after",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.category} from {self.source} to {self.recipient or 'nobody'}"
