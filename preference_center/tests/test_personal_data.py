from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from accounts.models import Customer, Person
from ledger.personal_data import CHAIN, DELETE, EMPTY, KEEP, Days, ForEver, Nobody, Proof, Reference, WithPerson, declared
from preference_center.personal_data import THIRD_PARTY

MODELS = sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_table_declares_each_field_once(model: type[Model]) -> None:
    declaration = declared(model)
    assert declaration is not None, f"{model._meta.label}: say what it holds of a person (ledger/personal_data.py)"
    named = [*declaration.exported, *declaration.withheld, *declaration.plain]
    assert len(named) == len(set(named)), "a field stands twice"
    assert set(named) == {field.name for field in model._meta.concrete_fields}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_declaration_can_be_carried_out(model: type[Model]) -> None:
    declaration = declared(model)
    assert isinstance(declaration.keep, WithPerson | Proof | Days | ForEver)
    assert declaration.on_erasure in (DELETE, CHAIN) or isinstance(declaration.on_erasure, EMPTY | KEEP)
    if isinstance(declaration.keep, Days):
        *way, last = declaration.keep.after.split("__")
        (_ends_at(model, "__".join(way)) if way else model)._meta.get_field(last)
    if isinstance(declaration.of, Reference):
        model._meta.get_field(declaration.of.column)
    elif not isinstance(declaration.of, Nobody):
        assert _ends_at(model, declaration.of) in (Customer, Person)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_table_about_nobody_exports_nothing(model: type[Model]) -> None:
    declaration = declared(model)
    assert not (isinstance(declaration.of, Nobody) and declaration.exported)


def test_no_declaration_is_left_over() -> None:
    assert set(THIRD_PARTY) <= {model._meta.label for model in MODELS}


def _ends_at(model: type[Model], path: str) -> Any:
    """The model a lookup path leads to; "self" is the model itself."""
    if path == "self":
        return model
    for step in path.split("__"):
        try:
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        except FieldDoesNotExist as error:
            raise AssertionError(f"{path} does not exist") from error
    return model
