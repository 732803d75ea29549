"""Everybody whom a use is allowed for, streamed: against the plainest loop over rows that writes the same lines, and in how much memory."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from benchmarks.asking import key_for
from benchmarks.crowd import gather
from benchmarks.harness import Paired, Row, Slice, whole
from benchmarks.options import Options
from brands.models import Brand
from consents.models import Choice
from propagation.api.audiences import AudienceQuery, _lines
from propagation.api.keys import find
from propagation.models import Partner
from propagation.pseudonyms import Pseudonyms

ROUNDS = 3


def rows(options: Options) -> list[Row]:
    shop = Brand.objects.get(key="linden")
    few, many = (5_000, 20_000) if options.quick else (100_000, 1_000_000)
    caller = find(_request(shop), key_for(shop))
    gather(shop, few)
    small = _peak(caller)
    gather(shop, many, few)
    done = Paired()
    ours, base = whole(lambda: _stream(caller)), whole(lambda: _plain(shop, caller))
    for number in range(ROUNDS):
        sides = [(ours, done.ours), (base, done.base)]
        for side, slices in sides if number % 2 == 0 else reversed(sides):
            slices.append(side(0))
    large = _peak(caller)
    grown = (large - small) / 1024
    return [
        Row(
            f"audience of {_count(done.ours)} among {many:,} people", options.database, done.ours_text(),
            f"values_list().iterator(): {done.base_text()}",
            f"{done.rate} × the rate", "≥ 0.5 ×", done.rate.median >= 0.5,
        ),
        Row(
            f"memory of that, beyond {few:,} people", options.database, f"{grown:+.0f} MB", "–", f"{grown:+.0f} MB", "≤ 50 MB", grown <= 50,
        ),
    ]  # fmt: skip


def _request(shop: Brand) -> Any:
    return SimpleNamespace(get_host=lambda: shop.host)


def _stream(caller: Any) -> int:
    return sum(chunk.count(b"\n") for chunk in _lines(caller, "recs", AudienceQuery())) - 1


def _plain(shop: Brand, caller: Any) -> int:
    return sum(1 for _line in _plain_lines(shop, Pseudonyms(Partner.objects.get(pk=caller.partner_id))))


def _plain_lines(shop: Brand, pseudonyms: Pseudonyms) -> Iterator[bytes]:
    granted = Choice.objects.filter(customer__brand=shop, purpose="recs", state="granted")
    for pk, subject in granted.values_list("customer_id", "customer__subject").iterator():
        yield f'{{"person":{{"pairwise":"{pseudonyms.of(subject)}"}},"cursor":"{pk}"}}\n'.encode()


def _peak(caller: Any) -> int:
    """Kilobytes that this process has needed at most, after it."""
    _stream(caller)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _count(slices: list[Slice]) -> str:
    return f"{slices[0].count:,}"
