"""/metrics: off until there is a key, the same from whichever process, cheap, and silent about people."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.actions import join
from accounts.models import Customer
from data_requests.tests.conftest import asked
from jobs import figures
from jobs.models import Job
from ledger.models import Log
from ledger.proving import prove
from notifications.models import Message
from notifications.tests.making import message
from preference_center import metrics
from preference_center.checks import settings_are_safe
from preference_center.health import measured, verdicts
from preference_center.tests.cast import SignedIn
from preference_center.tests.servers import Installation, drop_database

KEY = "a-key-of-the-monitor-" + "0123456789" * 2
BEARER = {"authorization": f"Bearer {KEY}"}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def key(settings: Any, db: None) -> None:
    settings.METRICS_KEY = KEY


def scrape(**headers: str) -> Any:
    return Client(headers={"host": "nobody.localhost"} | headers).get("/metrics")


def read(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(name: str, **labels: str) -> float:
    return read(scrape(**BEARER).content.decode())[name, frozenset(labels.items())]


# ── Who may read it ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer "}, {"authorization": "Bearer"}, BEARER])
def test_it_is_not_there_without_a_key(headers: dict[str, str]) -> None:
    assert scrape(**headers).status_code == 404


@pytest.mark.parametrize("given", ["", KEY, f"Basic {KEY}", "Bearer", "Bearer ", f"Bearer {KEY[:-1]}", f"Bearer {KEY}x", "Bearer ążę"])
def test_it_wants_the_key(key: None, given: str) -> None:
    response = scrape(authorization=given)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.content == b""


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_it_opens_to_the_key(key: None, scheme: str) -> None:
    response = scrape(authorization=f"{scheme} {KEY}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"


def test_it_is_asked_and_not_told(key: None) -> None:
    assert Client(headers=BEARER).post("/metrics").status_code == 405
    assert Client(headers=BEARER).head("/metrics").status_code == 200


@pytest.mark.parametrize(("value", "found"), [("", []), (KEY, []), ("k" * 31, ["E017"]), ("ż" * 40, ["E017"])])
def test_a_key_that_could_be_guessed_stops_the_start(settings: Any, value: str, found: list[str]) -> None:
    settings.METRICS_KEY = value
    assert [message.id for message in settings_are_safe()] == [f"preference_center.{each}" for each in found]


# ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_figure_of_the_health_check_is_told(key: None, anna: Customer) -> None:
    told_otherwise = {"jobs_given_up", "follower_lag", "seal_age"}
    assert {*metrics.PLAIN, *told_otherwise, "demo"} == set(measured(timezone.now()))
    while prove():
        pass
    names = {name for name, _labels in read(scrape(**BEARER).content.decode())}
    assert names >= {name for name, _what in metrics.PLAIN.values()} | {"center_follower_lag_entries", "center_seal_age_seconds"}
    assert figure("center_database_up") == 1


def test_it_judges_as_the_health_check_does(key: None, anna: Customer) -> None:
    while prove():
        pass
    for fault in verdicts(measured(timezone.now())):
        assert figure("center_fault", fault=fault) == 0
    Job.objects.create(handler="x", run_after=timezone.now() - timedelta(seconds=90))
    assert figure("center_fault", fault="jobs") == 1
    assert 90 <= figure("center_oldest_job_seconds") < 150


def test_it_counts_jobs_by_state(key: None) -> None:
    now = timezone.now()
    later, hour = now + timedelta(hours=1), timedelta(hours=1)
    Job.objects.all().delete()
    Job.objects.create(handler="x", run_after=now - hour)
    Job.objects.create(handler="x", run_after=now - hour, leased_until=now - hour)  # whose worker died
    Job.objects.create(handler="x", run_after=now - hour, leased_until=later)
    for _each in range(3):
        Job.objects.create(handler="x", run_after=later)
    Job.objects.create(handler="x", run_after=now - hour, done_at=now)
    Job.objects.create(handler="x", run_after=now - hour, gave_up_at=now)
    counts = {state: figure("center_jobs", state=state) for state in ("due", "running", "later", "given_up")}
    assert counts == {"due": 2, "running": 1, "later": 3, "given_up": 1}


def test_it_counts_mails_by_state_and_class(key: None, anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    before = figure("center_mails_open", state="queued", **{"class": "service"})
    for number in range(3):
        message(join(brand=anna.brand, address=f"m{number}@example.com", language="en"), klass="marketing")
    message(anna)
    message(anna, state="started", lane=1)
    message(anna, state="dropped", why="over")
    assert figure("center_mails_open", state="queued", **{"class": "marketing"}) == 3
    assert figure("center_mails_open", state="queued", **{"class": "service"}) == before + 1
    assert figure("center_mails_open", state="started", **{"class": "service"}) == 1
    assert figure("center_mails_newest", state="dropped", **{"class": "service"}) == 1
    assert figure("center_mails_newest", state="bounced", **{"class": "service"}) == 0
    monkeypatch.setattr(metrics, "MOST_WAITING", 2)
    assert sum(figure("center_mails_open", state="queued", **{"class": klass}) for klass in ("service", "marketing")) == 2
    monkeypatch.setattr(metrics, "NEWEST", 1)
    assert figure("center_mails_newest", state="dropped", **{"class": "service"}) == 1
    assert figure("center_mails_newest", state="queued", **{"class": "marketing"}) == 0


def test_it_counts_open_requests_by_state_and_kind(key: None, anna: Customer, carol: Customer) -> None:
    asked(anna, "complaint", asked={"text": "Nobody answers."})
    asked(carol, "complaint", asked={"text": "Nobody answers."})
    counts = {labels: value for (name, labels), value in read(scrape(**BEARER).content.decode()).items() if name == "center_requests_open"}
    assert sum(counts.values()) == 2
    assert {dict(labels)["kind"] for labels, value in counts.items() if value} == {"complaint"}
    assert {len(labels) for labels in counts} == {2}


def test_it_tells_the_position_of_the_ledger(key: None, anna: Customer) -> None:
    while prove():
        pass
    position = Log.objects.values_list("position", flat=True).get(pk=1)
    assert position > 0
    assert figure("center_ledger_position") == position


@pytest.fixture
def deliveries() -> Iterator[Callable[[], list[figures.Figure]]]:
    def source() -> list[figures.Figure]:
        return [("center_examples", "Deliveries.", {"state": state, "by": "x"}, 3) for state in ("late", "sent")]

    figures.register(source)
    figures.register(source)
    yield source
    figures.unregister(source)


def test_an_app_adds_figures_of_its_own(key: None, deliveries: object) -> None:
    text = scrape(**BEARER).content.decode()
    assert text.count('center_examples{by="x",state="late"} 3.0') == text.count("# TYPE center_examples gauge") == 1


def test_it_says_nothing_about_anybody(key: None, anna: Customer, signed_in: SignedIn) -> None:
    asked(anna, "complaint", asked={"text": "Nobody answers."})
    message(anna)
    content = signed_in(anna).get("/metrics", headers=BEARER).content.decode()
    assert "center_database_up 1" in content
    for told in ("anna", "example.com", "Nobody answers", anna.subject, anna.code, "linden", "Linden", "kingfisher"):
        assert told not in content


def test_labels_are_a_short_list(key: None, anna: Customer, marta: Customer) -> None:
    samples = read(scrape(**BEARER).content.decode())
    assert {label for _name, labels in samples for label, _value in labels} <= {"state", "class", "kind", "fault", "follower"}
    assert len(samples) < 200
    for number in range(5):
        asked(join(brand=anna.brand, address=f"n{number}@example.com", language="en"), "complaint", asked={"text": "x"})
    assert set(read(scrape(**BEARER).content.decode())) == set(samples)


# ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_its_queries_do_not_grow(key: None, anna: Customer, django_assert_num_queries: Any) -> None:
    scrape(**BEARER)
    with CaptureQueriesContext(connection) as few:
        scrape(**BEARER)
    for number in range(4):
        customer = join(brand=anna.brand, address=f"q{number}@example.com", language="en")
        asked(customer, "complaint", asked={"text": "x"})
        message(customer)
        Job.objects.create(handler=f"x{number}", run_after=timezone.now())
    with django_assert_num_queries(len(few)):
        scrape(**BEARER)
    assert len(few) <= 40


def test_what_may_be_many_is_read_by_an_index(key: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("plans are PostgreSQL's")
    with CaptureQueriesContext(connection) as asked_for:
        for source in (metrics.jobs, metrics.mails, metrics.requests, metrics.ledger):
            list(source())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # tables of a test are small: only what no index serves is read whole then
        for query in asked_for:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan, plan


def test_the_queue_is_read_no_further_than_it_is_counted() -> None:
    some: QuerySet[Any] = Message.objects.filter(state="queued")[: metrics.MOST_WAITING]
    assert f"LIMIT {metrics.MOST_WAITING}" in str(some.query)


# ── A database that is away, and several processes ──────────────────────────────────────────────────────────────────


def test_a_database_that_fails(key: None) -> None:
    point = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job RENAME TO elsewhere")
    response = scrape(**BEARER)
    transaction.savepoint_rollback(point)
    assert response.status_code == 503
    assert read(response.content.decode()) == {("center_database_up", frozenset()): 0}


def fetch(here: Installation, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    asks = urllib.request.Request(f"http://127.0.0.1:{here.port}{path}", headers=headers, method=method)
    try:
        with urllib.request.urlopen(asks, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def requests_of(samples: Samples, **labels: str) -> float:
    return samples.get(("center_request_seconds_count", frozenset(labels.items())), 0)


@pytest.mark.django_db(transaction=True)
def test_several_processes_count_as_one_and_say_when_the_database_is_gone(installation: Callable[..., Installation], tmp_path: Any) -> None:
    folder = tmp_path / "counted"
    here = installation(METRICS_KEY=KEY, PROMETHEUS_MULTIPROC_DIR=str(folder), LOG_FORMAT="json", ALLOWED_HOSTS="127.0.0.1").prepare()
    web = here.web(workers=2)
    assert fetch(here, "/metrics")[0] == 401
    for number in range(24):
        assert fetch(here, "/healthz/")[0] in {200, 503}
        assert fetch(here, f"/u/token{number}/")[0] == 404
    fetch(here, "/healthz/", method="SESAME")
    assert len(list(folder.glob("*.db"))) == 2, "both have answered"
    for _again in range(6):
        status, text = fetch(here, "/metrics", **BEARER)
        samples = read(text)
        assert status == 200
        healthy = sum(requests_of(samples, method="GET", route="healthz", status=each) for each in ("2xx", "5xx"))
        assert healthy == 24
        assert requests_of(samples, method="GET", route="none", status="4xx") == 24, "no brand: no route was looked for"
        assert requests_of(samples, method="other", route="healthz", status="4xx") == 1
        assert requests_of(samples, method="GET", route="metrics", status="4xx") == 1
        assert "SESAME" not in text
        assert "token" not in text
    logged = [json.loads(line) for line in web.output.splitlines() if line.startswith("{")]
    assert sum(each["logger"] == "access" and each["route"] == "healthz" for each in logged) == 25
    assert "token" not in web.output
    if here.database_url:
        drop_database(here.database_url)
        answers = {fetch(here, "/metrics", **BEARER) for _again in range(8)}
        assert {status for status, _text in answers} == {503}
        assert {text for _status, text in answers if "center_database_up 0.0" in text and len(read(text)) == 1}
