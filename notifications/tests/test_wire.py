"""What the server says, and when it says nothing any more, decides whether a mail may be sent again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as Memory
from django.utils import timezone

from ledger.tests.patience import free_port
from notifications.letters import Letter, headers, mark
from notifications.sending import wire as wires
from notifications.sending.wire import BackendWire, FolderWire, Gone, Refused, SmtpWire, Wire, open_wire
from notifications.tests.smtp import CLOSE, STALL, Script

CONTENT = b"From: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <one@h>\r\nSubject: S\r\n\r\nb\xc3\xb3dy\r\n.\r\nrest\r\n"
SENDER, READER = "privacy@example.com", "anna@example.com"


@pytest.fixture(params=["one by one", "in one breath"])
def wire(script: Script, request: pytest.FixtureRequest) -> Iterator[Wire]:
    """With a server that knows PIPELINING and one that does not."""
    script.pipelining = request.param == "in one breath"
    one = open_wire()
    assert isinstance(one, SmtpWire)
    yield one
    one.close()


def test_the_bytes_arrive_as_they_were_written(wire: Wire, script: Script) -> None:
    wire.send(SENDER, READER, CONTENT)
    assert script.taken == [CONTENT]
    assert script.recipients == [READER]


def test_another_kind_of_server_takes_it_too(smtp_sink: Any) -> None:
    one = open_wire()
    one.send(SENDER, READER, CONTENT)
    one.close()
    assert [each["Message-ID"] for each in smtp_sink.messages] == ["<one@h>"]


def test_a_mail_that_does_not_end_its_last_line_ends_all_the_same(wire: Wire, script: Script) -> None:
    wire.send(SENDER, READER, b".Subject: S\r\n\r\n..\r\nend")
    wire.send(SENDER, READER, CONTENT)
    assert script.taken == [b".Subject: S\r\n\r\n..\r\nend\r\n", CONTENT]


def test_where_the_recipient_is_refused_nothing_is_sent_to_nobody(script: Script) -> None:
    """A server that was told MAIL, RCPT and DATA in one breath may wait for the message though it took no recipient."""
    script.pipelining = True
    script.says = {"rcpt": "550 5.1.1 no", "data": "354 go on"}
    one = open_wire()
    with pytest.raises(Refused) as refused:
        one.send(SENDER, READER, CONTENT)
    assert refused.value.address
    script.says = {}
    one.send(SENDER, READER, CONTENT)
    one.close()
    assert (script.taken, script.connections) == ([CONTENT], 2)


def test_one_connection_serves_many(wire: Wire, script: Script) -> None:
    for _ in range(20):
        wire.send(SENDER, READER, CONTENT)
    assert (len(script.taken), script.connections) == (20, 1)


def test_a_refusal_does_not_end_the_connection(wire: Wire, script: Script) -> None:
    for step in ("rcpt", "mail", "data", "dot"):
        script.says = {step: "550 5.1.1 no"}
        with pytest.raises(Gone if step == "mail" else Refused):
            wire.send(SENDER, READER, CONTENT)
    script.says = {}
    wire.send(SENDER, READER, CONTENT)
    assert (len(script.taken), script.connections) == (1, 1)


@pytest.mark.parametrize(
    ("step", "answer", "permanent", "address"),
    [
        ("rcpt", "550 5.1.1 no such user", True, True),
        ("rcpt", "550 no such user", True, True),
        ("rcpt", "553 5.1.3 bad mailbox", True, True),
        ("rcpt", "552 5.2.2 mailbox full", True, False),
        ("rcpt", "550 5.7.1 relaying denied", False, False),
        ("rcpt", "554 relay access denied", False, False),
        ("rcpt", "530 authenticate first", False, False),
        ("rcpt", "450 busy", False, False),
        ("rcpt", "452 too many", False, False),
        ("data", "554 no", True, False),
        ("data", "451 later", False, False),
        ("dot", "554 5.7.1 spam", True, False),
        ("dot", "451 later", False, False),
    ],
)  # fmt: skip
def test_a_refusal_says_whether_for_good_and_whether_it_is_the_address(
    wire: Wire, script: Script, step: str, answer: str, permanent: bool, address: bool
) -> None:
    script.says = {step: answer}
    with pytest.raises(Refused) as refused:
        wire.send(SENDER, READER, CONTENT)
    assert (refused.value.code, refused.value.permanent, refused.value.address) == (int(answer[:3]), permanent, address)
    assert not script.taken


@pytest.mark.parametrize("answer", ["451 later", "553 not this sender", "550 5.7.1 not you"])
def test_a_server_that_does_not_take_the_sender_takes_nothing_and_no_mail_is_to_blame(wire: Wire, script: Script, answer: str) -> None:
    script.says = {"mail": answer}
    with pytest.raises(Gone) as gone:
        wire.send(SENDER, READER, CONTENT)
    assert (gone.value.in_doubt, gone.value.over_this) == (False, False)
    assert not script.taken


@pytest.mark.parametrize(
    ("step", "does", "in_doubt"),
    [
        ("connect", CLOSE, False), ("connect", "554 no service", False), ("ehlo", CLOSE, False),
        ("mail", CLOSE, False), ("rcpt", CLOSE, False), ("data", CLOSE, False), ("data", "421 closing", False),
        ("mail", "421 closing", False), ("rcpt", "421 closing", False), ("mail", "hello there", False),
        ("content", CLOSE, True),  # its last dot was never read, which nobody on our side can know
        ("dot", CLOSE, True), ("dot", "421 closing", True),
    ],
)  # fmt: skip
def test_a_server_that_goes_away_is_gone_and_doubted_only_after_the_content(
    wire: Wire, script: Script, step: str, does: str, in_doubt: bool
) -> None:
    script.says = {step: does}
    with pytest.raises(Gone) as gone:
        wire.send(SENDER, READER, CONTENT)
    assert gone.value.in_doubt is in_doubt
    assert gone.value.over_this is (step not in {"connect", "ehlo"}), "before that it was about no message"
    script.says = {}
    wire.send(SENDER, READER, CONTENT)  # a connection of its own
    assert script.connections == 2


@pytest.mark.parametrize(("step", "in_doubt"), [("connect", False), ("rcpt", False), ("dot", True)])
def test_a_server_that_stalls_is_gone_after_the_timeout(
    script: Script, settings: Any, monkeypatch: pytest.MonkeyPatch, step: str, in_doubt: bool
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    monkeypatch.setattr(wires, "PATIENCE", 0.6)
    script.says = {step: STALL}
    one = open_wire()
    with pytest.raises(Gone) as gone:
        one.send(SENDER, READER, CONTENT)
    assert gone.value.in_doubt is in_doubt
    one.close()


def test_the_answer_to_a_whole_message_is_waited_for_longer_than_any_other(wire: Wire, script: Script, settings: Any) -> None:
    """To give up on it is to send it twice."""
    assert isinstance(wire, SmtpWire)
    wire._backend.timeout = 0.4
    script.takes = {"dot": 1.0}
    wire.send(SENDER, READER, CONTENT)
    wire.send(SENDER, READER, CONTENT)
    assert (len(script.taken), script.connections) == (2, 1)
    script.takes = {"rcpt": 1.0}
    with pytest.raises(Gone) as gone:
        wire.send(SENDER, READER, CONTENT)
    assert not gone.value.in_doubt


def test_closing_after_the_data_command_was_refused_is_a_refusal(wire: Wire, script: Script) -> None:
    script.says = {"data": "554 no", "rset": CLOSE}
    with pytest.raises(Refused):
        wire.send(SENDER, READER, CONTENT)
    script.says = {}
    wire.send(SENDER, READER, CONTENT)
    assert script.connections == 2


def test_where_nobody_listens_it_is_gone_and_not_in_doubt(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", free_port(), False
    with pytest.raises(Gone) as gone:
        open_wire().send(SENDER, READER, CONTENT)
    assert not gone.value.in_doubt


def test_a_connection_that_broke_can_be_closed(wire: Wire, script: Script) -> None:
    wire.send(SENDER, READER, CONTENT)
    script.says = {"quit": "hello"}
    wire.close()
    wire.close()
    script.says = {}
    wire.send(SENDER, READER, CONTENT)
    assert script.connections == 2


def test_a_sender_whose_domain_is_not_ascii_is_written_in_ascii(wire: Wire, script: Script) -> None:
    wire.send("prywatność@exämple.com".replace("prywatność", "privacy"), READER, CONTENT)
    assert len(script.taken) == 1


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_takes_the_bytes_as_they_are(settings: Any) -> None:
    one = open_wire()
    assert isinstance(one, FolderWire)
    one.send(SENDER, READER, CONTENT)
    one.close()
    (file,) = Path(settings.MAIL_DIR).glob("*.eml")
    assert file.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written_is_gone_and_not_in_doubt(settings: Any, tmp_path: Path) -> None:
    settings.MAIL_DIR = tmp_path / "a file"
    settings.MAIL_DIR.write_text("in the way")
    with pytest.raises(Gone) as gone:
        open_wire().send(SENDER, READER, CONTENT)
    assert not gone.value.in_doubt
    settings.MAIL_DIR.unlink()
    shutil.rmtree(settings.MAIL_DIR, ignore_errors=True)


# ── Any other backend ───────────────────────────────────────────────────────────────────────────────────────────────


def a_letter() -> bytes:
    mail = EmailMultiAlternatives(
        subject="Zażółć", body="Tekst\n", from_email="Linden <linden@example.com>", to=[mark("to")], reply_to=["help@example.com"],
        headers={"List-Unsubscribe": "<https://x.example/>", "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    mail.attach_alternative("<p>Ł</p>", "text/html")
    return Letter.of(mail, boundary="b").fill(headers(READER, "one@h", timezone.now()))


def test_any_other_backend_gets_the_same_mail(mailoutbox: list[EmailMultiAlternatives]) -> None:
    one = BackendWire(Memory())
    one.send(SENDER, READER, a_letter())
    one.close()
    (mail,) = mailoutbox
    assert (mail.subject, mail.to, mail.from_email, mail.reply_to) == (
        "Zażółć",
        [READER],
        "Linden <linden@example.com>",
        ["help@example.com"],
    )
    assert mail.body.strip() == "Tekst"
    assert str(mail.alternatives[0][0]).strip() == "<p>Ł</p>"
    assert mail.extra_headers["Message-ID"] == "<one@h>"
    assert mail.extra_headers["List-Unsubscribe"] == "<https://x.example/>"
    assert "content-type" not in {name.lower() for name in mail.extra_headers}


class Broken(BaseEmailBackend):
    def __init__(self, error: Callable[[], Exception]) -> None:
        super().__init__()
        self.error = error

    def send_messages(self, email_messages: Any) -> int:
        raise self.error()


class Answered(RuntimeError):
    def __init__(self, status: int | None) -> None:
        super().__init__("it says no")
        self.status_code = status


@pytest.mark.parametrize(
    ("status", "in_doubt"), [(400, False), (401, False), (404, False), (422, False), (429, False), (500, True), (503, True), (None, True)]
)
def test_what_a_service_answers_4xx_to_was_not_taken_and_anything_else_is_in_doubt(status: int | None, in_doubt: bool) -> None:
    """A key that ran out is answered 401 for everybody: nobody's mail is lost over it."""
    with pytest.raises(Gone) as gone:
        BackendWire(Broken(lambda: Answered(status))).send(SENDER, READER, a_letter())
    assert (gone.value.in_doubt, gone.value.over_this) == (in_doubt, True)


@pytest.mark.parametrize("name", ["AnymailRecipientsRefused", "AnymailInvalidAddress"])
def test_a_service_that_takes_nothing_for_the_recipient_refuses_for_good(name: str) -> None:
    """By the names of the real exceptions."""
    exceptions = pytest.importorskip("anymail.exceptions")
    with pytest.raises(Refused) as refused:
        BackendWire(Broken(lambda: getattr(exceptions, name)("no"))).send(SENDER, READER, a_letter())
    assert (refused.value.code, refused.value.permanent, refused.value.address) == (550, True, False)


def test_the_backend_of_the_settings_decides(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert isinstance(open_wire(), BackendWire)
    assert isinstance(get_connection(), Memory)
