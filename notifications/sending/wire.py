"""The wire: one connection to whoever takes our mail, reused, and three things that can come back."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from typing import Protocol

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SMTP
from django.core.mail.message import sanitize_address

from brands.mail import FolderBackend

MAILBOX = frozenset({550, 551, 553})
GO_ON = 354  # the server waits for the message
PATIENCE = 300  # seconds for the answer to a whole message


class Refused(Exception):
    """The server does not take this one. `code` is its answer; `permanent`: asking again is in vain; `address`: it is this recipient
    that is not there."""

    def __init__(self, code: int, *, permanent: bool, address: bool = False) -> None:
        super().__init__(code)
        self.code, self.permanent, self.address = code, permanent, address


class Gone(Exception):
    """The server cannot be reached, takes nothing from us, or went away. `in_doubt`: after it had been given the whole message;
    `over_this`: while it was about this message, and not before."""

    def __init__(self, *, in_doubt: bool, over_this: bool = False) -> None:
        super().__init__("in doubt" if in_doubt else "not taken")
        self.in_doubt, self.over_this = in_doubt, over_this or in_doubt


class Wire(Protocol):
    def send(self, sender: str, to: str, content: bytes) -> None:
        """Returns when the server has taken it. Raises Refused or Gone."""

    def close(self) -> None: ...


def open_wire() -> Wire:
    backend = get_connection()
    if isinstance(backend, SMTP):
        return SmtpWire(backend)
    if isinstance(backend, FolderBackend):
        return FolderWire(backend)
    return BackendWire(backend)


class SmtpWire:
    """SMTP by the standard library's connection. MAIL, RCPT and DATA go in one breath where the server can (RFC 2920): with a server
    some milliseconds away that is half the time. What was said before an error tells whether the message can have been taken."""

    def __init__(self, backend: SMTP) -> None:
        self._backend = backend

    def send(self, sender: str, to: str, content: bytes) -> None:
        server = self._open()
        given = False
        try:
            self._envelope(server, sender, to)
            given = True
            server.send(_dotted(content))
            _answered(_patiently(server), of_message)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Gone(in_doubt=given, over_this=True) from error

    def close(self) -> None:
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):  # it is gone already: there is nothing to end
            self._backend.connection = None

    def _open(self) -> smtplib.SMTP:
        try:
            self._backend.open()
            server = self._backend.connection
            assert server is not None
            server.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Gone(in_doubt=False) from error
        return server

    def _envelope(self, server: smtplib.SMTP, sender: str, to: str) -> None:
        """Until the server waits for the message. Raises Refused, and then it waits for the next envelope."""
        body = " BODY=8BITMIME" if server.has_extn("8bitmime") else ""
        commands = (f"MAIL FROM:<{_sender(sender)}>{body}\r\n", f"RCPT TO:<{to}>\r\n", "DATA\r\n")
        if server.has_extn("pipelining"):
            server.send("".join(commands))
            replies = [server.getreply() for _command in commands]
        else:
            replies = list(_one_by_one(server, commands))
        try:
            for reply, meaning in zip(replies, (of_us, of_recipient, of_message), strict=False):
                _answered(reply, meaning)
        except (Refused, Gone):
            self._again(server, waits=replies[-1][0] == GO_ON)
            raise

    def _again(self, server: smtplib.SMTP, *, waits: bool) -> None:
        """Ready for the next one on the same connection. From a server that waits for a message to nobody we hang up."""
        if waits:
            server.close()  # no QUIT: it would be read as a line of the message, and not be answered
            self._backend.connection = None
            return
        try:
            server.rset()
        except (OSError, smtplib.SMTPException):
            self.close()


@lru_cache(maxsize=64)
def _sender(address: str) -> str:
    return sanitize_address(address, "utf-8")


Reply = tuple[int, bytes]
Meaning = Callable[[Reply], tuple[bool, bool]]  # of a refusal: whether it is permanent, and whether it is the address


def _answered(reply: Reply, meaning: Meaning) -> None:
    code = reply[0]
    if code in (421, -1):
        raise smtplib.SMTPServerDisconnected("it closes")
    if code != GO_ON and not 200 <= code < 300:
        permanent, address = meaning(reply)
        raise Refused(code, permanent=permanent, address=address)


def of_us(reply: Reply) -> tuple[bool, bool]:
    """What it says of the sender is so for every mail of ours until somebody mends it: this one must not be lost over it."""
    raise Gone(in_doubt=False)


def _patiently(server: smtplib.SMTP) -> Reply:
    """The answer to a whole message may take minutes (RFC 5321 section 4.5.3.2.6): to give up earlier is to send it twice."""
    assert server.sock is not None
    before = server.sock.gettimeout()
    server.sock.settimeout(PATIENCE)
    try:
        return server.getreply()
    finally:
        if server.sock is not None:
            server.sock.settimeout(before)


def of_recipient(reply: Reply) -> tuple[bool, bool]:
    """550, 551 and 553 speak of the mailbox (RFC 5321 4.2.3) unless the enhanced status is one of policy (RFC 3463 X.7): a relay that is
    set up wrong refuses everybody, and nobody's address is bad for it."""
    code, text = reply
    address = code in MAILBOX and not text.startswith(b"5.7.")
    return address or code == 552, address


def of_message(reply: Reply) -> tuple[bool, bool]:
    return reply[0] >= 500, False


def _one_by_one(server: smtplib.SMTP, commands: Iterable[str]) -> Iterator[tuple[int, bytes]]:
    for command in commands:
        server.send(command)
        reply = server.getreply()
        yield reply
        if reply[0] != GO_ON and not 200 <= reply[0] < 300:
            return


def _dotted(content: bytes) -> bytes:
    """As DATA wants it: a line that begins with a dot begins with two (RFC 5321 section 4.5.2), and a lone one ends it."""
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    if content.startswith(b"."):
        content = b"." + content
    return content.replace(b"\r\n.", b"\r\n..") + b".\r\n"


class FolderWire:
    """Files, where no server is named. A file is there whole or not at all."""

    def __init__(self, backend: FolderBackend) -> None:
        self._backend = backend

    def send(self, sender: str, to: str, content: bytes) -> None:
        try:
            self._backend.write(content)
        except OSError as error:  # a full disk: the file did not get its name
            raise Gone(in_doubt=False) from error

    def close(self) -> None:
        pass


# Of django-anymail: the service takes nothing for this recipient.
REFUSALS = frozenset({"AnymailRecipientsRefused", "AnymailInvalidAddress"})


class BackendWire:
    """Any other mail backend of Django's, an email service through django-anymail for one."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def send(self, sender: str, to: str, content: bytes) -> None:
        try:
            self._backend.send_messages([_as_djangos(content)])
        except Exception as error:  # each backend has faults of its own; what they have in common is a name, and the status of the answer
            if type(error).__name__ in REFUSALS:
                raise Refused(550, permanent=True) from error
            status = getattr(error, "status_code", None)
            refused_all = isinstance(status, int) and 400 <= status < 500  # a key that ran out, a limit: nothing was taken
            raise Gone(in_doubt=not refused_all, over_this=True) from error

    def close(self) -> None:
        self._backend.close()


def _as_djangos(content: bytes) -> EmailMultiAlternatives:
    parsed = message_from_bytes(content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    text, html = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    own = {"subject", "from", "to", "reply-to", "mime-version", "content-type", "content-transfer-encoding"}
    mail = EmailMultiAlternatives(
        subject=str(parsed["subject"]), body=text.get_content(), from_email=str(parsed["from"]), to=[str(parsed["to"])],
        reply_to=[str(parsed["reply-to"])], headers={name: str(value) for name, value in parsed.items() if name.lower() not in own},
    )  # fmt: skip
    mail.attach_alternative(html.get_content(), "text/html")
    return mail
