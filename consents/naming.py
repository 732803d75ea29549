"""The words of the register by key, read from what is published: no query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import get_language

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import Names, published, versions_of


@dataclass(frozen=True)
class RegisterNames:
    """`by_source`: the kinds of data (keys) that some purpose takes from each source which is somebody else."""

    categories: Mapping[str, Names]
    sources: Mapping[str, Names]
    by_source: Mapping[str, frozenset[str]]

    def category(self, key: str) -> str:
        return in_language(self.categories.get(key, {"": key}))

    def source(self, key: str) -> str:
        return in_language(self.sources.get(key, {"": key}))


def register_names(brand: Brand) -> RegisterNames:
    """Of every version ever published: an entry may name what a newer version no longer uses. `by_source` of those in force."""
    categories: dict[str, Names] = {}
    sources: dict[str, Names] = {}
    for key in published(brand):
        for version in versions_of(brand, key):
            for path in version.uses:
                categories[path.category], sources[path.source] = path.category_names, path.source_names
    by_source: dict[str, set[str]] = defaultdict(set)
    for purpose in published(brand).values():
        for path in purpose.uses:
            if path.source_kind == "other":
                by_source[path.source].add(path.category)
    return RegisterNames(categories, sources, {source: frozenset(kinds) for source, kinds in by_source.items()})


@dataclass(frozen=True)
class News:
    """For the overview: what came from whom, in words."""

    source: str
    data: str
    received_on: date


def news_from_others(customer: Customer, now: datetime) -> list[News]:
    """What came from others of late; one query."""
    late = list(customer.received.since(now - settings.NEWS_KEPT).order_by("-recorded_at"))
    if not late:
        return []
    names = register_names(customer.brand)
    return [News(names.source(each.source), ", ".join(map(names.category, each.categories)), each.received_on) for each in late]


def in_language(names: Names) -> str:
    language = get_language() or ""
    return names.get(language) or names.get(language.split("-")[0]) or next(iter(names.values()), "")
