"""What every page's frame shows. Links are built from names: a page that does not exist (yet) is not linked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.middleware import at_desk_host
from brands.dress import dress
from brands.flash import Notice, newest
from brands.models import Brand
from catalogue.published import published
from profiles.published import questions

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Link:
    url: str
    label: StrOrPromise
    current: str = ""  # the value of aria-current: "page" for this very page, "true" for one below it
    count: int = 0
    icon: str = ""  # of the sprite


# (url name, label, shown to people who have not signed in)
NAVIGATION: tuple[tuple[str, StrOrPromise, bool], ...] = (
    ("home:overview", _("Overview"), False),
    ("guardians:family", _("Family"), False),
    ("consents:choices", _("Your choices"), True),
    ("profiles:told", _("What you told us"), False),
    ("consents:practices", _("How we use data"), True),
    ("requests:hub", _("Requests"), False),
    ("consents:history", _("History"), False),
)
FOOTER: tuple[tuple[str, StrOrPromise], ...] = (
    ("catalogue:policy", _("Privacy policy")),
    ("home:contact", _("Ask our data protection officer")),
    ("home:accessibility", _("Accessibility")),
)
LANGUAGE_SWITCHES = ("accounts:language", "set_language")


def frame(request: HttpRequest) -> dict[str, Any]:
    """brand, dress, navigation, footer, languages, session, notice: see templates/base.html. Empty at a host without a brand."""
    brand: Brand | None = getattr(request, "brand", None)
    if brand is None:
        return {}
    person = getattr(request, "user", None)
    customer = getattr(request, "customer", None)
    at_desk = at_desk_host(request)  # nothing of the center answers there
    signed_in = bool(person and person.is_authenticated)

    @cache
    def notice() -> Notice | None:
        # Reading takes the messages: only a page that shows the notice may do it, hence a function that templates call.
        waiting = messages.get_messages(request)
        return newest(waiting) if len(waiting) else None

    return {
        "brand": brand,
        "dress": dress(brand),
        "navigation": [] if at_desk else list(_navigation(request, brand, signed_in)),
        "footer": [] if at_desk else list(_footer(brand)),
        "languages": _languages(brand),
        "language_switch": _first_url(LANGUAGE_SWITCHES),
        "here": request.get_full_path() if request.method in ("GET", "HEAD") else "/",
        "home": _first_url(("home:overview",)) or "/",
        "signed_in": signed_in,
        "session_name": (getattr(customer, "name", "") or getattr(person, "email", "")) if signed_in else "",
        "sign_in": _first_url(("accounts:sign_in",)),
        "account": _first_url(("accounts:account",)),
        "sign_out": _first_url(("accounts:sign_out",)),
        "notice": notice,
    }


def _everywhere(brand: Brand) -> bool:
    return True


# Pages that some brands have nothing for.
ONLY_WHERE: dict[str, Callable[[Brand], bool]] = {
    "guardians:family": lambda brand: brand.has_minors,
    "profiles:told": lambda brand: bool(questions(brand).versions),
}


def _navigation(request: HttpRequest, brand: Brand, signed_in: bool) -> Iterator[Link]:
    for name, label, for_everybody in NAVIGATION:
        url = _url(name)
        if url is None or not (signed_in or for_everybody) or not ONLY_WHERE.get(name, _everywhere)(brand):
            continue
        below = url != "/" and request.path.startswith(url)
        yield Link(url, label, current="page" if request.path == url else "true" if below else "")


def _footer(brand: Brand) -> Iterator[Link]:
    links = {name: Link(url, label) for name, label in FOOTER if (url := _url(name))}
    for name, link in links.items():
        yield link
        if name == "home:contact":
            yield Link(f"{link.url}#authority", _("Complain to the regulator"))
    if "home:contact" not in links and brand.authority_url:
        yield Link(brand.authority_url, _("Complain to the regulator"))
    if choices := _url("consents:privacy_choices"):
        yield Link(f"{choices}#marketing", _("Stop all marketing"))
        if _sells_or_shares(brand):
            yield Link(choices, _("Your Privacy Choices"), icon="i-opt-out")


def _sells_or_shares(brand: Brand) -> bool:
    """Whoever does must say so in these very words and with this icon on every page (CCPA regulations, 7013 to 7015)."""
    now = timezone.now()
    return any(each.sold or each.shared for each in published(brand, now).values() if each.retired_at is None or each.retired_at > now)


def _languages(brand: Brand) -> list[dict[str, Any]]:
    """The brand's other languages: code and their own name for themselves."""
    return [get_language_info(code) | {"code": code} for code in brand.languages if code != get_language()]


def _first_url(names: Iterable[str]) -> str:
    return next((url for name in names if (url := _url(name))), "")


def _url(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
