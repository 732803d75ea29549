from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PropagationConfig(AppConfig):
    name = "propagation"
    verbose_name = _("Partners")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jobs import figures
        from ledger.followers import follow
        from propagation import words
        from propagation.figures import figures as own
        from propagation.follower import Webhooks

        words.register_kinds()
        follow(Webhooks())
        figures.register(own)
