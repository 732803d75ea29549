"""Questions: what choosing costs a page at a shop with 200 questions and 10,000 past asks, against the same page that does not choose; and
what counting costs the reading of an answer, against the same reading uncounted.

The WSGI application is called as the web server calls it, without the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import tie
from accounts.models import Customer
from benchmarks.asking import key_for
from benchmarks.browsers import session_cookie
from benchmarks.choices_page import Reader
from benchmarks.harness import Row, paired, repeating
from benchmarks.options import Options
from benchmarks.world import reader
from brands.models import Brand
from consents.models import Choice
from consents.states import Verb
from preference_center.demo.story import decide
from preference_center.home import views
from profiles import actions, using
from profiles.actions.asking import By
from profiles.content import Content
from profiles.eligibility import Row as Condition
from profiles.models import Ask, Asked, Question
from profiles.pack import FOLDER, read

QUESTIONS, ASKS, OTHERS = 200, 10_000, 16
BY = "system:benchmarks"
ORDER = "order.placed"


def rows(options: Options) -> list[Row]:
    settings.ROOT_URLCONF = "benchmarks.urls"
    settings.API_CALLS_PER_MINUTE = 10**9
    application = get_wsgi_application()
    customer = Customer.objects.select_related("brand", "person").get(person__email=reader(12))
    shop = customer.brand
    decide(customer, "recs", "", Verb.ALLOW)
    Choice.objects.filter(customer=customer).update(recorded_at=timezone.now() - timedelta(days=30))  # nobody has just said no
    actions.load_questions(shop, FOLDER / "shop.yaml", by=BY)
    actions.answer(customer, "bed-size", {"one": "160x200"}, By("center", "en"), version=1)
    counting = _counting(options, application, customer)
    _ask_two_hundred(shop)
    _ask_often(customer)
    actions.happen(customer, ORDER)
    page = Reader(application, customer, session_cookie(customer), "/")
    looking = _page(options, page, "where no question fits", asks=False)
    Ask.objects.filter(customer=customer, question__key="bed-size").delete()
    Asked.objects.filter(customer=customer, question__key="bed-size").delete()
    return [looking, _page(options, page, "that shows one", asks=True), *counting]


# ── Choosing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _page(options: Options, page: Reader, what: str, *, asks: bool) -> Row:
    page()  # a showing is made once
    statements = page.statements()
    if (b'class="prompt"' in page.content) is not asks:
        raise RuntimeError(f"the page {what} is another")
    plain = _without(views, "prompt_for", lambda *_: None, page)
    less = statements - _statements(plain)
    done = paired(repeating(page), repeating(plain), seconds=options.slice)
    return Row(
        f"the overview {what}, {QUESTIONS} questions, {ASKS:,} past asks: CPU", options.database, done.ours_text(), done.base_text(),
        f"{done.cpu} × the CPU, {less} statements more", "≤ 2 ×, ≤ 3 statements", done.cpu.median <= 2 and less <= 3,
    )  # fmt: skip


def _without(module: Any, name: str, other: Callable[..., Any], call: Callable[[], object]) -> Callable[[], object]:
    """The same call with a part of it left out."""
    part = getattr(module, name)

    def called() -> object:
        setattr(module, name, other)
        try:
            return call()
        finally:
            setattr(module, name, part)

    return called


def _statements(call: Callable[[], object]) -> int:
    call()
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def _ask_two_hundred(shop: Brand) -> None:
    template = next(each.content for each in read(FOLDER / "shop.yaml", shop).questions if each.key == "bed-size")
    for number in range(QUESTIONS - Question.objects.at(shop).count()):
        draft = actions.draft_question(shop, key=f"more-{number}", content=_for_nobody(template), order=100 + number)
        actions.publish_question(draft, by=BY)
    shop.refresh_from_db()


def _for_nobody(template: Content) -> Content:
    return replace(template, conditions=(Condition("country", "one_of", value="FR"), Condition("age", "at_least", value="18")))


def _ask_often(customer: Customer) -> None:
    long_ago = timezone.now() - timedelta(days=700)
    keys = list(Question.objects.at(customer.brand).values_list("pk", flat=True))
    subjects = [f"{number:032x}" for number in range(1, OTHERS + 1)]
    Customer.objects.bulk_create(Customer(brand=customer.brand, subject=each, language="en", country="PL") for each in subjects)
    for each in [customer, *Customer.objects.filter(subject__in=subjects)]:
        Asked.objects.filter(customer=each).delete()
        Asked.objects.bulk_create(Asked(customer=each, question_id=pk, times=3, last_at=long_ago) for pk in keys)
        Ask.objects.bulk_create(
            Ask(
                customer=each, question_id=pk, version=1, moment=ORDER, session=f"{pk}-{number}", number=number, language="en",
                shown_at=long_ago,
            )
            for pk in keys
            for number in (1, 2, 3)
        )  # fmt: skip


# ── Counting ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Reading:
    """One call of GET /api/v1/answers, read to its end."""

    def __init__(self, application: Any, shop: Brand, key: str, name: str) -> None:
        self.application = application
        self.environ: dict[str, Any] = {
            "PATH_INFO": "/api/v1/answers", "QUERY_STRING": f"id={name}&purpose=recs", "HTTP_HOST": shop.host,
            "HTTP_AUTHORIZATION": f"Bearer {key}",
        }  # fmt: skip
        setup_testing_defaults(self.environ)

    def __call__(self) -> None:
        status: list[str] = []
        response = self.application(dict(self.environ), lambda line, headers: status.append(line))
        content = b"".join(response)
        response.close()
        if not status[0].startswith("200") or b"160x200" not in content:
            raise RuntimeError(f"{status[0]} {content[:200]!r}")


def _counting(options: Options, application: Any, customer: Customer) -> Iterator[Row]:
    email = str(customer.contacts.values_list("canonical", flat=True)[0])
    tie(brand=customer.brand, value="bench-1", email=email, language="en", country="PL", by=BY)
    reading = Reading(application, customer.brand, key_for(customer.brand), "bench-1")
    uncounted = _without(using, "_read", _select_alone, reading)
    reading()
    done = paired(repeating(reading), repeating(uncounted), seconds=options.slice)
    slower = 1 / done.rate.median
    yield Row(
        "an answer read over HTTP and counted", options.database, done.ours_text(), f"uncounted: {done.base_text()}",
        f"{slower:.2f} × the time (rate {done.rate})", "≤ 1.2 ×", slower <= 1.2,
    )  # fmt: skip


def _select_alone(person: int, purpose: str, who: str, asked: tuple[str, ...], now: Any) -> list[tuple[Any, ...]]:
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(using.FOUND.format(among=""), [person, purpose, moment])
        return list(cursor.fetchall())
