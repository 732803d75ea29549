"""Mails in the brand's clothes: text first and complete, HTML beside it, no picture, no tracking, nothing remote."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from email.generator import BytesGenerator
from email.message import Message
from email.utils import formataddr
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import translation

from brands import tokens
from brands.contrast import DAY, NIGHT
from brands.models import Brand, Theme

LINES = {"line": "#dde2e3", "line_night": "#39433f"}


def build(
    brand: Brand,
    kind: str,
    to: str,
    language: str,
    context: Mapping[str, Any],
    *,
    message_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """A mail from templates/email/<kind>.{subject,txt,html}, not sent yet.

    `message_id` without its angle brackets makes a repeated sending recognisable; otherwise Django makes one.
    `headers` are added, List-Unsubscribe for example. An answer goes to the brand's support.
    """
    with translation.override(language):
        values = {
            **context,
            "brand": brand,
            "language": language,
            "origin": origin(brand),
            "desk_origin": desk_origin(brand),
            "look": look(brand),
        }
        subject = " ".join(_plain(f"email/{kind}.subject", values).split())
        text = _plain(f"email/{kind}.txt", values).strip() + "\n"
        html = render_to_string(f"email/{kind}.html", {**values, "subject": subject})
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=formataddr((brand.sender_name, brand.sender_email)),
        to=[to],
        reply_to=[brand.support_email],
        headers={
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
            **(headers or {}),
            **({"Message-ID": f"<{message_id}>"} if message_id else {}),
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _plain(name: str, values: Mapping[str, Any]) -> str:
    """Subject and text are not HTML: nothing in them is escaped for it."""
    template = Engine.get_default().get_template(name)
    return template.render(Context(values, autoescape=False))


def origin(brand: Brand) -> str:
    """Scheme and host for links in mails: https://privacy.example.com. In the embedded mode the port is the one we listen on."""
    return _at(brand.host)


def desk_origin(brand: Brand) -> str:
    """The same for the desk, which may have a host of its own."""
    return _at(brand.desk_host or brand.host)


def _at(host: str) -> str:
    return f"https://{host}" if settings.HTTPS else f"http://{host}:{settings.PORT}"


def look(brand: Brand) -> dict[str, Any]:
    """Colours, fonts and the band's stripes, by the names the HTML templates use."""
    theme: Theme = brand.theme
    return {
        **theme.values(),
        **LINES,
        "quiet": DAY["quiet"],
        "quiet_night": NIGHT["quiet"],
        "edge": DAY["edge"],
        "edge_night": NIGHT["edge"],
        "light_only": theme.light_only,
        # Mail programs know no font stack of the system's own; quotes stand inside a style attribute.
        "text": _fonts(theme.font_text),
        "display": _fonts(theme.font_display),
        "stripes": tokens.stripes(theme.band, theme.accent, theme.band_size),
    }


def _fonts(stack: str) -> str:
    return stack.replace('"', "'").replace("system-ui, ", "Helvetica, Arial, ")


def as_bytes(message: Message) -> bytes:
    """As it goes over the wire: its lines end as RFC 5322 section 2.1 says, and one that begins with "From " stands as it was written."""
    content = BytesIO()
    BytesGenerator(content, mangle_from_=False).flatten(message, linesep="\r\n")
    return content.getvalue()


class FolderBackend(BaseEmailBackend):
    """Writes each mail as one .eml file into settings.MAIL_DIR: where mail goes when no server is named."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            self.write(as_bytes(message.message()))
        return len(email_messages)

    def write(self, content: bytes) -> None:
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / f"{time.time_ns()}-{secrets.token_hex(4)}.eml", content)


def _write(path: Path, content: bytes) -> None:
    """A reader of the folder sees a whole mail or none."""
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=0o600, exist_ok=False)
    unfinished.write_bytes(content)
    unfinished.rename(path)
