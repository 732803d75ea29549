"""The ledger follower that counts opt-outs as they happen, so that no page counts them in the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.utils import timezone

from brands.models import Brand
from data_requests.models import OptOutCount
from ledger.followers import Follower
from ledger.models import Entry

COUNTED = frozenset({"sale", "sensitive"})


class OptOuts(Follower):
    """Its counts and its cursor are written in one transaction: each entry counts once."""

    name: ClassVar[str] = "opt_outs"
    from_start: ClassVar[bool] = True

    def handle(self, entry: Entry, position: int) -> None:
        act = entry.act
        if entry.kind != "scope.changed" or not act or act["state"] != "on" or act["scope"] not in COUNTED:
            return
        brand = Brand.objects.get(key=entry.brand)
        OptOutCount.count_one(brand, timezone.localdate(entry.recorded_at), act["scope"], signal=act["how"] == "signal")
