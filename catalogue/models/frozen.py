from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FrozenError(TypeError):
    """What was published is never edited: publish a new version, or retire the purpose."""


class DraftsOnly(models.QuerySet[Any]):
    """Rows change one at a time, through save() and delete(), which ask whether they were published."""

    def update(self, **kwargs: Any) -> int:
        raise FrozenError("change a draft through catalogue.actions")

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        raise FrozenError("change a draft through catalogue.actions")


class Freezable(models.Model):
    """A row that may be written while `frozen` is false. The database refuses too (catalogue/triggers.py)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.frozen:
            raise FrozenError(f"{self} was published: it is never edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.frozen:
            raise FrozenError(f"{self} was published: it is never deleted")
        return super().delete(*args, **kwargs)

    @property
    def frozen(self) -> bool:
        raise NotImplementedError


class Part(Freezable):
    """What belongs to a `version` and is frozen with it."""

    version: Any

    class Meta:
        abstract = True

    @property
    def frozen(self) -> bool:
        return bool(self.version.frozen)


class VersionQuerySet(DraftsOnly):
    def published(self) -> Self:
        return self.filter(number__isnull=False).order_by("number")

    def drafts(self) -> Self:
        return self.filter(number__isnull=True)


class Version(Freezable):
    """A text with what belongs to it: a draft until it is given a number, and from then on as it was."""

    number = models.PositiveIntegerField(_("number"), null=True, blank=True)  # null: a draft
    in_force_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64, blank=True, default="")
    body = models.TextField(_("what the fingerprint is taken of"), blank=True, default="")  # everything as it read on that day
    entry = models.BigIntegerField(null=True, blank=True)
    entry_public_id = models.UUIDField(null=True, blank=True)
    written_by = models.CharField(max_length=80, blank=True, default="")  # whoever wrote the draft last; "" for a pack

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True

    _was_published = False

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self._was_published = self.number is not None

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        version: Self = super().from_db(*args, **kwargs)
        version._was_published = "number" in version.__dict__ and version.number is not None
        return version

    @property
    def frozen(self) -> bool:
        """What the database holds, not what somebody has just assigned: publishing assigns a number and saves once."""
        return self._was_published


# Nothing half-published: a draft has none of what publishing gives, a published version has all of it.
PUBLISHED_WHOLE = Q(
    number__isnull=True, sha256="", body="", entry__isnull=True, entry_public_id__isnull=True,
    published_at__isnull=True, in_force_from__isnull=True,
) | Q(
    number__gte=1, entry__isnull=False, entry_public_id__isnull=False,
    published_at__isnull=False, in_force_from__isnull=False,
) & ~Q(sha256="") & ~Q(body="")  # fmt: skip
