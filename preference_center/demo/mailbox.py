"""The mails of the demo as they would arrive: read from the folder that the embedded mode writes them to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings

from brands.models import Brand

NEWEST = 50
NAME = re.compile(r"\d+-[0-9a-f]{8}\Z")


@dataclass(frozen=True)
class Mail:
    name: str
    to: str
    subject: str
    language: str
    sent_at: datetime
    text: str
    html: str


def mails(brand: Brand) -> list[Mail]:
    """The newest mails this brand has sent, newest first."""
    found: list[Mail] = []
    for path in _files():
        mail = _read(path, brand)
        if mail is not None:
            found.append(mail)
        if len(found) == NEWEST:
            break
    return found


def find(brand: Brand, name: str) -> Mail | None:
    path = Path(settings.MAIL_DIR) / f"{name}.eml"
    return _read(path, brand) if NAME.match(name) and path.exists() else None


def _files() -> Iterator[Path]:
    folder = Path(settings.MAIL_DIR)
    return iter(sorted(folder.glob("*.eml"), key=lambda path: path.name, reverse=True)) if folder.exists() else iter(())


def _read(path: Path, brand: Brand) -> Mail | None:
    """None for a mail of another brand."""
    message: EmailMessage = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    if parseaddr(str(message["From"]))[1] != brand.sender_email:
        return None
    sent_at = datetime.fromtimestamp(int(path.stem.split("-")[0]) / 1e9, UTC)
    return Mail(
        path.stem,
        str(message["To"]),
        str(message["Subject"]),
        str(message["Content-Language"] or ""),
        sent_at,
        _part(message, "plain"),
        _part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
