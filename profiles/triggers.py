"""The database's own refusal to change what was published: see catalogue/triggers.py."""

from __future__ import annotations

from catalogue.triggers import freeze_versions, published
from ledger.triggers import guard

VERSIONS = "profiles_questionversion"


def register_guards() -> None:
    freeze_versions(VERSIONS, of="question_id", parts=("profiles_questiontext", "profiles_condition"))
    asked = published("version.question_id = OLD.id", VERSIONS)
    guard(
        "profiles_question",
        # It may retire, once, and move in the order; its name, brand and topic are part of what was published.
        update_if=f"NOT {asked} OR (NEW.key = OLD.key AND NEW.brand_id = OLD.brand_id AND NEW.topic = OLD.topic"
        " AND (OLD.retired_at IS NULL OR NEW.retired_at {same} OLD.retired_at))",
        delete_if=f"NOT {asked}",
        unique="(brand_id = NEW.brand_id AND key = NEW.key)",
    )
