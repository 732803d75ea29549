from __future__ import annotations

from django.utils.translation import gettext as _

# In this order: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
FAMILIES = (
    (("Firefox", "FxiOS"), "Firefox"), (("Edg",), "Edge"), (("OPR", "Opera"), "Opera"), (("Chrome", "CriOS", "Chromium"), "Chrome"),
    (("Safari",), "Safari"),
)  # fmt: skip
SYSTEMS = (
    (("iPhone",), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("Windows",), "Windows"),
    (("Mac OS X", "Macintosh", "macOS"), "macOS"),
    (("CrOS",), "ChromeOS"),
    (("Linux",), "Linux"),
)


def browser_family(user_agent: str) -> str:
    """ "Firefox on Linux": enough to know one's own, too little to follow anybody. "" when it says nothing we know."""
    family = next((name for marks, name in FAMILIES if any(mark in user_agent for mark in marks)), "")
    system = next((name for marks, name in SYSTEMS if any(mark in user_agent for mark in marks)), "")
    return f"{family} on {system}" if family and system else family or system


def in_words(family: str) -> str:
    """A family as it was kept, in the language of the page."""
    name, _on, system = family.partition(" on ")
    return _("%(browser)s on %(system)s") % {"browser": name, "system": system} if system else name
