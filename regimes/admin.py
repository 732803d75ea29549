"""The law on the desk: which values nobody has confirmed, and who confirmed the others, by which source.

Registered nowhere here: the desk puts these classes on its own site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.validators import URLValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from regimes import actions
from regimes.confirmations import Unsure, unconfirmed
from regimes.models import Confirmation

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Confirmation]
    ConfirmationModelForm = forms.ModelForm[Confirmation]
else:
    Admin, ConfirmationModelForm = admin.ModelAdmin, forms.ModelForm


def named(value: Unsure) -> str:
    """One field for three: a form sends back what was looked at."""
    return f"{value.key}|{value.sha256}|{value.path}"


class ConfirmationForm(ConfirmationModelForm):
    value = forms.ChoiceField(label=_("value"))
    source = forms.URLField(
        label=_("source"),
        max_length=500,
        assume_scheme="https",
        validators=[URLValidator(schemes=["https", "http"])],
        help_text=_("The web address where you read that the value is right."),
    )

    class Meta:
        model = Confirmation
        fields = ("source",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = [(named(each), f"{each.key} · {each.path or _('as a whole')} · {each.told}") for each in unconfirmed()]
        field = self.fields["value"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *waiting]


class ConfirmationAdmin(Admin):
    form = ConfirmationForm
    fields = ("value", "source")
    list_display = ("key", "path", "source", "confirmed_by", "confirmed_at")
    sortable_by: ClassVar[tuple[str, ...]] = ()
    change_list_template = "admin/regimes/confirmation/change_list.html"

    def has_change_permission(self, request: HttpRequest, obj: Confirmation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Confirmation | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Confirmation | None = None) -> tuple[str, ...]:
        return ("key", "path", "sha256", "source", "confirmed_by", "confirmed_at") if obj else ("value", "source")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        waiting = [{"value": each, "named": named(each)} for each in unconfirmed()]
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    def save_model(self, request: HttpRequest, obj: Confirmation, form: Any, change: bool) -> None:
        key, sha256, path = form.cleaned_data["value"].split("|", 2)
        by = f"staff:{request.user.reference}"  # type: ignore[union-attr]
        obj.pk = actions.confirm(key=key, path=path, sha256=sha256, source=form.cleaned_data["source"], by=by).pk
        obj.key, obj.path = key, path


ADMINS: tuple[tuple[type[Any], type[Admin]], ...] = ((Confirmation, ConfirmationAdmin),)
