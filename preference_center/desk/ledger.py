"""The ledger on the desk: that something happened, of which kind, and when. Never to whom, by whom, or what."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from catalogue.admin.list_only import ListOnly
from ledger import followers
from ledger.kinds import kinds
from ledger.models import Cursor, Entry, Parked, Position, Seal


class KindFilter(admin.SimpleListFilter):
    """The kinds that the apps have registered: no search through the table for those it holds."""

    title = _("kind")
    parameter_name = "kind"
    template = "admin/filter_long.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(each.name for each in kinds())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class EntryAdmin(ListOnly):
    """Entries of the brand at hand. What a person did, and their name in the ledger, is not read from the database at all."""

    list_display = ("position", "kind_", "brand_", "moment", "receipt", "seal_key")
    list_filter = (KindFilter,)
    ordering: ClassVar[tuple[str, ...]] = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        brand: Brand = request.brand  # type: ignore[attr-defined]
        position = Position.objects.filter(entry=OuterRef("pk")).values("position")
        seal = Seal.objects.filter(position__gte=OuterRef("position")).order_by("position").values("key")
        shown: QuerySet[Entry] = Entry.objects.filter(brand=brand.key).only("id", "public_id", "kind", "brand", "recorded_at")
        return shown.annotate(position=Subquery(position)).annotate(seal_key=Subquery(seal[:1]))

    @admin.display(description=_("position"))
    def position(self, entry: Any) -> Any:
        return entry.position or _("waits for its position")

    @admin.display(description=_("kind"))
    def kind_(self, entry: Entry) -> str:
        return entry.kind

    @admin.display(description=_("brand"))
    def brand_(self, entry: Entry) -> str:
        return entry.brand

    @admin.display(description=_("recorded"))
    def moment(self, entry: Entry) -> Any:
        return entry.recorded_at

    @admin.display(description=_("receipt number"))
    def receipt(self, entry: Entry) -> str:
        return entry.number

    @admin.display(description=_("key of the seal"))
    def seal_key(self, entry: Any) -> Any:
        return entry.seal_key[:12] if entry.seal_key else _("not sealed yet")


class SealAdmin(ListOnly):
    """Signatures over the whole ledger of this installation, newest first."""

    list_display = ("up_to", "epoch_", "signed", "hash_", "key_")
    ordering: ClassVar[tuple[str, ...]] = ("-position",)

    @admin.display(description=_("up to position"))
    def up_to(self, seal: Seal) -> int:
        return seal.position

    @admin.display(description=_("epoch"))
    def epoch_(self, seal: Seal) -> int:
        return seal.epoch

    @admin.display(description=_("signed"))
    def signed(self, seal: Seal) -> Any:
        return parse_datetime(seal.signed_at)

    @admin.display(description=_("hash"))
    def hash_(self, seal: Seal) -> str:
        return seal.hash

    @admin.display(description=_("key"))
    def key_(self, seal: Seal) -> str:
        return seal.key[:12]


class FollowerAdmin(ListOnly):
    """How far each reader of the ledger has come, and what it could not handle."""

    list_display = ("name", "at", "behind", "parked")
    ordering: ClassVar[tuple[str, ...]] = ("follower",)

    @admin.display(description=_("follower"))
    def name(self, cursor: Cursor) -> str:
        return cursor.follower

    @admin.display(description=_("at position"))
    def at(self, cursor: Cursor) -> int:
        return cursor.position

    @admin.display(description=_("entries behind"))
    def behind(self, cursor: Cursor) -> int | None:
        return followers.lag().get(cursor.follower)

    @admin.display(description=_("entries put aside"))
    def parked(self, cursor: Cursor) -> int:
        return Parked.objects.filter(follower=cursor.follower).count()


ADMINS: tuple[tuple[type[Any], type[ListOnly]], ...] = ((Entry, EntryAdmin), (Seal, SealAdmin), (Cursor, FollowerAdmin))
