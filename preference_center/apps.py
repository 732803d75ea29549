from __future__ import annotations

from django.apps import AppConfig


class PreferenceCenterConfig(AppConfig):
    name = "preference_center"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ledger import gate
        from ledger.personal_data import declare
        from preference_center import checks  # noqa: F401  (registers the system checks)
        from preference_center.backups.gate import Gate
        from preference_center.demo import newsletter
        from preference_center.desk import roles
        from preference_center.personal_data import THIRD_PARTY

        declare(THIRD_PARTY)
        newsletter.register()
        roles.connect()
        gate.register(Gate().is_open)
