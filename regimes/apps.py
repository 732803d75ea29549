from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RegimesConfig(AppConfig):
    name = "regimes"
    verbose_name = _("Law")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(load_first_law, sender=self, dispatch_uid="regimes.load_first_law")


def load_first_law(using: str = DEFAULT_DB_ALIAS, **_more: Any) -> None:
    """An installation starts with the law that ships with it. A later change of law is a deliberate act: load_regimes."""
    from regimes.actions import SHIPPED, load
    from regimes.models import RegimeVersion

    table = RegimeVersion._meta.db_table
    if using != DEFAULT_DB_ALIAS or table not in connections[using].introspection.table_names():
        return
    if not RegimeVersion.objects.exists():
        load(path=SHIPPED, by="system:migrate")
