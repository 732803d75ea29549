from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuardiansConfig(AppConfig):
    name = "guardians"
    verbose_name = _("Families")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guardians import follower, words
        from ledger.followers import follow

        words.register_kinds()
        follow(follower.Families())
