"""Checks a receipt with no server and no Django: python -m ledger.verify FILE... [--keys FILE]

Needs the standard library and the `cryptography` package. Without --keys it reads consent-keys.json beside the receipt. Exit
status 0: every file is genuine and unchanged. Exit status 1: the first fault of each file that is not, by name.

The file must be exactly the canonical bytes of what it says: a reader that accepts another spelling accepts edits.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.canonical import NotCanonical, canonical, clean, commitment

MEMBERS = {"receipt", "payload", "salt", "commitment", "previous", "issued_at", "key", "signature"}
COMMON = {"v", "id", "subject", "seq", "previous", "kind", "brand", "actor", "recorded_at"}
HEX = re.compile(r"[0-9a-f]{64}\Z")
SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
MOST_BYTES = 64 * 1024

Keys = dict[str, Ed25519PublicKey]


class Fault(ValueError):
    """What is wrong with a receipt, in words."""


def verify(data: bytes, keys: Keys) -> dict[str, Any]:
    """The payload of a genuine receipt. Raises Fault."""
    receipt = _parsed(data)
    payload = receipt["payload"]
    written = _check_shape(receipt, payload)
    if commitment(bytes.fromhex(receipt["salt"]), written) != receipt["commitment"]:
        raise Fault("the payload is not the one that was committed to")
    if receipt["key"] not in keys:
        raise Fault("no key of that id")
    signed = "\n".join(["pc-receipt-v1", receipt["commitment"], receipt["previous"] or "-", receipt["issued_at"]]).encode()
    try:
        keys[receipt["key"]].verify(_decoded(receipt["signature"]), signed)
    except InvalidSignature:
        raise Fault("the signature does not fit") from None
    return dict(payload)


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise Fault("larger than any receipt")
    try:
        receipt = json.loads(data.decode(), object_pairs_hook=_no_duplicates, parse_float=_no_float, parse_constant=_no_float)
    except Fault:
        raise
    except (ValueError, RecursionError):  # also a number of more digits than Python reads
        raise Fault("not JSON in UTF-8") from None
    if type(receipt) is not dict or set(receipt) != MEMBERS:
        raise Fault("not the members of a receipt")
    if data != json.dumps(receipt, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"):
        raise Fault("not in canonical form")
    return receipt


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise Fault("a key stands twice")
    return dict(pairs)


def _no_float(_: str) -> NoReturn:
    raise Fault("a float")


def _check_shape(receipt: dict[str, Any], payload: Any) -> bytes:
    """The canonical bytes of the payload, or Fault."""
    if receipt["receipt"] != 1 or type(receipt["receipt"]) is not int:
        raise Fault("not version 1")
    if type(payload) is not dict or not COMMON <= set(payload) or payload["v"] != 1 or type(payload["v"]) is not int:
        raise Fault("not a payload of version 1")
    try:
        written = canonical(payload)
        composed = clean(payload)
    except NotCanonical as error:
        raise Fault(f"the payload has no canonical form: {error}") from None
    if composed != payload:  # the commitment below is over the composed text: another spelling of it would pass
        raise Fault("the payload is not in canonical form: a text is not in NFC")
    for name in ("salt", "commitment"):
        if type(receipt[name]) is not str or not HEX.match(receipt[name]):
            raise Fault(f"{name} is not 64 lower-case hex digits")
    if receipt["previous"] is not None and not (type(receipt["previous"]) is str and HEX.match(receipt["previous"])):
        raise Fault("previous is not 64 lower-case hex digits")
    if receipt["previous"] != payload["previous"] or (receipt["previous"] is None) != (payload["seq"] == 1):
        raise Fault("it does not follow the entry before it")
    if type(receipt["issued_at"]) is not str or not SECONDS.match(receipt["issued_at"]):
        raise Fault("issued_at is not UTC in whole seconds")
    if receipt["issued_at"] != f"{str(payload['recorded_at'])[:19]}Z":
        raise Fault("issued_at is not when the entry was recorded")
    if type(receipt["key"]) is not str or type(receipt["signature"]) is not str:
        raise Fault("key and signature are not text")
    return written


def _decoded(text: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Fault("the signature is not base64url") from None
    # Several spellings decode to the same bytes: only the one that encoding gives is a signature.
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise Fault("the signature is not in its one spelling")
    return data


def read_keys(data: bytes) -> Keys:
    """The Ed25519 keys of a JWK set. Raises Fault."""
    try:
        jwks = json.loads(data)["keys"]
        return {
            jwk["kid"]: Ed25519PublicKey.from_public_bytes(_decoded(jwk["x"]))
            for jwk in jwks
            if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519"
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Fault("the keys are not a JWK set of Ed25519 keys") from None


def _check_file(path: Path, keys_path: Path | None) -> str:
    """A line about the file, or Fault."""
    keys_path = keys_path or path.parent / "consent-keys.json"
    if not keys_path.exists():
        raise Fault("no key")
    payload = verify(path.read_bytes(), read_keys(keys_path.read_bytes()))
    return f"{path}: genuine: entry {payload['seq']} of {payload['subject']}, {payload['kind']}, {payload['recorded_at']}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ledger.verify", description="Checks receipts with no server.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="a JWK set; default: consent-keys.json beside each receipt")
    options = parser.parse_args(arguments)
    status = 0
    for path in options.files:
        try:
            line = _check_file(path, options.keys)
        except Fault as fault:
            line, status = f"{path}: refused: {fault}", 1
        except OSError as error:
            line, status = f"{path}: refused: cannot be read ({error.strerror})", 1
        sys.stdout.write(line + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
