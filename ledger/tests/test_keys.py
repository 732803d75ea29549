from __future__ import annotations

import base64
import hashlib
import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import keys
from ledger.keys import BadKeySet, decoded, encoded, key_set, new_jwk, parse, thumbprint


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.LEDGER_KEYS = ""
    settings.KEYS_DIR = tmp_path / "keys"
    parse.cache_clear()
    return tmp_path / "keys"


def as_set(*jwks: Any) -> str:
    return json.dumps({"keys": jwks})


def public(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name != "d"}


def test_the_file_is_made_once_and_for_its_owner_alone(folder: Path):
    first = key_set()
    file = folder / "ledger_keys.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.listdir(folder) == ["ledger_keys.json"]
    parse.cache_clear()
    assert key_set().signing_id == first.signing_id


def made(folder: str, start: Any, results: Any) -> None:
    start.wait()
    keys._make(Path(folder) / "ledger_keys.json")
    results.put(parse((Path(folder) / "ledger_keys.json").read_text()).signing_id)


def test_processes_that_start_at_once_agree(folder: Path):
    context = multiprocessing.get_context("fork")
    start, results = context.Event(), context.Queue()
    processes = [context.Process(target=made, args=(str(folder), start, results), daemon=True) for _ in range(6)]
    for process in processes:
        process.start()
    start.set()
    agreed = {results.get(timeout=20) for _ in processes}
    for process in processes:
        process.join(20)
    assert agreed == {key_set().signing_id}
    assert os.listdir(folder) == ["ledger_keys.json"]


def test_a_second_thread_does_not_write_into_the_file_of_the_first(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Two threads of one process: the second begins when the first has just put its file in place."""
    real, seen = os.link, []

    def link(source: Any, target: Any) -> None:
        real(source, target)
        seen.append(Path(target).read_text())
        if len(seen) == 1:
            keys._make(Path(target))

    monkeypatch.setattr(os, "link", link)
    keys._make(folder / "ledger_keys.json")
    assert (folder / "ledger_keys.json").read_text() == seen[0]
    assert os.listdir(folder) == ["ledger_keys.json"]


def test_production_makes_none(folder: Path, settings: Any):
    settings.EMBEDDED = False
    with pytest.raises(BadKeySet, match="LEDGER_KEYS is not set"):
        key_set()
    assert not folder.exists()


def test_the_environment_comes_first(folder: Path, settings: Any):
    jwk = new_jwk()
    settings.LEDGER_KEYS = as_set(jwk)
    assert key_set().signing_id == jwk["kid"]
    assert not folder.exists()


def test_the_first_that_can_sign_signs_and_all_are_published():
    old, new, newer = new_jwk(), new_jwk(), new_jwk()
    found = parse(as_set(public(old), new, newer))
    assert found.signing_id == new["kid"]
    published = found.as_jwks()["keys"]
    assert [jwk["kid"] for jwk in published] == [old["kid"], new["kid"], newer["kid"]]
    assert all(set(jwk) == {"kty", "crv", "x", "kid", "use", "alg"} for jwk in published)
    assert not any(secret in json.dumps(published) for secret in (old["d"], new["d"], newer["d"]))
    signature = found.signing.sign(b"text")
    verifier = found.verifier(new["kid"])
    assert verifier is not None
    verifier.verify(signature, b"text")
    assert found.verifier("unknown") is None


def test_the_thumbprint_is_that_of_rfc_8037():
    # RFC 8037, appendix A.3
    assert thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo") == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_thumbprint_is_sha_256_over_the_required_members():
    jwk = new_jwk()
    digest = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{jwk["x"]}"}}'.encode()).digest()
    assert jwk["kid"] == thumbprint(jwk["x"]) == base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.parametrize("length", range(8))
def test_base64url_has_no_padding(length: int):
    data = bytes(range(250, 250 + length)) if length < 6 else b"\xff\xfe" * length
    assert "=" not in encoded(data)
    assert decoded(encoded(data)) == data


def a_curve() -> dict[str, str]:
    numbers = generate_private_key(SECP256R1()).private_numbers()
    x, y, d = (encoded(n.to_bytes(32, "big")) for n in (numbers.public_numbers.x, numbers.public_numbers.y, numbers.private_value))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d}


A, B = new_jwk(), new_jwk()
PADDED = B["x"] + "="
BAD: dict[str, str] = {
    "not json": "sesame", "a list": "[]", "no keys": "{}", "keys are a number": '{"keys": 5}', "keys are text": '{"keys": "abc"}',
    "a key is text": as_set("x"), "a key is null": as_set(None), "a key is a list": as_set([]), "empty": as_set(),
    "none can sign": as_set(public(A)), "no x": as_set({"kty": "OKP", "crv": "Ed25519", "d": A["d"]}),
    "halves of two keys": as_set({**A, "x": B["x"]}), "short d": as_set({**A, "d": "AAAA"}), "d is a number": as_set({**A, "d": 5}),
    "d is no base64": as_set({**A, "d": "!"}), "short public key": as_set(A, {**public(B), "x": "AAAA"}),
    "x is a number": as_set(A, {**public(B), "x": 5}), "x in another spelling": as_set(A, {**public(B), "x": PADDED}),
    "another curve": as_set(A, {**public(B), "crv": "X25519"}), "another type": as_set(A, {**public(B), "kty": "EC"}),
    "an EC key beside": as_set(A, a_curve()), "an RSA key beside": as_set(A, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
}  # fmt: skip


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_bad_set_is_refused_with_words(text: str):
    with pytest.raises(BadKeySet) as refused:
        parse(text)
    assert str(refused.value).count(" ") >= 4
    assert "sesame" not in str(refused.value)
    assert A["d"] not in str(refused.value)


def test_a_kid_that_somebody_wrote_is_not_believed():
    jwk = new_jwk() | {"kid": "chosen"}
    assert parse(as_set(jwk)).signing_id == thumbprint(jwk["x"])


def test_a_jwk_is_the_key_it_says():
    jwk = new_jwk()
    private = Ed25519PrivateKey.from_private_bytes(decoded(jwk["d"]))
    assert private.public_key().public_bytes_raw() == decoded(jwk["x"])
