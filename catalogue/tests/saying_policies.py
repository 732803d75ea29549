"""Policies for tests: two clauses and one below the first, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from brands.models import Brand
from catalogue import actions
from catalogue.models import PolicyVersion
from catalogue.policy_content import ChangeContent, ClauseContent, PolicyContent, PolicyWords
from catalogue.tests.conftest import OLA

WHO = ClauseContent("who", "Who we are", "We are a shop.")
OFFICER = ClauseContent("officer", "Our officer", "Write to *Ola*.", parent="who")
KEPT = ClauseContent("kept", "How long", "We keep orders for **36 months**.\n\n- Then we delete them.")
EN = PolicyWords("Privacy policy", "What we do.", (WHO, OFFICER, KEPT))
PL = PolicyWords(
    "Polityka prywatności",
    "Co robimy.",
    (
        ClauseContent("who", "Kim jesteśmy", "Jesteśmy sklepem."),
        ClauseContent("officer", "Nasz inspektor", "Napisz: *Ola*.", parent="who"),
        ClauseContent("kept", "Jak długo", "Zamówienia trzymamy **36 miesięcy**.\n\n- Potem je usuwamy."),
    ),
)
POLICY = PolicyContent({"en": EN, "pl": PL})
TITLES = {"en": "Said more plainly", "pl": "Prościej napisane"}
FOR_YOU = {"en": "Nothing changes for you.", "pl": "Nic się dla Ciebie nie zmienia."}


def saying(content: PolicyContent = POLICY, language: str = "", **by_anchor: Any) -> PolicyContent:
    """The same policy, with clauses changed by anchor: fields, or None to take one away. In both languages unless one is named."""
    texts = dict(content.texts)
    for each in [language] if language else list(texts):
        clauses = tuple(
            replace(clause, **by_anchor.get(clause.anchor, {}))
            for clause in texts[each].clauses
            if by_anchor.get(clause.anchor, {}) is not None
        )
        texts[each] = replace(texts[each], clauses=clauses)
    return replace(content, texts=texts)


def without(content: PolicyContent, anchor: str, language: str = "") -> PolicyContent:
    return saying(content, language, **{anchor: None})


def telling(content: PolicyContent, newest: PolicyContent, **fields: Any) -> PolicyContent:
    """The same content with one change that tells of every clause that differs; `fields` are the change's."""
    said = {
        "key": "reworded",
        "kind": "wording",
        "materiality": "editorial",
        "titles": {language: TITLES[language] for language in content.texts},
        "for_you": {language: FOR_YOU[language] for language in content.texts},
        "anchors": content.differing(newest),
    }
    return replace(content, changes=(*content.changes, ChangeContent(**said | fields)))


def publish_policy(brand: Brand, content: PolicyContent = POLICY, **more: Any) -> PolicyVersion:
    """The first version of the brand's privacy policy, or its next one, which tells what differs if it does not do so itself."""
    policy = brand.policies.filter(key="privacy").first()
    newest = policy.newest if policy else None
    if newest and not content.changes:
        content = telling(content, PolicyContent.of(newest))
    draft = actions.revise_policy(policy, content=content) if policy else actions.draft_policy(brand, key="privacy", content=content)
    return actions.publish_policy(draft, **({"by": OLA} | more))
