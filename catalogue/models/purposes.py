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
    key = models.SlugField(max_length=KEY)
    order = models.PositiveSmallIntegerField(default=0)  # fixed by the catalogue, never by commercial wish
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    retired_at = models.DateTimeField(null=True, blank=True)

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

    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="versions")
    basis = models.CharField(max_length=20, choices=Basis.choices)
    classes = models.JSONField(default=list, blank=True)  # of the canonical purposes of the regimes
    channels = models.JSONField(default=list, blank=True)  # empty: decided as a whole
    lifetime_months = models.PositiveSmallIntegerField(null=True, blank=True)  # how long a yes stands; null: until taken back
    explicit = models.BooleanField(default=False)  # asks for the express words of GDPR Art. 9(2)(a)
    conditional_benefit = models.BooleanField(default=False)  # a discount or the like hangs on the answer
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
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    sentence = models.TextField()
    data = models.TextField(blank=True)
    recipients = models.TextField(blank=True)
    sold = models.TextField(blank=True)
    kept = models.TextField(blank=True)
    if_no = models.TextField(blank=True)
    ground = models.TextField(blank=True)
    channel_hints = models.JSONField(default=dict, blank=True)  # {channel: "At most one a month."}
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
    category = models.ForeignKey(DataCategory, on_delete=models.PROTECT, related_name="uses")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="uses")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, null=True, blank=True, related_name="uses")  # null: nobody
    role = models.CharField(max_length=10, choices=Recipient.Role.choices, blank=True)
    sold = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)  # passed on for the recipient's own ends, or for ads elsewhere, without money
    country = models.CharField(max_length=2)  # ISO 3166-1: where the data is
    transfer_ground = models.CharField(max_length=200, blank=True)  # GDPR Art. 45 to 49, for a country outside the EEA
    safeguards = models.JSONField(default=list, blank=True)  # keys of Safeguard
    retention_days = models.PositiveIntegerField()
    retention_after = models.CharField(max_length=10, choices=After.choices)

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
