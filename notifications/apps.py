from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Messages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ledger.followers import follow
        from notifications import hooks, kinds, words
        from notifications.follower import Messages

        words.register_kinds()
        kinds.register_kinds()
        follow(Messages())
        hooks.connect_anymail()
