"""What stands in a column as JSON, said in words wherever the desk only shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.db.models import JSONField, Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin

    AdminOrInline = BaseModelAdmin[Any]
else:
    AdminOrInline = object  # what this stands before brings the rest

BYTES = frozenset({"body"})  # long, and for machines: folded


class Readable(AdminOrInline):
    """Mixin of an admin or an inline: its JSON in words, and what is only for machines folded, where nothing can be changed."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.as_words(request, obj, super().get_fields(request, obj))

    def as_words(self, request: HttpRequest, obj: Any, names: Any) -> Any:
        """For an admin that says its own fields."""
        open_ = obj is None or self.has_change_permission(request, obj)
        return names if open_ else list(dict.fromkeys(readable(self.model, name) for name in names))


def readable(model: type[Model], name: Any) -> Any:
    """The name of the column; of JSON and bytes what shows them, called as the column is."""
    return _shower(model._meta.label, name) if name in columns(model) else name


def columns(model: type[Model]) -> list[str]:
    """Those that are not shown as they stand."""
    return [each.name for each in model._meta.concrete_fields if isinstance(each, JSONField) or each.name in BYTES]


@cache  # the same each time: Django compares what it shows with what it leaves out of a form
def _shower(label: str, name: str) -> Any:
    show = folded if name in BYTES else in_words

    @admin.display(description=capfirst(apps.get_model(label)._meta.get_field(name).verbose_name))
    def shown(obj: Any) -> SafeString | str:
        return show(getattr(obj, name))

    return shown


def folded(text: str) -> SafeString | str:
    """It scrolls, so it is reached by keyboard, too."""
    if not text:
        return "–"
    box = format_html('<pre tabindex="0" role="region" aria-label="{}">{}</pre>', _("What the fingerprint is taken of"), text)
    return format_html("<details><summary>{}</summary>{}</details>", _("Show it"), box)


def in_words(value: Any) -> SafeString | str:
    """A mapping line by line, a list as one line, a pair of key and words as the words."""
    if isinstance(value, Mapping):
        rows = [(key, in_words(each)) for key, each in value.items()]
        return format_html('<dl class="words">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows)) if rows else "–"
    if isinstance(value, Sequence) and not isinstance(value, str):
        said = [str(each[1]) if _is_pair(each) else str(in_words(each)) for each in value]
        return ", ".join(said) or "–"
    return "–" if value is None or value == "" else str(value)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value)
