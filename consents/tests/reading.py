"""Reads pages as a browser without JavaScript does: their forms, with what each would post."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Button:
    name: str
    value: str
    pressed: str | None
    type: str
    text: str = ""


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def post(self, decision: str = "") -> dict[str, str]:
        """What pressing the button of that value sends."""
        button = next(each for each in self.buttons if each.value == decision)
        return self.fields | ({button.name: button.value} if button.name else {})


class Page(HTMLParser):
    """`forms`, `checked` (ticked or chosen controls), `texts` of h1, h2, title and time, and `ids`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.checked: list[dict[str, Any]] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.texts: dict[str, list[str]] = {"h1": [], "h2": [], "h3": [], "title": []}
        self._open: list[str] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = dict(attrs)
        if here.get("id"):
            self.ids.add(str(here["id"]))
        if tag == "a" and here.get("href"):
            self.links.append(str(here["href"]))
        if "checked" in here or "selected" in here:
            self.checked.append(here)
        if tag == "form":
            self._form = Form(here.get("action") or "", (here.get("method") or "get").lower())
            self.forms.append(self._form)
        elif tag in {"input", "textarea", "select"} and self._form is not None and here.get("name"):
            self._form.fields[str(here["name"])] = here.get("value") or ""
        elif tag == "button" and self._form is not None:
            self._button = Button(here.get("name") or "", here.get("value") or "", here.get("aria-pressed"), here.get("type") or "submit")
            self._form.buttons.append(self._button)
        if tag in self.texts:
            self._open.append(tag)
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.text += data
        if self._open:
            self.texts[self._open[-1]][-1] += data

    @property
    def decisions(self) -> list[Form]:
        """The forms that post a decision."""
        return [form for form in self.forms if any(button.name == "decision" for button in form.buttons)]

    def form(self, action: str) -> Form:
        found = [form for form in self.forms if form.action == action]
        assert len(found) == 1, f"{len(found)} forms post to {action}"
        return found[0]


def read(response: Any) -> Page:
    return Page(response.content.decode())
