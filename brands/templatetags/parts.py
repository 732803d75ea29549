"""What the parts of templates/parts/ and templates/django/forms/ ask for."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag(takes_context=True)
def title_prefix(context: dict[str, Any]) -> str:
    """The word "Error: " on a page whose form was refused, "Saved: " above a good notice: what is read out first."""
    form = context.get("form")
    if getattr(form, "errors", None):
        return _("Error:") + " "
    notice = context.get("notice")
    notice = notice() if callable(notice) else notice
    return _("Saved:") + " " if notice and notice.level == "good" else ""


@register.filter
def is_tick(field: BoundField) -> bool:
    """A single box, whose label stands beside it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def first_control(field: BoundField) -> str:
    """The id of what takes the focus: of a group, its first choice."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label


@register.simple_tag
def static_if_there(path: str) -> str:
    """For the error pages: an installation whose static files were not collected must still be able to say that it is broken."""
    try:
        return static(path)
    except ValueError:
        return ""
