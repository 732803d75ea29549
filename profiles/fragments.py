"""A question as a piece of HTML that a page of the brand includes: plain, in the brand's look, with a form that posts to the center.

Whoever reads that page is not signed in here. The form carries a signed pass to one showing, good for a day: with it that question can be
answered or turned down, and nothing can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts.links import is_signed, sign
from accounts.models import Customer
from brands.mail import origin
from brands.models import Brand
from profiles import actions
from profiles.actions.asking import By, Way
from profiles.budget import Why
from profiles.cards import card, turned_down
from profiles.choosing import Prompt, choose
from profiles.models import Ask, Asked
from profiles.published import question_of

LONGEST_PASS = 80  # characters


class BadPass(ValueError):
    """Altered, run out, of another brand, or for a showing that is not there. All look the same."""


@dataclass(frozen=True)
class Fragment:
    """`html`: to include, "" when nothing is asked; `why`: then why; `question`: its key."""

    html: str = ""
    why: Why | None = None
    question: str = ""


@dataclass(frozen=True)
class Noticed:
    """What a card became. `undo`: whether it can be taken back."""

    title: str
    text: str
    undo: bool


def fragment(
    customer: Customer, visit: str, language: str, *, back: str = "", paying: bool = False, within: frozenset[str] | None = None
) -> Fragment:
    """For one visit to the brand's own pages. `back`: the address of the page, to which the answer returns; `paying`: it lies on the way to
    paying; `within`: purposes beyond which nothing is asked."""
    if paying:
        return Fragment(why=Why.PAYING)
    now = timezone.now()
    with translation.override(language):
        if (done := _just_done(customer, visit, now)) is not None:
            return done_as_html(customer.brand, done, language, back)
        found = choose(customer, visit, now, within=within)
        if found.prompt is not None and found.prompt.ask is None:
            found = actions.show(customer, visit, By("brand", language), within=within)
        if found.prompt is None:
            return Fragment(why=found.why)
        return _as_html(customer.brand, found.prompt, language, back)


def _just_done(customer: Customer, visit: str, now: datetime) -> Ask | None:
    since = now - settings.UNDO_WINDOW
    return Ask.objects.filter(customer=customer, session=visit, acted_at__gt=since).select_related("question", "customer").first()


def _as_html(brand: Brand, prompt: Prompt, language: str, back: str) -> Fragment:
    assert prompt.ask is not None
    found = card(brand, prompt.question, language, action=address(brand, prompt.ask, back), hidden=[("back", back)] if back else [])
    values = {"prompt": found, "brand": brand, "origin": origin(brand), "language": language}
    return Fragment(render_to_string("profiles/fragment.html", values), question=found.key)


def done_as_html(brand: Brand, ask: Ask, language: str, back: str) -> Fragment:
    values = {
        "done": what_it_became(ask), "action": address(brand, ask, back), "back": back, "brand": brand,
        "origin": origin(brand), "language": language,
    }  # fmt: skip
    return Fragment(render_to_string("profiles/fragment_done.html", values), question=ask.question.key)


def what_it_became(ask: Ask) -> Noticed:
    """In the language that is spoken here."""
    if ask.state == Ask.State.ANSWERED:
        text = translation.gettext("Thank you. You can change it under “What you told us”.")
        return Noticed(translation.gettext("Saved"), text, undo=may_undo(ask))
    row = Asked.objects.filter(customer=ask.customer_id, question=ask.question_id).first()
    never = ask.state == Ask.State.NEVER
    until = row.rest_until if row is not None else None
    day = date_format(timezone.localtime(until), "DATE_FORMAT") if until else ""
    return Noticed(*turned_down(Way.NEVER if never else Way.LATER, day), undo=never and may_undo(ask))


def may_undo(ask: Ask) -> bool:
    """For half an hour: the answer that this showing brought, or “don't ask again”."""
    in_time = ask.acted_at is not None and timezone.now() - ask.acted_at < settings.UNDO_WINDOW
    return in_time and (ask.state == Ask.State.NEVER or ask.receipt is not None)


# ── The pass ────────────────────────────────────────────────────────────────────────────────────────────────────────


def address(brand: Brand, ask: Ask, back: str) -> str:
    return origin(brand) + reverse("profiles:by_link", args=[pass_for(brand, ask, back)])


def pass_for(brand: Brand, ask: Ask, back: str) -> str:
    """<showing>.<until>.<signature>; `back` is signed with it: nobody is sent elsewhere than the brand said."""
    until = int((ask.shown_at + settings.PROMPT_OPEN).timestamp())
    return f"{ask.pk}.{until}.{sign(_about(brand, ask.pk, until, back))}"


def _about(brand: Brand, ask: int, until: int, back: str) -> str:
    return f"pc-prompt-v1|{brand.key}|{ask}|{until}|{back}"


def read_pass(brand: Brand, text: str, back: str) -> Ask:
    """Raises BadPass."""
    number, _dot, rest = text.partition(".")
    until, _dot, signature = rest.partition(".")
    if len(text) > LONGEST_PASS or not text.isascii() or not (number.isdecimal() and until.isdecimal()):
        raise BadPass
    if not is_signed(_about(brand, int(number), int(until), back), signature) or text != f"{int(number)}.{int(until)}.{signature}":
        raise BadPass
    if timezone.now() > datetime.fromtimestamp(int(until), tz=timezone.get_current_timezone()):
        raise BadPass
    ask = Ask.objects.filter(pk=int(number), customer__brand=brand).select_related("customer", "question").first()
    if ask is None or question_of(brand, ask.question.key, ask.version) is None:
        raise BadPass
    ask.customer.brand = brand
    return ask
