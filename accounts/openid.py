"""“Sign in with <brand>”: the authorization code flow of OpenID Connect Core 1.0, with PKCE (RFC 7636), state, nonce and a checked token.

Of the answer one value is taken, `sub`: no name, no address, no access to anything at the provider. An answer opens what a customer has
linked before, and makes no account. All that is refused looks the same to the person; the reason is logged, without a value.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from cryptography.fernet import InvalidToken
from csp.decorators import csp_update
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from urllib3.exceptions import HTTPError

from accounts.adapters import encryption
from accounts.models import OpenIdProvider
from brands import mail
from brands.models import Brand

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")  # never none, and never one whose key is a shared secret
SIGN_IN, LINK = "sign_in", "link"
PLACE = "openid"  # in the session, from the press to the answer
VALID = 600  # seconds that somebody may take at the provider
LEEWAY = 60  # seconds by which two clocks may differ
TIMEOUT = (5, 10)  # seconds to connect, and to answer
LARGEST = 100_000  # bytes of an answer that is no fault
KEYS_KEPT = 600  # seconds
LONGEST_ADDRESS = 200  # characters: what a column holds
HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?")  # it goes into a header
ODD = (ValueError, TypeError, LookupError, AttributeError, RecursionError)  # what parsers stumble over in odd answers
LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class Refused(ValueError):
    """A reason for the log: a code of ours, never what was sent."""


@dataclass(frozen=True)
class Answered:
    """`purpose`: SIGN_IN or LINK; `next`: the path they were going to."""

    provider: OpenIdProvider
    purpose: str
    next: str
    sub: str


def provider_of(brand: Brand) -> OpenIdProvider | None:
    return OpenIdProvider.objects.filter(brand=brand, in_use=True).first()


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def begin(request: HttpRequest, provider: OpenIdProvider, *, purpose: str, next_path: str) -> str:
    """Where the browser goes. What was sent is kept in the session, once: another press takes its place."""
    waiting = {
        "provider": provider.pk, "state": secrets.token_urlsafe(32), "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48), "purpose": purpose, "next": next_path, "at": time.time(),
    }  # fmt: skip
    request.session[PLACE] = waiting
    with _client(provider) as client:
        url, _state = client.create_authorization_url(
            provider.authorization_endpoint, state=waiting["state"], nonce=waiting["nonce"], code_challenge_method="S256",
            code_challenge=create_s256_code_challenge(waiting["verifier"]),
        )  # fmt: skip
    return str(url)


def callback_url(brand: Brand) -> str:
    return mail.origin(brand) + reverse("accounts:openid_callback")


def _client(provider: OpenIdProvider) -> OAuth2Session:
    """Asks for `openid` alone: no profile and no address (data minimisation, GDPR Art. 5(1)(c))."""
    try:
        secret = encryption().decrypt(provider.secret.encode()).decode() if provider.secret else None
    except InvalidToken as error:
        raise Refused("the secret was encrypted with a key that has gone") from error
    method = "client_secret_basic" if secret else "none"
    return OAuth2Session(
        provider.client_id, secret, scope="openid", redirect_uri=callback_url(provider.brand), token_endpoint_auth_method=method,
        default_timeout=TIMEOUT,
    )  # fmt: skip


# ── Being answered ──────────────────────────────────────────────────────────────────────────────────────────────────


def answered(request: HttpRequest, brand: Brand) -> Answered:
    """Whom the provider names, for this browser, this press and this brand. Each press is answered once. Raises Refused."""
    waiting = request.session.pop(PLACE, None)
    if waiting is None or waiting["at"] < time.time() - VALID:
        raise Refused("nothing was asked, or too long ago")
    provider = OpenIdProvider.objects.select_related("brand").filter(pk=waiting["provider"], brand=brand, in_use=True).first()
    if provider is None:
        raise Refused("asked at another brand")
    if not secrets.compare_digest(request.GET.get("state", "").encode(), waiting["state"].encode()):
        raise Refused("state")
    if request.GET.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise Refused("issuer of the answer")
    code = request.GET.get("code", "")
    if "error" in request.GET or not code:
        raise Refused("the provider said no")
    token = _token(provider, code, waiting["verifier"])
    return Answered(provider, waiting["purpose"], waiting["next"], _sub(provider, token, waiting["nonce"]))


def _token(provider: OpenIdProvider, code: str, verifier: str) -> dict[str, Any]:
    try:
        with _client(provider) as client:
            found = client.fetch_token(
                provider.token_endpoint, grant_type="authorization_code", code=code, code_verifier=verifier, allow_redirects=False
            )
    except (requests.RequestException, AuthlibBaseError, *ODD) as error:
        raise Refused(f"token endpoint: {type(error).__name__}") from error
    return cast("dict[str, Any]", found)


def _sub(provider: OpenIdProvider, token: dict[str, Any], nonce: str) -> str:
    """Core 1.0, 3.1.3.7: signature, issuer, audience, authorized party, times, nonce."""
    text = token.get("id_token")
    if not isinstance(text, str) or len(text) > LARGEST:
        raise Refused("no token")
    try:
        decoded = _decoded(provider, text)
        ours = {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True, "value": provider.client_id}}
        asked = {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, ours, asked)
        claims.validate(leeway=LEEWAY)
    except (JoseError, *ODD) as error:
        raise Refused(f"token: {type(error).__name__}") from error
    sub = claims["sub"]
    if not isinstance(sub, str) or not 0 < len(sub) <= 255:
        raise Refused("sub")
    return sub


def _decoded(provider: OpenIdProvider, text: str) -> jwt.Token:
    """By a key that the provider publishes; when it has changed them, they are fetched once more."""
    try:
        return jwt.decode(text, _keys(provider), algorithms=ALGORITHMS)
    except (JoseError, ValueError):
        return jwt.decode(text, _keys(provider, anew=True), algorithms=ALGORITHMS)


def _keys(provider: OpenIdProvider, *, anew: bool = False) -> KeySet:
    place = f"openid-keys:{provider.pk}:{provider.jwks_uri}"
    found = None if anew else cache.get(place)
    if found is None:
        found = fetch_json(provider.jwks_uri)
        cache.set(place, found, KEYS_KEPT)
    return KeySet.import_key_set(cast("KeySetSerialization", found))


# ── The provider ────────────────────────────────────────────────────────────────────────────────────────────────────


def discover(issuer: str) -> dict[str, str]:
    """The three addresses that the flow needs, from the provider's own configuration. Raises Refused."""
    found = fetch_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise Refused("the configuration names another issuer")
    addresses = {name: found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for address in addresses.values():
        _fit(address)
    return cast("dict[str, str]", addresses)


def fetch_json(url: str) -> dict[str, Any]:
    """Raises Refused. Follows nothing, and reads no more than LARGEST."""
    _fit(url)
    try:
        with requests.get(url, timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
            if response.status_code != requests.codes.ok:
                raise Refused(f"answered with {response.status_code}")
            text = response.raw.read(LARGEST + 1, decode_content=True)
        if len(text) > LARGEST:
            raise Refused("too long an answer")
        found = json.loads(text)
    except (requests.RequestException, HTTPError, ValueError, RecursionError) as error:
        raise error if isinstance(error, Refused) else Refused(f"no answer: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise Refused("not an object")
    return found


def _fit(url: object) -> None:
    """https; and on a laptop, where nothing is public, a provider beside it."""
    parts = urlsplit(url) if isinstance(url, str) else None
    beside = parts is not None and settings.EMBEDDED and parts.scheme == "http" and parts.hostname in LOOPBACK
    if parts is None or len(str(url)) > LONGEST_ADDRESS or not HOST.fullmatch(parts.netloc) or (parts.scheme != "https" and not beside):
        raise Refused("an address that is not https")


def leading_to(request: HttpRequest, provider: OpenIdProvider | None, response: HttpResponse) -> HttpResponse:
    """A page whose form leads to the provider: browsers hold the redirect against form-action, too. Others keep the narrower policy."""
    if provider is not None:
        parts = urlsplit(provider.authorization_endpoint)
        widened = csp_update({"form-action": [f"{parts.scheme}://{parts.netloc}"]})(lambda _request: response)
        return cast("HttpResponse", widened(request))
    return response
