"""Nothing is served or done from a restored backup before what happened since was applied again."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ledger.epochs import is_behind
from ledger.gate import is_open
from preference_center.backups.restoring import marker
from preference_center.errors import unavailable

GetResponse = Callable[[HttpRequest], HttpResponse]


class Gate:
    """Open for good once the database was seen not to be behind the file of seals; shut whenever a restore is under way."""

    def __init__(self) -> None:
        self._seen = False

    def is_open(self) -> bool:
        if marker().exists():
            self._seen = False
            return False
        if not self._seen:
            self._seen = not is_behind()
        return self._seen


def gate(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request) if is_open() else unavailable(request)

    return middleware
