"""The log: no personal value in any line, of ours or of a library's, in either format; and each line says which request it is of."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.tests.canaries import search, word
from accounts.tests.conftest import Browser
from brands.models import Brand
from jobs.actions import run_due
from jobs.models import Job
from ledger.tests.patience import wait_for
from preference_center import access
from preference_center.logs import MASK, Json, Line, scrub
from preference_center.tests.servers import Installation
from preference_center.urls import handler404 as handler404
from preference_center.urls import handler500 as handler500

FORMATS: dict[str, logging.Formatter] = {"json": Json(), "line": Line()}
FOREIGN = "/usr/lib/python3/somebody/elses.py"


def crash(request: HttpRequest, what: str) -> HttpResponse:
    """As the database says it when an address is there already."""
    raise ValueError(f"Key (address)=({what}) already exists")


def clash(request: HttpRequest, what: str) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES (%s, 'x'), (%s, 'x')", [what, what])
    return HttpResponse()


def unwell(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=503)


urlpatterns = [
    path("unwell/", unwell),
    path("crash/<str:what>/", crash, name="crash"),
    path("clash/<str:what>/", clash),
    path("", include("preference_center.urls")),
]


@contextmanager
def written(formatter: logging.Formatter) -> Iterator[io.StringIO]:
    """What a handler with this formatter writes of everything that is logged."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(stream), root.level
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def record(
    message: object, *arguments: object, path: str = __file__, fault: BaseException | None = None, **more: object
) -> logging.LogRecord:
    exc_info = (type(fault), fault, fault.__traceback__) if fault else None
    one = logging.LogRecord("some.logger", logging.WARNING, path, 1, message, arguments, exc_info)
    one.__dict__.update(more)
    return one


def of_json(one: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(Json().format(one))
    return fields


def caught(function: Callable[[], object]) -> Exception:
    try:
        function()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


# ── The scrubber ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "told",
    [
        "anna.kowalczyk@example.com", "anna+shop@sub.example.co.uk", "zażółć@gęślą.pl", "anna%40example.com",
        "anna@xn--80ak6aa92e.xn--p1ai", '"anna kowalczyk"@example.com', "+48 601 234 567", "+48601234567",
        "+1 (555) 010-9999", "%2B48601234567",
        "123456 ", "123 456 ", "Bearer abc.def_ghi-123=", "pck_live_Zm9vYmFy", "whsec_Zm9vYmFyYmF6",
    ],
)  # fmt: skip
def test_it_takes_out_what_looks_personal_or_secret(told: str) -> None:
    before = "the code is " if told.endswith(" ") else "said <"
    cleaned = scrub(f"{before}{told}>, twice: {before}{told}.")
    assert cleaned.count(MASK) == 2
    assert not re.search(r"\d{3}|anna|kowalczyk|Zm9v|abc\.def", cleaned)


@pytest.mark.parametrize(
    "said",
    [
        "job 123456 (accounts.send_code) failed", "request R-7K2M-4QXW waits", "entry 0192f0c1-0000-7000-8000-000000000001",
        "status code 200", "2026-11-28T13:00:00+00:00", "worker@web1 ready", "GET consents:choices 200 12.3 ms linden", "x += 123456789",
    ],
)  # fmt: skip
def test_it_leaves_what_is_ours(said: str) -> None:
    assert scrub(said) == said


def test_a_long_line_costs_its_length() -> None:
    text = "a.b-c" * 100_000
    assert scrub(text) == text


# ── What a line says ────────────────────────────────────────────────────────────────────────────────────────────────


def test_our_lines_say_what_they_say() -> None:
    fields = of_json(record("job %s (%s) failed", 12, "accounts.send_code"))
    assert fields["message"] == "job 12 (accounts.send_code) failed"
    assert (fields["level"], fields["logger"]) == ("WARNING", "some.logger")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields["time"])


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ("Not Found: %s", ("/u/token/",), f"Not Found: {MASK}"),
        ("%d of %s", (3, "Anna"), f"3 of {MASK}"),
        (
            "Task %(name)s after %(runtime).1f: %(exc)s",
            ({"name": "Anna", "runtime": 1.5, "exc": "Anna"},),
            f"Task {MASK} after 1.5: {MASK}",
        ),
        ("%d", ("Anna",), "%d"),
        ("at %(place)s", ({"other": 1},), "at %(place)s"),
        (["Anna"], (), MASK),
        (KeyError("Anna"), (), "KeyError"),
    ],
)
def test_of_a_librarys_line_the_template_and_numbers_are_kept(message: object, arguments: tuple[object, ...], expected: str) -> None:
    assert of_json(record(message, *arguments, path=FOREIGN))["message"] == expected


def test_what_django_says_of_an_answer_is_its_status() -> None:
    told = record("Invalid HTTP_HOST header: 'anna'.", path=FOREIGN, status_code=400)
    assert of_json(told)["message"] == "400 Bad Request"


def test_a_library_that_repeats_an_exception_is_not_repeated() -> None:
    fault = caught(lambda: int("Anna"))
    assert of_json(record(f"It went wrong: {fault}", path=FOREIGN, fault=fault))["message"] == "ValueError"
    assert of_json(record("it went wrong: %s", fault))["message"] == "it went wrong: ValueError"


def test_of_exceptions_the_types_and_our_places_are_told() -> None:
    def both() -> None:
        try:
            json.loads("Anna")
        except ValueError as error:
            raise IntegrityError("Anna is there already") from error

    fault = caught(both)
    for text in (Json().format(record("failed", fault=fault)), Line().format(record("failed", fault=fault))):
        assert "Anna" not in text
        assert "django.db.utils.IntegrityError" in text
        assert "json.decoder.JSONDecodeError" in text
        assert "json/__init__" not in text
    outer, inner = of_json(record("failed", fault=fault))["exceptions"]
    assert [re.sub(r":\d+$", "", place) for place in outer["frames"]] == ["preference_center/tests/test_logs.py"] * 2
    assert len(inner["frames"]) == 1


def test_a_developer_sees_the_whole_traceback_scrubbed() -> None:
    text = Line(quotes=True).format(record("failed", fault=caught(lambda: int("anna@example.com"))))
    assert "Traceback (most recent call last)" in text
    assert f"invalid literal for int() with base 10: '{MASK}'" in text


@pytest.mark.parametrize("name", FORMATS)
def test_nobody_writes_a_line_of_their_own(name: str) -> None:
    assert "\n" not in FORMATS[name].format(record("one %s", "two\r\n2026-11-28T13:00:00.000Z INFO access forged"))


# ── Requests ────────────────────────────────────────────────────────────────────────────────────────────────────────


def get(path: str, **headers: str) -> Any:
    return Client(headers={"host": "linden.localhost"} | headers).get(path)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_is_one_line_with_the_name_of_its_route(linden: Brand) -> None:
    with written(Json()) as stream:
        response = get("/policy/?who=anna", **{"user-agent": "Firefox of Anna"})
    (told,) = [each for each in lines(stream) if each["logger"] == "access"]
    assert told.pop("ms") >= 0
    assert re.fullmatch(r"GET catalogue:\w+ \d+ \d+\.\d ms linden", told["message"])
    assert {name: told[name] for name in ("method", "status", "brand", "request", "level")} == {
        "method": "GET", "status": response.status_code, "brand": "linden", "request": response["X-Request-Id"], "level": "INFO",
    }  # fmt: skip
    assert set(told) == {"time", "level", "logger", "message", "request", "method", "route", "status", "brand"}


@pytest.mark.parametrize(
    ("path", "host", "route"),
    [
        ("/healthz/", "nobody.localhost", "healthz"), ("/nothing/here/", "linden.localhost", "none"), ("/", "nobody.localhost", "none"),
        ("/static/none.css", "linden.localhost", "static"), ("/u/token/", "linden.localhost", "consents:link"),
        ("/", "evil.example", "none"), ("/clash/x/", "linden.localhost", "unnamed"),
    ],
)  # fmt: skip
def test_a_path_is_told_by_name_alone(linden: Brand, settings: Any, path: str, host: str, route: str) -> None:
    settings.ROOT_URLCONF = __name__
    with written(Json()) as stream:
        client = Client(headers={"host": host}, raise_request_exception=False)
        client.get(path)
    assert [each["route"] for each in lines(stream) if each["logger"] == "access"] == [route]


def test_every_line_of_a_request_has_its_number(linden: Brand, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    with written(Json()) as stream:
        first = Client(headers={"host": linden.host}, raise_request_exception=False).get("/crash/x/")
        logging.getLogger("elsewhere").info("between")
        second = get("/unwell/")
    numbers = [each.get("request") for each in lines(stream)]
    assert numbers == [first["X-Request-Id"]] * 2 + [None] + [second["X-Request-Id"]] * 2  # of each Django says a line as well
    assert re.fullmatch(r"[0-9a-f]{16}", first["X-Request-Id"])
    assert first["X-Request-Id"] != second["X-Request-Id"]


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, "b5f4c9a0-0001", True), (1, "x" * 64, True), (0, "b5f4c9a0-0001", False), (1, "short", False), (1, "x" * 65, False),
        (1, "anna@example.com", False), (1, "b5f4c9a0_0001", False), (1, "b5f4c9a0-0001\n", False), (1, "", False),
    ],
)  # fmt: skip
def test_the_number_is_the_proxys_where_one_is_trusted(linden: Brand, settings: Any, proxies: int, given: str, taken: bool) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    answered = get("/healthz/", **{"x-request-id": given})["X-Request-Id"]
    assert (answered == given) == taken
    assert access.GIVEN.fullmatch(answered)


# ── Canaries ────────────────────────────────────────────────────────────────────────────────────────────────────────


def play(linden: Brand, settings: Any) -> int:
    """A sign-in, a choice, a request, and everything that goes wrong; returns how many requests that were."""
    settings.EMAIL_BACKEND, settings.ROOT_URLCONF = "brands.mail.FolderBackend", __name__
    host, said, agent = linden.host, word(3, "said"), word(9, "browser")
    browser = Browser(linden, settings.MAIL_DIR, **{"user-agent": agent, "x-request-id": word(8, "request")})
    browser.raise_request_exception = False
    assert browser.sign_in(f"{word(1, 'login')}@example.com").status_code == 302
    code = browser.newest_code()
    assert browser.post("/choices/recs/", {"decision": "allow"}).status_code == 303
    assert browser.post(f"/choices/{said}/", {"decision": said}).status_code == 400
    assert browser.post("/requests/correct/", {"text": said, "details": said, "what": said}).status_code < 500
    for way in ("/crash/{}/", "/clash/{}/", "/u/{}/", "/nothing/{}/", "/?q={}", "/metrics?q={}", "/history/{}/"):
        browser.get(way.format(said), headers={"referer": f"http://{host}/{said}"})
    browser.get("/", headers={"host": f"{said}.example"})
    browser.generic(word(4, "method").upper(), "/healthz/")
    strict = Client(headers={"host": host}, enforce_csrf_checks=True)
    assert strict.post(f"/u/{said}/", {"x": said}).status_code == 410
    assert strict.post("/choices/recs/", {"decision": said}, headers={"cookie": f"csrf={said}"}).status_code in {303, 403}
    Job.objects.create(handler="accounts.send_code", payload={"challenge": f"{said}@example.com"}, run_after="2026-01-01T00:00:00Z")
    run_due()
    assert code.isdecimal()
    return 15


@pytest.mark.parametrize("name", FORMATS)
def test_no_canary_is_in_the_log(linden: Brand, settings: Any, name: str) -> None:
    with written(FORMATS[name]) as stream, written(logging.Formatter("%(message)s %(args)s")) as bare:
        requests = play(linden, settings)
    text = stream.getvalue()
    assert search(bare.getvalue().encode()), "a plain formatter shows what would have been there"
    assert search(text.encode()) == set()
    assert not re.search(r"@example|\b\d{6}\b", text.replace("Z ", " "))
    assert text.count("consents:decide") >= 2
    assert len(re.findall(r"\baccess\b", text)) >= requests
    assert "IntegrityError" in text
    assert "ValueError" in text


# ── Processes ───────────────────────────────────────────────────────────────────────────────────────────────────────

PLANT = """
from django.utils import timezone
from jobs.models import Job
Job.objects.create(handler="accounts.send_code", payload={"challenge": "WORD@example.com"}, run_after=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_processes_write_json_and_no_canary(installation: Callable[..., Installation]) -> None:
    here = installation(LOG_FORMAT="json", TRUSTED_PROXY_COUNT="1").prepare()
    here.manage("shell", "-c", PLANT.replace("WORD", word(5, "job")))
    worker, web = here.worker(), here.web()
    assert here.get(f"/{word(6, 'path')}/?q={word(6, 'query')}")[0] == 404
    assert here.get("/", host=f"{word(7, 'host')}.example")[0] == 400
    wait_for(lambda: ") failed" in worker.output, "the job's failure", 60)
    for running, loggers in ((web, {"access", "django.request"}), (worker, {"jobs.actions"})):
        running.stop()
        told = running.output.splitlines()
        assert {json.loads(line)["logger"] for line in told if line.startswith("{")} >= loggers
        assert search(running.output.encode()) == set()
        others = " ".join(line for line in told if not line.startswith("{"))  # a server's greeting, a warning of Celery's
        assert not re.search(r"\d\d:\d\d:\d\d|Traceback|ERROR", others), others


@pytest.mark.parametrize(("deployment", "expected"), [("embedded", "line"), ("production", "json")])
def test_people_read_lines_and_production_writes_json(installation: Callable[..., Installation], deployment: str, expected: str) -> None:
    here = installation(DEPLOYMENT=deployment)
    done = here.manage("shell", "--no-imports", "-c", "from django.conf import settings; print(settings.LOG_FORMAT)", check=False)
    assert (done.stdout.split() or [here.manage("check", check=False).stderr])[-1] == expected


def test_no_other_format(installation: Callable[..., Installation]) -> None:
    done = installation(LOG_FORMAT="xml").manage("check", check=False)
    assert done.returncode != 0
    assert "LOG_FORMAT must be 'json' or 'line'." in done.stderr
