"""The file of a copy: finished, fetched, forgotten."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils import timezone

from accounts.assurance import Proof
from accounts.holds import held_until, worth
from data_requests.actions.answering import may_execute
from data_requests.attachments import mark_of
from data_requests.models import Item, Package, Request
from data_requests.package.sealing import Sealed, opened, remove_after_commit
from data_requests.states import RELEASED, Event, NotPossible, Role, State
from data_requests.steps import at_work_on, step
from ledger.models import Entry
from ledger.turns import Turn

logger = logging.getLogger(__name__)


def fulfil_copy(request: Request, sealed: Sealed, rows: int, *, by: str, now: datetime | None = None, said: str = "") -> Package:
    """The file is there, and with it the answer. In part where a system kept something back, which its note explains. `said`: the
    attachments.mark_of what went into it; when a system has said something else since, the file is not the answer."""
    now = now or timezone.now()
    with at_work_on(request, by=by) as (this, found):
        if not may_execute(found, now) or found.customer is None or held_until(found.customer, now):
            raise NotPossible(f"{found.number} may not be released")
        found.items.filter(system="center").update(outcome=Item.Outcome.DONE, count=rows, answered_at=now)
        outcomes = set(found.items.values_list("outcome", flat=True))
        if outcomes & {Item.Outcome.OPEN, Item.Outcome.FAILED}:
            raise NotPossible("a system has not answered")
        if said and said != mark_of(found):
            raise NotPossible("a system has said something else meanwhile")
        package: Package = Package.objects.create(
            request=found, file=sealed.name, key=sealed.key, size=sealed.size, sha256=sealed.sha256, rows=rows, built_at=now,
            expires_at=now + settings.PACKAGE_KEPT,
        )  # fmt: skip
        event = Event.FULFIL_IN_PART if Item.Outcome.KEPT in outcomes else Event.FULFIL
        step(this, found, event, Role.SYSTEM)
    return package


def download(request: Request, proof: Proof, *, by: str, nonce: str) -> Iterator[bytes]:
    """The archive, decrypted piece by piece. Counted before the first byte; a press counts once. Raises NotPossible: not proven enough,
    held, fetched often enough, or gone."""
    with at_work_on(request, by=by) as (this, found):
        package = Package.objects.filter(request=found).first()
        if package is None or not may_fetch(found, package, proof, timezone.now()):
            raise NotPossible(f"{found.number} is not fetched like this")
        key = hashlib.sha256(f"{nonce}|{found.number}|download".encode()).hexdigest()
        if Entry.objects.of(found.subject).filter(idempotency_key=key).exists():
            raise NotPossible("this press has been answered")
        content = _opened(package)
        package.downloads += 1
        package.save(update_fields=["downloads"])
        act = {"request": found.number, "assurance": str(proof.level), "method": proof.method, "number_of": package.downloads}
        this.append(found.subject, "request.downloaded", act, key=key)
    return content


def _opened(package: Package) -> Iterator[bytes]:
    """A file that is not where it should be is a fault of ours: it is logged, and costs the person no try."""
    try:
        return opened(package.file, package.key)
    except (FileNotFoundError, InvalidToken) as error:
        logger.exception("the file of a copy cannot be opened")
        raise NotPossible("the file is not there") from error


def may_fetch(request: Request, package: Package, proof: Proof, now: datetime) -> bool:
    """What has waited (the slow lane, a claim) is opened by a fresh code; everything else by two factors."""
    held = request.customer is None or held_until(request.customer, now)
    enough = request.customer is not None and is_enough(request, worth(request.customer, proof, now))
    left = package.downloads < settings.PACKAGE_DOWNLOADS
    return enough and not held and left and package.is_there(now) and request.state in {State(state) for state in RELEASED}


def is_enough(request: Request, proof: Proof) -> bool:
    return proof.opens("download") or (request.not_before is not None and proof.opens_slowly("download"))


def forget_file(package: Package, *, by: str) -> bool:
    """False when it has gone already."""
    with at_work_on(package.request, by=by) as (this, request):
        found = Package.objects.get(pk=package.pk)
        if found.gone_at is not None:
            return False
        forget(this, request, found)
    return True


def forget(this: Turn, request: Request, package: Package) -> None:
    """The key goes with the row, so that the file says nothing even where it could not be removed; the file goes after the commit."""
    remove_after_commit([package.file])
    package.file, package.key, package.gone_at = "", "", timezone.now()
    package.save(update_fields=["file", "key", "gone_at"])
    this.append(request.subject, "request.file_gone", {"request": request.number})
