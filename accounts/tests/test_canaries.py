"""The search that other tests rely on finds what it is there to find."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from django.core import signing

from accounts.sealed import seal
from accounts.tests.canaries import search, shared_word, word

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda text: text,
    "in capitals": bytes.upper,
    "hex": lambda text: text.hex().encode(),
    "hex in capitals": lambda text: text.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(b"\xff\xfe\xfd" + text),
    "base64 in lines": lambda text: base64.encodebytes(b"-" * 48 + text),
    "a session": lambda text: signing.dumps({"said": text.decode()}).encode(),
    "a long session": lambda text: signing.dumps({"said": text.decode(), "more": "-" * 900}, compress=True).encode(),
    "encrypted": lambda text: seal({"to": text.decode()}).encode(),
    "encrypted in a session": lambda text: signing.dumps({"sealed": seal({"to": text.decode()})}, compress=True).encode(),
}


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("form", FORMS)
def test_a_word_is_found_in_whatever_form(form: str, before: int) -> None:
    text = ("-" * before + word(12, "name") + " Kowalska").encode()
    assert search(b"<p>" + FORMS[form](text) + b"</p>") == {("0012", "name")}


def test_each_is_told_from_the_others() -> None:
    found = search(f"{word(1, 'name')} {word(10, 'name')} {word(1, 'post')} {shared_word(1, 'phone')} canary, canary12".encode())
    assert found == {("0001", "name"), ("0010", "name"), ("0001", "post"), ("h001", "phone")}
