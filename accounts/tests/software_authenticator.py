"""A passkey provider in software: makes an ES256 key, signs what the host asks, as a browser would send it."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT_AND_VERIFIED = 0x05
WITH_KEY = 0x40


class SoftwareAuthenticator:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user_handle = ""

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answers PublicKeyCredentialCreationOptions (JSON) as PublicKeyCredential.toJSON() does."""
        public = options["publicKey"]
        self.user_handle = public["user"]["id"]
        key = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        data = self._data(public["rp"]["id"], PRESENT_AND_VERIFIED | WITH_KEY)
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", public["challenge"])
        response = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(attestation)}
        return self._credential(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def use(self, options: dict[str, Any], rp_id: str | None = None) -> dict[str, Any]:
        """Answers PublicKeyCredentialRequestOptions (JSON)."""
        public = options["publicKey"]
        data = self._data(rp_id or public["rpId"], PRESENT_AND_VERIFIED)
        client = self._client("webauthn.get", public["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client), "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature), "userHandle": self.user_handle,
        }  # fmt: skip
        return self._credential(response) | {"clientExtensionResults": {}}

    def _data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        assert websafe_decode(challenge)
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key", "response": response}
