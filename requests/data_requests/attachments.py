"""What other systems held is kept until the copy is made, or the request ends: not a day longer."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from data_requests.models import Attachment, Item, Request
from data_requests.package.sealing import remove_after_commit


def mark_of(request: Request) -> str:
    """What the other systems have said so far, in short: SHA-256 in hex. A copy of anything else is not the answer."""
    said = Item.objects.filter(request=request).exclude(system="center").order_by("pk")
    rows = said.values_list("pk", "answered_at", "attachment__sha256")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def forget_attachments(request: Request) -> None:
    """In a turn of the request: they have done their part, or are not wanted any more."""
    forget(Attachment.objects.filter(item__request=request))


def forget(attachments: QuerySet[Attachment]) -> None:
    files = list(attachments.values_list("file", flat=True))
    attachments.delete()
    remove_after_commit(files)
