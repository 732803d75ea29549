"""The brand's other systems at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext

from brands.models import Brand
from catalogue.admin.of_brand import OfBrand, brand_of, by
from data_requests import actions
from data_requests.connectors import Fault, Unreachable, connector_for
from data_requests.models import System
from data_requests.models.systems import OURS

if TYPE_CHECKING:
    OfSystem = forms.ModelForm[System]
else:
    OfSystem = forms.ModelForm


class SystemForm(OfSystem):
    """Django leaves out a constraint over a column that is not in the form, which the brand is not: asked here."""

    brand: ClassVar[Brand]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        others = System.objects.filter(brand=self.brand).exclude(pk=self.instance.pk)
        for name in ("key", "name"):
            value = values.get(name)
            if value and (value in OURS or others.filter(**{name: value}).exists()):
                self.add_error(name, gettext("There is one of this name already."))
        self._can_be_asked(values)
        return values

    def _can_be_asked(self, values: dict[str, Any]) -> None:
        """A program is named only where its file is there and fits what it speaks of."""
        asked = System(brand=self.brand, key=self.instance.key or values.get("key", ""), connector=values.get("connector") or "")
        try:
            connector = connector_for(asked)
            if connector is not None:
                connector.check()
        except (Fault, Unreachable) as error:
            self.add_error("connector", gettext("It can not be asked: %(why)s.") % {"why": error})


class SystemAdmin(OfBrand):
    """The brand's other systems, each asked with every copy. One that is not asked any more stays, for what it answered."""

    list_display = ("name", "key", "connector", "recipient", "in_use")
    fields = ("name", "key", "how", "connector", "recipient", "in_use")
    form = SystemForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"brand": brand_of(request)})

    def get_readonly_fields(self, request: HttpRequest, obj: System | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: System | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: System, form: Any, change: bool) -> None:
        actions.name_system(obj, brand=brand_of(request), by=by(request))
