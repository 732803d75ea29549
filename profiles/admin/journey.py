"""Stages and moments: set and taken away, each with an entry on the brand's chain."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy

from catalogue.admin.of_brand import OfBrand, brand_of, by
from catalogue.admin.readable import readable
from catalogue.forms import fields_in_languages, in_languages
from profiles import actions, desk_forms
from profiles.models import Moment, Stage


class OfJourney(OfBrand):
    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return in_languages(self.form, brand_of(request), new=obj is None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return [*self.form.base_fields, readable(self.model, "names")]
        return fields_in_languages(self.form, brand_of(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    @admin.display(description=gettext_lazy("Called"))
    def called(self, row: Any) -> str:
        return str(row.names.get(get_language() or "") or next(iter(row.names.values()), row.key))


class MomentAdmin(OfJourney):
    form = desk_forms.MomentForm
    list_display = ("called", "key", "days", "on_the_way_to_pay")

    def save_model(self, request: HttpRequest, obj: Moment, form: Any, change: bool) -> None:
        names, pays = form.in_languages("names"), obj.on_the_way_to_pay
        moment = actions.set_moment(brand_of(request), key=obj.key, names=names, days=obj.days, on_the_way_to_pay=pays, by=by(request))
        obj.pk = moment.pk

    def delete_model(self, request: HttpRequest, obj: Moment) -> None:
        actions.remove_moment(obj, by=by(request))


class StageAdmin(OfJourney):
    form = desk_forms.StageForm
    list_display = ("called", "key", "order", "opens_on")

    def save_model(self, request: HttpRequest, obj: Stage, form: Any, change: bool) -> None:
        stage = actions.set_stage(
            brand_of(request), key=obj.key, names=form.in_languages("names"), order=obj.order, opens_on=obj.opens_on, by=by(request)
        )
        obj.pk = stage.pk

    def delete_model(self, request: HttpRequest, obj: Stage) -> None:
        actions.remove_stage(obj, by=by(request))
