"""What every act on a brand's questions shares: the catalogue's turn, and a memory of the questions that is not kept past a failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from brands.models import Brand
from catalogue.actions.acts import public_act as catalogue_act
from ledger.turns import Turn
from profiles.published import forget


@contextmanager
def public_act(brand: Brand, by: str) -> Iterator[Turn]:
    try:
        with catalogue_act(brand, by) as t:
            yield t
    except BaseException:
        forget(brand)
        raise
