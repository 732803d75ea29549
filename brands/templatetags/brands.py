from __future__ import annotations

from typing import Any

from django import template

from brands import wording as words
from brands.dress import dress

register = template.Library()


@register.simple_tag(takes_context=True)
def wording(context: dict[str, Any], key: str) -> str:
    """{% wording "choices.lede" %}: the brand's own sentence, or ours, in the language of the page. A key we lack is our mistake."""
    if key not in words.DEFAULTS:
        raise template.TemplateSyntaxError(f"no wording is called {key}")
    brand = context["brand"] if context.get("brand") else context["request"].brand
    return dress(brand).say(key, brand.name)
