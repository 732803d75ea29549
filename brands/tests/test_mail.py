from __future__ import annotations

import email
import email.policy
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as django_mail

from brands import mail
from brands.actions import restyle
from brands.models import Brand


@pytest.fixture(autouse=True)
def templates(settings: Any, tmp_path: Path) -> None:
    """A mail of this test's own, on the product's base."""
    folder = tmp_path / "templates" / "email"
    folder.mkdir(parents=True)
    (folder / "hello.subject").write_text("Hello,\n {{ who }}\n", encoding="utf-8")
    (folder / "hello.txt").write_text(
        '{% extends "email/base.txt" %}{% block body %}Hello, {{ who }}.{% endblock body %}', encoding="utf-8"
    )
    (folder / "hello.html").write_text(
        '{% extends "email/base.html" %}{% block body %}<p style="margin:0;">Hello, {{ who }}.</p>{% endblock body %}', encoding="utf-8"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path / "templates", *settings.TEMPLATES[0]["DIRS"]]}]


def parts(message: Any) -> tuple[Any, str, str]:
    read = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    return read, plain.get_content(), html.get_content()


def test_it_comes_from_the_brand(linden: Brand):
    read, _text, _html = parts(mail.build(linden, "hello", "anna@example.com", "en", {"who": "Anna"}))
    assert read["From"] == "Linden & Loom <privacy@linden.example>"
    assert read["To"] == "anna@example.com"
    assert read["Reply-To"] == "help@linden.example"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Subject"] == "Hello, Anna"


def test_the_text_comes_first_and_says_everything(linden: Brand):
    read, text, html = parts(mail.build(linden, "hello", "anna@example.com", "en", {"who": "Anna & Jan"}))
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert "Hello, Anna & Jan." in text
    assert "Hello, Anna &amp; Jan." in html
    for words in ("no advertising and no tracking", "ul. Tkacka 8"):
        assert words in text
        assert words in html


def test_it_wears_the_band_and_the_night(linden: Brand, kingfisher: Brand):
    _read, _text, woven = parts(mail.build(linden, "hello", "a@example.com", "en", {"who": "A"}))
    _read, _text, rope = parts(mail.build(kingfisher, "hello", "a@example.com", "en", {"who": "A"}))
    assert woven.count("font-size:0;") == 9
    assert rope.count("font-size:0;") == 2
    assert "#131917 !important" in woven
    restyle(linden, theme_values={"light_only": True}, by="system:tests")
    _read, _text, light = parts(mail.build(linden, "hello", "a@example.com", "en", {"who": "A"}))
    assert "prefers-color-scheme" not in light


def test_it_asks_nothing_of_the_network(linden: Brand):
    _read, _text, html = parts(mail.build(linden, "hello", "a@example.com", "en", {"who": "A"}))
    assert not any(remote in html for remote in ("http://", "https://", "<img", "src=", "url(", "<script"))
    assert len(html.encode()) < 100_000


def test_nobody_breaks_out_of_a_header(linden: Brand):
    read, _text, _html = parts(mail.build(linden, "hello", "a@example.com", "en", {"who": "A\r\nBcc: eve@example.com"}))
    assert read["Bcc"] is None
    assert read["Subject"] == "Hello, A Bcc: eve@example.com"


def test_a_repeated_mail_can_keep_its_name(linden: Brand):
    built = [mail.build(linden, "hello", "a@example.com", "en", {"who": "A"}, message_id="m1@linden.example") for _unused in range(2)]
    assert {str(parts(message)[0]["Message-ID"]) for message in built} == {"<m1@linden.example>"}


def test_links_name_the_brands_own_host(linden: Brand, settings: Any):
    settings.HTTPS = True
    assert mail.origin(linden) == "https://linden.localhost"
    settings.HTTPS, settings.PORT = False, 8001
    assert mail.origin(linden) == "http://linden.localhost:8001"


def test_without_a_server_each_mail_is_a_file_for_its_owner_alone(linden: Brand, settings: Any):
    backend = django_mail.get_connection("brands.mail.FolderBackend")
    messages = [mail.build(linden, "hello", "a@example.com", "pl", {"who": who}) for who in ("A", "B")]
    assert backend.send_messages(messages) == 2
    files = sorted(Path(settings.MAIL_DIR).iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert b"Subject: Hello, A\r\n" in files[0].read_bytes()
