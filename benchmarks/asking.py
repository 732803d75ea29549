"""“May I?” over HTTP: one decision against a view that checks a key and reads one row; a thousand in one call against a thousand calls."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from statistics import quantiles

from django.utils import timezone

from benchmarks.harness import Paired, Row, Slice, paired
from benchmarks.options import Options
from benchmarks.web import Line, browsing, server
from benchmarks.world import writer
from brands.models import Brand
from consents.models import Choice
from consents.states import Verb
from ledger.proving import prove
from preference_center.demo.story import decide
from propagation.actions import issue_key, name_partner
from propagation.models import Partner
from propagation.verbs import EVERY_PURPOSE, VERBS

LINES = 4
WORKERS = 2
MANY = 1000
BY = "system:benchmarks"


def rows(options: Options) -> list[Row]:
    os.environ["API_CALLS_PER_MINUTE"] = "1000000000"
    shop = Brand.objects.get(key="linden")
    key = key_for(shop)
    people = _decided(shop)
    choice = Choice.objects.filter(customer__brand=shop, purpose="recs").values_list("pk", flat=True)[0]
    with server(WORKERS, "benchmarks.wsgi:application") as (port, tree):

        def line(request: bytes) -> Line:
            return Line(port, lambda: request, lambda answer: _is_well(answer.status))

        one = post(shop, key, "/api/v1/decisions", {"person": {"email": people[0]}, "purpose": "recs"})
        base = get(shop, key, f"/api/bench/{choice}/")
        many = post(shop, key, "/api/v1/decisions/batch", {"checks": checks(people)})
        alone = paired(
            browsing([line(one) for _ in range(LINES)], tree), browsing([line(base) for _ in range(LINES)], tree), seconds=options.slice
        )
        together = paired(browsing([line(many)], tree), browsing([line(one)], tree), seconds=options.slice)
    return [_one(options, alone), _slowest(options, alone), _many(options, together)]


def _decided(shop: Brand) -> list[str]:
    """Addresses of people who have said something about a use."""
    from accounts.actions import customer_of

    addresses = [writer(number) for number in range(64)]
    for number, address in enumerate(addresses):
        customer = customer_of(shop, address)
        assert customer is not None
        customer.brand = shop
        decide(customer, "recs", "", Verb.ALLOW if number % 2 == 0 else Verb.DENY)
    prove()
    return addresses


def checks(people: list[str]) -> list[dict[str, object]]:
    """A thousand, of which most are strangers: as many names are looked up, and as many are answered."""
    known = [{"person": {"email": people[n % len(people)]}, "purpose": "recs"} for n in range(MANY // 2)]
    return known + [{"person": {"email": f"stranger{n}@example.com"}, "purpose": "recs"} for n in range(MANY // 2)]


def key_for(shop: Brand) -> str:
    partner = Partner.objects.filter(brand=shop, key="bench").first()
    partner = partner or name_partner(Partner(key="bench", name="Bench"), brand=shop, by=BY)
    until = timezone.now() + timedelta(days=1)
    return issue_key(partner, name="bench", verbs=VERBS, purposes=[EVERY_PURPOSE], expires_at=until, by=BY)[1]


def post(shop: Brand, key: str, path: str, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {shop.host}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def get(shop: Brand, key: str, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {shop.host}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def _is_well(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"answered {status}")


def _one(options: Options, done: Paired) -> Row:
    goal = 0.5
    return Row(
        "one decision over HTTP", options.database, done.ours_text(), f"a key and one row: {done.base_text()}",
        f"{done.rate} × the rate", f"≥ {goal} × (aim 0.75)" if options.database == "PostgreSQL" else "–",
        done.rate.median >= goal if options.database == "PostgreSQL" else None,
    )  # fmt: skip


def _slowest(options: Options, done: Paired) -> Row:
    ours, base = (_p99(side) for side in (done.ours, done.base))
    return Row(
        "one decision over HTTP, slowest hundredth", options.database, f"p99 {ours * 1e3:.2f} ms", f"p99 {base * 1e3:.2f} ms",
        f"{ours / base:.2f} ×", "≤ 5 ×", ours / base <= 5,
    )  # fmt: skip


def _p99(slices: list[Slice]) -> float:
    return quantiles([took for each in slices for took in each.took], n=100)[98]


def _many(options: Options, done: Paired) -> Row:
    """CPU of one decision among a thousand, against that of a call of its own."""
    each = sorted(value / MANY for value in done.cpu.values)
    middle = each[len(each) // 2]
    return Row(
        f"a decision among {MANY:,} in one call, CPU", options.database, f"{middle:.3f} × a call of its own", "a call each",
        f"{middle:.3f} [{each[0]:.3f}–{each[-1]:.3f}] ×", "≤ 0.1 ×", middle <= 0.1,
    )  # fmt: skip
