from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.kinds import Payload, Period, Words, register


class BrandsConfig(AppConfig):
    name = "brands"
    verbose_name = gettext_lazy("Brands")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register("brand.changed", fields=("what", "sha256"), period=Period.PUBLIC, words=brand_changed, group="policy")


def brand_changed(payload: Payload) -> Words:
    titles = {
        "identity": _("The name or the address of this privacy center changed"),
        "theme": _("The look of this privacy center changed"),
        "logo": _("The logo changed"),
        "wording": _("The wording of this privacy center changed"),
        "legal": _("The details of who is responsible for your data changed"),
    }
    return Words(titles[payload["what"]])
