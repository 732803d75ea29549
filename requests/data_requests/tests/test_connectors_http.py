"""Another system of the brand, asked over HTTP: a real server on this machine, which answers at once, later, wrongly or never."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import html
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from accounts.models import Contact, Customer
from brands.models import Brand
from data_requests import actions
from data_requests.connectors import AnotherPersons, Fault, Keys, Later, Unreachable, connector_for, keys_of
from data_requests.connectors.http import HttpConnector
from data_requests.erasing.plan import plan_of
from data_requests.erasing.scope import Deletion
from data_requests.models import Attachment, Held, Item, Package, Request, System
from data_requests.tests.conftest import asked, work
from data_requests.tests.shop import AFTER_THE_WAIT, ANNA, CAROL, SAM, carried_out, describe, mails, on_the_day, others_answered, system_of
from data_requests.tests.test_package import zipfile_of
from jobs.actions import enqueue, run_due
from jobs.models import Job
from ledger.checking import verify
from ledger.models import Entry

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
ANOTHER = "whsec_" + base64.b64encode(b"another one, of thirty-two bytes").decode()
TODAY = timezone.localdate()
UNTIL = date(TODAY.year + 5, 12, 31)
TABLES = {"orders": {"columns": ["id", "total"], "rows": [[11, "89.90"], [12, "120.00"]]}}


def signed(secret: str, number: str, made: str, body: bytes) -> str:
    """As Standard Webhooks say, written anew: https://www.standardwebhooks.com/"""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, f"{number}.{made}.".encode() + body, hashlib.sha256).digest()).decode()


# ── The other system ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Question:
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def says(self) -> dict[str, Any]:
        values: dict[str, Any] = json.loads(self.body)
        return values

    @property
    def number(self) -> str:
        return self.headers["webhook-id"]

    @property
    def is_signed(self) -> bool:
        made = self.headers["webhook-timestamp"]
        wanted = signed(SECRET, self.number, made, self.body)
        return abs(time.time() - int(made)) < 60 and hmac.compare_digest(wanted, self.headers["webhook-signature"])


Tells = Callable[[BaseHTTPRequestHandler, Question], None]


@dataclass
class Listova:
    """Keeps what it was asked, and answers as it is told. It believes nobody: what is not signed gets 401."""

    tells: Tells
    questions: list[Question] = field(default_factory=list)
    ends: threading.Event = field(default_factory=threading.Event)  # until then it may keep somebody waiting
    url: str = ""


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def status(code: int, **headers: str) -> Tells:
    return lambda handler, question: answer(handler, code, b"", **headers)


def says(**changes: Any) -> Tells:
    """200 and an answer to the question, with these changes; None leaves out."""
    return lambda handler, question: answer(handler, 200, json.dumps(said(question.says["request"], **changes)).encode())


def said(reference: str, **changes: Any) -> dict[str, Any]:
    values = {"request": reference, "outcome": "done", "count": 2} | changes
    return {name: value for name, value in values.items() if value is not None}


def kept(**changes: Any) -> dict[str, Any]:
    return {"outcome": "kept", "count": 2, "note": "Tax law", "until": UNTIL.isoformat()} | changes


def in_turn(*each: Tells) -> Tells:
    """One after the other; the last one stays."""
    waiting = list(each)

    def tells(handler: BaseHTTPRequestHandler, question: Question) -> None:
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler, question)

    return tells


def serve(system: Listova, context: ssl.SSLContext | None = None) -> Iterator[Listova]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["content-length"]))
            question = Question({name.lower(): value for name, value in self.headers.items()}, body)
            system.questions.append(question)
            try:
                if question.is_signed:
                    system.tells(self, question)
                else:
                    answer(self, 401)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *args: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        system.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}/privacy/"
        yield system
        system.ends.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def listova() -> Iterator[Listova]:
    yield from serve(Listova(says()))


@pytest.fixture
def elsewhere() -> Iterator[Listova]:
    yield from serve(Listova(says()))


@pytest.fixture(autouse=True)
def connectors(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CONNECTORS_DIR = tmp_path / "connectors"
    monkeypatch.setattr("data_requests.connectors.http.TIMEOUT", (2, 0.4))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def system(linden: Brand, listova: Listova, tmp_path: Path) -> System:
    (tmp_path / "listova.secret").write_text(SECRET + "\n", encoding="utf-8")
    describe(linden, {"url": listova.url, "secret_file": str(tmp_path / "listova.secret")}, "listova")
    return system_of(linden, "http", "listova", "Listova")


def item_of(request: Request) -> Item:
    found: Item = request.items.get(connected__key="listova")
    return found


def keys() -> Keys:
    return Keys(frozenset({ANNA}), "ABCDEFGHJK")


def calls_back(
    request: Request,
    values: Any,
    *,
    secret: str = SECRET,
    ago: float = 0,
    number: str = "msg_1",
    about: str = "",
    key: str = "listova",
    brand: Brand | None = None,
    **headers: Any,
) -> Any:
    """What Listova posts later; no browser, no session, no token of a form."""
    body = values if isinstance(values, bytes) else json.dumps(values).encode()
    made = str(int(time.time() - ago))
    sent = {"webhook-id": number, "webhook-timestamp": made, "webhook-signature": signed(secret, number, made, body)}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(headers={"host": (brand or request.brand).host}, enforce_csrf_checks=True)
    path = f"/requests/{about or request.number}/answer/{key}/"
    return client.post(path, data=body, content_type="application/json", headers=sent)


# ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deletion_is_asked_and_signed_as_the_standard_says(system: System, listova: Listova, linden: Brand, anna: Customer) -> None:
    request = carried_out(asked(anna, "delete"))
    assert request.state == "fulfilled"
    question = listova.questions[0]
    assert len(listova.questions) == 1
    assert question.is_signed
    assert question.headers["content-type"] == "application/json"
    assert set(question.says) == {"type", "request", "keys", "answer_to"}
    assert question.says["type"] == "privacy.erasure"
    assert question.says["request"] == request.number
    assert question.says["keys"] == {"emails": [ANNA], "code": anna.code}
    to = urlsplit(question.says["answer_to"])
    assert (to.hostname, to.path) == (linden.host, f"/requests/{request.number}/answer/listova/")


def test_a_copy_is_asked_by_another_name(system: System, listova: Listova, anna: Customer) -> None:
    request = asked(anna)
    work()
    assert [(each.says["type"], each.says["request"]) for each in listova.questions] == [("privacy.access", request.number)]
    assert listova.questions[0].is_signed


def test_the_signature_holds_the_body_and_the_time(system: System, listova: Listova, anna: Customer) -> None:
    carried_out(asked(anna, "delete"))
    question = listova.questions[0]
    changed = Question(question.headers, question.body.replace(b"erasure", b"access "))
    assert not changed.is_signed
    assert not Question(question.headers | {"webhook-id": "another"}, question.body).is_signed
    assert not Question(question.headers | {"webhook-timestamp": str(int(time.time()) - 7)}, question.body).is_signed


def test_asked_again_it_is_the_same_question(system: System, listova: Listova, anna: Customer, carol: Customer) -> None:
    listova.tells = in_turn(status(500), status(503), says())
    first, other = asked(anna, "delete"), asked(carol, "delete")
    for request in (first, other):
        others_answered(request)
    for _unused in range(3):
        run_due(timezone.now() + AFTER_THE_WAIT)
    by_request = {
        request.number: [each for each in listova.questions if each.says["request"] == request.number] for request in (first, other)
    }
    assert len(by_request[first.number]) > 1
    ids = {number: {each.number for each in questions} for number, questions in by_request.items()}
    assert all(len(numbers) == 1 for numbers in ids.values()), "one question has one number, however often it is put"
    assert ids[first.number] != ids[other.number]
    assert all(each.is_signed for each in listova.questions)


def test_a_copy_and_a_deletion_are_two_questions(system: System, listova: Listova, linden: Brand) -> None:
    connector = HttpConnector.of("linden", "listova")
    list(connector.read(keys(), "R-2222-2222"))
    connector.erase(keys(), TODAY, "R-2222-2222")
    assert len({each.number for each in listova.questions}) == 2


def test_nothing_is_asked_before_somebody_has_confirmed(system: System, listova: Listova, signed_in: Any, anna: Customer) -> None:
    """Who is about to delete themselves is nobody's business yet."""
    plan = plan_of(anna, Deletion(), TODAY)
    assert "What “Listova” holds of you" in plan.goes
    page = html.unescape(signed_in(anna).get("/requests/delete/").content.decode())
    assert "What “Listova” holds of you" in page
    request = asked(anna, "delete")
    run_due(timezone.now() + timedelta(hours=71))
    assert listova.questions == []
    actions.withdraw(request, by=f"self:{anna.subject}")
    run_due(timezone.now() + timedelta(days=30))
    assert listova.questions == []


def test_only_proven_addresses_are_told(system: System, listova: Listova, anna: Customer) -> None:
    Contact.objects.create(customer=anna, brand=anna.brand, channel="email", address=CAROL, canonical=CAROL)
    carried_out(asked(anna, "delete"))
    assert listova.questions[0].says["keys"]["emails"] == [ANNA]


# ── Answered at once ────────────────────────────────────────────────────────────────────────────────────────────────


def test_done_at_once_is_in_the_certificate(system: System, anna: Customer) -> None:
    request = carried_out(asked(anna, "delete"))
    assert request.state == "fulfilled"
    act = Entry.objects.get(kind="erasure.certified").act
    assert {"system": "Listova", "outcome": "done", "count": 2} in act["systems"]
    assert not Customer.objects.filter(pk=anna.pk).exists()
    assert list(verify()) == []


def test_nothing_is_nothing(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = says(outcome="nothing", count=0)
    carried_out(asked(anna, "delete"))
    assert {"system": "Listova", "outcome": "nothing", "count": 0} in Entry.objects.get(kind="erasure.certified").act["systems"]


def test_done_without_a_number_is_done(system: System, listova: Listova, anna: Customer) -> None:
    """A system may delete and not count."""
    listova.tells = says(count=None)
    request = asked(anna, "delete")
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert (item_of(request).outcome, item_of(request).count) == ("done", 0)


def test_what_is_kept_says_why_and_until_when(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = says(**kept())
    request = asked(anna, "delete")
    run_due(timezone.now() + AFTER_THE_WAIT)
    item = item_of(request)
    assert (item.outcome, item.count) == ("kept", 0), "of these, nothing went"
    assert re.fullmatch(rf"\w+: 2 rows, until (31 December|December 31,) {UNTIL.year}\. Tax law\.", item.note)
    carried_out(request)
    assert request.state == "partly_fulfilled"
    held = Held.objects.get()
    assert (held.until, held.ended_at) == (UNTIL, None)
    assert "anna" not in f"{held.sealed}{held.found}".lower()
    act = Entry.objects.get(kind="erasure.certified").act
    assert len(act["kept"]) == 1
    assert act["kept"][0] == act["kept"][0] | {"system": "Listova", "count": 2, "law": "", "until": UNTIL.isoformat()}


def test_what_is_kept_is_called_what_the_person_knows_it_by(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = says(**kept())
    request = asked(anna, "delete")
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert item_of(request).note.startswith("Listova: 2 rows")


def test_kept_without_a_number_is_not_nothing(system: System, listova: Listova, anna: Customer) -> None:
    """Either it is refused as no answer, or it stays: what a system keeps never reads as if it had found nothing."""
    listova.tells = says(**kept(count=None))
    request = asked(anna, "delete")
    others_answered(request)
    run_due(timezone.now() + AFTER_THE_WAIT)
    request.refresh_from_db()
    assert request.state in {"in_progress", "partly_fulfilled"}
    if request.state == "partly_fulfilled":
        assert Held.objects.exists()
    else:
        assert item_of(request).outcome == "failed"


@pytest.mark.parametrize(
    "left_out", [{"note": None}, {"note": ""}, {"until": None}, {"until": "soon"}, {"until": 5}, {"until": "2031-13-01"}]
)
def test_kept_without_why_or_until_when_is_no_answer(system: System, listova: Listova, anna: Customer, left_out: dict[str, Any]) -> None:
    listova.tells = says(**kept(**left_out))
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "failed"
    assert item_of(request).note
    assert request.state == "in_progress"
    assert Customer.objects.filter(pk=anna.pk).exists()


def test_a_copy_holds_what_it_gives(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = says(tables=TABLES)
    request = asked(anna)
    work()
    request.refresh_from_db()
    assert (request.state, item_of(request).outcome, item_of(request).count) == ("fulfilled", "done", 2)
    found = json.loads(zipfile_of(Package.objects.get()).read("systems/listova.json"))
    assert found == {"orders": [{"id": 11, "total": "89.90"}, {"id": 12, "total": "120.00"}]}
    assert not Attachment.objects.exists()


def test_a_copy_of_nothing_has_no_file_of_it(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = says(outcome="nothing", count=0)
    request = asked(anna)
    work()
    assert item_of(request).outcome == "nothing"
    assert "systems/listova.json" not in zipfile_of(Package.objects.get()).namelist()


# ── Answered wrongly, or not ────────────────────────────────────────────────────────────────────────────────────────


def hangs(handler: BaseHTTPRequestHandler, question: Question) -> None:
    _waits(handler)


def hangs_half_way(handler: BaseHTTPRequestHandler, question: Question) -> None:
    """It promises more than it sends."""
    handler.send_response(200)
    handler.send_header("content-length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"request": ')
    handler.wfile.flush()
    _waits(handler)


def breaks_off(handler: BaseHTTPRequestHandler, question: Question) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"request": ')
    handler.close_connection = True


def closes(handler: BaseHTTPRequestHandler, question: Question) -> None:
    handler.close_connection = True


def speaks_no_http(handler: BaseHTTPRequestHandler, question: Question) -> None:
    handler.wfile.write(b"\x00\x01\x02 hello\r\n\r\n")
    handler.close_connection = True


def says_too_much(handler: BaseHTTPRequestHandler, question: Question) -> None:
    answer(handler, 200, json.dumps(said(question.says["request"], note="x" * (1024 * 1024))).encode())


def says_too_much_folded(handler: BaseHTTPRequestHandler, question: Question) -> None:
    """Ten thousand bytes that become ten million."""
    body = gzip.compress(json.dumps(said(question.says["request"], note="x" * 10_000_000)).encode())
    answer(handler, 200, body, content_encoding="gzip")


def says_it_is_folded(handler: BaseHTTPRequestHandler, question: Question) -> None:
    answer(handler, 200, b"this is not gzip at all", content_encoding="gzip")


def _waits(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)  # longer than whoever asks waits
    handler.close_connection = True


SILENT: dict[str, Tells] = {
    "500": status(500), "503": status(503), "404": status(404), "401": status(401), "204": status(204), "never": hangs,
    "half an answer, and then nothing": hangs_half_way, "half an answer": breaks_off, "an end": closes, "no HTTP": speaks_no_http,
    "too much": says_too_much, "too much, folded": says_too_much_folded, "folded, which it is not": says_it_is_folded,
}  # fmt: skip


@pytest.mark.parametrize("how", SILENT)
@pytest.mark.parametrize("kind", ["copy", "delete"])
def test_who_does_not_answer_is_tried_again(system: System, listova: Listova, anna: Customer, kind: str, how: str) -> None:
    listova.tells = in_turn(SILENT[how], says(tables=TABLES))
    request = asked(anna, kind)
    others_answered(request)
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert item_of(request).outcome == "open"
    job = Job.objects.get(handler=f"data_requests.{kind}")
    assert (job.error, job.done_at, job.attempts) == ("Unreachable", None, 1)
    assert Customer.objects.filter(pk=anna.pk).exists()
    run_due(timezone.now() + AFTER_THE_WAIT)
    request.refresh_from_db()
    assert request.state == "fulfilled"
    assert len(listova.questions) == 2


def test_nobody_at_that_address_is_tried_again(system: System, listova: Listova, linden: Brand, anna: Customer, tmp_path: Path) -> None:
    from ledger.tests.patience import free_port

    about = {"url": f"http://127.0.0.1:{free_port()}/", "secret_file": str(tmp_path / "listova.secret")}
    describe(linden, about, "listova")
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "open"
    assert Job.objects.get(handler="data_requests.delete").error == "Unreachable"
    describe(linden, about | {"url": listova.url}, "listova")
    run_due(timezone.now() + AFTER_THE_WAIT)
    request.refresh_from_db()
    assert request.state == "fulfilled"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_it_is_not_followed_elsewhere(system: System, listova: Listova, elsewhere: Listova, code: int) -> None:
    """Where it points, nobody has looked: who is asked stands in the operator's file alone."""
    listova.tells = status(code, location=elsewhere.url)
    with pytest.raises(Unreachable):
        HttpConnector.of("linden", "listova").erase(keys(), TODAY, "R-2222-2222")
    assert len(listova.questions) == 1
    assert elsewhere.questions == []


def test_a_silent_system_stops_no_other(
    system: System, listova: Listova, elsewhere: Listova, linden: Brand, anna: Customer, tmp_path: Path
) -> None:
    """The one that hangs in the middle of an answer is asked first."""
    describe(linden, {"url": elsewhere.url, "secret_file": str(tmp_path / "listova.secret")}, "zoo")
    system_of(linden, "http", "zoo", "Zoo")
    listova.tells = hangs_half_way
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "open"
    assert request.items.get(system="Zoo").outcome == "done"
    assert len(elsewhere.questions) == 1


def test_a_certificate_that_nobody_knows_is_not_believed(linden: Brand, system: System, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made_certificate(tmp_path))
    server = serve(Listova(says()), context)
    there = next(server)
    describe(linden, {"url": there.url, "secret_file": str(tmp_path / "listova.secret")}, "listova")
    with pytest.raises(Unreachable):
        HttpConnector.of("linden", "listova").erase(keys(), TODAY, "R-2222-2222")
    assert there.questions == [], "nothing of anybody was said to it"
    assert next(server, None) is None


def made_certificate(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "certificate.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + made.public_bytes(pem)
    )  # fmt: skip
    return path


NO_ANSWER: dict[str, Any] = {
    "nothing": b"",
    "a page": b"<html>ok</html>",
    "half a JSON": b'{"outcome": "done"',
    "no letters": b"\xff\xfe\x00",
    "a list": [1, 2],
    "a word": "done",
    "a number": 5,
    "null": None,
    "very deep": b"[" * 100_000,
    "no outcome": {"outcome": None},
    "an unknown outcome": {"outcome": "perhaps"},
    "an outcome that is a list": {"outcome": ["done"]},
    "an outcome that is waiting": {"outcome": "open"},
    "a number below nothing": {"count": -1},
    "a number that is text": {"count": "2"},
    "half a row": {"count": 1.5},
    "a yes for a number": {"count": True},
    "a note that is a list": {"note": ["because"]},
    "tables that are a list": {"tables": [1]},
}


def no_answer(how: str, reference: str) -> bytes:
    value = NO_ANSWER[how]
    if isinstance(value, bytes):
        return value
    return json.dumps(said(reference, **value) if isinstance(value, dict) else value).encode()


@pytest.mark.parametrize("how", NO_ANSWER)
@pytest.mark.parametrize("kind", ["copy", "delete"])
def test_what_is_no_answer_fails_and_is_asked_again(system: System, listova: Listova, anna: Customer, kind: str, how: str) -> None:
    listova.tells = lambda handler, question: answer(handler, 200, no_answer(how, question.says["request"]))
    request = asked(anna, kind)
    others_answered(request)
    run_due(timezone.now() + AFTER_THE_WAIT)
    item = item_of(request)
    assert (item.outcome, item.count) == ("failed", 0)
    assert item.note
    request.refresh_from_db()
    assert request.state == "in_progress"
    assert Customer.objects.filter(pk=anna.pk).exists()
    listova.tells = says(tables=TABLES)
    enqueue("data_requests.ask_again", {})
    run_due(timezone.now() + AFTER_THE_WAIT + timedelta(days=1))
    request.refresh_from_db()
    assert request.state == "fulfilled"


NO_TABLES: dict[str, Any] = {
    "a table that is a list": {"orders": [[1, 2]]},
    "a table that is null": {"orders": None},
    "no rows": {"orders": {"columns": ["id"]}},
    "no columns": {"orders": {"rows": [[1]]}},
    "rows that are a word": {"orders": {"columns": ["id"], "rows": "11"}},
    "a row that is a number": {"orders": {"columns": ["id"], "rows": [11]}},
    "a row that is an object": {"orders": {"columns": ["id"], "rows": [{"id": 11}]}},
    "a row that is too short": {"orders": {"columns": ["id", "total"], "rows": [[11, 1], [12]]}},
    "a row that is too long": {"orders": {"columns": ["id"], "rows": [[11, 12]]}},
    "half a letter": {"orders": {"columns": ["id"], "rows": [["\ud800"]]}},
    "one column twice": {"orders": {"columns": ["id", "id"], "rows": [[11, 12]]}},
}


@pytest.mark.parametrize("how", NO_TABLES)
def test_a_table_that_is_none_fails_and_leaves_no_file(system: System, listova: Listova, anna: Customer, how: str) -> None:
    listova.tells = says(tables=NO_TABLES[how])
    request = asked(anna)
    work()
    assert item_of(request).outcome == "failed"
    assert not Attachment.objects.exists()
    assert list(django_settings.PACKAGES_DIR.glob("*.pcs")) == []


def test_a_note_that_no_database_takes_is_no_answer(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = says(**kept(note="Tax\x00law"))
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "failed"
    assert calls_back(request, said(request.number, **kept(note="Tax\x00law"))).status_code == 422


def test_a_number_that_no_database_takes_is_no_answer(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = says(count=10**30)
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "failed"
    assert calls_back(request, said(request.number, count=10**30)).status_code == 422


def test_numbers_that_json_does_not_have_are_in_no_copy(system: System, listova: Listova, anna: Customer) -> None:
    """Python reads and writes NaN; what the person has at home does not."""
    listova.tells = lambda handler, question: answer(
        handler,
        200,
        json.dumps(said(question.says["request"], tables={"scores": {"columns": ["score"], "rows": [[float("nan")]]}})).encode(),
    )
    request = asked(anna)
    work()

    def refused(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    if item_of(request).outcome == "done":
        json.loads(zipfile_of(Package.objects.get()).read("systems/listova.json"), parse_constant=refused)
    else:
        assert item_of(request).outcome == "failed"


@pytest.mark.parametrize("kind", ["copy", "delete"])
def test_an_answer_to_another_request_is_used_for_none(
    system: System, listova: Listova, anna: Customer, carol: Customer, kind: str
) -> None:
    other = asked(carol, kind)
    listova.tells = says(request=other.number, tables=TABLES)
    request = asked(anna, kind)
    others_answered(request)
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert item_of(request).outcome == "failed"
    assert "another request" in item_of(request).note
    assert not Attachment.objects.filter(item__request=request).exists()
    with pytest.raises(AnotherPersons):
        HttpConnector.of("linden", "listova").erase(keys(), TODAY, request.number)


# ── Answered later ──────────────────────────────────────────────────────────────────────────────────────────────────


def after_its_wait(request: Request) -> Request:
    """As if it had been asked for days ago: a call-back goes by the clock on the wall."""
    before = timezone.now() - timedelta(minutes=1)
    if request.not_before:
        Request.objects.filter(pk=request.pk).update(not_before=before)
        Job.objects.filter(handler=f"data_requests.{request.kind}", done_at=None).update(run_after=before)
        request.refresh_from_db()
    return request


def asked_and_taken(listova: Listova, customer: Customer, kind: str = "delete") -> Request:
    """Listova has taken it, and not answered; everybody else has."""
    listova.tells = status(202)
    request = after_its_wait(asked(customer, kind))
    others_answered(request)
    work()
    request.refresh_from_db()
    return request


@pytest.fixture
def waiting(system: System, listova: Listova, anna: Customer) -> Request:
    return asked_and_taken(listova, anna)


@pytest.fixture
def waiting_copy(system: System, listova: Listova, anna: Customer) -> Request:
    return asked_and_taken(listova, anna, "copy")


def test_taken_is_not_done(waiting: Request, anna: Customer) -> None:
    assert (waiting.state, item_of(waiting).outcome) == ("in_progress", "open")
    assert Job.objects.get(handler="data_requests.delete").done_at, "there is nothing to try again: it calls back"
    assert Customer.objects.filter(pk=anna.pk).exists()
    with pytest.raises(Later):
        connector = connector_for(item_of(waiting).connected)
        assert connector
        connector.erase(keys_of(anna), TODAY, waiting.number)


def test_what_it_calls_back_to_say_carries_the_deletion_out(waiting: Request, listova: Listova, anna: Customer) -> None:
    to = listova.questions[0].says["answer_to"]
    assert urlsplit(to).path == f"/requests/{waiting.number}/answer/listova/"
    taken = calls_back(waiting, said(waiting.number))
    assert (taken.status_code, taken.json()) == (200, {"taken": True})
    assert "no-cache" in taken["cache-control"]
    item = item_of(waiting)
    assert (item.outcome, item.count, item.by) == ("done", 2, "system:connector")
    work()
    waiting.refresh_from_db()
    assert waiting.state == "fulfilled"
    assert not Customer.objects.filter(pk=anna.pk).exists()
    assert {"system": "Listova", "outcome": "done", "count": 2} in Entry.objects.get(kind="erasure.certified").act["systems"]
    assert len(listova.questions) == 1


def test_what_it_calls_back_to_keep_is_kept(waiting: Request) -> None:
    assert calls_back(waiting, said(waiting.number, **kept())).status_code == 200
    work()
    waiting.refresh_from_db()
    assert waiting.state == "partly_fulfilled"
    assert Held.objects.get().until == UNTIL


def test_what_it_calls_back_to_give_is_in_the_copy(waiting_copy: Request) -> None:
    assert waiting_copy.state == "in_progress"
    assert not Package.objects.exists()
    assert calls_back(waiting_copy, said(waiting_copy.number, tables=TABLES)).status_code == 200
    work()
    waiting_copy.refresh_from_db()
    assert waiting_copy.state == "fulfilled"
    assert len(json.loads(zipfile_of(Package.objects.get()).read("systems/listova.json"))["orders"]) == 2


@pytest.mark.parametrize("kind", ["copy", "delete"])
def test_twice_is_once(system: System, listova: Listova, anna: Customer, kind: str) -> None:
    request = asked_and_taken(listova, anna, kind)
    values = said(request.number, tables=TABLES)
    assert calls_back(request, values).status_code == 200
    first, brought = item_of(request), list(Attachment.objects.values_list("file", flat=True))
    jobs, entries = Job.objects.count(), Entry.objects.count()
    assert calls_back(request, values | {"count": 7}, number="msg_2").status_code == 200, "it need not ask again"
    second = item_of(request)
    assert (second.count, second.answered_at) == (first.count, first.answered_at)
    assert list(Attachment.objects.values_list("file", flat=True)) == brought
    assert (Job.objects.count(), Entry.objects.count()) == (jobs, entries)
    work()
    request.refresh_from_db()
    assert request.state == "fulfilled"
    assert Entry.objects.filter(kind="request.system_answered", subject=anna.subject, payload__contains='"Listova"').count() == 1


def test_while_others_are_missing_it_is_noted_and_the_request_waits(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = status(202)
    request = after_its_wait(asked(anna, "delete"))
    work()
    assert calls_back(request, said(request.number)).status_code == 200
    work()
    request.refresh_from_db()
    assert (request.state, item_of(request).outcome) == ("in_progress", "done")
    others_answered(request)
    work()
    request.refresh_from_db()
    assert request.state == "fulfilled"


def test_after_an_answer_that_was_none_a_right_one_counts(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = lambda handler, question: answer(handler, 200, b"garbage")
    request = after_its_wait(asked(anna, "delete"))
    others_answered(request)
    work()
    assert item_of(request).outcome == "failed"
    assert calls_back(request, said(request.number)).status_code == 200
    work()
    request.refresh_from_db()
    assert request.state == "fulfilled"


UNSIGNED: dict[str, dict[str, Any]] = {
    "with another secret": {"secret": ANOTHER},
    "too long ago": {"ago": 301},
    "in a time to come": {"ago": -400},
    "without a signature": {"webhook_signature": ""},
    "with a signature of another version": {"webhook_signature": "v2,abc"},
    "with letters beyond ASCII": {"webhook_signature": "v1,żółw"},
    "with a time that is a word": {"webhook_timestamp": "today"},
    "with a time that is empty": {"webhook_timestamp": ""},
    "with a time in other digits": {"webhook_timestamp": "١٧٠٠٠٠٠٠٠٠"},
    "with a very long time": {"webhook_timestamp": "9" * 5000},
    "with a time below nothing": {"webhook_timestamp": "-1"},
    "with another number": {"webhook_id": "msg_2"},
}


@pytest.mark.parametrize("how", UNSIGNED)
def test_what_is_not_signed_by_it_lately_changes_nothing(waiting: Request, how: str) -> None:
    refused = calls_back(waiting, said(waiting.number), **UNSIGNED[how])
    assert refused.status_code == 401
    assert refused["content-type"] == "application/problem+json"
    assert refused.json()["status"] == 401
    assert item_of(waiting).outcome == "open"
    assert calls_back(waiting, said(waiting.number)).status_code == 200


def test_a_body_that_was_changed_on_the_way_is_refused(waiting: Request) -> None:
    right, made = json.dumps(said(waiting.number)).encode(), str(int(time.time()))
    signature = signed(SECRET, "msg_1", made, right)
    assert calls_back(waiting, right.replace(b"2", b"3"), webhook_signature=signature, webhook_timestamp=made).status_code == 401


def test_one_right_signature_among_others_is_enough(waiting: Request) -> None:
    """So that a secret can be changed while both are in use."""
    body, made = json.dumps(said(waiting.number)).encode(), str(int(time.time()))
    both = f"{signed(ANOTHER, 'msg_1', made, body)} {signed(SECRET, 'msg_1', made, body)}"
    assert calls_back(waiting, body, webhook_signature=both, webhook_timestamp=made).status_code == 200


def test_what_we_sent_is_no_answer_when_it_is_sent_back(waiting: Request, listova: Listova) -> None:
    question = listova.questions[0]
    headers: dict[str, Any] = {
        name.replace("-", "_"): question.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    }
    assert calls_back(waiting, question.body, **headers).status_code == 422
    assert item_of(waiting).outcome == "open"


def test_an_answer_about_another_request_is_refused(waiting: Request, carol: Customer, listova: Listova) -> None:
    other = asked_and_taken(listova, carol)
    assert calls_back(waiting, said(other.number)).status_code == 409
    assert calls_back(waiting, said(waiting.number), about=other.number).status_code == 409
    assert calls_back(waiting, said(waiting.number, request=None)).status_code == 409
    assert {item_of(waiting).outcome, item_of(other).outcome} == {"open"}


def test_an_answer_to_what_has_ended_is_refused(waiting: Request, anna: Customer) -> None:
    actions.withdraw(waiting, by=f"self:{anna.subject}")
    assert calls_back(waiting, said(waiting.number, **kept())).status_code == 409
    assert item_of(waiting).outcome == "open"
    assert not Held.objects.exists()


def test_a_copy_that_has_ended_takes_no_file(waiting_copy: Request, anna: Customer) -> None:
    actions.withdraw(waiting_copy, by=f"self:{anna.subject}")
    assert calls_back(waiting_copy, said(waiting_copy.number, tables=TABLES)).status_code == 409
    assert not Attachment.objects.exists()
    assert list(django_settings.PACKAGES_DIR.glob("*.pcs")) == []


def test_an_answer_about_somebody_who_is_gone_is_refused(waiting: Request) -> None:
    calls_back(waiting, said(waiting.number))
    work()
    again = calls_back(waiting, said(waiting.number))
    assert again.status_code in {404, 409}
    assert again["content-type"] == "application/problem+json"


def test_what_was_never_asked_is_not_found(waiting: Request, linden: Brand, kingfisher: Brand) -> None:
    shop = system_of(linden, "sql", "shop", "Shop orders")
    waiting.items.create(system=shop.name, connected=shop)
    for about in ({"key": "unknown"}, {"key": "shop"}, {"key": "center"}, {"about": "R-2222-2222"}, {"brand": kingfisher}):
        refused = calls_back(waiting, said(waiting.number), **about)
        assert refused.status_code == 404, about
    assert item_of(waiting).outcome == "open"


def test_a_system_that_a_person_asks_by_now_is_not_listened_to(waiting: Request, system: System, linden: Brand) -> None:
    system.connector = ""
    actions.name_system(system, brand=linden, by=SAM)
    assert calls_back(waiting, said(waiting.number)).status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
def test_it_is_only_posted(waiting: Request, method: str) -> None:
    client = Client(headers={"host": waiting.brand.host})
    refused = getattr(client, method)(f"/requests/{waiting.number}/answer/listova/")
    assert refused.status_code == 405
    assert refused["allow"] == "POST"


@pytest.mark.parametrize("how", NO_ANSWER)
@pytest.mark.parametrize("kind", ["copy", "delete"])
def test_what_is_no_answer_is_not_taken_later_either(system: System, listova: Listova, anna: Customer, kind: str, how: str) -> None:
    listova.tells = status(202)
    request = asked(anna, kind)
    others_answered(request)
    run_due(timezone.now() + AFTER_THE_WAIT)
    refused = calls_back(request, no_answer(how, request.number))
    assert refused.status_code == 422
    assert refused["content-type"] == "application/problem+json"
    assert item_of(request).outcome == "open"


@pytest.mark.parametrize("how", NO_TABLES)
def test_a_table_that_is_none_is_not_taken_later_either(waiting_copy: Request, how: str) -> None:
    assert calls_back(waiting_copy, said(waiting_copy.number, tables=NO_TABLES[how])).status_code == 422
    assert item_of(waiting_copy).outcome == "open"
    assert not Attachment.objects.exists()
    assert list(django_settings.PACKAGES_DIR.glob("*.pcs")) == []


@pytest.mark.parametrize("left_out", [{"note": None}, {"until": None}, {"until": "soon"}, {"note": "Tax\x00law"}])
def test_kept_without_what_or_why_or_until_when_is_not_taken_later_either(waiting: Request, left_out: dict[str, Any]) -> None:
    assert calls_back(waiting, said(waiting.number, **kept(**left_out))).status_code == 422
    assert item_of(waiting).outcome == "open"


def test_too_much_is_not_taken(waiting: Request) -> None:
    refused = calls_back(waiting, said(waiting.number, note="x" * 5_000_000))
    assert 400 <= refused.status_code < 500
    assert item_of(waiting).outcome == "open"


# ── Never answered ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["copy", "delete"])
def test_who_never_calls_back_is_asked_again_each_day(system: System, listova: Listova, anna: Customer, kind: str) -> None:
    listova.tells = status(202)
    request = asked(anna, kind)
    others_answered(request)
    now = timezone.now() + AFTER_THE_WAIT
    run_due(now)
    for day in (1, 2):
        enqueue("data_requests.ask_again", {})
        run_due(now + timedelta(days=day))
        assert len(listova.questions) == 1 + day
    assert len({each.number for each in listova.questions}) == 1
    listova.tells = says(tables=TABLES)
    enqueue("data_requests.ask_again", {})
    run_due(now + timedelta(days=3))
    request.refresh_from_db()
    assert request.state == "fulfilled"


def test_twice_on_one_day_it_is_asked_again_once(waiting: Request, listova: Listova) -> None:
    for _unused in range(2):
        enqueue("data_requests.ask_again", {})
        run_due(timezone.now() + AFTER_THE_WAIT + timedelta(days=1))
    assert len(listova.questions) == 2


def test_who_was_given_up_is_asked_again(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = status(500)
    request = asked(anna, "delete")
    others_answered(request)
    for _unused in range(10):
        run_due(timezone.now() + timedelta(days=5))
    assert Job.objects.get(handler="data_requests.delete").gave_up_at
    listova.tells = says()
    enqueue("data_requests.ask_again", {})
    run_due(timezone.now() + timedelta(days=6))
    request.refresh_from_db()
    assert request.state == "fulfilled"


def test_who_has_not_been_waited_for_is_not_asked_before(system: System, listova: Listova, anna: Customer) -> None:
    """The days in which they can change their mind are theirs."""
    asked(anna, "delete")
    enqueue("data_requests.ask_again", {})
    run_due()
    assert listova.questions == []


def test_who_is_asked_by_a_person_is_not_asked_by_a_job(anna: Customer) -> None:
    request = asked(anna, "delete")
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert request.items.exclude(system="center").filter(outcome="open").exists()
    before = Job.objects.filter(handler="data_requests.delete").count()
    enqueue("data_requests.ask_again", {})
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert Job.objects.filter(handler="data_requests.delete").count() == before


def test_a_person_can_answer_in_its_place(waiting: Request) -> None:
    actions.item_done(item_of(waiting), Item.Outcome.DONE, by=SAM, count=1, note="They wrote to us.")
    work()
    waiting.refresh_from_db()
    assert waiting.state == "fulfilled"


# ── What had to stay ────────────────────────────────────────────────────────────────────────────────────────────────


def test_when_its_day_has_passed_it_is_asked_again_and_it_ends(system: System, listova: Listova, anna: Customer) -> None:
    listova.tells = in_turn(says(**kept()), says(count=2))
    request = carried_out(asked(anna, "delete"))
    on_the_day(UNTIL)
    assert len(listova.questions) == 1, "the last day is still one of those on which it stays"
    on_the_day(UNTIL + timedelta(days=1))
    assert [each.says["type"] for each in listova.questions] == ["privacy.erasure", "privacy.kept_data_due"]
    assert listova.questions[1].says["keys"] == {"emails": [], "code": anna.code}, "an address may be somebody else's by now"
    assert listova.questions[1].says["request"] == request.number
    held = Held.objects.get()
    assert held.ended_at
    assert held.sealed == ""
    assert mails("What had to stay is deleted") == [ANNA]
    assert Entry.objects.get(kind="held.erased").act["count"] == 2


def test_what_it_still_keeps_stays_until_another_day(system: System, listova: Listova, anna: Customer) -> None:
    later = UNTIL + timedelta(days=365)
    listova.tells = in_turn(says(**kept()), says(**kept(until=later.isoformat(), note="A court asked for it")), says())
    carried_out(asked(anna, "delete"))
    on_the_day(UNTIL + timedelta(days=1))
    held = Held.objects.get()
    assert (held.until, held.ended_at) == (later, None)
    assert mails("What had to stay is deleted") == []
    on_the_day(later + timedelta(days=1))
    held.refresh_from_db()
    assert held.ended_at


def test_a_new_question_on_another_day_has_a_number_of_its_own(system: System, listova: Listova, anna: Customer) -> None:
    """Years later it is not the question that was answered: whoever takes each number once would say the same again."""
    listova.tells = in_turn(says(**kept()), says())
    carried_out(asked(anna, "delete"))
    on_the_day(UNTIL + timedelta(days=1))
    assert len({each.number for each in listova.questions}) == 2


def test_what_had_to_stay_with_a_system_that_calls_back_ends_too(waiting: Request, listova: Listova) -> None:
    """It takes each question, and answers later: also the one after years."""
    assert calls_back(waiting, said(waiting.number, **kept())).status_code == 200
    work()
    on_the_day(UNTIL + timedelta(days=1))
    assert len(listova.questions) == 2
    assert not Job.objects.filter(handler="data_requests.erase_held", error="Later").exists(), "to be taken is no failure"
    assert calls_back(waiting, said(waiting.number, count=2), number="msg_9").status_code == 200
    work()
    assert Held.objects.get().ended_at
    assert mails("What had to stay is deleted") == [ANNA]


# ── Its file ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def production(settings: Any) -> None:
    settings.EMBEDDED = settings.DEBUG = False


@pytest.mark.usefixtures("production")
def test_in_production_nothing_is_said_in_the_clear(system: System, listova: Listova, anna: Customer) -> None:
    with pytest.raises(Fault, match="not https"):
        HttpConnector.of("linden", "listova")
    request = carried_out(asked(anna, "delete"))
    assert (item_of(request).outcome, listova.questions) == ("failed", [])
    assert Customer.objects.filter(pk=anna.pk).exists()


@pytest.mark.usefixtures("production")
def test_in_production_https_is_asked(linden: Brand, system: System, tmp_path: Path) -> None:
    describe(linden, {"url": "https://listova.example/privacy/", "secret_file": str(tmp_path / "listova.secret")}, "listova")
    HttpConnector.of("linden", "listova").check()


WRONG_FILES: dict[str, dict[str, Any]] = {
    "no url": {"url": None},
    "an empty url": {"url": ""},
    "a url that is a list": {"url": ["https://listova.example/"]},
    "a path": {"url": "/privacy/"},
    "a file": {"url": "file:///etc/passwd"},
    "another protocol": {"url": "ftp://listova.example/"},
    "no host": {"url": "https:///privacy/"},
    "half an address": {"url": "https://[::1/privacy/"},
    "no secret": {"secret_file": None},
    "a secret that is not there": {"secret_file": "/nowhere/listova.secret"},
    "a secret that is a folder": {"secret_file": "/"},
    "a secret in no letters": {"secret_file": b"\xff\xfe\xfd"},
    "an empty secret": {"secret_file": b""},
    "a short secret": {"secret_file": b"whsec_" + base64.b64encode(b"x" * 23)},
    "a secret that is a word": {"secret_file": b"whsec_correct horse battery staple"},
    "a variable that is not set": {"secret_file": None, "secret_env": "NO_SUCH_SECRET_OF_LISTOVA"},
}


@pytest.mark.parametrize("how", WRONG_FILES)
def test_a_file_that_is_wrong_is_a_fault_and_asks_nobody(
    system: System, listova: Listova, linden: Brand, signed_in: Any, anna: Customer, tmp_path: Path, how: str
) -> None:
    about: dict[str, Any] = {"url": listova.url, "secret_file": str(tmp_path / "listova.secret")} | WRONG_FILES[how]
    if isinstance(about["secret_file"], bytes):
        (tmp_path / "wrong.secret").write_bytes(about["secret_file"])
        about["secret_file"] = str(tmp_path / "wrong.secret")
    describe(linden, {name: value for name, value in about.items() if value is not None}, "listova")
    with pytest.raises(Fault):
        HttpConnector.of("linden", "listova")
    page = signed_in(anna).get("/requests/delete/")
    assert page.status_code == 200
    assert "We could not look into Listova just now." in html.unescape(page.content.decode())
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "failed"
    assert listova.questions == []
    note = item_of(request).note
    assert "horse" not in note
    assert calls_back(request, said(request.number)).status_code in {401, 422}


def test_a_secret_may_come_from_the_environment(
    system: System, listova: Listova, linden: Brand, anna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTOVA_SECRET", SECRET)
    describe(linden, {"url": listova.url, "secret_env": "LISTOVA_SECRET"}, "listova")
    assert carried_out(asked(anna, "delete")).state == "fulfilled"
    assert listova.questions[0].is_signed


def test_a_file_that_is_not_there_fails_the_item(system: System, linden: Brand, anna: Customer) -> None:
    (Path(django_settings.CONNECTORS_DIR) / "linden" / "listova.yaml").unlink()
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "failed"
    assert calls_back(request, said(request.number)).status_code == 422


# ── Some of it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_it_holds_can_go_alone_and_the_account_stays(system: System, listova: Listova, anna: Customer) -> None:
    request = carried_out(asked(anna, "delete", asked={"only": ["system:listova"]}))
    assert request.state == "fulfilled"
    assert (item_of(request).outcome, item_of(request).count) == ("done", 2)
    assert [each.says["type"] for each in listova.questions] == ["privacy.erasure"]
    assert Customer.objects.filter(pk=anna.pk).exists()
    assert not Entry.objects.filter(kind="person.erased").exists()
