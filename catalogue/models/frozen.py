from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models


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
