"""A letter is the same bytes for everybody but for its marks, and nothing that is filled in can become more than text."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from notifications.letters import ADDRESS, LONGEST_LINE, Letter, headers, mark
from notifications.tests.conftest import html_of, text_of
from notifications.tests.making import MOMENT

HOSTILE = '<b>Łucja & "O\'Neil"</b>'


def written(text: str, html: str, subject: str = "What changes") -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=subject, body=text, from_email="Linden <linden@example.com>", to=[mark("to")], reply_to=["help@example.com"]
    )
    mail.attach_alternative(html, "text/html")
    return mail


def letter(text: str = f"Dear {mark('name')},\n{mark('link-0')}\n", html: str = f"<p>{mark('name')}</p>", subject: str = "S") -> Letter:
    return Letter.of(written(text, html, subject), boundary="b")


def filled(one: Letter, **values: str) -> bytes:
    given_values = {each.replace("_", "-"): value for each, value in values.items()}
    return one.fill(headers("anna@example.com", "id@linden.localhost", MOMENT) | given_values)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def test_every_mark_survives_and_is_filled() -> None:
    mail = parsed(filled(letter(), name="Anna", link_0="https://linden.localhost/u/abc/"))
    assert text_of(mail).splitlines() == ["Dear Anna,", "https://linden.localhost/u/abc/"]
    assert html_of(mail).strip() == "<p>Anna</p>"
    assert (mail["To"], mail["Message-ID"]) == ("anna@example.com", "<id@linden.localhost>")
    assert mail["Date"].datetime == MOMENT.replace(microsecond=0)


def test_a_value_is_escaped_in_html_and_only_there() -> None:
    mail = parsed(filled(letter(), name=HOSTILE, link_0="x"))
    assert text_of(mail).startswith(f"Dear {HOSTILE},")
    assert "<p>&lt;b&gt;Łucja &amp; &quot;O&#x27;Neil&quot;&lt;/b&gt;</p>" in html_of(mail)


def test_a_mark_in_a_value_is_not_filled_again() -> None:
    mail = parsed(filled(letter(), name=mark("link-0"), link_0="https://secret.example/"))
    assert f"Dear {mark('link-0')}," in text_of(mail)


def test_the_same_mail_makes_the_same_bytes_and_another_boundary_others() -> None:
    assert filled(letter(), name="A", link_0="b") == filled(letter(), name="A", link_0="b")
    other = Letter.of(written(f"Dear {mark('name')},\n{mark('link-0')}\n", f"<p>{mark('name')}</p>", "S"), boundary="c")
    assert filled(other, name="A", link_0="b") != filled(letter(), name="A", link_0="b")


def test_a_mark_without_a_value_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(KeyError, match="link-0"):
        filled(letter(), name="Anna")


@pytest.mark.parametrize("words", [180, 400, 2000])
def test_a_long_paragraph_neither_tears_a_mark_apart_nor_gets_encoded(words: int) -> None:
    """Quoted-printable breaks lines where it likes."""
    tale = "słowo " * words
    mail = parsed(filled(letter(f"{tale}{mark('link-0')} {tale}", f"<p>{tale}{mark('name')} {tale}</p>"), name="Zoë", link_0="L" * 90))
    assert "L" * 90 in text_of(mail)
    assert " ".join(text_of(mail).split()) == f"{tale}{'L' * 90} {tale}".strip()
    assert " ".join(html_of(mail).split()) == f"<p>{tale}Zoë {tale}</p>"
    assert {part["Content-Transfer-Encoding"] for part in mail.iter_parts()} == {"8bit"}


def test_a_long_line_of_html_is_never_broken_inside_a_tag() -> None:
    style = "font-family:'Segoe UI', serif;" * 15
    row = f'<td style="{style}">word</td> ' * 3
    mail = parsed(filled(letter("T", f"<p>{mark('name')}</p>{row}"), name="Anna"))
    assert html_of(mail).count(f'<td style="{style}">word</td>') == 3


def test_a_mail_of_ascii_is_not_called_7bit_since_a_name_need_not_be() -> None:
    content = filled(letter(), name="Łukasz", link_0="x")
    assert "Łukasz".encode() in content
    assert b"7bit" not in content


def test_a_line_that_nothing_can_break_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        letter("w" * (LONGEST_LINE + 1), "<p></p>")
    with pytest.raises(ValueError, match="longer"):
        filled(letter(), name="n" * LONGEST_LINE, link_0="x")


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.com\r\nBcc: x@example.com", "anna@example.com\n", "anna@example.com\r", "an na@example.com", "łucja@example.com",
        "anna@exämple.com", "anna", "@example.com", "anna@", "", "anna@example.com\0", "Anna <anna@example.com>",
    ],
)  # fmt: skip
def test_an_address_that_is_more_than_an_address_does_not_pass(address: str) -> None:
    assert not ADDRESS.match(address)


@given(st.text(max_size=40))
def test_whatever_passes_as_an_address_adds_no_header(address: str) -> None:
    if ADDRESS.match(address):
        mail = parsed(letter("T", "<p>H</p>").fill(headers(address, "i@h", MOMENT)))
        assert mail.keys() == ["Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", "Message-ID", "Date"]


def test_a_line_break_in_a_subject_is_refused_by_django() -> None:
    with pytest.raises(ValueError, match="newlines"):
        letter(subject="S\r\nBcc: x@example.com")
