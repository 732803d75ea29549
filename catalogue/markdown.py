"""Markdown for the clauses of a policy: a small part of CommonMark, and tables. What a clause may hold is listed, twice.

No HTML passes (the parser takes it for text), no image, no heading: the clause has one, and every page of ours is of one piece.
What comes out is cleaned against a list of tags all the same, so that one gap is not enough.
"""

from __future__ import annotations

from collections.abc import Iterator

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

NOT_HERE = ("heading", "lheading", "image", "fence", "code", "hr", "html_block", "html_inline", "reference", "autolink")
TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "code", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"*": set[str](), "a": {"href"}, "ol": {"start"}}
SCHEMES = {"https", "mailto"}

_parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(list(NOT_HERE))


def render(text: str) -> SafeString:
    """Safe HTML, whatever the text."""
    found = nh3.clean(_parser.render(text), tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
    return mark_safe(found)  # noqa: S308 # cleaned in the line above


def paragraphs(text: str) -> tuple[str, ...]:
    """What a reader reads, without marks of layout: one string for each paragraph, item of a list or row of a table, none empty.
    A link keeps its target, which is part of what is said."""
    return tuple(filter(None, (" | ".join(cells).strip() for cells in phrases(text))))


def phrases(text: str) -> Iterator[tuple[str, ...]]:
    """As `paragraphs`, a row of a table in its cells."""
    row: list[str] | None = None
    mark = ""
    for token in _parser.parse(text):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield tuple(row)
            row = None
        elif token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "• "
        elif token.type == "inline":
            plain = _plain(token)
            if row is None:
                yield (mark + plain,)
                mark = ""
            else:
                row.append(plain)


def _plain(inline: Token) -> str:
    said: list[str] = []
    target, start = "", 0
    for token in inline.children or ():
        if token.type == "link_open":
            target, start = str(token.attrs.get("href", "")), len(said)
        elif token.type == "link_close":
            text = "".join(said[start:])
            said += [f" ({target})"] if target not in (text, f"mailto:{text}") else []
        elif token.type in ("softbreak", "hardbreak"):
            said.append(" ")
        else:
            said.append(token.content)
    return " ".join("".join(said).split())
