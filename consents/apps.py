from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentsConfig(AppConfig):
    name = "consents"
    verbose_name = _("Consent")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from consents import checking, words
        from consents.follower import Figures
        from ledger import followers
        from ledger.checking import register_erased, register_reader

        words.register_kinds()
        followers.follow(Figures())
        register_reader("choices", checking.Choices)
        register_reader("wide words", checking.WideWords)
        register_erased(checking.erased)
