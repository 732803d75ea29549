"""What a key may be allowed to do: the closed list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVERY_PURPOSE = "*"

VERBS: Mapping[str, StrOrPromise] = {
    "decisions:read": _("ask “may I?”"),
    "audiences:read": _("list whom a use is allowed for"),
    "changes:read": _("read what has changed"),
    "people:read": _("read addresses and ids"),
    "people:write": _("say which id belongs to which address"),
    "choices:reduce": _("record a no"),
    "choices:raise": _("record a yes, with its evidence"),
    "answers:read": _("read what people told, for a purpose"),
    "events:write": _("say what happened on the way with a person"),
    "prompts:show": _("put a question to somebody on a page of its own"),
    "imports:write": _("import choices from an earlier system"),
    "export:read": _("export everything"),
}
READS_PEOPLE = frozenset({"decisions:read", "audiences:read", "changes:read", "people:read", "answers:read", "export:read"})
