"""Signed links in the mails about a request. Each is for one request and one end: “this was not me” stops it, “follow” shows how it stands
and confirms what a link is enough for, “agent” shows an agent how far it is, “keep” cancels a deletion. None opens anything of the person's
data."""

from __future__ import annotations

from accounts import links

NOT_ME, FOLLOW, AGENT, KEEP = "not-me", "follow", "agent", "keep"


def signature(brand: str, number: str, end: str = NOT_ME, *, key: str = "") -> str:
    return links.sign(_about(brand, number, end), key=key)


def is_signed(brand: str, number: str, given: str, end: str = NOT_ME) -> bool:
    return links.is_signed(_about(brand, number, end), given)


def _about(brand: str, number: str, end: str) -> str:
    return f"pc-{end}-v1|{brand}|{number}"
