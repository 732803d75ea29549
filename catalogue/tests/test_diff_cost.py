"""The price of a comparison, in processor time of this process, against that of rendering one version."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

import pytest

from catalogue.diff import clauses
from catalogue.markdown import paragraphs, render

WORDS = 10_000
LIMIT = 20  # times the price of rendering


@dataclass(frozen=True)
class Written:
    anchor: str
    heading: str
    paragraphs: tuple[str, ...]


def price(act: Callable[[], object]) -> float:
    """Seconds, the best of three: what else runs on the machine only ever adds."""
    prices = []
    for _ in range(3):
        start = process_time()
        act()
        prices.append(process_time() - start)
    return min(prices)


def policy(chance: random.Random, of_clauses: int, of_paragraphs: int) -> list[str]:
    """Bodies of clauses, 10,000 words in all, as laws and policies read: few words often, many once, lists, links, some bold."""
    often, rare = ["the", "of", "and", "we", "you", "your", "data", "to"], [f"word{n}" for n in range(3000)]
    length = WORDS // (of_clauses * of_paragraphs)
    bodies = []
    for _ in range(of_clauses):
        texts = []
        for number in range(of_paragraphs):
            told = [chance.choice(often) if chance.random() < 0.4 else chance.choice(rare) for _ in range(length)]
            told[length // 2] = f"**{told[length // 2]}**"
            told[-1] = f"[{told[-1]}](/choices/)."
            texts.append(("- " if number % 3 == 2 else "") + " ".join(told))
        bodies.append("\n\n".join(texts))
    return bodies


def reworded(chance: random.Random, body: str, share: float) -> str:
    return " ".join("other" if chance.random() < share and word.isalnum() else word for word in body.split(" "))


def written(bodies: list[str]) -> list[Written]:
    return [Written(f"c{number}", f"Clause {number}", paragraphs(body)) for number, body in enumerate(bodies)]


@pytest.mark.parametrize(
    ("of_clauses", "of_paragraphs", "share"),
    [(40, 5, 0.02), (40, 5, 0.2), (1, 100, 0.1), (1, 1, 0.1)],
    ids=["a few words everywhere", "a fifth of all words", "one clause", "one paragraph"],
)
def test_comparing_two_versions_costs_less_than_rendering_one_twenty_times(of_clauses, of_paragraphs, share):
    chance = random.Random(20261124)
    ordinary = policy(chance, 40, 5)
    rendering = price(lambda: [render(body) for body in ordinary])
    bodies = policy(chance, of_clauses, of_paragraphs)
    old, new = written(bodies), written([reworded(chance, body, share) for body in bodies])
    comparing = price(lambda: list(clauses(old, new)))
    assert comparing < LIMIT * rendering, f"{comparing / rendering:.1f} × rendering"
