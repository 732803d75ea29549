"""The published purposes of a brand, held in memory.

What is published is immutable, so a brand's view is good for as long as its `config_epoch` stands; publishing raises it in the same
transaction. Only people's choices are read from the database at each decision.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils import timezone

from brands.models import Brand
from catalogue.content import TextFacts
from catalogue.models import PurposeText, PurposeVersion, Safeguard, Use

Names = Mapping[str, str]  # by language
UNWRITTEN = -1  # the entry of what is only imagined


@dataclass(frozen=True)
class Texts(TextFacts):
    """What a person reads of one version in one language."""


@dataclass(frozen=True)
class Path:
    """One line of the data map: which data, from where, to whom, where it lies, how long. `recipient` "" is nobody else."""

    category: str
    category_names: Names
    sensitive: bool
    source: str
    source_names: Names
    source_kind: str  # person, observed, inferred, other
    recipient: str
    recipient_name: str
    recipient_what_for: Names
    role: str
    third_party: bool
    sold: bool
    shared: bool
    country: str
    transfer_ground: str
    safeguards: tuple[Names, ...]
    retention_days: int
    retention_after: str  # collected, year_end, stopped


@dataclass(frozen=True)
class Published:
    """One published version of one purpose. `third_parties` are the names of those who get the data for their own ends."""

    key: str
    version: int
    version_id: int
    order: int
    parent: str
    basis: str
    classes: tuple[str, ...]
    channels: tuple[str, ...]
    in_force_from: datetime
    retired_at: datetime | None
    lifetime_months: int | None
    third_parties: tuple[str, ...]
    sold: bool
    shared: bool
    explicit: bool
    conditional_benefit: bool
    audience: str  # everybody, adults, children
    pictogram: str
    sha256: str
    entry: int
    texts: Mapping[str, Texts]
    uses: tuple[Path, ...]
    default_language: str

    def for_language(self, language: str) -> Texts:
        """In the language asked, else its base ("pl" for "pl-PL"), else the brand's first one."""
        return self.texts.get(language) or self.texts.get(language.split("-")[0]) or self.texts[self.default_language]


class _View:
    """Every version of each purpose, oldest first, and what stands now, worked out again only when a version comes into force."""

    def __init__(self, epoch: int, versions: Mapping[str, tuple[Published, ...]]) -> None:
        self.epoch = epoch
        self.versions = versions
        self.starts = sorted({version.in_force_from for each in versions.values() for version in each})
        self._standing: tuple[int, Mapping[str, Published]] = (-1, {})

    def at(self, moment: datetime) -> Mapping[str, Published]:
        started = bisect_right(self.starts, moment)
        reckoned, standing = self._standing
        if reckoned != started:
            standing = MappingProxyType({key: _newest_in_force(each, moment) for key, each in self.versions.items()})
            self._standing = (started, standing)
        return standing


def _newest_in_force(versions: tuple[Published, ...], moment: datetime) -> Published:
    """While none is in force, the first to come, for which the caller says "not in force"."""
    in_force = [version for version in versions if version.in_force_from <= moment]
    return in_force[-1] if in_force else versions[0]


_views: dict[str, _View] = {}  # by the brand's subject, which no other brand ever has
_loading = threading.Lock()


def published(brand: Brand, at: datetime | None = None) -> Mapping[str, Published]:
    """By key, in the catalogue's order: the version in force at the moment, retired purposes included, and those not yet in force whose
    first version is still to come. The caller judges `retired_at` and `in_force_from`. No query while the brand's epoch stands."""
    return _view(brand).at(at or timezone.now())


def version_of(brand: Brand, key: str, number: int) -> Published | None:
    """Any version ever published, to show again what was shown then; None when there is none."""
    return next((version for version in _view(brand).versions.get(key, ()) if version.version == number), None)


def versions_of(brand: Brand, key: str) -> tuple[Published, ...]:
    """Every published version, oldest first."""
    return _view(brand).versions.get(key, ())


def forget(brand: Brand) -> None:
    """After a publication that was rolled back: its epoch will be given again to another."""
    _views.pop(brand.subject, None)
    for other in _others:
        other(brand)


_others: list[Callable[[Brand], None]] = []


def also_forget(other: Callable[[Brand], None]) -> None:
    """For an app that keeps something in memory under the brand's epoch: called in AppConfig.ready."""
    _others.append(other)


def _view(brand: Brand) -> _View:
    view = _views.get(brand.subject)
    if view and view.epoch == brand.config_epoch:
        return view
    with _loading:
        view = _views.get(brand.subject)
        if view and view.epoch == brand.config_epoch:
            return view
        loaded = _load(brand)
        # A request that began before the publication must not put the older view back.
        if not view or view.epoch < loaded.epoch:
            _views[brand.subject] = loaded
        return loaded


def _load(brand: Brand) -> _View:
    rows = list(
        PurposeVersion.objects.published()
        .filter(purpose__brand=brand)
        .select_related("purpose", "purpose__parent")
        .order_by("purpose__order", "purpose__key", "number")
    )
    ids = [row.pk for row in rows]
    texts: dict[int, dict[str, Texts]] = defaultdict(dict)
    for text in PurposeText.objects.filter(version__in=ids).order_by("language"):
        texts[text.version_id][text.language] = Texts.of(text)
    safeguards = {row.key: row.names for row in Safeguard.objects.filter(brand=brand)}
    uses: dict[int, list[Path]] = defaultdict(list)
    for use in Use.objects.filter(version__in=ids).select_related("category", "source", "recipient").order_by("pk"):
        uses[use.version_id].append(_path(use, safeguards))
    versions: dict[str, list[Published]] = defaultdict(list)
    for row in rows:
        versions[row.purpose.key].append(_published(row, brand, texts[row.pk], tuple(uses[row.pk])))
    return _View(brand.config_epoch, {key: tuple(each) for key, each in versions.items()})


def imagined(draft: PurposeVersion) -> Published:
    """A draft as if it were published now, to be looked at; nothing is written. A published version as it is."""
    brand, copy = draft.purpose.brand, PurposeVersion.objects.select_related("purpose__parent").get(pk=draft.pk)
    safeguards = {row.key: row.names for row in Safeguard.objects.filter(brand=brand)}
    texts = {text.language: Texts.of(text) for text in copy.texts.order_by("language")}
    uses = tuple(_path(use, safeguards) for use in copy.uses.select_related("category", "source", "recipient").order_by("pk"))
    newest = copy.purpose.newest
    copy.number = copy.number or 1 + (newest.number or 0 if newest else 0)
    copy.entry, copy.in_force_from = copy.entry or UNWRITTEN, timezone.now()
    return _published(copy, brand, texts, uses)


def _published(row: PurposeVersion, brand: Brand, texts: dict[str, Texts], uses: tuple[Path, ...]) -> Published:
    # Published whole: the database sees to it.
    assert row.number
    assert row.entry
    assert row.in_force_from
    return Published(
        key=row.purpose.key,
        version=row.number,
        version_id=row.pk,
        order=row.purpose.order,
        parent=row.purpose.parent.key if row.purpose.parent else "",
        basis=row.basis,
        classes=tuple(row.classes),
        channels=tuple(row.channels),
        in_force_from=row.in_force_from,
        retired_at=row.purpose.retired_at,
        lifetime_months=row.lifetime_months,
        third_parties=tuple(dict.fromkeys(use.recipient_name for use in uses if use.third_party)),
        sold=any(use.sold for use in uses),
        shared=any(use.shared for use in uses),
        explicit=row.explicit,
        conditional_benefit=row.conditional_benefit,
        audience=row.audience,
        pictogram=row.pictogram,
        sha256=row.sha256,
        entry=row.entry,
        texts=MappingProxyType(texts),
        uses=uses,
        default_language=brand.default_language,
    )


def _path(use: Use, safeguards: Mapping[str, Names]) -> Path:
    recipient = use.recipient
    return Path(
        category=use.category.key,
        category_names=use.category.names,
        sensitive=use.category.sensitive,
        source=use.source.key,
        source_names=use.source.names,
        source_kind=use.source.kind,
        recipient=recipient.key if recipient else "",
        recipient_name=recipient.name if recipient else "",
        recipient_what_for=recipient.what_for if recipient else {},
        role=use.role,
        third_party=bool(recipient and recipient.third_party),
        sold=use.sold,
        shared=use.shared,
        country=use.country,
        transfer_ground=use.transfer_ground,
        safeguards=tuple(safeguards[key] for key in use.safeguards if key in safeguards),
        retention_days=use.retention_days,
        retention_after=use.retention_after,
    )
