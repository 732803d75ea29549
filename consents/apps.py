from __future__ import annotations

from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "consents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from consents import checking, words
        from ledger.checking import register_erased, register_projection

        words.register_kinds()
        register_projection("choices", checking.choices)
        register_projection("wide words", checking.scopes)
        register_erased(checking.erased)
