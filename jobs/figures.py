"""Figures for the operator's monitor (/metrics). An app that has some registers a callable in AppConfig.ready:

    def deliveries() -> Iterator[Figure]:
        yield "center_deliveries", "Deliveries to partners.", {"state": "late"}, Delivery.objects.late(timezone.now()).count()

    figures.register(deliveries)

It is asked at each scrape, in whichever process: it reads the database and keeps nothing, takes a fixed number of queries on indexes, and
puts nothing into a label that names a person or a brand. All figures of one name carry the same labels, whose values are a short list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

Figure = tuple[str, str, Mapping[str, str], float]  # name, what it is, labels, value
Source = Callable[[], Iterable[Figure]]

_sources: list[Source] = []


def register(source: Source) -> Source:
    """Also a decorator."""
    if source not in _sources:
        _sources.append(source)
    return source


def unregister(source: Source) -> None:
    _sources.remove(source)


def figures() -> Iterator[Figure]:
    for source in _sources:
        yield from source()
