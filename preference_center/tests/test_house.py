"""The house itself: what stops a start, what `up` does when things die, what the tools refuse."""

from __future__ import annotations

import base64
import json
import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preference_center.checks import settings_are_safe, stop_if_unsafe
from preference_center.management.commands.up import Child, address, refuse_taken
from preference_center.tests.servers import ROOT, Installation, free_port, wait_for

Install = Callable[..., Installation]


def jwk(*, private: bool = True) -> dict[str, str]:
    def text(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    key = Ed25519PrivateKey.generate()
    public = {"kty": "OKP", "crv": "Ed25519", "x": text(key.public_key().public_bytes_raw())}
    return {**public, "d": text(key.private_bytes_raw())} if private else public


@pytest.fixture
def production(settings: Any) -> Any:
    """Settings of a production that may start; a test breaks one."""
    settings.DEPLOYMENT, settings.EMBEDDED = "production", False
    settings.SECRET_KEY = "s" * 60
    settings.DATABASE_URL = "postgresql://center:secret@db.example/center"
    settings.REDIS_URL = "redis://cache.example:6379/0"
    settings.LEDGER_KEYS = json.dumps({"keys": [jwk(), jwk(private=False)]})
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]
    settings.LINK_KEYS = ["a long random text"]
    settings.SUPPRESSION_KEYS = ["another long random text"]
    settings.ALLOWED_HOSTS = ["privacy.linden.example"]
    settings.EMAIL_HOST = "smtp.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL_HOOK_KEYS = ["whsec_" + "c2VjcmV0" * 6]
    settings.DEBUG = settings.DEMO = False
    settings.HTTPS = True
    return settings


def found() -> list[str | None]:
    messages = settings_are_safe()
    assert all(message.hint for message in messages), "every check says what to do"
    return [message.id for message in messages]


# ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_starts_embedded_with_nothing_set():
    assert found() == []


def test_it_starts_in_production_with_everything_set(production: Any):
    assert found() == []
    stop_if_unsafe()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("SECRET_KEY", "", "E001"),
        ("SECRET_KEY", "short", "E001"),
        ("REDIS_URL", "", "E003"),
        ("LEDGER_KEYS", "", "E004"),
        ("ENCRYPTION_KEYS", [], "E005"),
        ("LINK_KEYS", [], "E014"),
        ("SUPPRESSION_KEYS", [], "E016"),
        ("ALLOWED_HOSTS", [], "E006"),
        ("ALLOWED_HOSTS", ["*"], "E006"),
        ("EMAIL_HOST", "", "E007"),
        ("DEBUG", True, "E008"),
        ("DEMO", True, "E008"),
        ("HTTPS", False, "E009"),
    ],
)
def test_it_names_what_production_misses(production: Any, name: str, value: object, check: str):
    setattr(production, name, value)
    assert found() == [f"preference_center.{check}"]
    with pytest.raises(SystemExit, match=check):
        stop_if_unsafe()


def test_it_refuses_sqlite_in_production(production: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    production.DATABASE_URL = ""
    monkeypatch.setitem(production.DATABASES["default"], "NAME", tmp_path / "db" / "center.sqlite3")
    assert found() == ["preference_center.E002"]


@pytest.mark.parametrize("place", ["db", "db/proof", "db/../db/x"])
def test_it_refuses_proof_beside_the_database(settings: Any, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch):
    settings.DATABASE_URL = ""
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", tmp_path / "db" / "center.sqlite3")
    settings.PROOF_DIR = tmp_path / place
    assert found() == ["preference_center.E010"]


def test_it_lets_proof_lie_apart(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings.DATABASE_URL = ""
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", tmp_path / "db" / "center.sqlite3")
    settings.PROOF_DIR = tmp_path / "db-proof"
    assert found() == []


def test_it_refuses_an_init_file_in_requests(settings: Any, tmp_path: Path):
    (tmp_path / "requests").mkdir()
    settings.BASE_DIR = tmp_path
    assert found() == []
    (tmp_path / "requests" / "__init__.py").touch()
    assert found() == ["preference_center.E011"]


def test_the_http_library_is_not_hidden():
    import requests

    assert "site-packages" in str(requests.__file__)
    assert not (ROOT / "requests" / "__init__.py").exists()


@pytest.mark.parametrize(
    "keys",
    [
        "not json",
        "[]",
        "{}",
        '{"keys": []}',
        '{"keys": 5}',
        json.dumps({"keys": [jwk(private=False)]}),
        json.dumps({"keys": [{**jwk(), "x": jwk()["x"]}]}),
        json.dumps({"keys": [{**jwk(), "crv": "X25519"}]}),
        json.dumps({"keys": [{**jwk(), "d": "!!"}]}),
        json.dumps({"keys": [{**jwk(), "d": "AAAA"}]}),
        json.dumps({"keys": [jwk(), {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}),
    ],
    ids=["text", "list", "empty", "no key", "number", "only public", "other half", "other curve", "no base64", "short", "short public"],
)
def test_it_refuses_malformed_ledger_keys(settings: Any, keys: str):
    settings.LEDGER_KEYS = keys
    assert found() == ["preference_center.E012"]


def test_it_keeps_a_malformed_secret_out_of_the_message(settings: Any):
    settings.LEDGER_KEYS = 'sesame{"keys"'
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), "sesame"]
    messages = settings_are_safe()
    assert [message.id for message in messages] == ["preference_center.E012", "preference_center.E013"]
    assert not any("sesame" in str(message) for message in messages)


SERVICE = "anymail.backends.mailgun.EmailBackend"


def test_an_email_service_does_instead_of_a_mail_server(production: Any):
    production.EMAIL_HOST, production.EMAIL_BACKEND = "", SERVICE
    assert found() == []


@pytest.mark.parametrize(
    "backend", ["brands.mail.FolderBackend", *(f"django.core.mail.backends.{one}.EmailBackend" for one in ("console", "dummy"))]
)
def test_production_wants_mail_that_leaves_the_house(production: Any, backend: str):
    production.EMAIL_BACKEND = backend
    assert found() == ["preference_center.E007"]


def test_it_refuses_a_mail_backend_that_is_not_there(production: Any):
    production.EMAIL_BACKEND = "anymail.backends.pigeon.EmailBackend"
    assert found() == ["preference_center.E015"]


def test_it_warns_when_nobody_tells_of_bounces_and_starts_all_the_same(production: Any):
    production.MAIL_HOOK_KEYS = []
    assert found() == ["preference_center.W002"]
    stop_if_unsafe()
    production.INSTALLED_APPS = [*production.INSTALLED_APPS, "anymail"]
    assert found() == []


HOOK = """
import sys
{before}
import django; django.setup()
from django.conf import settings
from django.urls import reverse, NoReverseMatch
try:
    print(reverse("anymail:mailgun_tracking_webhook"))
except NoReverseMatch:
    print("no webhook")
print(sorted(settings.ANYMAIL), settings.EMAIL_BACKEND)
"""


def webhook(installation: Install, before: str = "", **environment: str) -> list[str]:
    """What a process with this environment says: the path of the service's webhook, then what it knows of the service."""
    environment = {**installation(**environment).environment, "DJANGO_SETTINGS_MODULE": "preference_center.settings"}
    program = HOOK.format(before=before)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_an_email_service_brings_its_webhooks(installation: Install):
    path, known = webhook(installation, EMAIL_BACKEND=SERVICE, ANYMAIL='{"MAILGUN_API_KEY": "k"}', EMAIL_HOST="smtp.example")
    assert path == "/hooks/anymail/mailgun/tracking/"
    assert known == f"['MAILGUN_API_KEY'] {SERVICE}"


def test_without_an_email_service_its_webhooks_have_no_url(installation: Install):
    assert webhook(installation) == ["no webhook", "[] brands.mail.FolderBackend"]
    assert webhook(installation, EMAIL_HOST="smtp.example") == ["no webhook", "[] django.core.mail.backends.smtp.EmailBackend"]


def test_an_email_service_that_is_not_installed_is_named(installation: Install):
    missing = "sys.modules['anymail'] = None"
    assert webhook(installation, missing, EMAIL_BACKEND=SERVICE)[0] == "no webhook"
    program = f"import sys; {missing}; import preference_center.wsgi"
    environment = installation(EMAIL_BACKEND=SERVICE).environment
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "preference_center.E015" in done.stderr
    assert "requirements-esp.txt" in done.stderr


@pytest.mark.parametrize("value", ["sesame", '["sesame"]', '{"sesame"'])
def test_what_the_email_service_asks_for_is_a_json_object(installation: Install, value: str):
    done = installation(ANYMAIL=value).manage("check", check=False)
    assert done.returncode != 0
    assert "ANYMAIL must be a JSON object." in done.stderr
    assert "sesame" not in done.stderr


PRODUCTION = {"DEPLOYMENT": "production", "DATABASE_URL": ""}


def test_manage_names_every_missing_setting(installation: Install):
    done = installation(**PRODUCTION).manage("check", check=False)
    assert done.returncode != 0
    assert sorted(set(re.findall(r"preference_center\.(E\d+)", done.stderr))) == [
        "E001",
        "E002",
        "E003",
        "E004",
        "E005",
        "E006",
        "E007",
        "E014",
        "E016",
    ]


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", "import preference_center.wsgi"],
        [sys.executable, "-m", "celery", "-A", "preference_center", "worker", "-P", "solo"],
        [sys.executable, "-m", "celery", "-A", "preference_center", "beat"],
    ],
    ids=["web", "worker", "beat"],
)
def test_a_process_started_without_manage_stops_too(installation: Install, command: list[str]):
    environment = installation(**PRODUCTION).environment
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "preference_center.E004: LEDGER_KEYS is missing." in done.stderr


def test_a_secret_may_come_from_a_file(installation: Install, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("x" * 60 + "\n")
    done = installation(**PRODUCTION, SECRET_KEY_FILE=str(secret)).manage("check", check=False)
    assert "E001" not in done.stderr
    assert "E002" in done.stderr


# ── Up ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("bind", "expected"),
    [("127.0.0.1:8000", ("127.0.0.1", 8000)), ("[::1]:80", ("::1", 80)), ("0.0.0.0:9", ("0.0.0.0", 9))],
)
def test_it_reads_the_address_to_bind(bind: str, expected: tuple[str, int]):
    assert address(bind) == expected


@pytest.mark.parametrize("bind", ["8000", "localhost", "localhost:", "localhost:http"])
def test_it_refuses_half_an_address(bind: str):
    with pytest.raises(Exception, match="HOST:PORT"):
        address(bind)


def test_it_says_when_the_port_is_taken():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Exception, match=r"PORT=\d+"):
        refuse_taken("127.0.0.1", other.getsockname()[1])


def test_a_child_that_ends_is_started_again_later_each_time():
    child = Child("It", [sys.executable, "-c", "raise SystemExit(3)"], stops_in=5)
    child.start()
    news = wait_for(child.look_after, "the end of the child")
    assert "code 3" in news
    first = child.delay
    child.start_again_at = 0
    assert child.look_after() == ""  # started again
    wait_for(child.look_after, "the second end")
    assert child.delay == first * 2
    child.stop()


def test_what_a_killed_child_started_is_gone_before_it_starts_again():
    orphan = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '300']).pid, flush=True); time.sleep(300)"
    child = Child("It", [sys.executable, "-c", orphan], stops_in=5)
    child.start()
    assert child.process is not None
    grandchild = wait_for(lambda: psutil.Process(child.process.pid).children(), "the grandchild")[0]  # type: ignore[union-attr]
    os.kill(child.process.pid, signal.SIGKILL)
    wait_for(child.look_after, "the end of the child")
    wait_for(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE, "the end of the grandchild", 5)


def descendants(process: subprocess.Popen[bytes], name: str) -> list[psutil.Process]:
    every = psutil.Process(process.pid).children(recursive=True)
    return [one for one in every if any(name in part for part in one.cmdline())]


def test_up_serves_survives_kills_and_stops_in_order(installation: Install):
    here = installation()
    up = here.up()
    assert here.get("/healthz/")[0] in {200, 503}

    first = descendants(up.process, "celery")
    main = min(first, key=lambda one: one.create_time())
    main.kill()
    wait_for(lambda: "The background worker ended" in up.output, "the news of the kill")
    wait_for(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in first), "the end of every part of it")
    wait_for(lambda: descendants(up.process, "celery"), "a new worker")

    web_process = max(descendants(up.process, "granian"), key=lambda one: one.create_time())
    web_process.kill()
    wait_for(lambda: _answers_again(here), "the web server's new process")

    every = psutil.Process(up.process.pid).children(recursive=True)
    up.process.terminate()
    assert up.process.wait(60) == 0
    assert "Stopping" in up.output
    assert not [one for one in every if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def _answers_again(here: Installation) -> bool:
    try:
        return here.get("/healthz/")[0] in {200, 503}
    except OSError:
        return False


def test_up_says_no_when_the_port_is_taken(installation: Install):
    import socket

    here = installation()
    with socket.create_server(("127.0.0.1", here.port)):
        done = here.manage("up", "--bind", f"127.0.0.1:{here.port}", check=False)
    assert done.returncode != 0
    assert f"make run PORT={here.port + 1}" in done.stderr


# ── Tools ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TABLE = """
| Article | Screen | Test |
|---|---|---|
| GDPR 7(3) | /choices/ | `a/test_one.py::test_it_withdraws` |
"""


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (TABLE, ""),
        (TABLE.replace("test_it_withdraws", "test_it_forgot"), "has no test named test_it_forgot"),
        (TABLE.replace("test_one", "test_two"), "does not exist"),
        (TABLE.replace("::test_it_withdraws", ""), "has no test named (none given)"),
        (TABLE.replace("`a/test_one.py::test_it_withdraws`", "later"), "names no test"),
        (TABLE.replace("/choices/", ""), "three filled cells"),
        ("no table", "names no test at all"),
    ],
)
def test_the_table_of_the_law_names_tests_that_exist(tmp_path: Path, table: str, fault: str):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "test_one.py").write_text("def test_it_withdraws(): ...\n")
    faults = runpy.run_path(str(ROOT / "tools" / "law.py"))["faults"](table, tmp_path)
    assert (fault in " ".join(faults)) if fault else faults == []


def test_make_help_lists_every_command():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  make ([a-z-]+) ", done.stdout, re.MULTILINE))
    assert listed >= {"run", "test", "test-long", "check", "fix", "bench", "demo", "lock", "messages"}


def test_a_free_port_is_free():
    refuse_taken("127.0.0.1", free_port())
