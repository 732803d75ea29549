"""What can be done to the law: load it, and confirm a value it is unsure of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from regimes import documents
from regimes.confirmations import unsure
from regimes.documents import BadLaw
from regimes.law import reload
from regimes.models import Confirmation, RegimeVersion

SHIPPED = Path(__file__).resolve().parent / "data" / "regimes.json"


class CannotConfirm(ValueError):
    """The value is not marked unsure, is no longer what was looked at, or the source is no link."""


@dataclass(frozen=True)
class Loaded:
    """Keys of documents. `absent`: held but not in the file; they stay in force, a law ends by its `effective_to`."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    absent: tuple[str, ...]


def load(*, path: Path, by: str) -> Loaded:
    """Takes a law file. Twice is once; a changed document supersedes the one held; nothing held is edited.

    `by` is an actor as in the ledger (`system:load_regimes`, `staff:<reference>`). Raises BadLaw, and then nothing is taken.
    No ledger entry: the law belongs to the installation, and entries belong to a person or a brand. The rows are the record.
    Processes already running keep the law they hold until they are restarted.
    """
    try:
        law = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadLaw([f"{path}: {error}"]) from error
    documents.check(law)
    bodies = {key: documents.canonical(document) for key, document in documents.split(law).items()}
    first_days = {key: documents.first_day(document) for key, document in documents.split(law).items()}
    now = timezone.now()
    with transaction.atomic():
        held = dict(RegimeVersion.objects.current().select_for_update().values_list("key", "sha256"))
        new = sorted(bodies.keys() - held.keys())
        changed = sorted(key for key, sha256 in held.items() if key in bodies and documents.sha256(bodies[key]) != sha256)
        RegimeVersion.objects.current().filter(key__in=changed).update(superseded_at=now)
        RegimeVersion.objects.bulk_create(
            RegimeVersion(
                key=key,
                sha256=documents.sha256(bodies[key]),
                effective_from=first_days[key],
                body=bodies[key],
                loaded_at=now,
                loaded_by=by,
            )
            for key in [*new, *changed]
        )
    reload()
    unchanged = sorted(held.keys() & bodies.keys() - set(changed))
    return Loaded(tuple(new), tuple(changed), tuple(unchanged), tuple(sorted(held.keys() - bodies.keys())))


def confirm(*, key: str, path: str, sha256: str, source: str, by: str) -> Confirmation:
    """Somebody has held a value against a source. Twice is once: the first word stays.

    key, path, sha256: the value as it was looked at (confirmations.Unsure); one that has changed since is not confirmed.
    source: a web address where it can be read. by: `staff:<reference>`; a machine confirms nothing.
    Raises CannotConfirm. No ledger entry, as with load(): the rows are the record.
    """
    if not by.startswith("staff:"):
        raise CannotConfirm(f"“{by}” is not a person.")
    if not any((each.key, each.path, each.sha256) == (key, path, sha256) for each in unsure()):
        raise CannotConfirm(f"{key}: “{path or 'the whole entry'}” is not marked as unsure, or was changed since it was looked at.")
    try:
        URLValidator(schemes=["https", "http"])(source)
    except ValidationError as error:
        raise CannotConfirm(f"“{source}” is no web address.") from error
    said = {"source": source, "confirmed_by": by, "confirmed_at": timezone.now()}
    return Confirmation.objects.get_or_create(key=key, path=path, sha256=sha256, defaults=said)[0]
