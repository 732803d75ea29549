"""What stops a start: settings that are missing in production, unsafe together, or malformed. Each has a name and a hint.

`manage.py` runs these as system checks. A web or worker process that was started without manage.py runs `stop_if_unsafe()`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from ledger.triggers import missing

SHORTEST_HOOK_KEY = 32  # characters: 24 bytes in base64, as Standard Webhooks asks
SHORTEST_METRICS_KEY = 32  # characters
SHORTEST_SECRET = 50  # characters; what Django's own generator makes
SMTP = "django.core.mail.backends.smtp.EmailBackend"
INTO_THE_VOID = ("django.core.mail.backends.", "brands.mail.")  # but for SMTP: files, the console, nothing at all


@register()
def settings_are_safe(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEPLOYMENT == "production":
        found += _production()
        found += _nobody_tells_of_bounces()
    found += _email_backend()
    found += _proof_apart()
    found += _requests_folder()
    found += _ledger_keys()
    found += _encryption_keys()
    found += _hook_keys()
    found += _metrics_key()
    return found


@register(Tags.database)
def triggers_are_there(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A rebuilt table has lost its triggers. A warning, because `migrate`, which puts them back, runs the checks first."""
    gone = [name for alias in databases or () for name in missing(connections[alias])]
    hint = "Run manage.py migrate: it installs them after every run."
    message = f"The database does not refuse edits of what was recorded: {', '.join(gone)}."
    return [Warning(message, hint, id="preference_center.W001")] if gone else []


def stop_if_unsafe() -> None:
    """Ends the process with the names of what is wrong. For entry points that run no system checks of their own. Warnings let it pass."""
    found = [message for message in settings_are_safe() if message.is_serious()]
    if found:
        lines = [f"{message.id}: {message.msg}\n    {message.hint}" for message in found]
        raise SystemExit("The preference center does not start:\n" + "\n".join(lines))


def _error(number: int, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"preference_center.E{number:03}")


def _secret_key() -> str:
    # Django raises on reading an empty SECRET_KEY through `settings`; the operator shall see our check instead.
    return str(getattr(settings._wrapped, "SECRET_KEY", ""))  # type: ignore[misc]  # django-stubs leaves it out


def _production() -> Iterator[Error]:
    if len(_secret_key()) < SHORTEST_SECRET:
        yield _error(
            1,
            f"SECRET_KEY is missing or shorter than {SHORTEST_SECRET} characters.",
            "It signs sessions and links. Set SECRET_KEY (or SECRET_KEY_FILE) to a long random text that only this installation has.",
        )
    if not settings.DATABASE_URL:
        yield _error(2, "DATABASE_URL is missing.", "Production runs on PostgreSQL: postgresql://user:password@host:5432/name")
    if not settings.REDIS_URL:
        yield _error(3, "REDIS_URL is missing.", "Workers are woken through Redis: redis://host:6379/0")
    if not settings.LEDGER_KEYS:
        yield _error(
            4, "LEDGER_KEYS is missing.", "A JWK set with the Ed25519 key that signs receipts and seals. Keep it apart from the database."
        )
    if not settings.ENCRYPTION_KEYS:
        yield _error(
            5,
            "ENCRYPTION_KEYS is missing.",
            "Fernet keys, comma-separated, that encrypt authenticators' secrets; the first encrypts, all decrypt.",
        )
    if not settings.LINK_KEYS:
        hint = "Long random texts, comma-separated, that sign the links in mails; the first signs, all verify."
        yield _error(14, "LINK_KEYS is missing.", hint)
    if not settings.SUPPRESSION_KEYS:
        hint = "Long random texts, comma-separated, for the hashes that keep out who was deleted. Never drop one."
        yield _error(16, "SUPPRESSION_KEYS is missing.", hint)
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield _error(6, "ALLOWED_HOSTS is missing or names every host.", "Name the host of each brand, comma-separated.")
    if not _mail_leaves():
        hint = "People sign in with a code by mail: name the SMTP server that sends it, or an email service in EMAIL_BACKEND."
        yield _error(7, "EMAIL_HOST is missing.", hint)
    if settings.DEBUG or settings.DEMO:
        yield _error(8, "DEBUG or DEMO is on in production.", "Both show to everybody what is nobody's business. Unset them.")
    if not settings.HTTPS:
        yield _error(9, "HTTPS is off in production.", "Without it session cookies travel in clear. Unset HTTPS, or set it to 1.")


def _mail_leaves() -> bool:
    backend = settings.EMAIL_BACKEND
    return bool(settings.EMAIL_HOST) if backend == SMTP else not backend.startswith(INTO_THE_VOID)


def _nobody_tells_of_bounces() -> Iterator[Warning]:
    if settings.MAIL_HOOK_KEYS or "anymail" in settings.INSTALLED_APPS:
        return
    hint = "Give whoever sends your mail a secret and name it in MAIL_HOOK_KEYS (docs/how-to/production.md, Mail)."
    yield Warning("Nobody tells of bounces and complaints: MAIL_HOOK_KEYS is empty.", hint, id="preference_center.W002")


def _email_backend() -> Iterator[Error]:
    if not _there(settings.EMAIL_BACKEND.rpartition(".")[0]):
        hint = "A service of django-anymail needs `pip install --require-hashes -r requirements-esp.txt`."
        yield _error(15, f"EMAIL_BACKEND is not there: {settings.EMAIL_BACKEND}.", hint)


def _there(module: str) -> bool:
    """Looked for and not imported: a web process asks before the apps are ready."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _proof_apart() -> Iterator[Error]:
    if settings.DATABASE_URL:
        return
    database = Path(settings.DATABASES["default"]["NAME"]).resolve().parent
    proof = Path(settings.PROOF_DIR).resolve()
    if proof == database or database in proof.parents:
        yield _error(
            10,
            "PROOF_DIR lies in the database's folder.",
            "Seals and journal must survive what befalls the database. Point PROOF_DIR at another folder, best on another disk.",
        )


def _requests_folder() -> Iterator[Error]:
    if (Path(settings.BASE_DIR) / "requests" / "__init__.py").exists():
        yield _error(11, "requests/__init__.py exists.", "It would hide the HTTP library named requests. Delete that file.")


def _hook_keys() -> Iterator[Error]:
    for place, key in enumerate(settings.MAIL_HOOK_KEYS, start=1):
        if not key.isascii() or len(key.removeprefix("whsec_")) < SHORTEST_HOOK_KEY:
            yield _error(
                16,
                f"Key {place} of MAIL_HOOK_KEYS is not ASCII, or shorter than {SHORTEST_HOOK_KEY} characters.",
                "Make one: python -c 'import secrets,base64; print(\"whsec_\" + base64.b64encode(secrets.token_bytes(32)).decode())'",
            )


def _metrics_key() -> Iterator[Error]:
    key = settings.METRICS_KEY
    if key and (not key.isascii() or len(key) < SHORTEST_METRICS_KEY):
        hint = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'. Empty: /metrics is not there."
        yield _error(17, f"METRICS_KEY is not ASCII, or shorter than {SHORTEST_METRICS_KEY} characters.", hint)


def _ledger_keys() -> Iterator[Error]:
    if not settings.LEDGER_KEYS:
        return
    try:
        keys = json.loads(settings.LEDGER_KEYS)["keys"]
        private = [key for key in keys if _read_ledger_key(key)]
        if not private:
            raise ValueError("no key has its private part, `d`")
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        yield _error(
            12,
            f"LEDGER_KEYS cannot be read: {_without_secrets(fault)}.",
            'It is {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "…", "d": "…"}]}; old keys may stand there without `d`.',
        )


def _read_ledger_key(key: dict[str, str]) -> bool:
    """True when the key can sign. Raises ValueError when it is no Ed25519 key, or when its halves do not belong together."""
    if (key["kty"], key["crv"]) != ("OKP", "Ed25519"):
        raise ValueError("a key is not Ed25519")
    public = _raw(key["x"])
    if len(public) != 32:
        raise ValueError("a public key is not 32 bytes long")
    if "d" not in key:
        return False
    if Ed25519PrivateKey.from_private_bytes(_raw(key["d"])).public_key().public_bytes_raw() != public:
        raise ValueError("`x` is not the public half of `d`")
    return True


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("a value is not base64url") from None


def _encryption_keys() -> Iterator[Error]:
    for place, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield _error(
                13,
                f"Key {place} of ENCRYPTION_KEYS is not a Fernet key.",
                "Make one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
            )


def _without_secrets(fault: Exception) -> str:
    """Our own words, or the name of the fault: a parser's message may quote what it could not read."""
    own = type(fault) is ValueError and not isinstance(fault, json.JSONDecodeError)
    return str(fault) if own else type(fault).__name__
