"""What the target starts, started: the commands of the units under the settings of production, until mail is out and a bounce is in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from preference_center.tests.mail_under_fire import MailServer
from preference_center.tests.servers import ROOT, Installation, free_port, wait_for
from preference_center.tests.test_deploy import ports, started
from preference_center.tests.test_house import jwk

pytestmark = [pytest.mark.long, pytest.mark.skipif(not settings.DATABASE_URL, reason="production runs on PostgreSQL")]
Install = Callable[..., Installation]
HOST, COUNT, KEY = "linden.localhost", 20, "c2VjcmV0LW9mLXRoZS1yZWxheS0xMjM0"


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def production(installation: Install, redis_server: str, mail_server: MailServer) -> Installation:
    one = installation(
        DEPLOYMENT="production", REDIS_URL=redis_server, ALLOWED_HOSTS=HOST, TRUSTED_PROXY_COUNT="1", SECRET_KEY="s" * 60,
        LEDGER_KEYS=json.dumps({"keys": [jwk()]}), ENCRYPTION_KEYS=Fernet.generate_key().decode(), LINK_KEYS="a long random text",
        SUPPRESSION_KEYS="another long random text",
        EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(mail_server.port), EMAIL_USE_TLS="0", MAIL_HOOK_KEYS=f"whsec_{KEY}",
        DJANGO_SETTINGS_MODULE="preference_center.settings",
    )  # fmt: skip
    one.manage("migrate", "--verbosity=0")
    one.manage("collectstatic", "--noinput", "--verbosity=0")
    made = one.start("crowd", sys.executable, "-m", "preference_center.tests.crowding", str(COUNT))
    assert made.process.wait(120) == 0, made.output
    return one


def health(port: int) -> list[str]:
    """What a node finds wrong."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz/", headers={"Host": HOST, "X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return list(json.load(answer)["faults"])
    except urllib.error.HTTPError as error:
        return list(json.load(error)["faults"])
    except OSError:
        return ["gone"]


def the_call_of_the_manual(port: int, message_id: str) -> str:
    """The example of the section on mail, for this installation. The address is all that is changed, and the proxy's headers are added."""
    text = (ROOT / "docs" / "how-to" / "production.md").read_text()
    example = re.search(r"```\n(  key=.*?)```", text, re.DOTALL)
    assert example
    script = re.sub(r"key=\$\(.*?\)", f"key={KEY}", example[1], count=1)
    script = re.sub(r"<[^<>]*@privacy\.example\.com>", f"<{message_id}>", script)
    headers = f"-H 'Host: {HOST}' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 192.0.2.1'"
    return script.replace("https://privacy.example.com/hooks/mail/", f"http://127.0.0.1:{port}/hooks/mail/ {headers}")


def test_what_the_target_starts_sends_mail_and_hears_of_bounces(production: Installation, mail_server: MailServer):
    port_of = {port: free_port() for port in ports(started())}
    for name, command in started():
        program, *options = (str(port_of.get(part, part)) for part in command)
        production.start(name, sys.executable, "-m", Path(program).name, *options)
    wait_for(lambda: mail_server.count() >= COUNT, "the mails")
    wait_for(lambda: not any(health(port) for port in port_of.values()), "two nodes that are well")

    seen = mail_server.seen()
    assert len({each.message_id for each in seen}) == len(seen) == COUNT
    one = seen[0].message_id.strip("<>")
    state = f"SELECT state FROM notifications_message WHERE message_id = '{one}'"
    wait_for(lambda: production.rows(state) == [("sent",)], "the commit of the last mail")
    call = the_call_of_the_manual(next(iter(port_of.values())), one)
    done = subprocess.run(["bash", "-euc", call], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert production.rows(state) == [("bounced",)]
    assert production.rows("SELECT reason FROM notifications_undeliverable") == [("hard",)]

    again = subprocess.run(["bash", "-euc", call.replace(KEY, "Z3Vlc3NlZA==")], capture_output=True, text=True, timeout=60)
    assert "401" in again.stderr
