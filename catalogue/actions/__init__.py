"""What may be done with the catalogue: purposes and policies. Publishing and retiring are acts on the brand's own chain."""

from __future__ import annotations

from catalogue.actions.policies import discard_policy, draft_policy, load_policy, publish_policy, review_policy, revise_policy
from catalogue.actions.purposes import declare, discard, draft_purpose, in_the_way, load_pack, publish, retire, revise

__all__ = [
    "declare",
    "discard",
    "discard_policy",
    "draft_policy",
    "draft_purpose",
    "in_the_way",
    "load_pack",
    "load_policy",
    "publish",
    "publish_policy",
    "retire",
    "review_policy",
    "revise",
    "revise_policy",
]
