"""The choices page as ready sentences and values: the templates only place them, and mails will share them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.ages import age_of, place_of
from accounts.models import Customer
from brands.models import Brand
from catalogue.published import Published, Texts, published
from consents import shown
from consents.decide import words_of_others
from consents.effects import effect
from consents.forms import Page, new_nonce
from consents.grounds import meant_for
from consents.judging import Decision, Facts, Word, judge
from consents.models import Choice
from consents.standing import basis_here
from consents.state_line import StateLine, control_state, state_line
from consents.states import SCOPE_CLASSES, SCOPE_COLUMN, Scope
from consents.words import labelled
from ledger.models import Head


@dataclass(frozen=True)
class Decide:
    """Two equal buttons (templates/parts/_decide.html). `state`: open, allow or deny."""

    action: str
    label: str
    labelled_by: str
    state: str
    hidden: list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """One decision: a purpose, or one channel of it."""

    id: str
    name: str
    decide: Decide | None
    state: StateLine
    stitch: str  # on, off, open


@dataclass(frozen=True)
class Card:
    """One purpose with its one decision, or one for each channel."""

    id: str
    title: str
    sentence: str
    more: SafeString  # the second layer
    row: Row | None = None
    rows: list[Row] = field(default_factory=list)
    parent: str = ""
    tag: str = ""
    effect: SafeString = SafeString("")  # what turning it off does at others; "" while it is off

    @property
    def all_rows(self) -> list[Row]:
        return self.rows or ([self.row] if self.row else [])

    @property
    def happens(self) -> bool:
        """Allowed on some channel, or not theirs to switch and not objected to."""
        return not any(row.stitch == "off" for row in self.all_rows) if self.tag else self.is_on

    @property
    def is_on(self) -> bool:
        """Whether any of it happens."""
        return any(row.stitch == "on" for row in self.all_rows)


@dataclass(frozen=True)
class ChoicesPage:
    optional: list[Card]
    fixed: list[Card]
    marketing_stopped: bool
    nonce: str
    seen: int

    @property
    def rows(self) -> list[Row]:
        return [row for card in self.optional for row in card.all_rows]


def choices_page(customer: Customer, language: str) -> ChoicesPage:
    """Two queries, whatever the number of purposes and entries: the choices, and the head that the forms have seen."""
    return reader_of(customer, language).page()


def reader_of(customer: Customer, language: str, now: datetime | None = None) -> Reader:
    now = now or timezone.now()
    choices = {(choice.purpose, choice.channel): choice for choice in customer.choices.filter(party=customer.subject)}
    others = [] if age_of(customer, now) is None else words_of_others(customer)
    seen = Head.objects.values_list("seq", flat=True).get(pk=customer.subject)
    return Reader(customer, choices, others, language, new_nonce(), seen, now)


def prospect_page(brand: Brand, language: str) -> ChoicesPage:
    """For somebody who has not signed in: the same cards, nothing decided, nothing read about anybody."""
    return reader_of_nobody(brand, language).page()


def reader_of_nobody(brand: Brand, language: str) -> Reader:
    return Reader(nobody(brand, language), {}, [], language, new_nonce(), 0)


def nobody(brand: Brand, language: str) -> Customer:
    """A reader of whom nothing is known: at home where the brand is."""
    return Customer(brand=brand, country=brand.country, language=language, subject="")


def offered_now(customer: Customer) -> Iterator[Published]:
    """What is put to this person: in force, not over, and meant for somebody like them."""
    now = timezone.now()
    return (purpose for purpose in offered_at(customer.brand, now) if meant_for(customer, purpose, now.date()))


def offered_at(brand: Brand, now: datetime | None = None) -> Iterator[Published]:
    """Everything in force, whomever it is meant for."""
    now = now or timezone.now()
    for purpose in published(brand, now).values():
        if purpose.in_force_from <= now and (purpose.retired_at is None or purpose.retired_at > now):
            yield purpose


class Reader:
    """Turns published purposes and one person's choices into cards."""

    def __init__(
        self,
        customer: Customer,
        choices: dict[tuple[str, str], Choice],
        others: list[tuple[str, Word]],
        language: str,
        nonce: str,
        seen: int,
        now: datetime | None = None,
    ) -> None:
        self.customer = customer
        self.choices = choices
        self.others = others
        self.language = language
        self.nonce = nonce
        self.seen = seen
        self.now = now or timezone.now()
        self.place = place_of(customer)
        self.age = age_of(customer, self.now)
        standing = ((scope, getattr(customer, column)) for scope, column in SCOPE_COLUMN.items())
        self.scopes = tuple((scope, seq) for scope, seq in standing if seq is not None)

    def page(self) -> ChoicesPage:
        offered = list(offered_now(self.customer))
        cards = [self.card(purpose) for purpose in offered]
        return ChoicesPage(
            optional=[self._with_effect(purpose, card, cards) for purpose, card in zip(offered, cards, strict=True) if not card.tag],
            fixed=[card for card in cards if card.tag],
            marketing_stopped=self.customer.marketing_stopped_seq is not None,
            nonce=self.nonce,
            seen=self.seen,
        )

    def _with_effect(self, purpose: Published, card: Card, cards: list[Card]) -> Card:
        if not card.is_on:
            return card
        happening = frozenset(each.id for each in cards if each.happens)
        return replace(card, effect=effect(self.customer.brand, purpose, happening, self.language))

    def card(self, purpose: Published) -> Card:
        texts = purpose.for_language(self.language)
        basis = basis_here(self.customer, purpose)
        card_id = purpose.key
        rows = [self.row(purpose, texts, channel, basis) for channel in purpose.channels or ("",)]
        whole = not purpose.channels
        return Card(
            id=card_id,
            title=texts.title,
            sentence=texts.sentence,
            more=second_layer(texts, self.language),
            row=rows[0] if whole else None,
            rows=[] if whole else rows,
            parent=self.parent(purpose),
            tag=_tag(basis),
        )

    def row(self, purpose: Published, texts: Texts, channel: str, basis: str) -> Row:
        choice = self.choices.get((purpose.key, channel))
        decision = judge(self._facts(purpose, channel))
        row_id = f"{purpose.key}-{channel}" if channel else f"{purpose.key}-t"
        label = labelled(texts.title, channel)
        state = control_state(decision)
        controllable = basis in {"consent", "opt_out", "legitimate_interest"}
        return Row(
            id=row_id,
            name=shown.channel_name(channel) if channel else texts.title,
            decide=self._decide(purpose, channel, label, row_id, state, basis) if controllable else None,
            state=state_line(decision, choice, texts.channel_hints.get(channel, ""), label, self.now),
            stitch={"allow": "on", "deny": "off", "open": "open"}[state],
        )

    def decision(self, purpose: Published, channel: str) -> Decision:
        return judge(self._facts(purpose, channel))

    def _facts(self, purpose: Published, channel: str) -> Facts:
        customer = self.customer
        own = (self.choices.get((purpose.key, each)) for each in {channel, ""})
        words = [
            Word(choice.party, choice.channel, choice.state, choice.seq, choice.seen, choice.expires_at)
            for choice in own
            if choice is not None
        ]
        words += [word for key, word in self.others if key == purpose.key and word.channel in {channel, ""}]
        return Facts(
            at=self.now, purpose=purpose, channel=channel, subject=customer.subject, place=self.place,
            home=customer.brand.home_regime, age=self.age, restricted_seq=customer.restricted_seq, scopes=self.scopes,
            words=tuple(words),
        )  # fmt: skip

    def _decide(self, purpose: Published, channel: str, label: str, row_id: str, state: str, basis: str) -> Decide:
        screen = shown.screen(self.customer.brand, purpose, channel, self.language, basis)
        page = Page(self.nonce, self.seen, screen.version, screen.language, screen.sha256)
        return Decide(decide_url(purpose.key, channel), label, row_id, state, [("page", str(page))])

    def parent(self, purpose: Published) -> str:
        """The title of the purpose that it grew out of."""
        parent = published(self.customer.brand, self.now).get(purpose.parent)
        return parent.for_language(self.language).title if parent else ""


@lru_cache(maxsize=4096)
def decide_url(purpose: str, channel: str) -> str:
    return reverse("consents:decide_channel", args=[purpose, channel]) if channel else reverse("consents:decide", args=[purpose])


def second_layer(texts: Texts, language: str) -> SafeString:
    """The six facts, folded: the same for everybody who reads this wording in this language, and rendered once."""
    return _second_layer(texts.title, texts.data, texts.recipients, texts.sold, texts.kept, texts.if_no, texts.ground, language)


@lru_cache(maxsize=4096)
def _second_layer(title: str, data: str, recipients: str, sold: str, kept: str, if_no: str, ground: str, language: str) -> SafeString:
    values = (data, recipients, sold, kept, if_no, ground)
    with translation.override(language):
        return render_to_string("parts/_more.html", {"label": title, "facts": list(zip(labels(), values, strict=True))})


def labels() -> tuple[str, ...]:
    """Of the six facts, in the order in which they always stand."""
    return _("Data"), _("Who gets it"), _("Sold"), _("Kept"), _("If you say no"), _("Legal ground")


def facts(texts: Texts) -> list[tuple[str, str]]:
    values = (texts.data, texts.recipients, texts.sold, texts.kept, texts.if_no, texts.ground)
    return list(zip(labels(), values, strict=True))


TAGS = {
    "contract": gettext_noop("Needed for the service"),
    "legal_duty": gettext_noop("Required by law"),
    "prohibited": gettext_noop("Not allowed by law"),
    "legitimate_interest": gettext_noop("Our legitimate interest"),
}


def _tag(basis: str) -> str:
    return _(TAGS[basis]) if basis in TAGS else ""


def is_marketing(purpose: Published) -> bool:
    return not SCOPE_CLASSES[Scope.MARKETING].isdisjoint(purpose.classes)


def stitches(rows: Iterable[Row]) -> list[str]:
    """on first, then off, then open: the running stitch of the overview."""
    return sorted((row.stitch for row in rows), key=["on", "off", "open"].index)
