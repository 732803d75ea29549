"""What the crawlers share: every address of the center, every link of a page, and a fingerprint of every row of every table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

# ── The tables ──────────────────────────────────────────────────────────────────────────────────────────────────────

# What a page may write without deciding anything: the session and the cache. Django's own list of migrations is nobody's domain.
NO_DOMAIN = {Session._meta.db_table, "cache", "django_migrations"}


@dataclass(frozen=True)
class Rows:
    """One state of the database: table -> (number of rows, SHA-256 of all of them)."""

    tables: dict[str, tuple[int, str]]

    @property
    def count(self) -> int:
        return sum(count for count, _ in self.tables.values())

    def changed(self, later: Rows) -> list[str]:
        return sorted(table for table in {*self.tables, *later.tables} if self.tables.get(table) != later.tables.get(table))


def rows_of_the_domain() -> Rows:
    """Every table that the database has, of our own apps and of other people's, found in the database itself so that none is forgotten."""
    tables = set(connection.introspection.table_names())
    unknown = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - tables
    assert not unknown, f"no such table: {unknown}"
    return Rows({table: _fingerprint(table) for table in sorted(tables - NO_DOMAIN)})


def _fingerprint(table: str) -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        rows = sorted(repr(row) for row in cursor.fetchall())
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


# ── The addresses ───────────────────────────────────────────────────────────────────────────────────────────────────


def patterns(found: Any = None, names: str = "", route: str = "/") -> Iterator[tuple[str, str]]:
    """(name, route) of every address that urls.py knows, the desk's own site apart."""
    for each in (found or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            if each.app_name != "admin":
                yield from patterns(each, f"{names}{each.namespace}:" if each.namespace else names, f"{route}{each.pattern}")
        elif isinstance(each, URLPattern):
            yield f"{names}{each.name}", f"{route}{each.pattern}"


PART = re.compile(r"<((?:\w+:)?(\w+))>")


def filled(route: str, values: dict[str, str]) -> str:
    """The route with a value in each of its gaps: by kind and name where a name means several things ("child_code:code"), else by name.
    KeyError where nobody has said what belongs there."""
    return PART.sub(lambda part: values[part[1] if part[1] in values else part[2]], route)


# ── The pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

FETCHED = {
    "img": "src",
    "script": "src",
    "source": "srcset",
    "iframe": "src",
    "embed": "src",
    "audio": "src",
    "video": "src",
    "use": "href",
}


class Links(HTMLParser):
    """`links` that somebody can follow, what the page `fetches` by itself, and where its forms `post`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetches: list[str] = []
        self.posts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = {name: value or "" for name, value in attrs}
        if tag == "a" and here.get("href"):
            self.links.append(here["href"])
        elif tag == "link" and here.get("rel") == "alternate":
            self.links.append(here["href"])
        elif tag == "link":
            self.fetches.append(here["href"])
        elif tag == "form":
            self.posts.append(here.get("action") or ".")
        elif tag in FETCHED and here.get(FETCHED[tag]):
            self.fetches.append(here[FETCHED[tag]])


@dataclass(frozen=True)
class Seen:
    """What one address answered: GET's status, where it leads if it redirects, and HEAD's status."""

    path: str
    status: int
    leads_to: str
    head: int
    html: str


@dataclass
class Crawl:
    """What was `reached`, by address; how many links to follow from the start, in `clicks`; the page each was `found_on`."""

    client: Client
    host: str
    reached: dict[str, Seen] = field(default_factory=dict)
    clicks: dict[str, int] = field(default_factory=dict)
    found_on: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)  # what the web server serves by itself, by its path below /static/
    requests: int = 0

    def start(self, *paths: str) -> Crawl:
        """Goes to each of the addresses and wherever its links lead, within the host."""
        waiting = list(dict.fromkeys(paths))
        self.clicks.update(dict.fromkeys(waiting, 0))
        for path in waiting:  # and what is added meanwhile: the nearest first
            seen = self.reached[path] = self._look(path)
            for each in self._onward(seen):
                if each not in self.clicks:
                    self.clicks[each], self.found_on[each] = self.clicks[path] + (not seen.leads_to), path
                    waiting.append(each)
        return self

    def _look(self, path: str) -> Seen:
        head = self.client.head(path)
        answer: Any = self.client.get(path)
        self.requests += 2
        kind = answer.headers.get("Content-Type", "")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        html = body.decode() if kind.startswith("text/html") and answer.status_code < 300 else ""
        leads_to = answer.headers.get("Location", "")
        return Seen(path, answer.status_code, leads_to, head.status_code, html)

    def _onward(self, seen: Seen) -> Iterator[str]:
        found = Links(seen.html)
        for href in (*found.links, *found.fetches, *filter(None, [seen.leads_to])):
            path = self._inside(seen.path, href)
            if path:
                yield path

    def _inside(self, page: str, href: str) -> str:
        """The address without its fragment, or "" where it leads out of this host."""
        whole = urlsplit(urldefrag(urljoin(f"http://{self.host}{page}", href))[0])
        if whole.scheme not in {"http", "https"}:
            return ""
        if whole.hostname != self.host:
            return ""
        if whole.path.startswith("/static/"):
            self.files.add(whole.path.removeprefix("/static/"))
            return ""
        return f"{whole.path or '/'}{f'?{whole.query}' if whole.query else ''}"


def fetched_elsewhere(html: str) -> list[str]:
    """What the page would fetch by itself from anywhere but its own host; and where a form would post to."""
    found = Links(html)
    return [each for each in (*found.fetches, *found.posts) if urlsplit(each).netloc or urlsplit(each).scheme == "data"]
