"""All settings, in one file, from the environment.

With an empty environment this is the embedded mode: SQLite, no server, safe on a laptop. DEPLOYMENT=production asks for
PostgreSQL, Redis and every secret; what is missing stops the start with a named check (preference_center/checks.py).
Any NAME may be given as NAME_FILE, the path of a file that holds the value.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from preference_center.headers import of_static
from preference_center.made_once import fernet_key, made_once

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    file = os.environ.get(f"{name}_FILE")
    return Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    return env(name, str(int(default))).lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


def json_object(name: str) -> dict[str, Any]:
    try:
        value = json.loads(env(name) or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):  # without the value: there are keys in it
        raise ImproperlyConfigured(f"{name} must be a JSON object.")
    return value


# ── Where and how it runs ───────────────────────────────────────────────────────────────────────────────────────────

DEPLOYMENT = env("DEPLOYMENT", "embedded")
if DEPLOYMENT not in {"embedded", "production"}:
    raise ImproperlyConfigured("DEPLOYMENT must be 'embedded' or 'production'.")
EMBEDDED = DEPLOYMENT == "embedded"
DEBUG = env_bool("DEBUG")
DEMO = env_bool("DEMO")
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / "data")))
PROOF_DIR = Path(env("PROOF_DIR", str(DATA_DIR / "proof")))  # seals and journal: never in the database's own folder
KEYS_DIR = Path(env("KEYS_DIR", str(DATA_DIR / "keys")))
PORT = env("PORT", "8000")  # embedded mode: what links in mails carry
HTTPS = env_bool("HTTPS", default=not EMBEDDED)

SECRET_KEY = env("SECRET_KEY") or (made_once(KEYS_DIR / "secret_key") if EMBEDDED else "")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,.localhost,127.0.0.1,[::1]" if EMBEDDED else "")
TRUSTED_PROXY_COUNT = int(env("TRUSTED_PROXY_COUNT", "0"))

INSTALLED_APPS = [
    "preference_center",
    "guardians",
    "propagation",
    "notifications",
    "data_requests",
    "profiles",
    "consents",
    "catalogue",
    "accounts",
    "regimes",
    "brands",
    "jobs",
    "ledger",
    "django_otp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_countries",
    "django_linear_migrations",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.forms",
]
if find_spec("django_linear_migrations") is None:  # an installation without the developers' tools
    INSTALLED_APPS.remove("django_linear_migrations")

MIDDLEWARE = [
    "preference_center.access.access",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "preference_center.middleware.headers",
    "preference_center.backups.gate.gate",
    "brands.middleware.brand",
    "preference_center.desk.own_host.desk_host",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.brand_session",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.customer",
    "accounts.middleware.language",
    "consents.middleware.signals_and_opt_outs",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "preference_center.urls"
WSGI_APPLICATION = "preference_center.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "preference_center.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# ── Database ────────────────────────────────────────────────────────────────────────────────────────────────────────


def postgresql(url: str) -> dict[str, Any]:
    """postgresql://user:password@host:port/name; ?host=/folder for a Unix socket."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def sqlite(path: Path) -> dict[str, Any]:
    """Measured: IMMEDIATE and WAL under load give no 'database is locked'; FULL keeps an acknowledged withdrawal through a power cut;
    what is deleted is overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "preference_center.sqlite",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-20000;PRAGMA mmap_size=67108864;"
            "PRAGMA journal_size_limit=67108864;PRAGMA secure_delete=ON;",
        },
    }


DATABASE_URL = env("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {"default": postgresql(DATABASE_URL) if DATABASE_URL else sqlite(DATA_DIR / "db" / "center.sqlite3")}


def connected(url: str) -> dict[str, Any]:
    """A database of the brand that copies and deletions ask (data_requests/connectors): sqlite:///path, postgresql://…, mysql://…"""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": f"file:{parts.path.removeprefix('/')}?mode=rw", "OPTIONS": options}
    if parts.scheme == "mysql":
        return postgresql(f"postgresql{url.removeprefix('mysql')}") | {"ENGINE": "django.db.backends.mysql", "CONN_MAX_AGE": 0}
    return postgresql(url) | {"CONN_MAX_AGE": 0}


# Name -> URL, as JSON; and where each system is described: <brand>/<key of the system>.yaml.
CONNECTED_DATABASES = json_object("CONNECTED_DATABASES")
CONNECTORS_DIR = Path(
    env("CONNECTORS_DIR", str(BASE_DIR / "preference_center" / "demo" / "connectors" if DEMO else DATA_DIR / "connectors"))
)
if DEMO:  # a shop and a warehouse of the demo's own (preference_center/demo/systems.py)
    (DATA_DIR / "demo").mkdir(parents=True, exist_ok=True)
    own = {name: f"sqlite:///{DATA_DIR.resolve() / 'demo' / name}.sqlite3" for name in ("shop", "warehouse")}
    CONNECTED_DATABASES = own | CONNECTED_DATABASES
if "default" in CONNECTED_DATABASES:
    raise ImproperlyConfigured("CONNECTED_DATABASES names other databases than the center's own.")
DATABASES |= {name: connected(url) for name, url in CONNECTED_DATABASES.items()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Redis, cache, Celery ────────────────────────────────────────────────────────────────────────────────────────────

REDIS_URL = env("REDIS_URL")
if REDIS_URL:
    CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CELERY_BROKER_URL = REDIS_URL
    # Without these two a stopped Redis costs every request six seconds.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"max_retries": 0, "socket_connect_timeout": 1}
else:
    BROKER_DIR = DATA_DIR / "broker"
    for name in ("messages", "control"):  # the file-system broker makes neither
        (BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "preference_center.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ROUTES = {
    "ledger.tasks.*": {"queue": "proof"}, "notifications.tasks.*": {"queue": "mail"}, "propagation.tasks.*": {"queue": "hooks"},
}  # fmt: skip
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
# Seconds between looks at the tables. A lost wake-up costs this long and nothing else.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "relay": {"task": "jobs.tasks.relay", "schedule": 2.0, "options": {"expires": 4}},
    "prove": {"task": "ledger.tasks.prove", "schedule": 2.0, "options": {"expires": 4}},
    "deliver": {"task": "propagation.tasks.deliver", "schedule": 2.0, "options": {"expires": 4}},
    "send": {"task": "notifications.tasks.send", "schedule": 2.0, "options": {"expires": 4}},
    "enqueue_daily": {"task": "jobs.tasks.enqueue_daily", "schedule": 900.0},
}

# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home:overview"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address reaches allauth only after our own code has proven it
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODE_DIGITS = 20  # 66 bits: a recovery code stands for a factor
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_ADAPTER = "accounts.adapters.UserSessionsAdapter"
# Keys that encrypt authenticator secrets at rest; the first encrypts, all decrypt. Fernet keys, comma-separated.
ENCRYPTION_KEYS = env_list("ENCRYPTION_KEYS") or ([made_once(KEYS_DIR / "encryption_key", fernet_key)] if EMBEDDED else [])
# Keys of the links in mails; the first signs, all verify. Keep old ones for three years: a link to unsubscribe must not die.
LINK_KEYS = env_list("LINK_KEYS") or ([made_once(KEYS_DIR / "link_key")] if EMBEDDED else [])
# Keys of the hashes that keep out who was deleted; the first makes them, all find them. Never drop one: see accounts/suppression.py.
SUPPRESSION_KEYS = env_list("SUPPRESSION_KEYS") or ([made_once(KEYS_DIR / "suppression_key")] if EMBEDDED else [])
# What runs before a new customer is made, in this order: dotted paths of callables that take the request.
SIGN_UP_STEPS = ["guardians.gate.step"]

SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "preference_center.errors.stale_form"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# ── The ledger's keys ───────────────────────────────────────────────────────────────────────────────────────────────

# A JWK set with private Ed25519 keys; the first that has `d` signs, all are published. Embedded mode makes its own file.
LEDGER_KEYS = env("LEDGER_KEYS")

# ── Defaults of the product: pages and mails print them, nobody types them ──────────────────────────────────────────

CODE_DIGITS = 6
CODE_VALID = timedelta(minutes=10)
CODE_TRIES = 5  # tries a challenge
CODE_MAILS_PER_HOUR = 3  # code mails an address
CODE_MAILS_PER_DAY = 10
CODE_WRONG_PER_DAY = 15  # wrong tries a day after which one browser gets no more mailed codes
CODE_WRONG_PER_DAY_AND_ADDRESS = 100  # after which codes for one address wait longer
CHALLENGES_KEPT = timedelta(hours=24)
STEP_UP_FRESH = timedelta(minutes=10)
UNDO_WINDOW = timedelta(minutes=30)
ASK_AGAIN_AFTER_MONTHS = {"refused": 6, "opted_out": 12}  # opted_out: of selling and sharing, or of sensitive data
PROMPT_EVERY = timedelta(days=7)  # between two showings of any question; and one a visit
PROMPT_SHOWINGS = 3  # of one question in a lifetime
PROMPT_NOT_NOW = (timedelta(days=30), timedelta(days=90))  # how long a question rests after the first, and each further, “not now”
PROMPT_QUIET_AFTER_NO = timedelta(days=1)  # after a no to anything
PROMPT_OPEN = timedelta(days=1)  # how long a question that was shown waits for its answer
PROMPT_AFTER_FIRST_VISIT = timedelta(hours=1)  # nobody is asked while they come in
PROMPT_PAYING = timedelta(hours=1)  # how long somebody who began to pay is taken to be paying
ANSWER_UNUSED = timedelta(days=180)  # after which an answer is offered for deletion
PROOF_YEARS = 6
POLICY_NOTICE = timedelta(days=30)  # between telling people of a change and the day on which it applies
POLICY_REMINDER_DAYS = 7  # before it applies, to those who have not decided
POLICY_REVIEWED_EVERY = timedelta(days=365)
NEWS_KEPT = timedelta(days=30)  # how long the overview says that data came from somebody else
DOUBLE_OPT_IN_VALID = timedelta(days=7)
SLOW_LANE = {"copy": timedelta(hours=24), "delete": timedelta(days=7)}  # the wait where a mailed code is the only proof
DELETE_COOLING_OFF = timedelta(hours=72)  # to change one's mind, with two factors
HOLD_AFTER_CHANGE = timedelta(hours=72)  # after a changed address; a new passkey or app counts as a second factor after it
HOLD_AFTER_NOT_ME = timedelta(days=7)
FOUR_EYES = env_bool("FOUR_EYES", default=True)  # whoever wrote a draft does not publish it; off where one person does both
RECORD_OPEN = timedelta(minutes=30)  # how long a customer's record stays open at the desk for one reason given
COMING_OF_AGE_NOTICES = (90, 30, 7)  # days ahead of a birthday at which something passes to a child
GUARDIAN_CONTACT_KEPT = timedelta(days=14)  # of an adult who was invited, or said so, and was not confirmed
GUARDIAN_SECOND_MAIL = timedelta(hours=24)  # between the two mails that confirm an adult
AGE_GATE_SHUT = timedelta(days=1)  # after an answer below the age, in the same browser
PUT_BACK_VALID = timedelta(days=7)  # how long an address that was replaced can be put back by whoever reads its mail
PACKAGES_DIR = Path(env("PACKAGES_DIR", str(DATA_DIR / "packages")))  # copies that wait to be fetched, encrypted
PACKAGE_KEPT = timedelta(days=7)
PACKAGE_DOWNLOADS = 3
REQUEST_LOG_MONTHS = 24
UNVERIFIED_KEPT = timedelta(days=30)  # a request that nobody proved to be theirs
MANDATES_WAITING = 3  # requests of agents that may wait for one person; more are not passed on
FOLLOW_LINK_KEPT = timedelta(days=30)  # how long the link of a mail shows how a request stands, once that is closed
PAUSE_END_NOTICE = timedelta(days=7)  # between telling somebody that a pause of theirs ends, and its end
REQUEST_REMINDERS = (10, 5, 1)  # days before the law's date on which the brand's officer is written to
REQUEST_TARGET = {"copy": timedelta(days=3), "delete": timedelta(days=10)}  # ours, beside the law's; DEFAULT_TARGET for the other kinds
DEFAULT_TARGET = timedelta(days=14)

# ── Partners ────────────────────────────────────────────────────────────────────────────────────────────────────────

# Networks besides the open one that webhooks may go to (CIDR), for systems of the brand's own; plain http is allowed there.
WEBHOOK_NETWORKS = env_list("WEBHOOK_NETWORKS", "127.0.0.0/8" if DEMO else "")
# Pages of the brands' own that may forward a signal or a no (static/js/forward.js): https://www.example.com, …
SIGNAL_ORIGINS = env_list("SIGNAL_ORIGINS")
WEBHOOK_RETRIES = timedelta(days=3)
IMPORTS_DIR = Path(env("IMPORTS_DIR", str(DATA_DIR / "imports")))  # files that are being imported, encrypted
API_CALLS_PER_MINUTE = int(env("API_CALLS_PER_MINUTE", "6000"))  # of a key, in each web process; a no is never counted

# ── Language, time ──────────────────────────────────────────────────────────────────────────────────────────────────

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("pl", _("Polish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["preference_center.formats"]
TIME_ZONE = env("TIME_ZONE", "Europe/Warsaw")

# ── Static files ────────────────────────────────────────────────────────────────────────────────────────────────────

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False  # our files are for our pages
WHITENOISE_ADD_HEADERS_FUNCTION = of_static
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # a form of ours is a few kilobytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# ── Mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────

MAIL_DIR = DATA_DIR / "mail"
EMAIL_HOST = env("EMAIL_HOST")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=EMAIL_PORT == 587)
EMAIL_USE_SSL = env_bool("EMAIL_USE_SSL", default=EMAIL_PORT == 465)
EMAIL_TIMEOUT = 20
MAIL_SENDERS = int(env("MAIL_SENDERS", "2"))  # at once, over all processes; each has one connection to the mail server
MAIL_PER_MINUTE = int(env("MAIL_PER_MINUTE", "0"))  # of campaigns and newsletters, for each brand; 0: as fast as it goes
MAIL_TRIED_AGAIN_AFTER = timedelta(minutes=10)  # a mail on its own that could not be written
MAIL_HOOK_KEYS = env_list("MAIL_HOOK_KEYS")  # whoever sends our mail signs with these what came back; none: nobody is believed
EMAIL_BACKEND = env("EMAIL_BACKEND") or ("django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "brands.mail.FolderBackend")
# An email service instead of SMTP (requirements-esp.txt). Its webhooks have a URL only where it is in use.
ANYMAIL = json_object("ANYMAIL")
if EMAIL_BACKEND.startswith("anymail.") and find_spec("anymail") is not None:
    INSTALLED_APPS.append("anymail")

# ── Headers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = HTTPS and env_bool("SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

# ── Figures for a monitor (preference_center/metrics.py) ────────────────────────────────────────────────────────────

METRICS_KEY = env("METRICS_KEY")
PROMETHEUS_MULTIPROC_DIR = env("PROMETHEUS_MULTIPROC_DIR")  # prometheus_client reads the same name in the environment itself
if PROMETHEUS_MULTIPROC_DIR:
    Path(PROMETHEUS_MULTIPROC_DIR).mkdir(parents=True, exist_ok=True)

# ── Logs: no addresses, no payloads (preference_center/logs.py) ─────────────────────────────────────────────────────

LOG_FORMAT = env("LOG_FORMAT", "line" if EMBEDDED else "json")
if LOG_FORMAT not in {"json", "line"}:
    raise ImproperlyConfigured("LOG_FORMAT must be 'json' or 'line'.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "preference_center.logs.Json"},
        "line": {"()": "preference_center.logs.Line", "quotes": DEBUG},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "INFO")},
    # These come with handlers of their own, whose lines nobody has looked through.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True, "level": "WARNING"},  # runserver: the same is said by `access`
        "_granian": {"handlers": [], "propagate": True},
    },
}
