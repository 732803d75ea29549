"""Every page of the desk that somebody opens is an entry of the brand's chain: of each session and page one in the time that a record stays
open.

Records of customers, requests and families have entries of their own, in the chains of those whom they are about.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.actions.looking import viewed
from catalogue.admin.of_brand import brand_of, by

NOTED = "desk_pages_opened"  # in the session: by page, seconds since 1970
# What is no page, what leads on, and what is written down by itself.
NOT_NOTED = frozenset({"jsi18n", "login", "logout", "app_list", "people", "person", "preview_theme_css"})


def note(request: HttpRequest, response: HttpResponse) -> None:
    """Before anything of the page is sent: without its entry it is not shown. What was refused or leads elsewhere shows nothing."""
    page = request.resolver_match.url_name if request.resolver_match else None
    if request.method != "GET" or response.status_code != 200 or not page or page in NOT_NOTED:
        return
    opened, now = request.session.get(NOTED, {}), time.time()
    if now - opened.get(page, 0) < settings.RECORD_OPEN.total_seconds():
        return
    viewed(brand_of(request), by=by(request), page=page)
    request.session[NOTED] = opened | {page: now}
