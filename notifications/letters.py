"""A mail as bytes: written once with marks where people differ, and filled in for each of them.

Everybody whom a campaign tells the same in the same language gets the same bytes but for these marks: building them anew for each
costs several times what sending does (docs/measured.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message as MimeMessage
from email.utils import format_datetime
from html import escape

from django.core.mail import EmailMultiAlternatives

from brands.mail import as_bytes

MARK = re.compile(rb"x0mark-([a-z]+(?:-[0-9]+)?)-0x")
LONGEST_LINE = 998  # bytes without its end, RFC 5322 section 2.1.1
BROKEN_AT = 600  # bytes: leaves room for what comes in the place of the marks
GAP = re.compile(r" (?![^<>]*>)")  # a space that is not inside a tag
ADDRESS = re.compile(r"[!-~]+@[!-~]+\Z")  # what fits an envelope and a header as it stands


def mark(name: str) -> str:
    """Survives HTML, a path of a URL and every encoding of a mail. `name`: letters, and a number after a hyphen."""
    return f"x0mark-{name}-0x"


def as_sample(text: str) -> str:
    """A mail that is for nobody: where people differ it says so."""
    return re.sub(MARK.pattern.decode(), "SAMPLE", text)


@dataclass(frozen=True)
class Letter:
    """The bytes before, between and after the marks, and the marks; `html_after` is the first piece that belongs to the HTML part."""

    pieces: tuple[bytes, ...]
    marks: tuple[str, ...]
    html_after: int

    @classmethod
    def of(cls, mail: EmailMultiAlternatives, *, boundary: str) -> Letter:
        """`mail` goes to mark("to"); Message-ID and date are marks of their own. The same mail always makes the same bytes."""
        mail.body = _short_lines(str(mail.body))
        html = [_short_lines(str(each[0])) for each in mail.alternatives]
        mail.alternatives.clear()
        for each in html:
            mail.attach_alternative(each, "text/html")
        mail.extra_headers |= {"Message-ID": f"<{mark('id')}>", "Date": mark("date")}
        message: MimeMessage = mail.message()
        _as_they_stand(message)
        message.set_boundary(f"={hashlib.sha256(boundary.encode()).hexdigest()[:32]}")
        content = as_bytes(message)
        found = MARK.split(content)
        pieces, marks = tuple(found[::2]), tuple(name.decode() for name in found[1::2])
        html_starts = content.index(b"text/html")
        length, html_after = 0, 0
        for number, piece in enumerate(pieces):
            length += len(piece)
            if length > html_starts:
                html_after = number
                break
            length += len(mark(marks[number]))
        return cls(pieces, marks, html_after)

    def fill(self, values: Mapping[str, str]) -> bytes:
        """Raises KeyError for a mark without a value, ValueError for a line that no server need take."""
        parts = [self.pieces[0]]
        for number, name in enumerate(self.marks):
            text = values[name]
            parts += [(escape(text) if number >= self.html_after else text).encode(), self.pieces[number + 1]]
        content = b"".join(parts)
        if max(map(len, content.split(b"\r\n"))) > LONGEST_LINE:
            raise ValueError("a line is longer than a mail may have")
        return content


def _short_lines(text: str) -> str:
    """Broken at spaces, where need be. Django would write a mail with a long line as quoted-printable, which tears marks apart."""
    return "\n".join(_broken(line) if len(line.encode()) > BROKEN_AT else line for line in text.split("\n"))


def _broken(line: str) -> str:
    words = GAP.split(line)
    lines = [words[0]]
    for word in words[1:]:
        if len(f"{lines[-1]} {word}".encode()) > BROKEN_AT:
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return "\n".join(lines)


def _as_they_stand(message: MimeMessage) -> None:
    """A text of ASCII alone would be called 7bit, and then be given a name that is not. ValueError where it must be encoded."""
    for part in message.walk():
        if not part.is_multipart():
            if part["Content-Transfer-Encoding"] not in {"7bit", "8bit"}:
                raise ValueError("a line is longer than a mail may have")
            part.replace_header("Content-Transfer-Encoding", "8bit")


def headers(to: str, message_id: str, moment: datetime) -> dict[str, str]:
    return {"to": to, "id": message_id, "date": format_datetime(moment)}
