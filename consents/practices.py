"""How the brand uses data, read from the register alone: by purpose, by company, by kind of data, by where it comes from.

Signed in, each line says how it stands for the reader: what is not allowed is an empty path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import Path, Published
from consents.grounds import meant_for
from consents.naming import in_language
from consents.passed_on import by_recipient
from consents.screens import Card, Decide, Reader, offered_at, reader_of, reader_of_nobody
from consents.standing import basis_here
from consents.states import Where

DAYS_A_MONTH = 365.25 / 12  # on average
VIEWS = ("purpose", "company", "data", "source")


@dataclass(frozen=True)
class Flow:
    """One purpose: data, what is done, who receives it. `off`: none of it happens for this reader."""

    id: str
    title: str
    note: str
    does: str
    data: list[str]
    receives: list[tuple[str, str]]
    sold: str
    kept: str
    protected: list[str]
    off: bool
    mine: bool  # put to this reader, and not to a child or an adult they are not
    decide: Decide | None
    by_channel: str  # where channels stand: "Allowed by: Email"; "" for a purpose without channels


@dataclass
class Company:
    name: str
    role: str
    what_for: list[str] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)  # about the reader now; of everybody when signed out
    by_channel: list[str] = field(default_factory=list)  # where it depends on the channel: the register does not tell them apart
    country: list[str] = field(default_factory=list)
    safeguards: list[str] = field(default_factory=list)
    newest: str = ""  # how far the reader's newest choice has come there


@dataclass
class KindUse:
    """One purpose of a kind of data. `kept`: for how long it is kept for that purpose."""

    title: str
    happens: bool
    kept: list[str] = field(default_factory=list)


@dataclass
class Kind:
    """A kind of data, or a source: what it is used for and who receives it."""

    name: str
    sources: list[str] = field(default_factory=list)
    uses: list[KindUse] = field(default_factory=list)
    receives: list[str] = field(default_factory=list)
    sensitive: bool = False


@dataclass(frozen=True)
class Practices:
    """Everything the page shows, whichever way it is seen."""

    known: bool
    purposes: list[tuple[Published, Card, bool]]  # with whether it happens for this reader
    selling: str

    @property
    def paths(self) -> Iterable[tuple[Published, Path, bool]]:
        return ((purpose, path, happens) for purpose, _card, happens in self.purposes for path in purpose.uses)


def practices(brand: Brand, customer: Customer | None) -> Practices:
    """No query signed out; those of the choices page signed in."""
    language = get_language() or brand.default_language
    reader = reader_of(customer, language) if customer else reader_of_nobody(brand, language)
    offered = list(offered_at(brand))
    return Practices(
        known=customer is not None,
        purposes=[_told(reader, purpose, customer is not None) for purpose in offered],
        selling=selling(reader.customer, offered),
    )


def _told(reader: Reader, purpose: Published, known: bool) -> tuple[Published, Card, bool]:
    """With whether it happens with the reader’s data. What is about children is told to everybody, and decided on the child’s pages."""
    card = reader.card(purpose)
    if known and not meant_for(reader.customer, purpose, reader.now.date()):
        return purpose, replace(card, tag=_about_whom(purpose.audience)), False
    return purpose, card, not known or card.happens


def _about_whom(audience: str) -> str:
    return _("About children") if audience == "children" else _("About adults")


def selling(reader: Customer, offered: Iterable[Published]) -> str:
    """Generated, and nowhere typed: what the register says of selling and sharing, and what the law where the reader lives asks."""
    offered = list(offered)
    sold = sorted({path.recipient_name for purpose in offered for path in purpose.uses if path.sold})
    shared = sorted({path.recipient_name for purpose in offered for path in purpose.uses if path.shared and not path.sold})
    if sold:
        asked = {basis_here(reader, purpose) for purpose in offered if purpose.sold} <= {"consent", "prohibited"}
        some = _("We sell data to: %(names)s. Only where you allow it.") if asked else _("We sell data to: %(names)s. Unless you say no.")
        return some % {"names": ", ".join(sold)}
    if shared:
        some = _("We sell data to no one. We pass some on to: %(names)s. Some laws still call this “selling or sharing”.")
        return some % {"names": ", ".join(shared)}
    return _("We sell and share data with no one.")


# ── By purpose ──────────────────────────────────────────────────────────────────────────────────────────────────────


def flows(found: Practices) -> list[Flow]:
    return [_flow(purpose, card, happens, found.known) for purpose, card, happens in found.purposes]


def _flow(purpose: Published, card: Card, happens: bool, known: bool) -> Flow:
    texts = purpose.for_language(get_language() or "")
    allowed = [row.name for row in card.rows if row.stitch == "on"]
    mine = card.tag not in {_about_whom("children"), _about_whom("adults")}
    return Flow(
        id=purpose.key,
        title=card.title,
        note=card.tag or _("Your choice"),
        does=card.sentence,
        data=_unique(in_language(path.category_names) for path in purpose.uses),
        receives=_receives(purpose),
        sold=texts.sold,
        kept=texts.kept,
        protected=_unique(in_language(names) for path in purpose.uses for names in path.safeguards),
        off=known and not happens and mine,
        mine=mine,
        decide=_from_map(card.row.decide) if known and card.row and not card.tag else None,
        by_channel=_by_channel(allowed) if known and card.rows and mine else "",
    )


def _from_map(decide: Decide | None) -> Decide | None:
    """The form says where it was pressed; the answer is shown there."""
    return replace(decide, hidden=[*decide.hidden, ("where", Where.MAP.value)]) if decide else None


def _receives(purpose: Published) -> list[tuple[str, str]]:
    return list(dict.fromkeys((path.recipient_name, in_language(path.recipient_what_for)) for path in purpose.uses if path.recipient))


def _by_channel(allowed: list[str]) -> str:
    return _("Allowed by: %(channels)s.") % {"channels": ", ".join(allowed)} if allowed else _("Allowed on no channel.")


# ── By company, by kind of data, by source ──────────────────────────────────────────────────────────────────────────


def companies(found: Practices, customer: Customer | None = None) -> list[Company]:
    """Every recipient by name: its role, what it gets about the reader now, where, under which safeguard. With a customer, one query: how
    far their newest choice has come at each."""
    by_name: dict[str, Company] = {}
    for purpose, path, happens in found.paths:
        if not path.recipient:
            continue
        company = by_name.setdefault(path.recipient, Company(path.recipient_name, role_name(path.role)))
        _add(company.what_for, in_language(path.recipient_what_for))
        _add(company.country, country_name(path.country))
        for names in path.safeguards:
            _add(company.safeguards, in_language(names))
        _add(company.safeguards, path.transfer_ground)
        if happens:
            _add(company.by_channel if purpose.channels and found.known else company.gets, in_language(path.category_names))
    for key, at in (by_recipient(customer) if customer else {}).items():
        if key in by_name:
            by_name[key].newest = at.text
    return sorted(by_name.values(), key=lambda company: company.name.casefold())


def kinds_of_data(found: Practices) -> list[Kind]:
    return _kinds(found, "category")


def sources(found: Practices) -> list[Kind]:
    return _kinds(found, "source")


def _kinds(found: Practices, of: Literal["category", "source"]) -> list[Kind]:
    by_key: dict[str, Kind] = {}
    uses: dict[tuple[str, str], KindUse] = {}
    for purpose, path, happens in found.paths:
        key, names = (path.category, path.category_names) if of == "category" else (path.source, path.source_names)
        kind = by_key.setdefault(key, Kind(in_language(names)))
        kind.sensitive = kind.sensitive or path.sensitive
        _add(kind.sources, in_language(path.source_names))
        use = uses.setdefault((key, purpose.key), KindUse(purpose.for_language(get_language() or "").title, happens))
        if use not in kind.uses:
            kind.uses.append(use)
        if happens:
            _add(kind.receives, path.recipient_name)
        _add(use.kept, kept(path))
    return list(by_key.values())


def kept(path: Path) -> str:
    """How long, from the register's numbers."""
    if path.retention_days == 0:
        return _("until you stop it")
    months = round(path.retention_days / DAYS_A_MONTH)
    if path.retention_days % 365 in {0, 1} and path.retention_days >= 365:
        years = round(path.retention_days / 365.25)
        time = ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
    elif path.retention_days > 365 and abs(path.retention_days - months * DAYS_A_MONTH) <= 1:
        time = ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    else:
        time = ngettext("%(n)d day", "%(n)d days", path.retention_days) % {"n": path.retention_days}
    after = {
        "collected": _("%(time)s after we got it"),
        "year_end": _("%(time)s after the end of that year"),
        "stopped": _("%(time)s after it has stopped"),
    }[path.retention_after]
    return after % {"time": time}


def role_name(role: str) -> str:
    return {
        "processor": _("Works on our instructions"),
        "controller": _("Decides for itself what it does with the data"),
        "joint": _("Decides together with us"),
    }.get(role, "")


def country_name(code: str) -> str:
    return str(countries.name(code) or code)


def _add(to: list[str], item: str) -> None:
    if item and item not in to:
        to.append(item)


def _unique(items: Iterable[str]) -> list[str]:
    return [item for item in dict.fromkeys(items) if item]
