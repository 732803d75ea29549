"""Whether an address is known here is told by no byte, no query and no moment of what anybody is answered before a code."""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from brands.models import Brand
from data_requests.tests.conftest import Guest

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "anna.kowalczyk@example.com", "anne.kowalczyk@example.com"
PAIRS = 400
Send = Callable[[], Any]


def by_request(brand: Brand, address: str) -> Send:
    """The press that asks for the code, over and over."""
    guest = Guest(brand)
    guest.asks(email=address)
    return lambda: guest.post("/requests/without-account/check/", {"declared": "on"})


def by_limit(brand: Brand, address: str) -> Send:
    """One that needs no code; each time a new draft."""

    def send() -> Any:
        guest = Guest(brand)
        return guest.asks(kind="limit", email=address)

    return send


def for_another(brand: Brand, address: str) -> Send:
    guest = Guest(brand)
    guest.asks("for-somebody-else", person=address)
    return lambda: guest.post("/requests/for-somebody-else/check/", {"declared": "on"})


def by_sign_in(brand: Brand, address: str) -> Send:
    guest = Guest(brand)
    return lambda: guest.post("/sign-in/", {"email": address})


WAYS = (by_request, by_limit, for_another, by_sign_in)


def spoken(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """All that goes out, but for what is random in every answer."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"Content-Security-Policy", "Expires", "X-Request-Id"}}
    cookies = {f"cookie {name}": str({**morsel, "expires": ""}) for name, morsel in answer.cookies.items()}
    body = re.sub(rb'(name="csrfmiddlewaretoken" value=|nonce=)"[^"]+"', b"", answer.content)
    return answer.status_code, headers | cookies, body.replace(UNKNOWN.encode(), KNOWN.encode())


@pytest.mark.parametrize("way", WAYS)
def test_the_bytes_and_the_queries_are_the_same(anna: Customer, way: Callable[[Brand, str], Send]) -> None:
    seen = []
    for address in (KNOWN, UNKNOWN):
        send = way(anna.brand, address)
        send()
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = send()
        seen.append((spoken(answer), [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries.captured_queries]))
    (known, its_queries), (unknown, other_queries) = seen
    assert known == unknown
    assert its_queries == other_queries


@pytest.mark.parametrize("way", WAYS)
def test_the_page_that_takes_the_code_is_the_same(anna: Customer, way: Callable[[Brand, str], Send]) -> None:
    pages = []
    for address in (KNOWN, UNKNOWN):
        guest = Guest(anna.brand)
        if way is by_sign_in:
            where = guest.post("/sign-in/", {"email": address}).headers["Location"]
        else:
            asker = "for-somebody-else" if way is for_another else "without-account"
            answers = {"person": address} if way is for_another else {"email": address}
            where = guest.asks(asker, kind="limit" if way is by_limit else "copy", **answers).headers["Location"]
        pages.append(spoken(guest.get(where)))
    assert pages[0] == pages[1]


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_four_hundred_moments_cannot_be_told_apart(anna: Customer, way: Callable[[Brand, str], Send], capsys: Any) -> None:
    """Interleaved, in an order that chance decides; the area under the curve of who guesses by the moment alone is near a half."""
    chance = random.Random(400)
    sends = {KNOWN: way(anna.brand, KNOWN), UNKNOWN: way(anna.brand, UNKNOWN)}
    for send in sends.values():
        send()
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for _pair in range(PAIRS):
        for address in chance.sample([KNOWN, UNKNOWN], 2):
            start = time.perf_counter()
            sends[address]()
            took[address].append(time.perf_counter() - start)
    area = auc(took[KNOWN], took[UNKNOWN])
    with capsys.disabled():
        sys.stdout.write(f"\n{way.__name__}: {PAIRS} interleaved pairs, AUC {area:.3f}\n")
    assert 0.45 <= area <= 0.55


def auc(one: list[float], other: list[float]) -> float:
    """The chance that a moment of the one is longer than one of the other (Mann and Whitney's U, divided by all pairs)."""
    ranked = sorted([(value, 1) for value in one] + [(value, 0) for value in other])
    ranks = sum(rank for rank, (_value, is_one) in enumerate(ranked, 1) if is_one)
    return (ranks - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))
