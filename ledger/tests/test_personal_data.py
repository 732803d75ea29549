"""What the ledger's own tables say of the personal data in them."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from ledger.models import Entry
from ledger.personal_data import CHAIN, DELETE, EMPTY, KEEP, Days, ForEver, Nobody, Proof, Reference, WithPerson

MODELS = list(apps.get_app_config("ledger").get_models())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_declared_once(model: Any):
    said = model.PersonalData
    declared = [*said.exported, *said.withheld, *said.plain]
    assert sorted(declared) == sorted(field.name for field in model._meta.concrete_fields)
    assert isinstance(said.of, Reference | Nobody)
    if isinstance(said.of, Reference):
        assert said.of.column in declared
    assert isinstance(said.keep, WithPerson | Proof | Days | ForEver)
    if isinstance(said.keep, Days):
        assert said.keep.after in declared
    assert said.on_erasure in (DELETE, CHAIN) or isinstance(said.on_erasure, EMPTY | KEEP)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_row_is_readable(model: Any):
    """In the admin and in logs, without a payload."""
    values = {"subject": "f" * 32, "entry": 7, "tombstone": 8, "follower": "journal", "position": 9, "role": "guardian", "kind": "a.b"}
    fields = {field.name for field in model._meta.concrete_fields}
    row = model(**{name: value for name, value in values.items() if name in fields})
    assert str(row)
    assert "object (" not in str(row)


def test_words_of_the_declarations():
    assert Reference("subject").column == "subject"
    assert (Days(30, after="at").days, KEEP("law", "2030").until, EMPTY(("a",)).fields) == (30, "2030", ("a",))
    assert Entry.PersonalData.on_erasure is CHAIN
