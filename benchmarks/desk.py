"""The desk among 1,000 people and among 1,000,000 with their decisions: each page against a bare page in the same minute, and how much more
of bare pages it costs at the larger size. Beside it the statements of each page, none of which may count a large table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import django_otp
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import looking
from accounts.actions.colleagues import appoint
from accounts.assurance import Level, Proof
from accounts.middleware import SESSION_BRAND
from accounts.models import AllauthDevice, Customer
from benchmarks.choices_page import Reader
from benchmarks.harness import Row, paired, repeating
from benchmarks.options import Options
from benchmarks.world import reader
from brands.models import Brand
from data_requests import actions
from ledger.progress import progress_in
from preference_center.demo.cast import LINDEN
from preference_center.demo.town import build

SMALL, LARGE, QUICK = 1_000, 1_000_000, 20_000
ASKED = 120  # requests that are open
MOST_STATEMENTS, GROWTH = 25, 1.5
BIG = ("ledger_entry", "accounts_customer", "accounts_contact", "consents_choice", "notifications_message", "ledger_position")
DAILY = {"home", "queue", "customer"}  # what an agent opens all day
ROUNDS = 7


def rows(options: Options) -> list[Row]:
    settings.ROOT_URLCONF = "benchmarks.urls"
    application, brand = get_wsgi_application(), Brand.objects.get(key=LINDEN)
    bare = Customer.objects.select_related("brand", "person").get(person__email=reader(12))
    told = progress_in(sys.stderr)
    build(brand, SMALL, told)
    _ask(brand)
    somebody = brand.customers.filter(requests__isnull=False).order_by("pk").first()
    cookie = _seat(brand, somebody)
    pages = {name: Reader(application, somebody, cookie, path) for name, path in _pages(somebody)}
    trivial = Reader(application, bare, "", "/bench/bare/")
    before = {name: _beside(options, page, trivial) for name, page in pages.items()}
    large = QUICK if options.quick else LARGE
    build(brand, large - SMALL, told)
    found = []
    for name, page in pages.items():
        statements, counted = _statements(page)
        after = _beside(options, page, trivial)
        growth = after / before[name]
        found.append(
            Row(
                f"the desk, {name}: {large:,} people against {SMALL:,}", options.database, f"{after:.1f} bare pages",
                f"{before[name]:.1f} bare pages", f"{growth:.2f} ×, {statements} statements{', counts ' + counted if counted else ''}",
                f"≤ {GROWTH} ×, {f'≤ {MOST_STATEMENTS} statements, ' if name in DAILY else ''}counts nothing large",
                growth <= GROWTH and (statements <= MOST_STATEMENTS or name not in DAILY) and not counted,
            )
        )  # fmt: skip
    return found


def _pages(somebody: Customer) -> Iterator[tuple[str, str]]:
    yield "home", "/desk/"
    yield "queue", "/desk/requests/request/"
    yield "customer", f"/desk/people/{somebody.code}/"
    yield "figures", "/desk/figures/?use=news/email&days=1095"
    yield "reports", "/desk/reports/"
    yield "ledger", "/desk/ledger/entry/"


def _beside(options: Options, page: Reader, trivial: Reader) -> float:
    """How many bare pages one costs, by the clock."""
    done = paired(repeating(page), repeating(trivial), seconds=options.slice, rounds=ROUNDS)
    return 1 / done.rate.median


def _statements(page: Reader) -> tuple[int, str]:
    """How many, and the first large table that one of them counts."""
    page()
    with CaptureQueriesContext(connection) as captured:
        page()
    counts = (each["sql"] for each in captured if "COUNT(" in each["sql"].upper())
    counted = (table for sql in counts for table in BIG if f'"{table}"' in sql and "LIMIT" not in sql and '"customer_id" =' not in sql)
    return len(captured), next(counted, "")


def _ask(brand: Brand) -> None:
    for customer in brand.customers.select_related("brand", "person").order_by("pk")[:ASKED]:
        proof = Proof(Level.IV2, "session")
        actions.receive(customer, "review", {"text": "Why?"}, proof, by=f"self:{customer.subject}", received_on=timezone.localdate())


def _seat(brand: Brand, somebody: Customer) -> str:
    """The session of a colleague with every role who has shown an authenticator and opened that customer's record."""
    person = appoint(brand, "bench@desk.example", Group.objects.values_list("name", flat=True), known_as="Bench", by="system:bench")
    request: Any = RequestFactory().get("/", headers={"host": brand.host})
    request.session, request.user = SessionStore(), AnonymousUser()
    request.brand = brand
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[SESSION_BRAND] = brand.key
    device, _made = AllauthDevice.objects.get_or_create(user_id=person.pk, defaults={"name": "authenticator"})
    django_otp.login(request, device)
    looking.opened(request, somebody)
    request.session.save()
    return f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"
