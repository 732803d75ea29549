"""The desk's forms for a brand. What a row refuses (a faint colour, a pushing sentence) is told beside the form's fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from brands import logos, tokens
from brands.models import Brand, Logo, Theme, Wording
from brands.wording import DEFAULTS
from regimes.resolver import known_regimes

if TYPE_CHECKING:
    BrandModelForm = forms.ModelForm[Brand]
    ThemeModelForm = forms.ModelForm[Theme]
    WordingModelForm = forms.ModelForm[Wording]
    LogoModelForm = forms.ModelForm[Logo]
else:
    BrandModelForm = ThemeModelForm = WordingModelForm = LogoModelForm = forms.ModelForm


class Address(forms.URLField):
    """Written without a scheme it is an https address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https"} | kwargs)


class BrandForm(BrandModelForm):
    brand: ClassVar[Brand]
    languages = forms.MultipleChoiceField(choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple, label=capfirst(_("languages")))
    default_language = forms.ChoiceField(choices=settings.LANGUAGES, label=capfirst(_("first language")))
    home_regime = forms.ChoiceField(choices=lambda: [(name, name) for name in sorted(known_regimes())], label=capfirst(_("law at home")))

    class Meta:
        model = Brand
        fields = (*Brand.IDENTITY, *Brand.LEGAL)
        field_classes: ClassVar[dict[str, Any]] = {"authority_url": Address}


class ThemeForm(ThemeModelForm):
    brand: ClassVar[Brand]

    class Meta:
        model = Theme
        fields = (*tokens.FORMS, "light_only")
        widgets: ClassVar[dict[str, Any]] = {name: forms.TextInput(attrs={"type": "color"}) for name in tokens.COLOURS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, form in tokens.FORMS.items():
            if name in self.fields:
                # Told at the field, before the contrast of the whole is reckoned: that takes well-formed colours for granted.
                self.fields[name].validators.append(form)


class WordingForm(WordingModelForm):
    brand: ClassVar[Brand]

    class Meta:
        model = Wording
        fields = ("language", "key", "text")
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            spoken = [(code, name) for code, name in settings.LANGUAGES if code in self.brand.languages]
            self.fields["language"] = forms.ChoiceField(choices=spoken, label=_("language"))
            self.fields["key"] = forms.ChoiceField(choices=[(key, f"{key}: {ours}") for key, ours in DEFAULTS.items()], label=_("sentence"))


class LogoForm(LogoModelForm):
    brand: ClassVar[Brand]
    upload = forms.FileField(label=_("picture"), help_text=_("PNG, JPEG or WebP. It is drawn anew; nothing else of the file is kept."))

    class Meta:
        model = Logo
        fields = ("variant",)

    def clean_upload(self) -> bytes:
        upload = self.cleaned_data["upload"]
        if upload.size > logos.MOST_BYTES:  # said before it is read
            raise ValidationError(_("The file is larger than %(most)d kB."), code="size", params={"most": logos.MOST_BYTES // 1024})
        data: bytes = upload.read()
        logos.draw(data)
        return data
