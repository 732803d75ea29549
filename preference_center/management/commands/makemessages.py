from __future__ import annotations

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """A new sentence comes untranslated: a guess from a similar one would be shipped by mistake."""

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
