"""python -m ledger.verify: what it takes, and that it takes nothing else."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.canonical import commitment
from ledger.keys import encoded, key_set, new_jwk, thumbprint
from ledger.models import Entry
from ledger.receipts import receipt
from ledger.tests.acts import happened
from ledger.verify import Fault, Keys, read_keys, verify

# Quotes, a control, an astral character, and a combining accent that one changed byte turns into its other spelling.
WHAT: dict[str, Any] = {"text": 'Żółć "x\u0300\u0301" \\ \U0001f600\u0001', "list": [0, -1, 9007199254740991, True, None, [], {}]}


@pytest.fixture
def keys(db: None) -> Keys:
    return read_keys(json.dumps(key_set().as_jwks()).encode())


@pytest.fixture
def data(anna: str) -> bytes:
    happened(anna, "first", WHAT)
    return receipt(Entry.objects.get(seq=2))


@pytest.fixture
def first(anna: str, data: bytes) -> bytes:
    return receipt(Entry.objects.get(seq=1))


def dumped(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def test_it_takes_a_genuine_one(data: bytes, first: bytes, keys: Keys):
    assert verify(data, keys)["what"] == WHAT
    assert verify(first, keys)["what"] == "first"


# ── A byte ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def accepted(candidates: list[bytes], keys: Keys) -> list[bytes]:
    def takes(candidate: bytes) -> bool:
        try:
            verify(candidate, keys)
        except Fault:
            return False
        return True

    return [candidate for candidate in candidates if takes(candidate)]


@pytest.mark.parametrize("which", ["data", "first"])
def test_every_single_changed_byte_is_refused(which: str, request: pytest.FixtureRequest, keys: Keys, record_property: Any):
    """Each byte in three ways: another case or neighbour (0x20, 0x01), and one that breaks UTF-8 or a number's length (0x80)."""
    good: bytes = request.getfixturevalue(which)
    changed = [good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :] for at in range(len(good)) for bit in (0x01, 0x20, 0x80)]
    assert accepted(changed, keys) == []
    record_property("changed bytes refused", len(changed))
    print(f"{which}: {len(changed)} changes of one byte in {len(good)} refused")  # noqa: T201


def test_every_single_removed_or_doubled_byte_is_refused(data: bytes, keys: Keys):
    removed = [data[:at] + data[at + 1 :] for at in range(len(data))]
    doubled = [data[:at] + data[at : at + 1] + data[at:] for at in range(len(data))]
    assert accepted(removed + doubled, keys) == []


def test_another_spelling_of_the_same_text_is_refused(data: bytes, keys: Keys):
    decomposed = unicodedata.normalize("NFD", data.decode()).encode()
    tone_mark = data.replace("\u0300".encode(), "\u0340".encode())  # one byte apart, the same in NFC
    assert decomposed != data
    assert sum(a != b for a, b in zip(data, tone_mark, strict=True)) == 1
    assert accepted([decomposed, tone_mark], keys) == []


def test_another_spelling_of_the_signature_is_refused(data: bytes, keys: Keys):
    said = json.loads(data)
    last = said["signature"][-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [said["signature"][:-1] + each for each in alphabet if each != last]
    raw = base64.urlsafe_b64decode(said["signature"] + "==")
    same = [each for each in others if base64.urlsafe_b64decode(each + "==") == raw]
    assert same  # spellings that decode to the very same signature
    spellings = [*others, said["signature"] + "==", said["signature"] + "\n", "\n" + said["signature"], said["signature"] + "!"]
    order = int.from_bytes(raw[32:], "little") + 2**252 + 27742317777372353535851937790883648493  # S + L: the same equation
    if order < 2**256:
        spellings.append(encoded(raw[:32] + order.to_bytes(32, "little")))
    assert accepted([dumped(said | {"signature": each}) for each in spellings], keys) == []


# ── A fault, by name ────────────────────────────────────────────────────────────────────────────────────────────────


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda said: {key: value for key, value in said.items() if key != name}


def payload(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda said: said | {"payload": said["payload"] | changes}


def outer(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda said: said | changes


EDITS: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (without("salt"), "not the members of a receipt"),
    (outer(more=1), "not the members of a receipt"),
    (lambda said: [said], "not the members of a receipt"),
    (lambda said: None, "not the members of a receipt"),
    (outer(receipt=2), "not version 1"),
    (outer(receipt=True), "not version 1"),
    (payload(v=2), "not a payload of version 1"),
    (payload(v=True), "not a payload of version 1"),
    (outer(payload=[]), "not a payload of version 1"),
    (lambda said: said | {"payload": without("actor")(said["payload"])}, "not a payload of version 1"),
    (payload(Key=1), "the payload has no canonical form"),
    (payload(what="x" * 17_000), "the payload has no canonical form"),
    (payload(what=2**53), "the payload has no canonical form"),
    (payload(what="\u212b"), "the payload is not in canonical form"),
    (payload(what="another"), "the payload is not the one that was committed to"),
    (payload(more=1), "the payload is not the one that was committed to"),
    (outer(salt="00" * 32), "the payload is not the one that was committed to"),
    (outer(salt="AB" * 32), "salt is not 64 lower-case hex digits"),
    (outer(salt="ab" * 31), "salt is not 64 lower-case hex digits"),
    (outer(commitment="0" * 64 + "\n"), "commitment is not 64 lower-case hex digits"),
    (outer(commitment=None), "commitment is not 64 lower-case hex digits"),
    (outer(previous=5), "previous is not 64 lower-case hex digits"),
    (outer(previous="x" * 64), "previous is not 64 lower-case hex digits"),
    (outer(previous="0" * 64), "it does not follow the entry before it"),
    (outer(previous=None), "it does not follow the entry before it"),
    (lambda said: payload(previous=None)(said | {"previous": None}), "it does not follow the entry before it"),
    (outer(issued_at="2026-05-01 12:00:00"), "issued_at is not UTC in whole seconds"),
    (outer(issued_at=None), "issued_at is not UTC in whole seconds"),
    (outer(issued_at="2020-01-01T00:00:00Z"), "issued_at is not when the entry was recorded"),
    (outer(key=None), "key and signature are not text"),
    (outer(key=[1]), "key and signature are not text"),
    (outer(signature=None), "key and signature are not text"),
    (outer(key="unknown"), "no key of that id"),
    (outer(signature="A" * 86), "the signature does not fit"),
    (outer(signature=""), "the signature does not fit"),
    (outer(signature="A"), "the signature is not base64url"),
    (outer(signature="ż"), "the signature is not base64url"),
    (outer(signature="AB"), "the signature is not in its one spelling"),
]


@pytest.mark.parametrize(("edit", "fault"), EDITS, ids=[f"{n}: {fault}" for n, (_, fault) in enumerate(EDITS)])
def test_an_edit_is_refused_by_name(data: bytes, keys: Keys, edit: Callable[[dict[str, Any]], Any], fault: str):
    with pytest.raises(Fault, match=fault):
        verify(dumped(edit(json.loads(data))), keys)


@pytest.mark.parametrize(
    ("respelled", "fault"),
    [
        (lambda data: data + b"\n", "not in canonical form"),
        (lambda data: b" " + data, "not in canonical form"),
        (lambda data: b"\xef\xbb\xbf" + data, "not JSON in UTF-8"),
        (lambda data: data.decode().encode("utf-16"), "not JSON in UTF-8"),
        (lambda data: data + data, "not JSON in UTF-8"),
        (lambda data: b"", "not JSON in UTF-8"),
        (lambda data: data[:-1], "not JSON in UTF-8"),
        (lambda data: json.dumps(json.loads(data), indent=2, sort_keys=True, ensure_ascii=False).encode(), "not in canonical form"),
        (lambda data: json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode(), "not in canonical form"),
        (lambda data: json.dumps(dict(reversed(json.loads(data).items())), ensure_ascii=False, separators=(",", ":")).encode(),
         "not in canonical form"),
        (lambda data: data.replace(b'"receipt":1', b'"receipt":1.0'), "a float"),
        (lambda data: data.replace(b'"receipt":1', b'"receipt":1e0'), "a float"),
        (lambda data: data.replace(b'"receipt":1', b'"receipt":NaN'), "a float"),
        (lambda data: data.replace(b'"receipt":1', b'"receipt":-Infinity'), "a float"),
        (lambda data: data.replace(b'"receipt":1', b'"receipt":' + b"1" * 5000), "not JSON in UTF-8"),
        (lambda data: data.replace(b'"receipt":1', b'"receipt":1,"receipt":1'), "a key stands twice"),
        (lambda data: data.replace(b'"v":1', b'"v":1,"v":1'), "a key stands twice"),
        (lambda data: data.replace(b'"v":1', b'"v":1,"what2":' + b"[" * 20_000 + b"]" * 20_000), "not JSON in UTF-8"),
        (lambda data: data.replace("Ż".encode(), b"\xed\xa0\x80"), "not JSON in UTF-8"),
        (lambda data: data.replace("Ż".encode(), b"\\ud800"), "not in canonical form"),
        (lambda data: b"[" * 70_000, "larger than any receipt"),
    ],
)  # fmt: skip
def test_another_spelling_of_the_file_is_refused_by_name(data: bytes, keys: Keys, respelled: Callable[[bytes], bytes], fault: str):
    assert respelled(data) != data
    with pytest.raises(Fault, match=fault):
        verify(respelled(data), keys)


def test_a_receipt_that_was_signed_over_an_edit_needs_our_key(data: bytes, keys: Keys):
    said = json.loads(data)
    said["payload"]["what"] = "granted"
    said["commitment"] = commitment(bytes.fromhex(said["salt"]), dumped(said["payload"]))
    signed = "\n".join(["pc-receipt-v1", said["commitment"], said["previous"], said["issued_at"]]).encode()
    said["signature"] = encoded(Ed25519PrivateKey.generate().sign(signed))
    with pytest.raises(Fault, match="the signature does not fit"):
        verify(dumped(said), keys)


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"keys": 1}', '{"keys": ["x"]}', '{"keys": [null]}', '{"keys": [{"kty": "OKP", "crv": "Ed25519"}]}',
     '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "AAAA"}]}',
     '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": [], "x": "AAAA"}]}',
     '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": 5}]}', "[" * 100_000, '{"keys": ' + "1" * 5000 + "}"],
)  # fmt: skip
def test_keys_that_are_none_are_refused_by_name(text: str):
    with pytest.raises(Fault, match="not a JWK set|base64url|spelling"):
        read_keys(text.encode())


def test_other_kinds_of_keys_beside_ours_do_not_matter():
    jwk = new_jwk()
    assert list(read_keys(json.dumps({"keys": [{"kty": "RSA", "n": "AQAB"}, jwk]}).encode())) == [thumbprint(jwk["x"])]
