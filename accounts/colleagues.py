"""What customers read of whoever acted for them at the desk: a name, where the colleague gave one, and never an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from accounts.models import Person

STAFF = "staff:"


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The names behind "staff:<reference>", by actor. No query where nobody of the desk is among them."""
    references = {actor.removeprefix(STAFF) for actor in actors if actor.startswith(STAFF)}
    if not references:
        return {}
    known = Person.objects.filter(reference__in=references).exclude(known_as="").values_list("reference", "known_as")
    return {f"{STAFF}{reference}": name for reference, name in known}


def in_words(actor: str, names: Mapping[str, str]) -> str:
    """“Our colleague Sam”; without the name where none is known any more."""
    name = names.get(actor, "")
    return _("Our colleague %(name)s") % {"name": name} if name else _("Our colleague")
