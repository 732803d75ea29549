"""A brand: who is responsible, at which host, and in which clothes and words the center meets its customers.

Everything of a request starts at `request.brand`, the brand of its host. `config_epoch` rises with every change of anything a
brand has published, in this app and above it: what is held in memory is held per (brand, epoch).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.http.request import validate_host
from django.utils.translation import gettext_lazy as _

from brands import contrast, tokens, wording
from ledger.personal_data import KEEP, ForEver, Nobody

PUBLIC = ForEver("the brand's own public words")
STAYS = KEEP("says nothing about a customer", "the brand is removed")


class BrandQuerySet(models.QuerySet["Brand"]):
    def at_host(self, host: str) -> Brand | None:
        """The brand of a host name, without its port: of its center, or of its desk alone."""
        name = host.lower().rstrip(".")
        return self.select_related("theme").filter(Q(host=name) | Q(desk_host=name)).first() if name else None

    def first_made(self) -> Brand | None:
        return self.select_related("theme").order_by("pk").first()


class Brand(models.Model):
    key = models.SlugField(_("key"), max_length=40, unique=True, validators=[RegexValidator(r"^[a-z][a-z0-9-]*\Z")])
    name = models.CharField(_("name of the brand"), max_length=80)
    host = models.CharField(_("host"), max_length=253, unique=True, validators=[RegexValidator(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z")])
    # Where the desk answers, and nothing of the center does; empty: at the host of the center, below /desk/.
    desk_host = models.CharField(
        _("host of the desk alone (empty: beside the center)"), max_length=253, blank=True, default="",
        validators=[RegexValidator(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z")],
    )  # fmt: skip
    subject = models.CharField(max_length=32, unique=True, editable=False)
    default_language = models.CharField(_("first language"), max_length=16)
    languages = models.JSONField(_("languages"), default=list)
    country = models.CharField(_("country"), max_length=2, validators=[RegexValidator(r"^[A-Z]{2}\Z")])
    home_regime = models.CharField(_("law at home"), max_length=40)
    has_minors = models.BooleanField(_("has customers who are children"), default=False)
    # At majority all that is optional pauses until the young adult answers, and not only what a guardian had allowed.
    pauses_at_majority = models.BooleanField(_("pauses everything optional when a child comes of age"), default=False)
    # Since when the brand declares at /.well-known/gpc.json that it honours the signal. It is honoured in any case.
    gpc_since = models.DateField(_("declares Global Privacy Control since"), null=True, blank=True)
    shows_figures = models.BooleanField(_("shows its figures on requests to everybody"), default=False)
    config_epoch = models.PositiveBigIntegerField(default=1, editable=False)

    legal_name = models.CharField(_("legal name"), max_length=200)
    legal_address = models.CharField(_("postal address"), max_length=300)
    legal_register = models.CharField(_("entry in the register"), max_length=200, blank=True)
    privacy_officer_name = models.CharField(_("data protection officer"), max_length=200, blank=True)
    privacy_officer_email = models.EmailField(_("address of the data protection officer"))
    privacy_officer_address = models.CharField(_("postal address of the data protection officer"), max_length=300, blank=True)
    authority_name = models.CharField(_("supervisory authority"), max_length=200)
    authority_address = models.CharField(_("postal address of the authority"), max_length=300, blank=True)
    authority_url = models.URLField(_("page of the authority"), blank=True)
    support_email = models.EmailField(_("support address"))
    sender_name = models.CharField(_("sender of mails"), max_length=80)
    sender_email = models.EmailField(_("address of the sender"))

    objects: ClassVar[Any] = BrandQuerySet.as_manager()

    IDENTITY = (
        "name", "host", "desk_host", "default_language", "languages", "country", "home_regime", "has_minors", "pauses_at_majority",
        "gpc_since", "shows_figures",
    )  # fmt: skip
    LEGAL = (
        "legal_name", "legal_address", "legal_register", "privacy_officer_name", "privacy_officer_email",
        "privacy_officer_address", "authority_name", "authority_address", "authority_url", "support_email",
        "sender_name", "sender_email",
    )  # fmt: skip

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        constraints = (
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z][a-z0-9-]*$"), name="brand_key_is_plain"),
            models.CheckConstraint(condition=Q(host=Lower(F("host"))) & ~Q(host=""), name="brand_host_is_lower_case"),
            models.CheckConstraint(
                condition=Q(desk_host=Lower(F("desk_host"))) & (Q(desk_host="") | ~Q(desk_host=F("host"))),
                name="brand_desk_host_is_another",
            ),
            models.UniqueConstraint(fields=["desk_host"], condition=~Q(desk_host=""), name="brand_desk_host_once"),
            models.CheckConstraint(condition=Q(subject__regex=r"^[0-9a-f]{32}$"), name="brand_subject_is_hex"),
            models.CheckConstraint(condition=~Q(languages=[]), name="brand_speaks_a_language"),
            models.CheckConstraint(condition=Q(config_epoch__gte=1), name="brand_epoch_from_one"),
        )

    class PersonalData:
        of = Nobody("a company and its officers in their public office")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = (
            "id", "key", "name", "host", "desk_host", "subject", "default_language", "languages", "country", "home_regime", "has_minors",
            "pauses_at_majority",
            "gpc_since", "shows_figures", "config_epoch", "legal_name", "legal_address", "legal_register", "privacy_officer_name",
            "privacy_officer_email",
            "privacy_officer_address", "authority_name", "authority_address", "authority_url", "support_email", "sender_name",
            "sender_email",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.languages or not all(isinstance(language, str) for language in self.languages):
            raise ValidationError({"languages": _("Name at least one language.")})
        if unknown := set(self.languages) - dict(settings.LANGUAGES).keys():
            raise ValidationError({"languages": _("Not spoken here: %(codes)s.") % {"codes": ", ".join(sorted(unknown))}})
        if self.default_language not in self.languages:
            raise ValidationError({"default_language": _("The first language must be one of the brand’s languages.")})
        others = Brand.objects.exclude(pk=self.pk)
        if self.desk_host and (self.desk_host == self.host or others.filter(host=self.desk_host).exists()):
            raise ValidationError({"desk_host": _("Somebody’s center answers at this host.")})
        if self.desk_host and not validate_host(self.desk_host, settings.ALLOWED_HOSTS):
            raise ValidationError({"desk_host": _("This installation does not answer at this host: see ALLOWED_HOSTS.")})
        if others.filter(desk_host=self.host).exists():
            raise ValidationError({"host": _("Somebody’s desk answers at this host.")})


class Theme(models.Model):
    """The brand's tokens (`brands/tokens.py`), rendered into one small stylesheet. A brand sets these and nothing else."""

    brand = models.OneToOneField(Brand, verbose_name=_("brand"), on_delete=models.CASCADE, related_name="theme")
    accent = models.CharField(_("accent"), max_length=7, default="#24505c", validators=[tokens.hex_colour])
    accent_night = models.CharField(_("accent at night"), max_length=7, default="#93cbd8", validators=[tokens.hex_colour])
    on_accent = models.CharField(_("text on the accent"), max_length=7, default="#ffffff", validators=[tokens.hex_colour])
    on_accent_night = models.CharField(_("text on the accent at night"), max_length=7, default="#0d1a1e", validators=[tokens.hex_colour])
    tint = models.CharField(_("quiet surface"), max_length=7, default="#e6eff1", validators=[tokens.hex_colour])
    tint_night = models.CharField(_("quiet surface at night"), max_length=7, default="#1a2a2f", validators=[tokens.hex_colour])
    paper = models.CharField(_("page"), max_length=7, default="#ffffff", validators=[tokens.hex_colour])
    paper_night = models.CharField(_("page at night"), max_length=7, default="#14181a", validators=[tokens.hex_colour])
    ink = models.CharField(_("text"), max_length=7, default="#1b2426", validators=[tokens.hex_colour])
    ink_night = models.CharField(_("text at night"), max_length=7, default="#e8edee", validators=[tokens.hex_colour])
    band = models.CharField(_("band"), max_length=1000, default="linear-gradient(var(--brand) 0 4px)", validators=[tokens.band])
    band_size = models.CharField(_("height of the band"), max_length=4, default="4px", validators=[tokens.band_size])
    font_text = models.CharField(
        _("fonts of text"), max_length=400, validators=[tokens.fonts],
        default='-apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Noto Sans", system-ui, sans-serif',
    )  # fmt: skip
    font_display = models.CharField(
        _("fonts of headings"), max_length=400, validators=[tokens.fonts],
        default='-apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Noto Sans", system-ui, sans-serif',
    )  # fmt: skip
    display_weight = models.PositiveSmallIntegerField(_("weight of headings"), default=650, validators=[tokens.weight])
    display_spacing = models.CharField(_("letter spacing of headings"), max_length=10, default="-0.015em", validators=[tokens.spacing])
    radius = models.CharField(_("roundness"), max_length=8, default="4px", validators=[tokens.length])
    light_only = models.BooleanField(_("no dark mode"), default=False)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        constraints = (
            *(
                models.CheckConstraint(condition=Q(**{f"{name}__regex": r"^#[0-9a-f]{6}$"}), name=f"theme_{name}_is_hex")
                for name in tokens.COLOURS
            ),
            *(
                models.CheckConstraint(condition=~Q(**{f"{name}__regex": r"[^-A-Za-z0-9 #.,()\"]"}), name=f"theme_{name}_is_plain")
                for name in ("band", "band_size", "font_text", "font_display", "display_spacing", "radius")
            ),
        )

    class PersonalData:
        of = Nobody("colours and fonts of a brand")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("id", "brand", "light_only", *tokens.FORMS)
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return str(self.brand)

    def clean(self) -> None:
        contrast.readable(self.values())

    def values(self) -> dict[str, str | int]:
        """The tokens by name, without `light_only`."""
        return {name: getattr(self, name) for name in tokens.FORMS}


class Logo(models.Model):
    """The brand's picture as we drew it anew: no byte of the upload is kept (`brands/logos.py`)."""

    class Variant(models.TextChoices):
        LIGHT = "light", _("by day")
        NIGHT = "night", _("at night")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="logos")
    variant = models.CharField(_("variant"), max_length=5, choices=Variant)
    png = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")
        constraints = (
            models.UniqueConstraint(fields=("brand", "variant"), name="one_logo_a_variant"),
            models.CheckConstraint(condition=Q(variant__in=("light", "night")), name="logo_variant_is_known"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="logo_sha256_is_hex"),
        )

    class PersonalData:
        of = Nobody("a brand's picture")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("id", "brand", "variant", "png", "sha256", "width", "height")
        keep = PUBLIC
        on_erasure = STAYS


class Wording(models.Model):
    """One sentence in the brand's own words, from the closed list of `brands/wording.py`."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="wordings")
    language = models.CharField(_("language"), max_length=16)
    key = models.CharField(_("sentence"), max_length=40, validators=[wording.may_be_reworded])
    text = models.CharField(_("words"), max_length=wording.LONGEST, validators=[wording.may_be_said])

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = (
            models.UniqueConstraint(fields=("brand", "language", "key"), name="one_wording_a_sentence"),
            models.CheckConstraint(condition=~Q(text=""), name="wording_says_something"),
        )

    class PersonalData:
        of = Nobody("a brand's public words")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("id", "brand", "language", "key", "text")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return f"{self.text} ({self.language})"
