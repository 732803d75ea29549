from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    name = "profiles"
    verbose_name = _("Questions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalogue.published import also_forget
        from ledger.followers import follow
        from profiles import triggers, words
        from profiles.follower import Journey
        from profiles.published import forget

        words.register_kinds()
        triggers.register_guards()
        follow(Journey())
        also_forget(forget)
