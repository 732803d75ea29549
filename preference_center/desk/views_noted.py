"""Every page of the desk that somebody opens is an entry of the brand's chain: of each session and page one in the time that a record stays
open.

Records of customers, requests and families have entries of their own, in the chains of those whom they are about.
"""

from __future__ import annotations

import hashlib
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from accounts.actions.looking import viewed
from catalogue.admin.of_brand import brand_of, by

# What is no page, what leads on, and what is written down by itself.
NOT_NOTED = frozenset({"jsi18n", "login", "logout", "app_list", "people", "person", "preview_theme_css"})


def note(request: HttpRequest, response: HttpResponse) -> None:
    """Before anything of the page is sent: without its entry it is not shown. What was refused or leads elsewhere shows nothing."""
    page = request.resolver_match.url_name if request.resolver_match else None
    if request.method != "GET" or response.status_code != 200 or not page or page in NOT_NOTED:
        return
    mark, now = mark_of(request.session.session_key or ""), time.time()
    opened: dict[str, float] = cache.get(mark, {})
    if now - opened.get(page, 0) >= settings.RECORD_OPEN.total_seconds():
        viewed(brand_of(request), by=by(request), page=page)
        cache.set(mark, opened | {page: now}, settings.RECORD_OPEN.total_seconds())


def mark_of(session_key: str) -> str:
    """Of what was opened, by page, in seconds since 1970. Beside the session and not in it: a page that only shows must not put an older
    session back over a newer one. No key of a session stands in the cache."""
    return f"desk-viewed:{hashlib.sha256(session_key.encode()).hexdigest()[:32]}"
