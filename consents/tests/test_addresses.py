"""Addresses below /choices/: a purpose of a name that we use ourselves could not be decided on."""

from __future__ import annotations

from catalogue.content import RESERVED_KEYS
from consents.urls import urlpatterns


def test_every_word_of_ours_is_reserved() -> None:
    below = [str(each.pattern).removeprefix("choices/") for each in urlpatterns if str(each.pattern).startswith("choices/")]
    assert {path.split("/")[0] for path in below if path and not path.startswith("<")} == RESERVED_KEYS
