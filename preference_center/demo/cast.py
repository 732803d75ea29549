"""The cast of the demo: fixed people, two brands. All names and companies are invented."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

LINDEN, KINGFISHER = "linden", "kingfisher"
HOSTS = {LINDEN: "linden.localhost", KINGFISHER: "kingfisher.localhost"}
PACKS = {LINDEN: "shop.yaml", KINGFISHER: "club.yaml"}


@dataclass(frozen=True)
class Member:
    """One of the cast. `secret`: of the demo authenticator, for those who have one."""

    key: str
    name: str
    email: str
    brand: str
    language: str
    what: str
    staff: bool = False

    @property
    def secret(self) -> str:
        """The same on every machine, so that a test and a visitor can show a code. It protects nothing but the demo."""
        return base64.b32encode(hashlib.sha256(f"demo {self.key}".encode()).digest()[:20]).decode()


CAST = (
    Member("anna", "Anna Kowalczyk", "anna.kowalczyk@example.com", LINDEN, "en", "a customer who has decided some things"),
    Member("carol", "Carol Novak", "carol.novak@example.com", LINDEN, "pl", "a customer who has decided nothing"),
    Member("marta", "Marta Zielińska", "marta.zielinska@example.com", KINGFISHER, "en", "a parent in the club"),
    Member("pawel", "Paweł Zieliński", "pawel.zielinski@example.com", KINGFISHER, "pl", "the other parent"),
    Member("sam", "Sam Okafor", "sam@linden.example", LINDEN, "en", "support agent, at the desk", staff=True),
    Member("ola", "Ola Wrona", "ola@linden.example", LINDEN, "pl", "privacy officer, at the desk", staff=True),
    Member("iga", "Iga Maj", "iga@kingfisher.example", KINGFISHER, "pl", "the club’s agent and officer, at the desk", staff=True),
)
WITH_AUTHENTICATOR = ("anna", "sam", "ola", "iga")


def member(key: str) -> Member:
    return next(each for each in CAST if each.key == key)
