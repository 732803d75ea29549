"""A brand as large as they come: 60 purposes, 200 recipients, 20 versions of its policy. Published by the real actions.

Words are drawn from the shop's own texts, so that they weigh on a page what prose weighs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

import brands
import catalogue
from brands.actions import load_pack as load_brand
from brands.models import Brand
from catalogue import actions, policy_pack
from catalogue.policy_content import ClauseContent, PolicyContent
from catalogue.tests.saying_policies import telling

BY = "system:tests"
PURPOSES, RECIPIENTS, VERSIONS = 60, 200, 20
PACKS = Path(catalogue.__file__).parent / "packs"
SYLLABLES = "ba ber cor da del el far gra hal is jo kar la len mar no or pol ra ska ta ul ver wy za".split()


def found_a_big_brand() -> Brand:
    chance = random.Random(20261124)
    with TemporaryDirectory() as folder:
        brand = load_brand(_written(Path(folder), _frame()), host="big.localhost", by=BY)
        actions.load_pack(brand, _written(Path(folder), _catalogue(chance)), by=BY)
    brand.refresh_from_db()
    _publish_policies(brand, chance)
    brand.refresh_from_db()
    return brand


def _frame() -> dict[str, Any]:
    frame: dict[str, Any] = yaml.safe_load((Path(brands.__file__).parent / "packs" / "linden.yaml").read_text(encoding="utf-8"))
    return frame | {"key": "big", "name": "Big & Co", "logo": {}}


def _written(folder: Path, pack: dict[str, Any]) -> Path:
    path = folder / "pack.yaml"
    path.write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
    return path


def _catalogue(chance: random.Random) -> dict[str, Any]:
    shop: dict[str, Any] = yaml.safe_load((PACKS / "shop.yaml").read_text(encoding="utf-8"))
    words = {
        language: sorted({word for each in shop["purposes"] for word in each["texts"][language]["sentence"].split() if word.isalpha()})
        for language in ("en", "pl")
    }
    recipients = dict(_recipients(chance, words))
    shop["recipients"] |= recipients
    known = [each for each in shop["purposes"] if "in_force_after_days" not in each]
    shop["purposes"] = [
        *known,
        *(_purpose(chance, known[0], number, words, list(recipients.items())) for number in range(PURPOSES - len(known))),
    ]
    return shop


def _recipients(chance: random.Random, words: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    shops_own = 10
    for number in range(RECIPIENTS - shops_own):
        name = " ".join("".join(chance.choices(SYLLABLES, k=chance.choice((2, 3)))).capitalize() for _ in range(2))
        country = chance.choice(("PL", "DE", "IE"))
        what_for = {language: _prose(chance, words[language], 4) for language in words}
        yield f"r{number}", {"name": f"{name} {number}", "country": country, "role": "processor", "what_for": what_for}


def _prose(chance: random.Random, words: list[str], length: int) -> str:
    return " ".join(chance.choices(words, k=length)).capitalize()


def _purpose(
    chance: random.Random, like: dict[str, Any], number: int, words: dict[str, list[str]], recipients: list[tuple[str, dict[str, Any]]]
) -> dict[str, Any]:
    """Five companies each, so that every one gets something and a third of them twice."""
    purpose = deepcopy(like) | {"key": f"more-{number}"}
    companies = [recipients[(5 * number + step) % len(recipients)] for step in range(5)]
    for language, texts in purpose["texts"].items():
        texts["title"] = _prose(chance, words[language], 4)
        texts["sentence"] = _prose(chance, words[language], 18) + "."
        texts["recipients"] = ", ".join(fields["name"] for _, fields in companies)
    for line in purpose["uses"]:
        line["to"] = [key for key, _ in companies]
    return purpose


def _publish_policies(brand: Brand, chance: random.Random) -> None:
    """Each version adds a sentence to three clauses of the one before."""
    content = policy_pack.read(PACKS / "policy-shop.yaml", brand).versions[0].content
    draft = actions.draft_policy(brand, key="privacy", content=content)
    for number in range(1, VERSIONS + 1):
        version = actions.publish_policy(draft, by=BY)
        if number < VERSIONS:
            content = _reworded(chance, content, number)
            draft = actions.revise_policy(version.policy, content=content)


def _reworded(chance: random.Random, content: PolicyContent, number: int) -> PolicyContent:
    anchors = [clause.anchor for clause in content.texts["en"].clauses if clause.body and not clause.body.rstrip().endswith("|")]
    chosen = chance.sample(anchors, 3)

    def said_plainer(clause: ClauseContent) -> ClauseContent:
        more = f"\n\nSince version {number} this has been said more plainly."
        return replace(clause, body=clause.body + more) if clause.anchor in chosen else clause

    texts = {key: replace(words, clauses=tuple(map(said_plainer, words.clauses))) for key, words in content.texts.items()}
    return telling(PolicyContent(texts), PolicyContent(content.texts))
