"""The shop of the demo's brand: a program of its own that knows the center by its address and a key, as any system of a brand would.
Without the center it sells as well: what it cannot ask it does without."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.utils import timezone

from brands.models import Brand
from propagation.actions import issue_key, name_partner
from propagation.models import Partner

logger = logging.getLogger(__name__)
BY = "system:demo"
KEY, PURPOSE = "shop", "recs"
MAY = ("answers:read", "events:write", "prompts:show", "people:write")
PATIENCE = (1, 3)  # seconds to connect, and for each part of an answer
CHECKOUT, ORDERED, ARRIVED = "checkout.begun", "order.placed", "order.delivered"


@dataclass(frozen=True)
class Item:
    """`sizes`: of the bed that it fits; `room`: where it belongs; `colour`: of its swatch."""

    key: str
    names: dict[str, str]
    price: int
    sizes: tuple[str, ...]
    room: str
    colour: str

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]


SIZES = ("90x200", "140x200", "160x200", "180x200")
SHELF = (
    Item(
        "mist",
        {"en": "Linen duvet cover “Mist”", "pl": "Lniana poszwa na kołdrę „Mgła”"},
        389,
        ("140x200", "160x200"),
        "bedroom",
        "#b9c4c6",
    ),
    Item("moss", {"en": "Cotton sheet “Moss”", "pl": "Bawełniane prześcieradło „Mech”"}, 149, ("160x200", "180x200"), "bedroom", "#7c8a66"),
    Item("clay", {"en": "Linen sheet “Clay”", "pl": "Lniane prześcieradło „Glina”"}, 219, ("90x200", "140x200"), "bedroom", "#b5785a"),
    Item("kite", {"en": "Duvet cover “Kite”", "pl": "Poszwa na kołdrę „Latawiec”"}, 179, ("90x200",), "children", "#d9a441"),
    Item("oat", {"en": "Table runner “Oat”", "pl": "Bieżnik „Owies”"}, 89, (), "kitchen", "#d8c9a8"),
    Item("dusk", {"en": "Curtain “Dusk”", "pl": "Zasłona „Zmierzch”"}, 329, (), "living", "#4d5a73"),
)  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What the center says somebody told: by question, how it reads and what it is. Empty where it says nothing."""

    words: dict[str, tuple[str, str]]
    values: dict[str, dict[str, Any]]

    @property
    def size(self) -> str:
        return str(self.values.get("bed-size", {}).get("one", ""))

    @property
    def rooms(self) -> list[str]:
        return list(self.values.get("rooms", {}).get("some", []))


def connect(brand: Brand) -> None:
    """The shop's own name and key. Twice is once."""
    partner = Partner.objects.filter(brand=brand, key=KEY).first()
    partner = partner or name_partner(
        Partner(key=KEY, name=SHOP_NAMES.get(brand.key, "Shop"), names_people_by=Partner.Naming.EXTERNAL), brand=brand, by=BY
    )
    if not (_key_file().exists() and partner.keys.in_force(timezone.now()).exists()):
        until = timezone.now() + timedelta(days=365)
        key = issue_key(partner, name="shop", verbs=MAY, purposes=[PURPOSE], expires_at=until, by=BY)[1]
        _key_file().write_text(key, encoding="utf-8")


SHOP_NAMES = {"linden": "Linden & Loom shop"}


def _key_file() -> Path:
    folder = Path(settings.DATA_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / "shop.key"


# ── What the shop says to the center ────────────────────────────────────────────────────────────────────────────────


class Shop:
    """The shop while it serves one customer: the number and the address that it knows them by, and its own name for this visit."""

    def __init__(self, brand: Brand, number: str, email: str, visit: str, language: str) -> None:
        self.host, self.number, self.email, self.visit, self.language = brand.host, f"shop-{number}", email, visit, language

    def happened(self, event: str) -> None:
        if self._call("POST", "people", {"id": self.number, "email": self.email}) is not None:
            self._call("POST", "events", {"person": {"id": self.number}, "event": event})

    def heard(self) -> Heard:
        answer = self._call("GET", "answers", params={"id": self.number, "purpose": PURPOSE, "language": self.language})
        told = answer["answers"] if answer else []
        return Heard(
            {each["question"]: (each["title"], each["words"]) for each in told}, {each["question"]: each["value"] for each in told}
        )

    def prompt(self, back: str, *, paying: bool = False) -> dict[str, Any] | None:
        """The HTML of a question to include, with the address of its style sheet; None when nothing is asked."""
        asked = {"person": {"id": self.number}, "visit": self.visit, "language": self.language, "back": back, "paying": paying}
        answer = self._call("POST", "prompts", asked)
        return answer if answer and answer["html"] else None

    def _call(self, method: str, path: str, body: Any = None, params: Any = None) -> dict[str, Any] | None:
        """None where the center says no or nothing."""
        if not _key_file().exists():
            logger.warning("the shop has no key to ask the center with: it is connected when the demo's data are made")
            return None
        url = f"http://127.0.0.1:{settings.PORT}/api/v1/{path}"  # not every machine knows names under .localhost
        headers = {"Authorization": f"Bearer {_key_file().read_text(encoding='utf-8')}", "Host": f"{self.host}:{settings.PORT}"}
        try:
            answer = requests.request(method, url, json=body, params=params, headers=headers, timeout=PATIENCE)
        except requests.RequestException as error:
            logger.warning("the shop could not ask the center: %s", type(error).__name__)
            return None
        found: dict[str, Any] | None = answer.json() if answer.status_code == OK else None
        return found


OK = 200
