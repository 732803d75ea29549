"""The Ed25519 keys that sign seals and receipts: a JWK set (RFC 8037), key ids by RFC 7638.

The first key with a private part signs; every public part is published, so that what an old key signed still verifies.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

Jwk = dict[str, Any]


class BadKeySet(ValueError):
    """The key set cannot be used; the message says why."""


@dataclass(frozen=True)
class KeySet:
    signing: Ed25519PrivateKey
    signing_id: str
    public: tuple[Jwk, ...]

    def as_jwks(self) -> dict[str, list[Jwk]]:
        return {"keys": list(self.public)}

    def verifier(self, key_id: str) -> Ed25519PublicKey | None:
        for jwk in self.public:
            if jwk["kid"] == key_id:
                return Ed25519PublicKey.from_public_bytes(decoded(jwk["x"]))
        return None


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def thumbprint(x: str) -> str:
    """RFC 7638 over the required members of an OKP key."""
    members = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, sort_keys=True, separators=(",", ":"))
    return encoded(hashlib.sha256(members.encode()).digest())


def new_jwk() -> Jwk:
    private = Ed25519PrivateKey.generate()
    x = encoded(private.public_key().public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "d": encoded(private.private_bytes_raw()), "kid": thumbprint(x), "use": "sig"}


@lru_cache(maxsize=4)
def parse(text: str) -> KeySet:
    """A JWK set as text -> KeySet. Raises BadKeySet."""
    try:
        jwks: list[Jwk] = json.loads(text)["keys"]
        private = next(jwk for jwk in jwks if jwk.get("d"))
        signing = Ed25519PrivateKey.from_private_bytes(decoded(private["d"]))
        public = tuple(_public(jwk) for jwk in jwks)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadKeySet(f"not a JWK set of Ed25519 keys ({type(error).__name__})") from error
    except StopIteration:
        raise BadKeySet("no key of the set has a private part") from None
    if encoded(signing.public_key().public_bytes_raw()) != private["x"]:
        raise BadKeySet("the private part of the signing key does not belong to its public part")
    return KeySet(signing, thumbprint(private["x"]), public)


def _public(jwk: Jwk) -> Jwk:
    """What is published of a key. Raises ValueError for one that a verifier could not use: it would spoil the whole set."""
    x: str = jwk["x"]
    raw = Ed25519PublicKey.from_public_bytes(decoded(x)).public_bytes_raw()
    if (jwk["kty"], jwk["crv"], x) != ("OKP", "Ed25519", encoded(raw)):
        raise ValueError("not an Ed25519 key in its one spelling")
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": thumbprint(x), "use": "sig", "alg": "EdDSA"}


def key_set() -> KeySet:
    """From the environment, else from KEYS_DIR; only the embedded mode makes that file itself."""
    if settings.LEDGER_KEYS:
        return parse(settings.LEDGER_KEYS)
    path = Path(settings.KEYS_DIR) / "ledger_keys.json"
    if not path.exists():
        if not settings.EMBEDDED:
            raise BadKeySet("LEDGER_KEYS is not set")
        _make(path)
    return parse(path.read_text(encoding="utf-8"))


def _make(path: Path) -> None:
    """Two processes or threads may start at once: whoever creates the file first has made the key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # for its owner alone, and no other thread's
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"keys": [new_jwk()]}, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
