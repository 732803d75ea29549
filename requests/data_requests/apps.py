from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataRequestsConfig(AppConfig):
    """The package data_requests, whose tables and URL names begin with `requests` (docs/adr/0003-requests-folder.md)."""

    name = "data_requests"
    label = "requests"
    verbose_name = _("Requests")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from data_requests import words
        from data_requests.follower import OptOuts
        from ledger.followers import follow

        words.register_kinds()
        follow(OptOuts())
