"""Who may do what at the desk: four groups, brought to what stands here after every `migrate`.

A person may have several. Somebody who needs something else gets a group of another name, which nothing here touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db.models.signals import post_migrate

WORDS = ("datacategory", "source", "recipient", "safeguard")
READ_CATALOGUE = tuple(f"view_{model}" for model in ("purpose", "purposeversion", "policy", "policyversion", *WORDS))
READ_QUESTIONS = tuple(f"view_{model}" for model in ("question", "questionversion", "stage", "moment"))
JOURNEY = tuple(f"{verb}_{model}" for model in ("stage", "moment") for verb in ("add", "change", "delete"))
READ_BRANDS = ("view_brand", "view_theme", "view_wording", "view_logo")
WORK_REQUESTS = ("view_request", "work_request", "view_system", "view_held")
READ_FAMILIES = ("view_guardianclaim", "view_dispute")
WORK_FAMILIES = (*READ_FAMILIES, "verify_guardian", "add_dispute", "change_dispute")
HELP_CUSTOMERS = ("look_up_customer", "record_for_customer")
READ_LEDGER = ("view_entry", "view_seal", "view_cursor")

Grants = Mapping[str, Iterable[str]]  # app -> codenames
ROLES: Mapping[str, Grants] = {
    # Helps people: works on their requests, sees who decides for a child, and reads what the brand says it does with data.
    "agent": {
        "accounts": HELP_CUSTOMERS, "catalogue": READ_CATALOGUE, "requests": WORK_REQUESTS, "consents": ("view_passing",),
        "guardians": WORK_FAMILIES, "profiles": READ_QUESTIONS,
    },
    # Colours, logo, wording, and drafts of purposes, policies and questions. Publishes nothing.
    "editor": {
        "catalogue": (
            *READ_CATALOGUE,
            "add_purpose", "change_purpose", "change_purposeversion", "delete_purposeversion",
            "add_policy", "change_policy", "change_policyversion", "delete_policyversion",
            *(f"{verb}_{model}" for model in WORDS for verb in ("add", "change")),
        ),
        "profiles": (
            *READ_QUESTIONS, "add_question", "change_question", "change_questionversion", "delete_questionversion", "read_relevance",
        ),
        "consents": ("read_figures",),
        "brands": (*READ_BRANDS, "change_theme", "add_wording", "change_wording", "delete_wording", "add_logo"),
    },
    # Answers for it: publishes and retires, says who is responsible, watches the ledger and the background work, confirms the law,
    # notes what came from others.
    "officer": {
        "catalogue": (*READ_CATALOGUE, "publish_purpose", "vouch_for_prose", "publish_policy", "read_record_of_processing"),
        "brands": (*READ_BRANDS, "change_brand"),
        "profiles": (*READ_QUESTIONS, *JOURNEY, "publish_question", "allow_sensitive_question", "read_relevance"),
        "accounts": (*HELP_CUSTOMERS, "give_roles", "view_openidprovider", "add_openidprovider", "change_openidprovider"),
        "consents": ("read_figures", "export_proof", "view_received", "add_received", "view_passing", "change_passing"),
        "propagation": (
            "view_partner", "add_partner", "change_partner", "view_apikey", "add_apikey", "view_endpoint", "add_endpoint",
            "view_delivery", "view_comparison", "view_import",
        ),
        "notifications": ("view_campaign", "run_campaign"),
        "requests": (*WORK_REQUESTS, "export_log", "add_system", "change_system", "view_retentionreport"),
        "guardians": WORK_FAMILIES,
        "ledger": READ_LEDGER,
        "jobs": ("view_job", "change_job"),
        "regimes": ("view_confirmation", "add_confirmation"),
    },
    # Sees that everything is in order, and changes nothing.
    "auditor": {
        "catalogue": (*READ_CATALOGUE, "read_record_of_processing"),
        "profiles": (*READ_QUESTIONS, "read_relevance"),
        "brands": READ_BRANDS,
        "accounts": ("view_openidprovider",),
        "consents": ("read_figures", "view_received", "view_passing"),
        "propagation": tuple(f"view_{model}" for model in ("partner", "apikey", "endpoint", "delivery", "comparison", "import")),
        "notifications": ("view_campaign",),
        "requests": ("view_request", "export_log", "view_system", "view_held", "view_retentionreport"),
        "guardians": READ_FAMILIES,
        "ledger": READ_LEDGER,
        "jobs": ("view_job",),
        "regimes": ("view_confirmation",),
    },
}  # fmt: skip
APPS = frozenset(app for grants in ROLES.values() for app in grants)


def connect() -> None:
    post_migrate.connect(after_migrate, dispatch_uid="desk.roles")


def after_migrate(app_config: AppConfig, using: str, apps: Any = installed, verbosity: int = 0, **kwargs: Any) -> None:
    """The groups' permissions of one app. Called once for each; those of other apps are left as they are."""
    if app_config.label not in APPS:
        return
    try:
        group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # a part of the tables only: the rest is still to come
        return
    # Django makes an app's permissions on the same signal, and may come after us.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    of_app = {each.codename: each for each in permission.objects.using(using).filter(content_type__app_label=app_config.label)}
    for role, grants in ROLES.items():
        mine, _made = group.objects.using(using).get_or_create(name=role)
        wanted = {of_app[codename].pk for codename in grants.get(app_config.label, ())}
        has = set(mine.permissions.filter(content_type__app_label=app_config.label).values_list("pk", flat=True))
        mine.permissions.add(*wanted - has)
        mine.permissions.remove(*has - wanted)
