"""Stages and moments: set and taken away, each with an entry on the brand's chain."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalogue.admin.of_brand import OfBrand, brand_of, by
from profiles import actions, desk_forms
from profiles.models import Moment, Stage


class OfJourney(OfBrand):
    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return desk_forms.with_names(self.form, brand_of(request), new=obj is None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.form.base_fields, *(f"name_{language}" for language in brand_of(request).languages)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()


class MomentAdmin(OfJourney):
    form = desk_forms.MomentForm
    list_display = ("key", "days", "on_the_way_to_pay")

    def save_model(self, request: HttpRequest, obj: Moment, form: Any, change: bool) -> None:
        moment = actions.set_moment(
            brand_of(request), key=obj.key, names=form.names(), days=obj.days, on_the_way_to_pay=obj.on_the_way_to_pay, by=by(request)
        )
        obj.pk = moment.pk

    def delete_model(self, request: HttpRequest, obj: Moment) -> None:
        actions.remove_moment(obj, by=by(request))


class StageAdmin(OfJourney):
    form = desk_forms.StageForm
    list_display = ("key", "order", "opens_on")

    def save_model(self, request: HttpRequest, obj: Stage, form: Any, change: bool) -> None:
        stage = actions.set_stage(
            brand_of(request), key=obj.key, names=form.names(), order=obj.order, opens_on=obj.opens_on, by=by(request)
        )
        obj.pk = stage.pk

    def delete_model(self, request: HttpRequest, obj: Stage) -> None:
        actions.remove_stage(obj, by=by(request))
