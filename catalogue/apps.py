from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "catalogue"
    verbose_name = _("Catalogue")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalogue import triggers, words

        words.register_kinds()
        triggers.register_guards()
        post_migrate.connect(triggers.after_migrate, sender=self, dispatch_uid="catalogue.triggers")
